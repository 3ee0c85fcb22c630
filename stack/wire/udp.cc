// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/udp.hh"

#include "stack/wire/checksum.hh"

namespace packetwright::wire {

bool UdpView::verify_checksum(const IpAddress& src, const IpAddress& dst) const noexcept {
  return transport_checksum(octets_, src, dst, IpProtocol::udp) == 0;
}

void UdpFields::emit(MutableBytes out) const noexcept {
  store_be16(out, 0, src_port);
  store_be16(out, 2, dst_port);
  store_be16(out, 4, length);
  store_be16(out, 6, checksum);
}

void fill_udp_checksum(MutableBytes datagram, const IpAddress& src, const IpAddress& dst) noexcept {
  store_be16(datagram, 6, 0);
  //= RFC768-fields-c
  //= RFC8200-8.1-c
  const std::uint16_t computed = transport_checksum(datagram, src, dst, IpProtocol::udp);
  store_be16(datagram, 6, computed == 0 ? 0xffff : computed);
}

}  // namespace packetwright::wire
