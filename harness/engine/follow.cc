// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/follow.hh"

#include <algorithm>

#include "harness/packet/text.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Proto;

constexpr std::uint8_t kSackKind = 5;

bool after(std::uint32_t a, std::uint32_t b) {
  return SeqNum{a} > SeqNum{b};
}

std::uint32_t end_of(const script::Tcp& tcp) {
  return tcp.seq.first.u32() + tcp.seq.length.u32() +
         (tcp.flags.has(script::TcpFlags::kFin) ? 1 : 0);
}

// The highest right edge of the blocks; 0: there are none.
std::uint32_t sack_edge_of(const script::Tcp& tcp) {
  std::uint32_t edge = 0;
  for (const script::TcpOption& option : tcp.options) {
    if (const auto* sack = std::get_if<script::OptSack>(&option)) {
      for (const script::SackBlock& block : sack->blocks) {
        if (edge == 0 || after(block.right.u32(), edge)) edge = block.right.u32();
      }
    }
  }
  return edge;
}

std::uint32_t sack_edge_of(const packet::Dissected& frame) {
  std::uint32_t edge = 0;
  const packet::Part* tcp = frame.find(Proto::tcp);
  if (tcp == nullptr) return edge;
  for (const packet::HeaderOption& option : frame.options(*tcp)) {
    if (option.kind != kSackKind) continue;
    for (std::size_t i = 4; i + 4 <= option.data.size(); i += 8) {
      const std::uint32_t right = load_be32(option.data, i);
      if (edge == 0 || after(right, edge)) edge = right;
    }
  }
  return edge;
}

}  // namespace

Follower::Follower(const script::Script& script) {
  for (const script::Event& event : script.events) {
    const auto* packet = event.as<script::Packet>();
    const auto* tcp = packet == nullptr ? nullptr : packet->as<script::Tcp>();
    if (tcp == nullptr || packet->direction != script::Direction::outbound) continue;
    if (tcp->seq.length.value == 0) continue;
    if (packet->payload.has_value()) {
      recorded_.remember(tcp->seq.first.u32() - 1u, packet->payload->octets);
    } else {
      knows_content_ = false;
    }
  }
}

void Follower::injected(const script::Tcp& tcp) {
  const bool text = tcp.seq.length.value > 0;
  const bool control = tcp.flags.has(script::TcpFlags::kSyn | script::TcpFlags::kFin);
  const std::uint32_t first = tcp.seq.first.u32();
  provoked_ = text || control || first != next_in_;
  fresh_ = false;
  const bool syn = tcp.flags.has(script::TcpFlags::kSyn);
  const std::uint32_t end = syn ? 1 : end_of(tcp);
  if (syn || after(end, next_in_)) next_in_ = end;
  if (tcp.ack.has_value() && after(tcp.ack->u32(), peer_ack_)) peer_ack_ = tcp.ack->u32();
}

std::vector<FieldDifference> Follower::absorb(const packet::Dissected& mapped) {
  const std::uint32_t flags = mapped.u32(Field::tcp_flags);
  if ((flags & script::TcpFlags::kRst) != 0) {
    return {{"tcp.flags", "no RST", packet::tcp_flags_text(flags)}};
  }
  fresh_ = true;
  if ((flags & script::TcpFlags::kSyn) != 0) return {};  // sent again; the record has had it
  const Bytes payload = mapped.payload();
  const std::uint32_t first = mapped.u32(Field::tcp_seq);
  const bool fin = (flags & script::TcpFlags::kFin) != 0;
  const std::uint32_t end = first + static_cast<std::uint32_t>(payload.size()) + (fin ? 1 : 0);
  if (end != first && !after(end, sent_)) ++repeats_;
  if (after(end, sent_)) sent_ = end;
  fin_ = fin_ || fin;
  if ((flags & script::TcpFlags::kAck) != 0) {
    const std::uint32_t ack = mapped.u32(Field::tcp_ack);
    if (after(ack, acknowledged_.ack)) acknowledged_.ack = ack;
    const std::uint32_t edge = sack_edge_of(mapped);
    if (edge != 0 && (acknowledged_.sack_edge == 0 || after(edge, acknowledged_.sack_edge))) {
      acknowledged_.sack_edge = edge;
    }
  }
  if (payload.empty() || !knows_content_ || recorded_.accepts(first - 1u, payload)) return {};
  const Buffer want = recorded_.expected(first - 1u, payload.size());
  const auto differs = static_cast<std::size_t>(
      std::mismatch(want.begin(), want.end(), payload.begin()).first - want.begin());
  constexpr std::size_t kShown = 16;
  const std::string place = "octet " + std::to_string(first - 1u + differs) + " of the stream: ";
  return {{"payload", place + packet::payload_text(Bytes{want}.subspan(differs), kShown),
           place + packet::payload_text(payload.subspan(differs), kShown)}};
}

