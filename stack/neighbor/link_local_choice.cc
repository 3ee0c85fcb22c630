// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/link_local_choice.hh"

namespace packetwright::neighbor {
namespace {

std::uint64_t number_of(const MacAddress& mac) noexcept {
  std::uint64_t number = 0;
  for (const std::uint8_t octet : mac.octets) number = (number << 8) | octet;
  return number;
}

}  // namespace

LinkLocalChoice::LinkLocalChoice(const MacAddress& mac)
    : rng_(Rng{number_of(mac)}.fork("ipv4_link_local")) {}

IpAddress LinkLocalChoice::next() {
  // The first and the last 256 addresses are reserved.
  constexpr std::uint32_t kFirst = 0xa9fe'0100, kLast = 0xa9fe'feff;
  return IpAddress::v4(kFirst + static_cast<std::uint32_t>(rng_.below(kLast - kFirst + 1)));
}

}  // namespace packetwright::neighbor
