// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/addresses.hh"

#include <algorithm>

#include "stack/ip/address_policy.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::ip {
namespace {

// Whether this is an IPv4 address on a network whose hosts can have a part of all zeros or ones.
bool has_host_part(const Prefix& prefix, const IpAddress& address) noexcept {
  return address.is_v4() && prefix.length <= 30 && prefix.contains(address);
}

bool is_directed_broadcast(const Prefix& prefix, const IpAddress& address) noexcept {
  if (!has_host_part(prefix, address)) return false;
  const std::uint32_t host_bits = 0xffffffffu >> prefix.length;
  return (address.v4_value() & host_bits) == host_bits;
}

// Host part all zeros: the broadcast form of 4.2BSD (RFC 1122, 3.3.6).
bool is_zero_form(const Prefix& prefix, const IpAddress& address) noexcept {
  if (!has_host_part(prefix, address)) return false;
  return (address.v4_value() & (0xffffffffu >> prefix.length)) == 0;
}

// 0/8: "this host on this network", which is never a destination or, once configured, a source.
bool is_this_network(const IpAddress& address) noexcept {
  return address.is_v4() && address.octets()[0] == 0;
}

// 240/4: Class E, 255.255.255.255 included.
bool is_class_e(const IpAddress& address) noexcept {
  return address.is_v4() && address.octets()[0] >= 240;
}

// ::ffff:0:0/96 belongs inside a host (RFC 4291, 2.5.5.2); on a wire it is a way around filters.
bool is_mapped(const IpAddress& address) noexcept {
  if (address.is_v4()) return false;
  static constexpr Prefix kMapped{
      IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}), 96};
  return kMapped.contains(address);
}

// RFC 6724, 5: true if `a` is the better source. Rules 4 and 7 (home and temporary addresses) and
// 5 (outgoing interface) do not arise here.
bool is_better_source(const LocalAddress& a, const LocalAddress& b, const IpAddress& destination,
                      const IpAddress& next_hop) noexcept {
  const IpAddress& left = a.prefix.address;
  const IpAddress& right = b.prefix.address;
  // Rule 1: prefer the destination itself.
  if (left == destination || right == destination) return left == destination;
  // Rule 2: prefer the smallest scope that reaches the destination.
  const int left_scope = scope_of(left);
  const int right_scope = scope_of(right);
  const int wanted = scope_of(destination);
  if (left_scope < right_scope) return left_scope >= wanted;
  if (right_scope < left_scope) return right_scope < wanted;
  // Rule 3: avoid deprecated addresses.
  if (a.state != b.state) return a.state == AddressState::preferred;
  // Rule 5.5: prefer an address of the network that the next hop is in. For IPv4 this is what
  // RFC 1122, 3.3.4.3 asks for.
  const bool left_near = a.prefix.contains(next_hop);
  const bool right_near = b.prefix.contains(next_hop);
  if (left_near != right_near) return left_near;
  // Rule 6: prefer the same label.
  if (destination.is_v6()) {
    const int label = policy_of(destination).label;
    const bool left_same = policy_of(left).label == label;
    const bool right_same = policy_of(right).label == label;
    if (left_same != right_same) return left_same;
  }
  // Rule 8: prefer the longest prefix in common, within the network part of the source.
  return common_prefix(a.prefix, destination) > common_prefix(b.prefix, destination);
}

}  // namespace

bool Addresses::add(const Prefix& prefix, AddressState state, bool on_link) {
  const IpAddress& address = prefix.address;
  if (prefix.length > address.octets().size() * 8) return false;
  //= RFC1122-3.2.1.3-b
  //= RFC4291-2.5.2-a
  //= RFC4291-2.7-a
  if (address.is_unspecified() || address.is_loopback() || address.is_multicast()) return false;
  if (is_this_network(address) || is_class_e(address) || is_mapped(address)) return false;
  if (is_directed_broadcast(prefix, address) || is_zero_form(prefix, address)) return false;

  ++version_;
  for (LocalAddress& known : addresses_) {
    if (known.prefix.address == address) {
      known = {prefix, state, on_link};
      return true;
    }
  }
  addresses_.push_back({prefix, state, on_link});
  return true;
}

