// SPDX-License-Identifier: Apache-2.0
#include "stack/udp/input.hh"

#include "stack/udp/udp.hh"
#include "stack/wire/udp.hh"

namespace packetwright::udp {

Result<Input, DropReason> check_input(const IpAddress& source, const IpAddress& destination,
                                      Bytes octets, const UdpConfig& config) noexcept {
  //= RFC768-fields-a
  //= RFC768-fields-f
  const auto datagram = wire::UdpView::parse(octets);
  if (!datagram) return Err{DropReason::udp_malformed};

  //= RFC768-fields-d
  //= RFC1122-4.1.3.4-c
  // Zero says that the sender computed none. IPv6 has no checksum of its own header that would
  // catch a changed address, so there it is not allowed (RFC 8200, 8.1).
  if (datagram->checksum() == 0) {
    const bool acceptable = source.is_v4() && config.accept_zero_checksum_v4;
    if (!acceptable) return Err{DropReason::udp_bad_checksum};
  } else if (config.verify_checksum && !datagram->verify_checksum(source, destination)) {
    //= RFC1122-4.1.3.4-b
    //= RFC768-ip-a
    return Err{DropReason::udp_bad_checksum};
  }
  return Input{datagram->src_port(), datagram->dst_port(), datagram->payload()};
}

}  // namespace packetwright::udp
