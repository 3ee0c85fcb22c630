// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/connection_table.hh"

#include <utility>

#include "stack/base/assert.hh"

namespace packetwright::tcp {

void ConnectionTable::place(const Place& entry) {
  std::size_t at = home_of(entry.hash);
  while (places_[at].slot != kFree) at = next(at);
  places_[at] = entry;
}

void ConnectionTable::grow() {
  constexpr std::size_t kSmallest = 16;
  std::vector<Place> old(places_.empty() ? kSmallest : 2 * places_.size());
  std::swap(old, places_);
  for (const Place& entry : old) {
    if (entry.slot != kFree) place(entry);
  }
}

void ConnectionTable::insert(const Endpoint& local, const Endpoint& remote, std::uint32_t slot) {
  PW_ASSERT(slot != kFree);
  if (4 * (size_ + 1) > 3 * places_.size()) grow();
  place({hash_for(local, remote), slot});
  ++size_;
}

void ConnectionTable::erase(const Endpoint& local, const Endpoint& remote, std::uint32_t slot) {
  if (slot == last_found_) last_found_ = kFree;
  if (places_.empty()) return;
  std::size_t gap = home_of(hash_for(local, remote));
  while (places_[gap].slot != slot) {
    if (places_[gap].slot == kFree) return;
    gap = next(gap);
  }
  // What was pushed past the gap moves back into it, so that no search ends there too early.
  for (std::size_t at = next(gap); places_[at].slot != kFree; at = next(at)) {
    const std::size_t mask = places_.size() - 1;
    const std::size_t from_home = (at - home_of(places_[at].hash)) & mask;
    if (from_home < ((at - gap) & mask)) continue;  // its home lies behind the gap
    places_[gap] = places_[at];
    gap = at;
  }
  places_[gap] = {};
  --size_;
}

}  // namespace packetwright::tcp
