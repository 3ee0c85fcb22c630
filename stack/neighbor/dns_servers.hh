// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/ndp.hh"

namespace packetwright::neighbor {

// The recursive DNS servers that routers offer, each with its lifetime (RFC 8106, 5.1 and 6.2).
class DnsServers {
 public:
  // No more than `limit` are kept: what would be too many takes the place of what ends first.
  explicit DnsServers(std::size_t limit) : limit_(limit) {}

  // Both say whether addresses() has changed.
  bool on_option(Instant now, const wire::NdpDnsServers& offered);
  bool on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;

  // Most preferred first: those that were offered last, in the order of their option.
  [[nodiscard]] std::vector<IpAddress> addresses() const;

 private:
  struct Server {
    IpAddress address;
    Deadline expires;  // nullopt: never
  };

  std::size_t limit_;
  std::vector<Server> servers_;
};

}  // namespace packetwright::neighbor