bool Follower::is_repeated_text(const script::Tcp& tcp) const {
  const std::uint32_t end = end_of(tcp);
  return end != tcp.seq.first.u32() && !after(end, recorded_sent_);
}

// Whether the recorded segment answers something that the peer may not be left alone with, and
// says nothing new: a duplicate acknowledgement, say. A window update is nothing of the kind.
bool Follower::needs_answer(const script::Tcp& tcp) const {
  const bool empty = end_of(tcp) == tcp.seq.first.u32();
  return empty && provoked_ && tcp.ack.has_value() && tcp.ack->u32() == recorded_ack_;
}

bool Follower::reached(const script::Tcp& tcp) const {
  if (after(end_of(tcp), sent_)) return false;
  if (tcp.flags.has(script::TcpFlags::kFin) && !fin_) return false;
  if (tcp.ack.has_value() && after(tcp.ack->u32(), acknowledged_.ack)) return false;
  if (is_repeated_text(tcp) && repeats_ == 0) return false;
  if (needs_answer(tcp) && !fresh_) return false;
  const std::uint32_t edge = sack_edge_of(tcp);
  if (edge == 0 || !after(edge, acknowledged_.ack)) return true;
  return acknowledged_.sack_edge != 0 && !after(edge, acknowledged_.sack_edge);
}

std::vector<FieldDifference> Follower::missing(const script::Tcp& tcp) const {
  std::vector<FieldDifference> out;
  const std::uint32_t end = tcp.seq.first.u32() + tcp.seq.length.u32();
  if (after(end, sent_)) {
    out.push_back(
        {"stream", "sent up to " + std::to_string(end), "sent up to " + std::to_string(sent_)});
  }
  if (tcp.flags.has(script::TcpFlags::kFin) && !fin_) out.push_back({"FIN", "sent", "not sent"});
  if (tcp.ack.has_value() && after(tcp.ack->u32(), acknowledged_.ack)) {
    out.push_back({"tcp.ack", std::to_string(tcp.ack->u32()), std::to_string(acknowledged_.ack)});
  }
  if (is_repeated_text(tcp) && repeats_ == 0) {
    out.push_back({"retransmission", "sent", "not sent"});
  }
  const std::uint32_t edge = sack_edge_of(tcp);
  if (edge != 0 && after(edge, acknowledged_.ack)) {
    out.push_back({"option sack", "up to " + std::to_string(edge),
                   acknowledged_.sack_edge == 0
                       ? "none"
                       : "up to " + std::to_string(acknowledged_.sack_edge)});
  }
  if (out.empty()) out.push_back({"packet", "an answer", "none"});
  return out;
}

bool Follower::may_wait_for_acknowledgement(const script::Tcp& tcp) const {
  return after(end_of(tcp), sent_) && after(sent_, peer_ack_) && peer_ack_ != 0;
}

script::Tcp Follower::acknowledgement(const script::Tcp& last_in) const {
  script::Tcp tcp = last_in;
  tcp.flags = {};
  tcp.flags.bits = script::TcpFlags::kAck;
  tcp.seq.first = tcp.seq.last = std::int64_t{next_in_};
  tcp.seq.length = std::int64_t{0};
  tcp.ack = std::int64_t{sent_};
  tcp.urg.reset();
  std::erase_if(tcp.options, [](const script::TcpOption& option) {
    return !std::holds_alternative<script::OptTimestamps>(option) &&
           !std::holds_alternative<script::OptNop>(option);
  });
  return tcp;
}

void Follower::done(const script::Tcp& tcp) {
  if (is_repeated_text(tcp) && repeats_ > 0) --repeats_;
  if (after(end_of(tcp), recorded_sent_)) recorded_sent_ = end_of(tcp);
  if (tcp.ack.has_value()) recorded_ack_ = tcp.ack->u32();
  provoked_ = false;
}

}  // namespace packetwright::engine
