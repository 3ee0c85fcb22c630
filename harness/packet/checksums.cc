// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/checksums.hh"

#include "harness/packet/numbers.hh"
#include "stack/wire/checksum.hh"

namespace packetwright::packet {

bool is_checksum(Field field) noexcept {
  switch (field) {
    case Field::ipv4_checksum:
    case Field::icmpv4_checksum:
    case Field::icmpv6_checksum:
    case Field::udp_checksum:
    case Field::tcp_checksum: return true;
    default: return false;
  }
}

std::optional<Field> checksum_field_of(Proto proto) noexcept {
  switch (proto) {
    case Proto::ipv4: return Field::ipv4_checksum;
    case Proto::icmpv4: return Field::icmpv4_checksum;
    case Proto::icmpv6: return Field::icmpv6_checksum;
    case Proto::udp: return Field::udp_checksum;
    case Proto::tcp: return Field::tcp_checksum;
    default: return std::nullopt;
  }
}

std::uint16_t checksum_of(Bytes octets) noexcept {
  return wire::internet_checksum(octets);
}

std::uint16_t transport_checksum(Proto proto, Bytes ip_header, Bytes message) noexcept {
  const bool v4 = ip_header.size() < 40 || (ip_header[0] >> 4) == 4;
  const std::size_t size = v4 ? 4 : 16;
  const std::size_t src = v4 ? 12 : 8;
  PW_ASSERT(src + 2 * size <= ip_header.size());
  const std::uint16_t checksum =
      wire::transport_checksum(message, IpAddress::from_octets(ip_header.subspan(src, size)),
                               IpAddress::from_octets(ip_header.subspan(src + size, size)),
                               static_cast<wire::IpProtocol>(ip_protocol_of(proto).value_or(0)));
  return proto == Proto::udp && checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

std::uint16_t wrong_checksum(std::uint64_t right) noexcept {
  // Flipping one bit changes a ones' complement sum, whatever it was.
  std::uint64_t wrong = right ^ 0x0100;
  if (wrong == 0 || wrong == 0xffff) wrong = right ^ 0x0200;
  return static_cast<std::uint16_t>(wrong);
}

}  // namespace packetwright::packet
