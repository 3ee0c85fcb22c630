// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/destination_order.hh"

#include <algorithm>

#include "stack/ip/address_policy.hh"

namespace packetwright::ip {
namespace {

bool scope_matches(const Destination& to) noexcept {
  return scope_of(to.address) == scope_of(to.source->prefix.address);
}

bool is_deprecated(const Destination& to) noexcept {
  return to.source->state == AddressState::deprecated;
}

bool label_matches(const Destination& to) noexcept {
  return policy_of(to.address).label == policy_of(to.source->prefix.address).label;
}

//= RFC6724-6-a
// True if `a` comes before `b`. Rules 4 (home addresses) and 7 (tunnels) do not arise here.
bool comes_before(const Destination& a, const Destination& b) noexcept {
  // Rule 1: avoid destinations that cannot be used.
  if (!a.source || !b.source) return a.source.has_value() && !b.source.has_value();
  // Rule 2: prefer a source of the same scope.
  if (scope_matches(a) != scope_matches(b)) return scope_matches(a);
  // Rule 3: avoid deprecated sources.
  if (is_deprecated(a) != is_deprecated(b)) return is_deprecated(b);
  // Rule 5: prefer a source of the same label.
  if (label_matches(a) != label_matches(b)) return label_matches(a);
  // Rule 6: prefer the higher precedence.
  const int left = policy_of(a.address).precedence;
  const int right = policy_of(b.address).precedence;
  if (left != right) return left > right;
  // Rule 8: prefer the smaller scope.
  const int near = scope_of(a.address);
  const int far = scope_of(b.address);
  if (near != far) return near < far;
  // Rule 9: prefer the longest prefix in common with the source. Both are of one family: no IPv6
  // address with the precedence of IPv4 has a source of its label, so that rule 5 was for the
  // other.
  return common_prefix(a.source->prefix, a.address) > common_prefix(b.source->prefix, b.address);
}

}  // namespace

void order_destinations(std::vector<Destination>& destinations) {
  // Rule 10: otherwise as they were. There are few, and std::stable_sort would take memory for
  // them.
  for (auto next = destinations.begin(); next != destinations.end(); ++next) {
    std::rotate(std::upper_bound(destinations.begin(), next, *next, comes_before), next, next + 1);
  }
}

}  // namespace packetwright::ip
