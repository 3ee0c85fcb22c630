// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/trial_peer.hh"

#include "stack/wire/icmpv4.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"

namespace packetwright::packetdrill_so {
namespace {

// A stack with threads of its own may need as long.
constexpr Duration kMoment = std::chrono::milliseconds{20};
constexpr std::uint16_t kDatagram = 0x5057;
constexpr std::uint16_t kFragment = 1480;  // a multiple of 8 that fits any usual MTU

std::optional<TrialSegment> read_segment(Bytes octets) {
  const auto tcp = wire::TcpView::parse(octets);
  if (!tcp) return std::nullopt;
  const wire::TcpOptionSet options = wire::read_tcp_options(tcp->options());
  return TrialSegment{tcp->dst_port(),
                      tcp->flags(),
                      tcp->seq(),
                      tcp->ack(),
                      tcp->payload().size(),
                      options.sack_permitted,
                      options.window_scale.has_value(),
                      options.sack_count > 0,
                      options.timestamps};
}

}  // namespace

TrialPeer::TrialPeer(targets::Target& target, const targets::Config& config, Family family)
    : target_(target),
      local_(family == Family::ipv4 ? config.local4.address : config.local6.address),
      peer_(family == Family::ipv4 ? config.peer4 : config.peer6) {}

Buffer TrialPeer::packet(wire::IpProtocol protocol, Bytes payload) const {
  if (local_.is_v6()) {
    wire::Ipv6Fields header;
    header.src = peer_;
    header.dst = local_;
    header.next_header = protocol;
    header.set_lengths(payload.size());
    Buffer out(header.encoded_size() + payload.size());
    header.emit(out);
    store_bytes(out, header.encoded_size(), payload);
    return out;
  }
  return fragment(protocol, payload, 0, false);
}

Buffer TrialPeer::fragment(wire::IpProtocol protocol, Bytes payload, std::uint16_t offset,
                           bool more) const {
  wire::Ipv4Fields header;
  header.src = peer_;
  header.dst = local_;
  header.protocol = protocol;
  header.id = kDatagram;
  header.mf = more;
  header.fragment_offset = offset;
  header.set_lengths(payload.size());
  Buffer out(header.encoded_size() + payload.size());
  header.emit(out);
  store_bytes(out, header.encoded_size(), payload);
  wire::fill_ipv4_checksum(MutableBytes{out}.first(header.encoded_size()));
  return out;
}

void TrialPeer::send(const Outgoing& segment) {
  wire::TcpFields header;
  header.src_port = segment.src_port;
  header.dst_port = segment.dst_port;
  header.seq = segment.seq;
  header.ack = segment.ack;
  header.flags = segment.flags;
  header.win = segment.win;
  header.options = segment.options;
  header.set_lengths();
  Buffer out(header.encoded_size() + segment.text_size, 0);
  header.emit(out);
  wire::fill_tcp_checksum(out, peer_, local_);
  target_.inject(packet(wire::IpProtocol::tcp, out));
}

void TrialPeer::send_echo(std::size_t size, bool in_two) {
  const Buffer text(size, 0);
  const auto echo = wire::Icmpv4Fields::echo(wire::Icmpv4Type::echo_request, 0x5057, 1, text);
  Buffer message(echo.encoded_size());
  echo.emit(message);
  wire::fill_icmpv4_checksum(message);
  if (!in_two) return target_.inject(packet(wire::IpProtocol::icmpv4, message));
  const Bytes all{message};
  target_.inject(fragment(wire::IpProtocol::icmpv4, all.first(kFragment), 0, true));
  target_.inject(fragment(wire::IpProtocol::icmpv4, all.subspan(kFragment), kFragment, false));
}

std::vector<targets::SentFrame> TrialPeer::frames() {
  std::vector<targets::SentFrame> all;
  target_.drain(all);
  if (all.empty()) {
    target_.advance_to(target_.now() + kMoment, true);
    target_.drain(all);
  }
  return all;
}

std::vector<TrialSegment> TrialPeer::receive() {
  std::vector<TrialSegment> segments;
  for (const targets::SentFrame& frame : frames()) {
    std::optional<TrialSegment> segment;
    if (const auto v4 = wire::Ipv4View::parse(frame.octets);
        v4 && v4->protocol() == wire::IpProtocol::tcp) {
      segment = read_segment(v4->payload());
    } else if (const auto v6 = wire::Ipv6View::parse(frame.octets);
               v6 && v6->next_header() == wire::IpProtocol::tcp) {
      segment = read_segment(v6->payload());
    }
    if (segment) segments.push_back(*segment);
  }
  return segments;
}

std::size_t TrialPeer::receive_echo() {
  std::size_t octets = 0;
  for (const targets::SentFrame& frame : frames()) {
    const auto ip = wire::Ipv4View::parse(frame.octets);
    if (!ip || ip->protocol() != wire::IpProtocol::icmpv4) continue;
    // Type and code are in the first fragment only.
    const bool first = ip->fragment_offset() == 0;
    if (first && (ip->payload().empty() || ip->payload()[0] != 0)) continue;
    octets += ip->payload().size();
  }
  return octets;
}

}  // namespace packetwright::packetdrill_so
