// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "stack/base/ip_address.hh"
#include "stack/base/siphash.hh"

namespace packetwright::tcp {

// Finds the connection of a segment in constant time. The hash is keyed, because a peer chooses the
// keys. The table is never iterated: its order depends on the library.
class ConnectionTable {
 public:
  explicit ConnectionTable(const SipKey& key) : slots_(0, Hash{key}) {}

  [[nodiscard]] std::optional<std::uint32_t> find(const Endpoint& local,
                                                  const Endpoint& remote) const;
  // The pair must not be there yet.
  void insert(const Endpoint& local, const Endpoint& remote, std::uint32_t slot);
  // Removes the pair if it leads to this slot.
  void erase(const Endpoint& local, const Endpoint& remote, std::uint32_t slot);
  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }

 private:
  struct Key {
    Endpoint local, remote;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    SipKey key;
    std::size_t operator()(const Key& pair) const noexcept;
  };
  std::unordered_map<Key, std::uint32_t, Hash> slots_;
};

}  // namespace packetwright::tcp
