// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/ip_address.hh"
#include "stack/base/siphash.hh"
#include "stack/tcp/endpoint_hash.hh"

namespace packetwright::tcp {

// Finds the connection of a segment in constant time: a hash table with open addressing and linear
// probing, eight octets for each place. The hash is keyed, because a peer chooses the keys. Who is
// at a place, its connection knows; the table has only its hash and its slot.
class ConnectionTable {
 public:
  explicit ConnectionTable(const SipKey& key) : key_(key) {}

  // The slot that the pair leads to. `is_pair(slot)`: whether the connection there has this pair.
  template <class IsPair>
  [[nodiscard]] std::optional<std::uint32_t> find(const Endpoint& local, const Endpoint& remote,
                                                  IsPair is_pair) const {
    // Segments of one connection often come one after the other.
    if (last_found_ != kFree && is_pair(last_found_)) return last_found_;
    if (places_.empty()) return std::nullopt;
    const std::uint32_t hash = hash_for(local, remote);
    for (std::size_t at = home_of(hash); places_[at].slot != kFree; at = next(at)) {
      if (places_[at].hash != hash || !is_pair(places_[at].slot)) continue;
      last_found_ = places_[at].slot;
      return last_found_;
    }
    return std::nullopt;
  }
  // The pair must not be there yet.
  void insert(const Endpoint& local, const Endpoint& remote, std::uint32_t slot);
  // Removes the pair if it leads to this slot.
  void erase(const Endpoint& local, const Endpoint& remote, std::uint32_t slot);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept { return places_.capacity() * sizeof(Place); }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;
  struct Place {
    std::uint32_t hash = 0;
    std::uint32_t slot = kFree;
  };

  [[nodiscard]] std::uint32_t hash_for(const Endpoint& local,
                                       const Endpoint& remote) const noexcept {
    return static_cast<std::uint32_t>(hash_of(key_, local, remote));
  }
  [[nodiscard]] std::size_t home_of(std::uint32_t hash) const noexcept {
    return hash & (places_.size() - 1);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept {
    return (at + 1) & (places_.size() - 1);
  }
  void grow();
  void place(const Place& entry);

  SipKey key_;
  std::vector<Place> places_;  // their number is zero or a power of two; at most 3/4 are taken
  std::size_t size_ = 0;
  mutable std::uint32_t last_found_ = kFree;
};

}  // namespace packetwright::tcp
