// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::neighbor {

// The states of RFC 4861, 7.3.2, which serve ARP just as well.
enum class EntryState : std::uint8_t {
  incomplete,  // asked for by broadcast or multicast; no answer yet
  reachable,   // heard from recently
  stale,       // known, but nothing heard for a while; nobody asks until it is used
  delay,       // used while stale; transport may still confirm it
  probe,       // being asked directly whether it is still there
  permanent,   // configured
};
// Why there is no link-layer address to give.
enum class Unresolved : std::uint8_t {
  asking,      // a request is out
  table_full,  // too many are being asked for already; the caller may treat it as unreachable
  no_address,  // nobody can be asked while no address of ours is ready
};

struct CacheConfig {
  // How long an entry counts as fresh after the neighbour was last heard: the order of a minute
  // that RFC 1122, 2.3.2.1 names.
  Duration reachable_time = 60s;
  // RFC 4861, 10: DELAY_FIRST_PROBE_TIME. Time for transport to confirm before a poll goes out.
  Duration delay_first_probe = 5s;
  // Between two requests for one neighbour. RFC 1122, 2.3.2.1 recommends at most one per second.
  Duration retransmit_interval = 1s;
  std::uint8_t max_multicast_solicits = 3;  // requests to all before giving up
  std::uint8_t max_unicast_solicits = 3;    // polls before an entry is dropped
  std::size_t max_entries = 1024;           // resolved
  std::size_t max_unresolved = 256;         // being resolved at a time
  std::size_t max_held_packets = 3;         // per unresolved neighbour; at least 1, the latest
};

struct HeldPacket {
  wire::EtherType ether_type = wire::EtherType::ipv4;
  Buffer octets;
};

// What a call of the cache wants done, for one neighbour.
struct CacheActions {
  enum class Ask : std::uint8_t { nobody, everyone, neighbor };
  Ask ask = Ask::nobody;     // send a request: by broadcast or multicast, or to the known address
  bool resolved = false;     // the address has just become known; `held` may go
  bool failed = false;       // given up and removed; `held` is undeliverable
  bool lost_router = false;  // it said that it is no router any more (RFC 4861, 7.2.5)
  MacAddress mac;            // with resolved, and with Ask::neighbor
  IpAddress source;          // on whose behalf to ask
  std::vector<HeldPacket> held;
};

// What a Neighbor Advertisement says of its target (RFC 4861, 4.4).
struct Advertised {
  std::optional<MacAddress> mac;
  bool solicited = false;
  bool override_address = false;
  bool router = false;
};

// The table of neighbours, bounded, without a protocol of its own: it says what to ask and is told
// what was heard. Operations take logarithmic time.
class Cache {
 public:
  explicit Cache(const CacheConfig& config);

  struct Lookup {
    std::optional<MacAddress> mac;  // nullopt: `why`
    Unresolved why = Unresolved::asking;
    CacheActions actions;
  };
  // For a packet that is about to be sent to `neighbor`.
  [[nodiscard]] Lookup use(Instant now, const IpAddress& neighbor, const IpAddress& source);
  // The common case of use(), without more: the address of a neighbour that is known and about
  // which nothing is to be done; nullptr: use() it.
  [[nodiscard]] const MacAddress* use_fresh(Instant now, const IpAddress& neighbor);
  // Until when use_fresh() will say the same as now, unless version() becomes another one before
  // that; nullopt: not even now.
  [[nodiscard]] std::optional<Instant> fresh_until(Instant now, const IpAddress& neighbor) const;
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  // Keeps a packet while is_asking(neighbor), and drops it otherwise.
  void hold(const IpAddress& neighbor, HeldPacket packet);
  [[nodiscard]] bool is_asking(const IpAddress& neighbor) const noexcept;

  // A packet from `neighbor` said that it is at `mac`: changes an entry that exists. False if there
  // is none (the merge flag of RFC 826).
  [[nodiscard]] bool merge(Instant now, const IpAddress& neighbor, const MacAddress& mac,
                           CacheActions& actions);
  // The same, and makes an entry if there is none.
  [[nodiscard]] CacheActions learn(Instant now, const IpAddress& neighbor, const MacAddress& mac);

