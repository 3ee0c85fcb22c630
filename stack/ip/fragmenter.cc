// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/fragmenter.hh"

#include <algorithm>

#include "stack/ip/options.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"

namespace packetwright::ip {
namespace {

// How many octets of payload fit behind a header in a fragment that is not the last: offsets count
// in eights.
std::size_t room_behind(std::size_t header_size, std::uint32_t mtu) noexcept {
  return mtu > header_size ? (mtu - header_size) / 8 * 8 : 0;
}

wire::Ipv4Fields header_of_v4(const Datagram& datagram) noexcept {
  wire::Ipv4Fields header;
  header.tos = datagram.traffic_class;
  header.df = datagram.dont_fragment;
  header.ttl = datagram.hop_limit;
  header.protocol = datagram.protocol;
  header.src = datagram.source;
  header.dst = datagram.destination;
  return header;
}

wire::Ipv6Fields header_of_v6(const Datagram& datagram) noexcept {
  wire::Ipv6Fields header;
  header.traffic_class = datagram.traffic_class;
  header.flow_label = datagram.flow_label;
  header.next_header = datagram.protocol;
  header.hop_limit = datagram.hop_limit;
  header.src = datagram.source;
  header.dst = datagram.destination;
  return header;
}

Buffer packet_v4(wire::Ipv4Fields header, Bytes payload) {
  header.set_lengths(payload.size());
  //= RFC791-3.1-e
  header.set_checksum();
  Buffer octets(header.encoded_size() + payload.size());
  const MutableBytes all{octets};
  header.emit(all);
  store_bytes(all, header.encoded_size(), payload);
  return octets;
}

}  // namespace

std::vector<Buffer> packets_v4(const Datagram& datagram, Bytes options,
                               std::uint16_t identification, std::uint32_t mtu) {
  wire::Ipv4Fields header = header_of_v4(datagram);
  header.id = identification;
  header.options = options;

  const Bytes payload = datagram.payload;
  std::vector<Buffer> packets;
  if (header.encoded_size() + payload.size() <= mtu) {
    packets.push_back(packet_v4(header, payload));
    return packets;
  }

  //= RFC791-3.1-h
  // Record Route and Timestamp would be written in every fragment; they travel in the first.
  const Buffer copied = copied_options(options);
  std::size_t offset = 0;
  //= RFC791-3.2-b
  while (offset < payload.size()) {
    const std::size_t left = payload.size() - offset;
    if (offset != 0) header.options = copied;
    header.fragment_offset = static_cast<std::uint16_t>(offset);
    header.mf = header.encoded_size() + left > mtu;
    const std::size_t size = header.mf ? room_behind(header.encoded_size(), mtu) : left;
    if (size == 0) return {};
    packets.push_back(packet_v4(header, payload.subspan(offset, size)));
    offset += size;
  }
  return packets;
}

void emit_header_v4(const Datagram& datagram, MutableBytes out) noexcept {
  wire::Ipv4Fields header = header_of_v4(datagram);
  header.set_lengths(datagram.payload.size());
  header.set_checksum();
  header.emit(out);
}

void emit_header_v6(const Datagram& datagram, MutableBytes out) noexcept {
  wire::Ipv6Fields header = header_of_v6(datagram);
  header.set_lengths(datagram.payload.size());
  header.emit(out);
}

std::vector<Buffer> packets_v6(const Datagram& datagram, std::uint32_t identification,
                               std::uint32_t mtu) {
  wire::Ipv6Fields header = header_of_v6(datagram);

  const Bytes payload = datagram.payload;
  std::vector<Buffer> packets;
  if (wire::kIpv6HeaderSize + payload.size() <= mtu) {
    header.set_lengths(payload.size());
    Buffer& octets = packets.emplace_back(wire::kIpv6HeaderSize + payload.size());
    header.emit(octets);
    store_bytes(octets, wire::kIpv6HeaderSize, payload);
    return packets;
  }

  wire::Ipv6FragmentFields fragment;
  fragment.next_header = datagram.protocol;
  fragment.id = identification;
  header.next_header = wire::IpProtocol::fragment;
  constexpr std::size_t kHeaders = wire::kIpv6HeaderSize + wire::kIpv6FragmentSize;
  // At the smallest MTU that IPv6 allows the first fragment has 1,232 octets of payload, which hold
  // any upper-layer header.
  //= RFC8200-4.5-b
  //= RFC8200-4.5-c
  //= RFC8200-4.5-d
  //= RFC7112-5-a
  std::size_t offset = 0;
  while (offset < payload.size()) {
    const std::size_t left = payload.size() - offset;
    fragment.fragment_offset = static_cast<std::uint16_t>(offset);
    fragment.more_fragments = kHeaders + left > mtu;
    const std::size_t size = fragment.more_fragments ? room_behind(kHeaders, mtu) : left;
    if (size == 0) return {};
    header.set_lengths(wire::kIpv6FragmentSize + size);
    Buffer& octets = packets.emplace_back(kHeaders + size);
    const MutableBytes all{octets};
    header.emit(all);
    fragment.emit(all.subspan(wire::kIpv6HeaderSize));
    store_bytes(all, kHeaders, payload.subspan(offset, size));
    offset += size;
  }
  return packets;
}

}  // namespace packetwright::ip