void Addresses::remove(const IpAddress& address) {
  ++version_;
  std::erase_if(addresses_,
                [&](const LocalAddress& known) { return known.prefix.address == address; });
}

void Addresses::set_state(const IpAddress& address, AddressState state) {
  ++version_;
  for (LocalAddress& known : addresses_) {
    if (known.prefix.address == address) known.state = state;
  }
}

bool Addresses::join(const IpAddress& group) {
  for (Membership& membership : groups_) {
    if (membership.group == group) {
      ++membership.count;
      return false;
    }
  }
  groups_.push_back({group, 1});
  return true;
}

bool Addresses::leave(const IpAddress& group) {
  for (Membership& membership : groups_) {
    if (membership.group == group) --membership.count;
  }
  return std::erase_if(groups_, [](const Membership& gone) { return gone.count == 0; }) != 0;
}

const LocalAddress* Addresses::find(const IpAddress& address) const noexcept {
  for (const LocalAddress& known : addresses_) {
    if (known.prefix.address == address) return &known;
  }
  return nullptr;
}

bool Addresses::is_own(const IpAddress& address) const noexcept {
  const LocalAddress* known = find(address);
  return known != nullptr && known->state != AddressState::tentative;
}

bool Addresses::is_broadcast(const IpAddress& address) const noexcept {
  if (!address.is_v4()) return false;
  if (address.is_limited_broadcast()) return true;
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const LocalAddress& known) {
    return is_directed_broadcast(known.prefix, address);
  });
}

bool Addresses::is_zero_broadcast(const IpAddress& address) const noexcept {
  if (!address.is_v4()) return false;
  if (address.is_unspecified()) return true;
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const LocalAddress& known) {
    return is_zero_form(known.prefix, address);
  });
}

bool Addresses::is_on_link(const IpAddress& address) const noexcept {
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const LocalAddress& known) {
    return known.on_link && known.prefix.contains(address);
  });
}

bool Addresses::is_member(const IpAddress& group) const noexcept {
  //= RFC1122-3.3.7-b
  static constexpr IpAddress kAllHosts = IpAddress::v4(224, 0, 0, 1);
  if (group == kAllHosts || group == wire::kAllNodes) return true;
  for (const Membership& membership : groups_) {
    if (membership.group == group) return true;
  }
  //= RFC4291-2.7.1-a
  // Tentative addresses too: duplicate address detection listens there.
  return group.is_v6() &&
         std::any_of(addresses_.begin(), addresses_.end(), [&](const LocalAddress& known) {
           return known.prefix.address.is_v6() &&
                  wire::solicited_node_group(known.prefix.address) == group;
         });
}

std::optional<AddressKind> Addresses::classify(const IpAddress& destination) const noexcept {
  if (is_own(destination)) return AddressKind::unicast;
  if (destination.is_multicast()) {
    // Scopes 0 (reserved) and 1 (within a node) have no business on a link.
    //= RFC4291-2.7-b
    if (destination.is_v6() && scope_of(destination) < 2) return std::nullopt;
    if (is_member(destination)) return AddressKind::multicast;
    return std::nullopt;
  }
  //= RFC1122-3.3.6-a
  //= RFC1122-3.3.6-b
  if (is_broadcast(destination) || is_zero_broadcast(destination)) return AddressKind::broadcast;
  return std::nullopt;
}

bool Addresses::is_invalid_source(const IpAddress& source) const noexcept {
  //= RFC1122-3.2.1.3-h
  if (source.is_multicast() || source.is_loopback()) return true;
  return is_this_network(source) || is_class_e(source) || is_mapped(source) ||
         is_broadcast(source) || is_zero_broadcast(source);
}

std::optional<IpAddress> Addresses::select_source(const IpAddress& destination,
                                                  const IpAddress& next_hop) const noexcept {
  //= RFC6724-5-a
  const LocalAddress* best = nullptr;
  for (const LocalAddress& candidate : addresses_) {
    if (candidate.prefix.address.family() != destination.family()) continue;
    if (candidate.state == AddressState::tentative) continue;
    if (best == nullptr || is_better_source(candidate, *best, destination, next_hop)) {
      best = &candidate;
    }
  }
  if (best == nullptr) return std::nullopt;
  return best->prefix.address;
}

}  // namespace packetwright::ip
