// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/checksums.hh"

#include <algorithm>

#include "harness/packet/numbers.hh"
#include "stack/wire/checksum.hh"

namespace packetwright::packet {

bool is_checksum(Field field) noexcept {
  switch (field) {
    case Field::ipv4_checksum:
    case Field::icmpv4_checksum:
    case Field::icmpv6_checksum:
    case Field::udp_checksum:
    case Field::udplite_checksum:
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
    case Proto::udplite: return Field::udplite_checksum;
    case Proto::tcp: return Field::tcp_checksum;
    default: return std::nullopt;
  }
}

std::uint16_t checksum_of(Bytes octets) noexcept {
  return wire::internet_checksum(octets);
}

namespace {

std::uint16_t checksum_with_pseudo_header(Proto proto, Bytes ip_header, Bytes message) noexcept {
  const bool v4 = ip_header.size() < 40 || (ip_header[0] >> 4) == 4;
  const std::size_t size = v4 ? 4 : 16;
  const std::size_t src = v4 ? 12 : 8;
  PW_ASSERT(src + 2 * size <= ip_header.size());
  const std::uint16_t checksum =
      wire::transport_checksum(message, IpAddress::from_octets(ip_header.subspan(src, size)),
                               IpAddress::from_octets(ip_header.subspan(src + size, size)),
                               static_cast<wire::IpProtocol>(ip_protocol_of(proto).value_or(0)));
  const bool never_zero = proto == Proto::udp || proto == Proto::udplite;
  return never_zero && checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

}  // namespace

std::uint16_t transport_checksum(Proto proto, Bytes ip_header, Bytes message) {
  if (proto != Proto::udplite || message.size() < fixed_size_of(proto)) {
    return checksum_with_pseudo_header(proto, ip_header, message);
  }
  // RFC 3828, 3.1: the sum is of the first octets only, but the pseudo-header counts all of them.
  // Zeros add nothing to a sum.
  const std::size_t coverage = read_field(message, Field::udplite_coverage).low;
  Buffer covered(message.begin(), message.end());
  if (coverage != 0 && coverage < covered.size()) {
    std::fill(covered.begin() + static_cast<long>(coverage), covered.end(), std::uint8_t{0});
  }
  return checksum_with_pseudo_header(proto, ip_header, covered);
}

std::uint16_t wrong_checksum(std::uint64_t right) noexcept {
  // Flipping one bit changes a ones' complement sum, whatever it was.
  std::uint64_t wrong = right ^ 0x0100;
  if (wrong == 0 || wrong == 0xffff) wrong = right ^ 0x0200;
  return static_cast<std::uint16_t>(wrong);
}

}  // namespace packetwright::packet
