// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/multicast.hh"

namespace packetwright::wire {

IpAddress solicited_node_group(const IpAddress& address) noexcept {
  const Bytes octets = address.octets();
  PW_ASSERT(address.is_v6());
  return IpAddress::v6(
      {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, octets[13], octets[14], octets[15]});
}

MacAddress multicast_mac(const IpAddress& group) noexcept {
  PW_ASSERT(group.is_multicast());
  const Bytes octets = group.octets();
  if (group.is_v4()) {
    //= RFC1112-6.4-a
    return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(octets[1] & 0x7f), octets[2], octets[3]}};
  }
  return {{0x33, 0x33, octets[12], octets[13], octets[14], octets[15]}};
}

}  // namespace packetwright::wire
