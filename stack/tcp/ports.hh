// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"
#include "stack/base/siphash.hh"
#include "stack/tcp/endpoint_hash.hh"

namespace packetwright::tcp {

// Which local ports are in use, and how.
class Ports {
 public:
  explicit Ports(Rng rng);

  // By a connection, which shares its port with others to other remote endpoints.
  void take(std::uint16_t port) { ++uses_[port].connections; }
  void give_back(std::uint16_t port);
  // By a listener or a bound socket: nobody else draws the port.
  void reserve(std::uint16_t port) { ++uses_[port].reservations; }
  void unreserve(std::uint16_t port);
  [[nodiscard]] bool in_use(std::uint16_t port) const { return uses_.contains(port); }
  // How many ports are in_use().
  [[nodiscard]] std::size_t count() const noexcept { return uses_.size(); }
  [[nodiscard]] bool is_reserved(std::uint16_t port) const;

  //= RFC6056-3.2-a
  //= RFC6056-3.3-a
  // The first port of first .. last that is `acceptable`, from a random start (RFC 6056, algorithm
  // 1), for ports that have no remote endpoint yet; nullopt: there is none.
  template <class Predicate>
  [[nodiscard]] static std::optional<std::uint16_t> choose(std::uint16_t first, std::uint16_t last,
                                                           Rng& rng, Predicate acceptable) {
    if (first == 0 || last < first) return std::nullopt;
    const std::uint32_t count = std::uint32_t{last} - first + 1;
    const auto start = static_cast<std::uint32_t>(rng.below(count));
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto port = static_cast<std::uint16_t>(first + (start + i) % count);
      if (acceptable(port)) return port;
    }
    return std::nullopt;
  }

  // The same by algorithm 4, for a connection to `remote`: each remote endpoint has a random start
  // of its own, from which its ports go up, so that a port comes back as late as possible.
  template <class Predicate>
  [[nodiscard]] std::optional<std::uint16_t> choose_for(const IpAddress& local,
                                                        const Endpoint& remote, std::uint16_t first,
                                                        std::uint16_t last, Predicate acceptable) {
    if (first == 0 || last < first) return std::nullopt;
    const std::uint32_t count = std::uint32_t{last} - first + 1;
    const std::uint64_t hash = hash_of(key_, {local, 0}, remote);
    const auto offset = static_cast<std::uint32_t>(hash);
    std::uint32_t& next = next_[(hash >> 32) % next_.size()];
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto port =
          static_cast<std::uint16_t>(first + (std::uint64_t{offset} + next++) % count);
      if (acceptable(port)) return port;
    }
    return std::nullopt;
  }

 private:
  struct Uses {
    std::uint32_t connections = 0, reservations = 0;
  };
  std::unordered_map<std::uint16_t, Uses> uses_;  // never iterated
  SipKey key_;
  std::array<std::uint32_t, 256> next_{};  // table[] of RFC 6056, 3.3.4
};

}  // namespace packetwright::tcp
