// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::udp {

// A datagram as an application receives it, with what RFC 1122, 4.1.3.2, 4.1.3.5 and 4.1.4 want
// passed up: who sent it, the specific destination, the type of service, and the IP options.
struct Received {
  Endpoint from;
  Endpoint to;           // the destination address of the IP header, also when it is a group
  std::uint8_t tos = 0;  // IPv4 TOS or IPv6 traffic class
  std::uint8_t ttl = 0;  // or hop limit
  Buffer options;        // IPv4 options as they arrived; empty for IPv6
  Buffer octets;         // the data; may be empty
};

// What waits to be read on one socket, oldest first, bounded in octets.
class ReceiveQueue {
 public:
  explicit ReceiveQueue(std::size_t limit) noexcept : limit_(limit) {}

  // False: no room, and nothing was kept. A datagram that finds the queue empty always fits, so
  // that a tiny buffer delays data but never makes a socket deaf.
  [[nodiscard]] bool push(Received datagram);
  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
  // Not empty.
  [[nodiscard]] const Received& front() const noexcept;
  [[nodiscard]] Received pop();
  void clear() noexcept;

  // Octets of data that wait; what netstat calls Recv-Q.
  [[nodiscard]] std::size_t data_size() const noexcept { return data_size_; }
  // What counts against the limit.
  [[nodiscard]] std::size_t charged() const noexcept { return charged_; }
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  // Acts on the datagrams that come from now on.
  void set_limit(std::size_t limit) noexcept { limit_ = limit; }

 private:
  // Counted for each datagram beside its data: a flood of empty datagrams is bounded as well.
  static constexpr std::size_t kOverhead = 256;

  std::size_t limit_;
  std::size_t data_size_ = 0;
  std::size_t charged_ = 0;
  std::list<Received> queue_;  // an empty one is small, and most are empty
};

}  // namespace packetwright::udp
