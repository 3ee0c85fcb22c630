// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace packetwright::iface {

// The memory that grows and shrinks with what peers and applications do, in octets. What the
// allocator adds is not counted.
struct MemoryUse {
  std::size_t connections = 0;  // of TCP: objects, queues, timers, tables
  std::size_t sockets = 0;      // the table of descriptors
  std::size_t datagrams = 0;    // that wait for sockets, as their limits count them
  std::size_t fragments = 0;    // that wait for the rest of their datagram
  std::size_t neighbors = 0;    // entries of the caches, and packets that wait for an answer
  std::size_t frames = 0;       // that wait for the link

  [[nodiscard]] std::size_t total() const noexcept {
    return connections + sockets + datagrams + fragments + neighbors + frames;
  }
};

}  // namespace packetwright::iface
