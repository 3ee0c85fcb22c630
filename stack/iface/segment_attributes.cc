// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/segment_attributes.hh"

#include <algorithm>

namespace packetwright::iface {
namespace {

Endpoint any_address(std::uint16_t port) noexcept {
  return {IpAddress{}, port};
}

}  // namespace

void AttributeTable::set(const Endpoint& local, const std::optional<Endpoint>& remote,
                         const SegmentAttributes& attributes, const SegmentAttributes& usual) {
  const Key key = remote ? Key{local, *remote} : Key{any_address(local.port), Endpoint{}};
  const auto known = entries_.find(key);
  // A connection of a listener with other wishes keeps its own, usual as they may be.
  const bool hides_listener = remote && entries_.contains(Key{any_address(local.port), Endpoint{}});
  if (attributes == usual && !hides_listener) {
    if (known != entries_.end()) {
      entries_.erase(known);
      ages_.erase(std::find(ages_.begin(), ages_.end(), key));
    }
    return;
  }
  if (known != entries_.end()) {
    known->second = attributes;
    return;
  }
  if (entries_.size() >= kMax) {
    entries_.erase(ages_.front());
    ages_.pop_front();
  }
  entries_[key] = attributes;
  ages_.push_back(key);
}

std::optional<SegmentAttributes> AttributeTable::find(const Endpoint& local,
                                                      const Endpoint& remote) const {
  if (entries_.empty()) return std::nullopt;
  auto known = entries_.find(Key{local, remote});
  if (known == entries_.end()) known = entries_.find(Key{any_address(local.port), Endpoint{}});
  if (known == entries_.end()) return std::nullopt;
  return known->second;
}

}  // namespace packetwright::iface
