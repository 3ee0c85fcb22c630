// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/sent_packet.hh"

#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"
#include "stack/wire/udp.hh"

namespace packetwright::trace {

using wire::IpProtocol;

std::optional<SentPacket> SentPacket::parse(Bytes packet) noexcept {
  SentPacket sent;
  if (packet.empty()) return std::nullopt;
  if (packet[0] >> 4 == 4) {
    const auto ip = wire::Ipv4View::parse(packet);
    if (!ip) return std::nullopt;
    sent.src = ip->src();
    sent.dst = ip->dst();
    sent.protocol = ip->protocol();
    sent.is_fragment = ip->is_fragment();
    sent.payload = ip->payload();
  } else {
    const auto ip = wire::Ipv6View::parse(packet);
    if (!ip) return std::nullopt;
    const auto upper = wire::find_upper_layer(ip->next_header(), ip->payload());
    if (!upper) return std::nullopt;
    sent.src = ip->src();
    sent.dst = ip->dst();
    sent.protocol = upper->protocol;
    sent.is_fragment = upper->fragment && !upper->fragment->is_atomic_fragment();
    sent.payload = ip->payload().subspan(upper->offset);
  }
  if (sent.protocol == IpProtocol::tcp && !sent.is_fragment) {
    if (const auto tcp = wire::TcpView::parse(sent.payload)) sent.tcp = *tcp;
  }
  return sent;
}

SeqNum SentPacket::seq_end() const noexcept {
  const auto size = static_cast<std::uint32_t>(tcp->payload().size());
  return tcp->seq() + size + (tcp->flags().has(wire::tcp_flag::syn) ? 1 : 0) +
         (tcp->flags().has(wire::tcp_flag::fin) ? 1 : 0);
}

bool SentPacket::is_sound(Bytes packet) const noexcept {
  if (src.is_v4() && !wire::Ipv4View::parse(packet)->verify_checksum()) return false;
  if (is_fragment) return true;
  switch (protocol) {
    case IpProtocol::tcp: return tcp && tcp->verify_checksum(src, dst);
    case IpProtocol::udp: {
      const auto udp = wire::UdpView::parse(payload);
      if (!udp) return false;
      return (src.is_v4() && udp->checksum() == 0) || udp->verify_checksum(src, dst);
    }
    case IpProtocol::icmpv4: {
      const auto icmp = wire::Icmpv4View::parse(payload);
      return icmp && icmp->verify_checksum();
    }
    case IpProtocol::icmpv6: {
      const auto icmp = wire::Icmpv6View::parse(payload);
      return icmp && icmp->verify_checksum(src, dst);
    }
    default: return true;
  }
}

}  // namespace packetwright::trace
