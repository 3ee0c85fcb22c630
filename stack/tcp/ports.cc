// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/ports.hh"

#include "stack/base/assert.hh"

namespace packetwright::tcp {

Ports::Ports(Rng rng) {
  key_.k0 = rng.next();
  key_.k1 = rng.next();
  for (std::uint32_t& next : next_) next = rng.next32();
}

void Ports::give_back(std::uint16_t port) {
  const auto at = uses_.find(port);
  PW_ASSERT(at != uses_.end() && at->second.connections > 0);
  if (--at->second.connections == 0 && at->second.reservations == 0) uses_.erase(at);
}

void Ports::unreserve(std::uint16_t port) {
  const auto at = uses_.find(port);
  PW_ASSERT(at != uses_.end() && at->second.reservations > 0);
  if (--at->second.reservations == 0 && at->second.connections == 0) uses_.erase(at);
}

bool Ports::is_reserved(std::uint16_t port) const {
  const auto at = uses_.find(port);
  return at != uses_.end() && at->second.reservations > 0;
}

}  // namespace packetwright::tcp
