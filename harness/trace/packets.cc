// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/packets.hh"

#include <algorithm>
#include <utility>

#include "stack/base/assert.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/udp.hh"

namespace packetwright::trace {
namespace {

using wire::IpProtocol;

constexpr std::size_t kPieceUnit = 8;  // octets in which fragments are counted

std::size_t checksum_at(IpProtocol protocol) {
  if (protocol == IpProtocol::tcp) return 16;
  return protocol == IpProtocol::udp ? 6 : 2;
}
std::size_t header_size_of(IpProtocol protocol) {
  return protocol == IpProtocol::tcp ? wire::kTcpHeaderSize : wire::kUdpHeaderSize;
}

void fill_checksum(IpProtocol protocol, MutableBytes payload, const Addresses& addresses) {
  if (payload.size() < header_size_of(protocol)) return;
  switch (protocol) {
    case IpProtocol::tcp: wire::fill_tcp_checksum(payload, addresses.src, addresses.dst); break;
    case IpProtocol::udp: wire::fill_udp_checksum(payload, addresses.src, addresses.dst); break;
    case IpProtocol::icmpv4: wire::fill_icmpv4_checksum(payload); break;
    default: wire::fill_icmpv6_checksum(payload, addresses.src, addresses.dst); break;
  }
}

// Of a packet of ip_packet(): from octets of its header that nothing has damaged yet.
struct Anatomy {
  Family family;
  IpProtocol protocol;
  Addresses addresses;
  std::size_t header_size;
};
Anatomy anatomy_of(Bytes packet) {
  if (packet[0] >> 4 == 4) {
    const auto ip = wire::Ipv4View::parse_lax(packet).value();
    return {Family::ipv4, ip.protocol(), {ip.src(), ip.dst()}, wire::kIpv4HeaderSize};
  }
  const auto ip = wire::Ipv6View::parse_lax(packet).value();
  return {Family::ipv6, ip.next_header(), {ip.src(), ip.dst()}, wire::kIpv6HeaderSize};
}

void change_octet(const Damage& damage, bool in_pieces, bool mend, Buffer& packet) {
  const Anatomy was = anatomy_of(packet);
  const std::size_t first = in_pieces ? was.header_size : 0;
  const std::size_t end = std::min(packet.size(), was.header_size + header_size_of(was.protocol));
  if (first >= end) return;
  packet[first + damage.at % (end - first)] = damage.value;
  if (!mend) return;
  const MutableBytes whole{packet};
  fill_checksum(was.protocol, whole.subspan(was.header_size), was.addresses);
  if (was.family == Family::ipv4) wire::fill_ipv4_checksum(whole.first(was.header_size));
}

}  // namespace

std::size_t ip_header_size(Family family) noexcept {
  return family == Family::ipv4 ? wire::kIpv4HeaderSize : wire::kIpv6HeaderSize;
}

Buffer ip_packet(const Addresses& addresses, IpProtocol protocol, Bytes payload, std::uint16_t id) {
  const Family family = addresses.src.family();
  Buffer packet(ip_header_size(family) + payload.size());
  const MutableBytes out{packet};
  store_bytes(out, ip_header_size(family), payload);
  fill_checksum(protocol, out.subspan(ip_header_size(family)), addresses);
  if (family == Family::ipv4) {
    wire::Ipv4Fields ip;
    ip.id = id;
    ip.protocol = protocol;
    ip.src = addresses.src;
    ip.dst = addresses.dst;
    ip.set_lengths(payload.size());
    ip.set_checksum();
    ip.emit(out);
  } else {
    wire::Ipv6Fields ip;
    ip.next_header = protocol;
    ip.hop_limit = 255;
    ip.src = addresses.src;
    ip.dst = addresses.dst;
    ip.set_lengths(payload.size());
    ip.emit(out);
  }
  return packet;
}

void apply(const Damage& damage, bool in_pieces, Buffer& packet) {
  switch (damage.harm) {
    case Harm::none: return;
    case Harm::octet: return change_octet(damage, in_pieces, true, packet);
    case Harm::octet_only: return change_octet(damage, in_pieces, false, packet);
    case Harm::bad_checksum: {
      const Anatomy was = anatomy_of(packet);
      const std::size_t at = was.header_size + checksum_at(was.protocol);
      if (at + 2 > packet.size()) return;
      packet[at + 1] = static_cast<std::uint8_t>(packet[at + 1] ^ (damage.value | 1));
      return;
    }
    case Harm::cut:
      packet.resize(packet.size() - std::min<std::size_t>(packet.size(), damage.at + 1u));
      return;
    case Harm::padded: packet.insert(packet.end(), damage.at + 1u, damage.value); return;
  }
}

std::vector<Buffer> in_pieces(Buffer packet, const Pieces& pieces, std::uint32_t id) {
  std::vector<Buffer> out;
  // Nothing that short is worth it.
  if (pieces.count < 2 || packet.size() < wire::kIpv6HeaderSize) {
    out.push_back(std::move(packet));
    return out;
  }
  const Anatomy was = anatomy_of(packet);
  const Bytes payload = Bytes{packet}.subspan(was.header_size);
  const std::size_t units = payload.size() / kPieceUnit;
  const std::size_t size = std::max<std::size_t>(units / pieces.count, 1) * kPieceUnit;
  for (std::size_t begin = 0; begin < payload.size();) {
    const bool is_last = out.size() + 1 == pieces.count || begin + size >= payload.size();
    const std::size_t end = is_last ? payload.size() : begin + size;
    const std::size_t from = pieces.overlapping && begin > 0 ? begin - kPieceUnit : begin;
    const Bytes part = payload.subspan(from, end - from);
    Buffer piece;
    if (was.family == Family::ipv4) {
      auto ip = wire::Ipv4Fields::from(wire::Ipv4View::parse_lax(packet).value());
      ip.mf = !is_last;
      ip.fragment_offset = static_cast<std::uint16_t>(from);
      ip.id = static_cast<std::uint16_t>(id);
      ip.set_lengths(part.size());
      ip.set_checksum();
      piece.resize(wire::kIpv4HeaderSize);
      ip.emit(piece);
    } else {
      auto ip = wire::Ipv6Fields::from(wire::Ipv6View::parse_lax(packet).value());
      wire::Ipv6FragmentFields fragment;
      fragment.next_header = was.protocol;
      fragment.fragment_offset = static_cast<std::uint16_t>(from);
      fragment.more_fragments = !is_last;
      fragment.id = id;
      ip.next_header = IpProtocol::fragment;
      ip.set_lengths(wire::kIpv6FragmentSize + part.size());
      piece.resize(wire::kIpv6HeaderSize + wire::kIpv6FragmentSize);
      ip.emit(piece);
      fragment.emit(MutableBytes{piece}.subspan(wire::kIpv6HeaderSize));
    }
    piece.insert(piece.end(), part.begin(), part.end());
    out.push_back(std::move(piece));
    begin = end;
  }
  if (pieces.reversed) std::reverse(out.begin(), out.end());
  return out;
}

Buffer frame_of(Bytes packet, const MacAddress& dst, const MacAddress& src) {
  const bool v6 = !packet.empty() && packet[0] >> 4 == 6;
  Buffer frame(wire::kEthernetHeaderSize);
  wire::EthernetFields{dst, src, {}, v6 ? wire::EtherType::ipv6 : wire::EtherType::ipv4}.emit(
      frame);
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

}  // namespace packetwright::trace
