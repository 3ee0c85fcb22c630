// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/tcp/actions.hh"
#include "stack/tcp/config.hh"

namespace packetwright::tcp {

// A passive OPEN: a connection record in LISTEN that stays there, and hands out new records.
struct Listener {
  ListenerId id;
  Endpoint local;  // the unspecified address: any of its family
  bool both_families = false;
  std::size_t backlog = 1;
  ConnectionOptions options;
  Duration defer_accept{0};  // an embryo becomes a connection with its first text, or after this
  std::uint32_t fast_open_queue = 0;  // RFC 7413: the limit of fast_opens; 0: off
  Instant cookies_until{};            // a SYN cookie given by then may still come back
  std::size_t embryos = 0;            // connections in SYN-RECEIVED
  std::size_t fast_opens = 0;         // those of them that came by Fast Open
  std::deque<ConnectionId> pending;   // established or fast-opened, not accepted; oldest first
};

// All listeners, and which of them a segment is for.
class ListenerTable {
 public:
  // nullptr: something listens at exactly this place.
  Listener* add(const Endpoint& local, bool both_families);
  void remove(ListenerId id);
  [[nodiscard]] Listener* find(ListenerId id) const;
  // The most specific listener for a segment to `local`: its address, then any address of its
  // family, then any address at all. nullptr: nobody listens.
  [[nodiscard]] Listener* match(const Endpoint& local) const;

 private:
  std::map<std::uint32_t, std::unique_ptr<Listener>> by_id_;
  std::map<Endpoint, Listener*> by_place_;
  std::uint32_t next_id_ = 1;
};

}  // namespace packetwright::tcp