  // Neighbor Discovery tells apart what ARP does not. A message that answers no question of ours
  // says where its sender is: that makes a stale entry, or changes one that said something else
  // (RFC 4861, 6.3.4, 7.2.3 and 8.3).
  [[nodiscard]] CacheActions mention(Instant now, const IpAddress& neighbor, const MacAddress& mac);
  // RFC 4861, 7.2.5. False: there is no entry, and nothing changed.
  [[nodiscard]] bool on_advertisement(Instant now, const IpAddress& neighbor,
                                      const Advertised& said, CacheActions& actions);
  // Whether it is known as a router. Without an entry nothing is noted.
  void set_router(const IpAddress& neighbor, bool router);
  [[nodiscard]] bool is_router(const IpAddress& neighbor) const noexcept;

  // Transport made progress.
  void confirm(Instant now, const IpAddress& neighbor);
  // True while a confirmation would spare a question: an entry is in delay or in probe.
  [[nodiscard]] bool wants_confirmation() const noexcept { return doubted_ > 0; }
  // The contrary: an entry that counts as fresh is stale from now on, so that whoever uses it next
  // has the neighbour asked whether it is still there.
  void doubt(Instant now, const IpAddress& neighbor);
  [[nodiscard]] CacheActions add_static(const IpAddress& neighbor, const MacAddress& mac);
  void remove(const IpAddress& neighbor);
  void flush();

  // From now on; RFC 4861, 6.3.4 lets routers say both.
  void set_reachable_time(Duration time) noexcept {
    config_.reachable_time = time;
    ++version_;
  }
  void set_retransmit_interval(Duration interval) noexcept {
    config_.retransmit_interval = interval;
  }
  [[nodiscard]] const CacheConfig& config() const noexcept { return config_; }

  // The neighbour whose time came first, and what to do about it; nullopt: no more at `now`.
  [[nodiscard]] std::optional<std::pair<IpAddress, CacheActions>> on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;

  // For listings and tests. A reachable entry that aged shows as stale.
  struct Entry {
    IpAddress neighbor;
    EntryState state = EntryState::incomplete;
    MacAddress mac;
  };
  [[nodiscard]] std::optional<Entry> find(Instant now, const IpAddress& neighbor) const;
  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }
  // Octets of memory, packets that are held included.
  [[nodiscard]] std::size_t memory() const noexcept;

 private:
  struct Slot {
    EntryState state = EntryState::incomplete;
    MacAddress mac;
    IpAddress source;                 // of the packet that last used it
    Instant heard;                    // reachable: fresh until heard + reachable_time
    std::uint8_t solicits = 0;        // sent in this round
    bool used = false;                // a packet was sent by it; else it was only learnt
    bool router = false;              // IsRouter of RFC 4861, 5.1
    std::optional<Instant> deadline;  // what deadlines_ holds for it
    std::deque<HeldPacket> held;
    std::list<IpAddress>::iterator age;
  };
  using Slots = std::map<IpAddress, Slot>;

  [[nodiscard]] EntryState state_at(Instant now, const Slot& slot) const noexcept;
  void become_reachable(Instant now, Slots::iterator at, const MacAddress& mac,
                        CacheActions& actions);
  void become_stale(Slots::iterator at, const MacAddress& mac, CacheActions& actions);
  static void release_held(Slots::iterator at, CacheActions& actions);
  void set_deadline(Slots::iterator at, std::optional<Instant> when);
  void make_room();
  Slots::iterator insert(const IpAddress& neighbor, EntryState state, bool used);
  void change(Slots::iterator at, EntryState state, bool used);
  void erase(Slots::iterator at);
  [[nodiscard]] std::list<IpAddress>& ages_of(EntryState state, bool used) noexcept;

  CacheConfig config_;
  Slots slots_;
  std::uint64_t version_ = 0;
  std::optional<Slots::iterator> last_used_;  // what use_fresh() found last
  std::size_t doubted_ = 0;                   // entries in delay or in probe
  std::set<std::pair<Instant, IpAddress>> deadlines_;
  // Every slot is in one of them, least recently touched first. When room is needed those that were
  // only learnt go first: a flood of requests cannot push out the neighbours we talk to.
  std::list<IpAddress> learnt_, used_, unresolved_, permanent_;
};

}  // namespace packetwright::neighbor
