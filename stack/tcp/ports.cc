// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/ports.hh"

#include "stack/base/assert.hh"

namespace packetwright::tcp {

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
