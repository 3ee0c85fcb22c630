// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/ports.hh"

#include "stack/base/assert.hh"

namespace packetwright::tcp {

void Ports::give_back(std::uint16_t port) {
  const auto at = uses_.find(port);
  PW_ASSERT(at != uses_.end());
  if (--at->second == 0) uses_.erase(at);
}

std::optional<std::uint16_t> Ports::choose(std::uint16_t first, std::uint16_t last,
                                           Rng& rng) const {
  if (first == 0 || last < first) return std::nullopt;
  const std::uint32_t count = std::uint32_t{last} - first + 1;
  const auto start = static_cast<std::uint32_t>(rng.below(count));
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(first + (start + i) % count);
    if (!in_use(port)) return port;
  }
  return std::nullopt;
}

}  // namespace packetwright::tcp
