// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "stack/base/rng.hh"

namespace packetwright::tcp {

// Which local ports are in use, and by how many.
class Ports {
 public:
  void take(std::uint16_t port) { ++uses_[port]; }
  void give_back(std::uint16_t port);
  [[nodiscard]] bool in_use(std::uint16_t port) const { return uses_.contains(port); }

  //= RFC6056-3.2-a
  //= RFC6056-3.3-a
  // A port of first .. last that nobody uses, from a random start (RFC 6056, algorithm 1).
  [[nodiscard]] std::optional<std::uint16_t> choose(std::uint16_t first, std::uint16_t last,
                                                    Rng& rng) const;

 private:
  std::unordered_map<std::uint16_t, std::uint32_t> uses_;  // never iterated
};

}  // namespace packetwright::tcp
