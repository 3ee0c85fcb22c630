// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/oracle.hh"

#include <algorithm>
#include <cstddef>

#include "harness/trace/content.hh"
#include "stack/wire/tcp_options.hh"

namespace packetwright::trace {
namespace {

// An ICMP error holds the packet that it is about and headers of its own.
constexpr std::size_t kAnswerGrowth = 200;
constexpr std::size_t kMostFragments = 4;

// A place in the stack's stream: 0 is the octet behind its SYN.
std::int64_t place_of(SeqNum seq, SeqNum iss) {
  return static_cast<std::int32_t>(seq - (iss + 1));
}

std::string number(std::int64_t value) {
  return std::to_string(value);
}

}  // namespace

std::string_view name_of(Rule rule) noexcept {
  switch (rule) {
    case Rule::malformed_packet: return "malformed_packet";
    case Rule::larger_than_mtu: return "larger_than_mtu";
    case Rule::acknowledges_nothing: return "acknowledges_nothing";
    case Rule::beyond_window: return "beyond_window";
    case Rule::text_not_written: return "text_not_written";
    case Rule::text_not_sent: return "text_not_sent";
    case Rule::reset_of_reset: return "reset_of_reset";
    case Rule::amplification: return "amplification";
    case Rule::flood: return "flood";
    case Rule::clock_stands_still: return "clock_stands_still";
    case Rule::not_alive: return "not_alive";
    case Rule::sockets_left: return "sockets_left";
    case Rule::crash: return "crash";
    case Rule::differs: return "differs";
  }
  return "";
}

void Oracle::report(Rule rule, std::string what) {
  const bool known = std::any_of(findings_.begin(), findings_.end(),
                                 [rule](const Finding& one) { return one.rule == rule; });
  if (!known) findings_.push_back({rule, std::move(what)});
}

std::uint64_t Oracle::written(const Ports& ports) const {
  const auto found = connections_.find(ports);
  return found == connections_.end() ? 0 : found->second.written;
}

void Oracle::arrives(Bytes packet, bool damaged, bool sockets) {
  answered_ = Answered{0, sockets, std::nullopt};
  const auto parsed = SentPacket::parse(packet);
  if (!parsed || !parsed->tcp || !parsed->is_sound(packet)) return;
  if (parsed->tcp->flags().has(wire::tcp_flag::rst)) {
    answered_->reset = Ports{parsed->tcp->src_port(), parsed->tcp->dst_port()};
  }
  learn(*parsed, damaged);
}

void Oracle::piece_arrives(std::size_t size) noexcept {
  answered_->size += size;
  answered_->packets = 0;
  answered_->octets = 0;
}

void Oracle::learn(const SentPacket& packet, bool damaged) {
  const wire::TcpView& tcp = *packet.tcp;
  Connection& connection = connections_[{tcp.src_port(), tcp.dst_port()}];
  const std::uint32_t size = packet.seq_end() - tcp.seq();
  if (size > 0) connection.came.push_back({tcp.seq(), size});
  if (damaged || tcp.flags().has(wire::tcp_flag::urg)) connection.text_unknown = true;

  const bool is_syn = tcp.flags().has(wire::tcp_flag::syn);
  std::int64_t window = tcp.win();
  if (is_syn) {
    connection.syns.push_back({tcp.seq(), size});
    const auto options = wire::read_tcp_options(tcp.options());
    connection.scale = std::max(connection.scale,
                                std::min(options.window_scale.value_or(0), wire::kMaxWindowScale));
  } else {
    window <<= connection.scale;
  }
  std::int64_t from = 0;
  if (tcp.flags().has(wire::tcp_flag::ack) && connection.stack_iss) {
    from = std::max<std::int64_t>(place_of(tcp.ack(), *connection.stack_iss), 0);
    connection.acknowledged = std::max(connection.acknowledged, from);
  }
  connection.edge = std::max(connection.edge, from + window);
}

void Oracle::stack_sends(Bytes packet) {
  const auto parsed = SentPacket::parse(packet);
  if (!parsed || !parsed->is_sound(packet)) {
    return report(Rule::malformed_packet, "a length or a checksum of what it sent is wrong");
  }
  if (packet.size() > mtu_) {
    report(Rule::larger_than_mtu, "a packet of " + std::to_string(packet.size()) +
                                      " octets on a link for " + std::to_string(mtu_));
  }
  if (parsed->dst != peer_) return;
  judge_answer(*parsed, packet.size());
  if (!parsed->tcp) return;
  judge(connections_[{parsed->tcp->dst_port(), parsed->tcp->src_port()}], *parsed);
}

void Oracle::judge_answer(const SentPacket& packet, std::size_t size) {
  if (!answered_) return;
  ++answered_->packets;
  answered_->octets += size;
  // An answer may be in fragments, each with a header of its own.
  if (!answered_->sockets && (answered_->packets > kMostFragments ||
                              answered_->octets > answered_->size + kAnswerGrowth)) {
    report(Rule::amplification, "no socket is open, and a packet of " +
                                    std::to_string(answered_->size) + " octets draws " +
                                    std::to_string(answered_->packets) + " with " +
                                    std::to_string(answered_->octets) + " octets");
  }
  if (packet.tcp && packet.tcp->flags().has(wire::tcp_flag::rst) &&
      answered_->reset == Ports{packet.tcp->dst_port(), packet.tcp->src_port()}) {
    report(Rule::reset_of_reset, "a RST answers a RST");
  }
}

void Oracle::judge(Connection& connection, const SentPacket& packet) {
  const wire::TcpView& tcp = *packet.tcp;
  const bool is_rst = tcp.flags().has(wire::tcp_flag::rst);
  if (tcp.flags().has(wire::tcp_flag::syn)) {
    if (connection.stack_iss && *connection.stack_iss != tcp.seq()) connection.blurred = true;
    connection.stack_iss = tcp.seq();
    // At the same instant another connection may begin with the same number (RFC 6528, 3), and one
    // that has heard of the peer's SYN may begin anew.
    if (!tcp.flags().has(wire::tcp_flag::ack)) {
      connection.blurred = connection.blurred || connection.peer_iss;
    } else {
      if (connection.agreed && *connection.agreed != tcp.ack()) connection.blurred = true;
      connection.agreed = tcp.ack();
    }
  }
  if (tcp.flags().has(wire::tcp_flag::ack)) {
    const SeqNum last = tcp.ack() - 1;
    const bool came = std::any_of(
        connection.came.begin(), connection.came.end(),
        [last](const Range& range) { return in_window(last, range.begin, range.size); });
    // A RST acknowledges what it answers, which need not have had a number of its own.
    if (!came && !is_rst) {
      report(Rule::acknowledges_nothing, "it acknowledges " + number(tcp.ack().value()) +
                                             ", and no sound segment held the number before");
    }
    if (!is_rst) note_peer_iss(connection, tcp.ack());
  }
  if (!is_rst && !tcp.payload().empty()) judge_text(connection, packet);
}

// The SYN whose numbers are acknowledged first began the connection, if only one can have.
void Oracle::note_peer_iss(Connection& connection, SeqNum ack) {
  if (connection.peer_iss) return;
  for (const Range& syn : connection.syns) {
    if (!in_window(ack - 1, syn.begin, syn.size)) continue;
    if (connection.peer_iss && *connection.peer_iss != syn.begin) connection.blurred = true;
    connection.peer_iss = syn.begin;
  }
}

void Oracle::judge_text(const Connection& connection, const SentPacket& packet) {
  if (!connection.stack_iss || connection.blurred) return;
  const wire::TcpView& tcp = *packet.tcp;
  const Bytes text = tcp.payload();
  const std::int64_t begin =
      tcp.flags().has(wire::tcp_flag::syn) ? 0 : place_of(tcp.seq(), *connection.stack_iss);
  const std::int64_t end = begin + static_cast<std::int64_t>(text.size());
  // What is acknowledged may be repeated with any octet, to ask whether the peer is there
  // (RFC 9293, 3.8.4).
  if (end <= connection.acknowledged) return;
  const bool is_probe = text.size() == 1;  // RFC 9293, 3.8.6.1
  if (end > connection.edge + (is_probe ? 1 : 0)) {
    report(Rule::beyond_window,
           "octets up to " + number(end) + ", and the window ended at " + number(connection.edge));
  }
  if (begin < 0 || end > static_cast<std::int64_t>(connection.written)) {
    return report(Rule::text_not_written, "octets " + number(begin) + " to " + number(end) +
                                              ", of " + std::to_string(connection.written) +
                                              " written");
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto place = static_cast<std::uint64_t>(begin) + i;
    if (text[i] == application_octet(tcp.dst_port(), place)) continue;
    return report(Rule::text_not_written,
                  "octet " + std::to_string(place) + " is not the one that was written");
  }
}

void Oracle::writes(const Ports& ports, Bytes taken) {
  connections_[ports].written += taken.size();
}

void Oracle::reads(const Ports& ports, Bytes octets) {
  Connection& connection = connections_[ports];
  const std::uint64_t first = connection.read;
  connection.read += octets.size();
  if (connection.blurred || connection.text_unknown || octets.empty()) return;
  if (!connection.peer_iss) {
    return report(Rule::text_not_sent, "octets are read before a SYN was acknowledged");
  }
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const SeqNum seq = *connection.peer_iss + 1 + static_cast<std::uint32_t>(first + i);
    const bool came =
        std::any_of(connection.came.begin(), connection.came.end(),
                    [seq](const Range& range) { return in_window(seq, range.begin, range.size); });
    if (came && octets[i] == peer_octet(ports.peer, seq)) continue;
    return report(Rule::text_not_sent, "octet " + std::to_string(first + i) +
                                           " that is read is not the one that the peer sent");
  }
}

}  // namespace packetwright::trace
