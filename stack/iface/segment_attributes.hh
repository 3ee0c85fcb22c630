// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "stack/base/ip_address.hh"

namespace packetwright::iface {

// What the IP header of a segment says beside the addresses: TCP leaves it to its user (RFC 1122,
// 4.2.4.2), and IP wants to be told.
struct SegmentAttributes {
  std::uint8_t hop_limit = 64;
  std::uint8_t traffic_class = 0;  // its two ECN bits are TCP's own
  bool dont_fragment = true;       // path MTU discovery (RFC 1191)

  friend bool operator==(const SegmentAttributes&, const SegmentAttributes&) = default;
};

// The attributes of connections whose user asked for something unusual. They stay when the user
// closes, because the connection goes on by itself for a while; the oldest make room for new ones.
class AttributeTable {
 public:
  // Without `remote`: of whatever a listener at local.port accepts. `usual` attributes take no
  // place in the table.
  void set(const Endpoint& local, const std::optional<Endpoint>& remote,
           const SegmentAttributes& attributes, const SegmentAttributes& usual);
  // The connection's own, else its listener's; nullopt: the usual ones.
  [[nodiscard]] std::optional<SegmentAttributes> find(const Endpoint& local,
                                                      const Endpoint& remote) const;
  // Everybody's are the usual ones.
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

 private:
  // A listener has the unspecified address and port 0 where a connection has its remote.
  using Key = std::pair<Endpoint, Endpoint>;
  static constexpr std::size_t kMax = 4'096;

  std::map<Key, SegmentAttributes> entries_;
  std::deque<Key> ages_;  // oldest first
};

}  // namespace packetwright::iface
