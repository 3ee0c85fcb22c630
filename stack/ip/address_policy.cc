// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/address_policy.hh"

#include <array>
#include <cstddef>

namespace packetwright::ip {
namespace {

constexpr AddressPolicy kMapped{35, 4};
constexpr AddressPolicy kEverythingElse{40, 1};

}  // namespace

int scope_of(const IpAddress& address) noexcept {
  constexpr int kLinkLocal = 2, kSiteLocal = 5, kGlobal = 14;
  if (address.is_v4())
    return address.is_link_local() || address.is_loopback() ? kLinkLocal : kGlobal;
  const Bytes octets = address.octets();
  if (address.is_multicast()) return octets[1] & 0x0f;
  if (address.is_link_local() || address.is_loopback()) return kLinkLocal;
  if (octets[0] == 0xfe && (octets[1] & 0xc0) == 0xc0) return kSiteLocal;
  return kGlobal;
}

AddressPolicy policy_of(const IpAddress& address) noexcept {
  struct Row {
    Prefix prefix;
    AddressPolicy policy;
  };
  // The longest prefix that contains an address stands before the others.
  static constexpr std::array kTable = {
      Row{{IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 128}, {50, 0}},
      Row{{IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}), 96}, kMapped},
      Row{{IpAddress::v6({}), 96}, {1, 3}},
      Row{{IpAddress::v6({0x20, 0x01}), 32}, {5, 5}},
      Row{{IpAddress::v6({0x20, 0x02}), 16}, {30, 2}},
      Row{{IpAddress::v6({0x3f, 0xfe}), 16}, {1, 12}},
      Row{{IpAddress::v6({0xfe, 0xc0}), 10}, {1, 11}},
      Row{{IpAddress::v6({0xfc}), 7}, {3, 13}},
  };
  if (address.is_v4()) return kMapped;
  for (const Row& row : kTable) {
    if (row.prefix.contains(address)) return row.policy;
  }
  return kEverythingElse;
}

int common_prefix(const Prefix& source, const IpAddress& address) noexcept {
  const Bytes left = source.address.octets();
  const Bytes right = address.octets();
  for (int bit = 0; bit < source.length; ++bit) {
    const auto octet = static_cast<std::size_t>(bit / 8);
    if (((left[octet] ^ right[octet]) & (0x80 >> (bit % 8))) != 0) return bit;
  }
  return source.length;
}

}  // namespace packetwright::ip
