// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/ip/datagram.hh"

namespace packetwright::ip {

// Bounds on what senders of fragments can make this host keep.
struct ReassemblyConfig {
  Duration timeout = 60s;             // RFC 8200, 4.5: exactly; RFC 1122, 3.3.2: 60 to 120 s
  std::size_t max_octets = 4u << 20;  // held in all, bookkeeping included
  std::size_t max_datagrams = 1024;   // under reassembly at a time
  std::size_t max_fragments = 2048;   // of one datagram; 1366 are needed at an MTU of 68
};

// What fragments of one datagram have in common (RFC 791, 3.2; RFC 8200, 4.5). For IPv6 the
// protocol is not part of it and stays 0.
struct FragmentKey {
  IpAddress source, destination;
  std::uint32_t identification = 0;
  wire::IpProtocol protocol{};

  friend auto operator<=>(const FragmentKey&, const FragmentKey&) = default;
};

struct Fragment {
  FragmentKey key;
  std::uint32_t offset = 0;  // of `data` in the payload, octets, a multiple of 8
  bool more = false;         // not the last
  Bytes header;              // all octets before `data`, as they arrived
  Bytes data;
  std::uint8_t ecn = 0;  // RFC 3168, 5: what the two bits of this fragment say
  AddressKind destination_kind = AddressKind::unicast;
  LinkCast link = LinkCast::unicast;
};

// A datagram whose fragments are all here.
struct Reassembled {
  Buffer octets;  // the header of the fragment at offset zero, then the whole payload
  std::size_t header_size = 0;
  bool congested = false;  // a fragment was marked CE, and so the datagram must be
};

// A datagram that was given up.
struct Abandoned {
  FragmentKey key;
  DropReason reason = DropReason::fragment_timeout;  // or fragment_no_memory
  AddressKind destination_kind = AddressKind::unicast;
  LinkCast link = LinkCast::unicast;
  Buffer first;  // the fragment at offset zero, header and data; empty if it never came
};

// Puts fragments together, for both families. Like RFC 815 it keeps no buffer of the final size;
// unlike it, overlapping fragments are refused, so that a datagram is complete exactly when as many
// octets are here as its last fragment says it has.
//
// Overlap, other than by an exact copy, discards the whole datagram and whatever else comes under
// the same key until the time-out would have been (RFC 5722, 4; for IPv4 see decision 0003).
class Reassembler {
 public:
  explicit Reassembler(const ReassemblyConfig& config) : config_(config) {}

  // Takes one fragment. The result: the datagram if this was the piece that was missing, nullopt if
  // the fragment was kept (or was an exact copy), or why it was dropped: fragment_malformed,
  // fragment_overlap, fragment_too_big, fragment_no_memory.
  [[nodiscard]] Result<std::optional<Reassembled>, DropReason> add(Instant now,
                                                                   const Fragment& fragment);

  // RFC 791, 3.2: a whole datagram under the same key frees what its fragments hold.
  void release(const FragmentKey& key);

  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;
  // Datagrams given up since the last call, oldest first.
  [[nodiscard]] std::optional<Abandoned> next_abandoned();
  [[nodiscard]] bool has_abandoned() const noexcept { return !abandoned_.empty(); }

  [[nodiscard]] std::size_t datagrams() const noexcept { return partials_.size(); }
  [[nodiscard]] std::size_t octets() const noexcept { return octets_; }
  [[nodiscard]] const ReassemblyConfig& config() const noexcept { return config_; }

 private:
  struct Partial {
    std::map<std::uint32_t, Buffer> pieces;  // by offset; disjoint
    std::size_t received = 0;                // octets in pieces
    std::optional<std::uint32_t> total;      // known once the last fragment is here
    Buffer first_header;
    std::uint8_t ecn_seen = 0;  // bit n: a fragment carried ECN codepoint n
    bool poisoned = false;      // overlap seen: nothing under this key is delivered any more
    std::size_t charged = 0;    // what it adds to octets_
    AddressKind destination_kind = AddressKind::unicast;
    LinkCast link = LinkCast::unicast;
    Instant expires;
    std::list<FragmentKey>::iterator age;
  };
  using Partials = std::map<FragmentKey, Partial>;

  enum class Fit : std::uint8_t { fits, copy, overlap };
  [[nodiscard]] static Fit fit(const Partial& partial, const Fragment& fragment) noexcept;
  Partials::iterator find_or_make(Instant now, const Fragment& fragment);
  [[nodiscard]] Result<std::optional<Reassembled>, DropReason> finish(Partials::iterator at);
  [[nodiscard]] bool make_room(std::size_t cost, Partials::iterator keep);
  void charge(Partial& partial, std::size_t octets) noexcept;
  void poison(Partial& partial) noexcept;
  void forget(Partials::iterator at) noexcept;
  void abandon(Partials::iterator at, DropReason reason);

  ReassemblyConfig config_;
  Partials partials_;
  std::list<FragmentKey> ages_;  // oldest first, which is also first to expire
  std::size_t octets_ = 0;
  std::deque<Abandoned> abandoned_;
};

}  // namespace packetwright::ip
