// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"
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
[[nodiscard]] std::string_view name_of(EntryState state) noexcept;

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
  Ask ask = Ask::nobody;  // send a request: by broadcast or multicast, or to the known address
  bool resolved = false;  // the address has just become known; `held` may go
  bool failed = false;    // given up and removed; `held` is undeliverable
  MacAddress mac;         // with resolved, and with Ask::neighbor
  IpAddress source;       // on whose behalf to ask
  std::vector<HeldPacket> held;
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
  // Keeps a packet while is_asking(neighbor), and drops it otherwise.
  void hold(const IpAddress& neighbor, HeldPacket packet);
  [[nodiscard]] bool is_asking(const IpAddress& neighbor) const noexcept;

  // A packet from `neighbor` said that it is at `mac`: changes an entry that exists. False if there
  // is none (the merge flag of RFC 826).
  [[nodiscard]] bool merge(Instant now, const IpAddress& neighbor, const MacAddress& mac,
                           CacheActions& actions);
  // The same, and makes an entry if there is none.
  [[nodiscard]] CacheActions learn(Instant now, const IpAddress& neighbor, const MacAddress& mac);

  void confirm(Instant now, const IpAddress& neighbor);
  // The contrary: an entry that counts as fresh is stale from now on, so that whoever uses it next
  // has the neighbour asked whether it is still there.
  void doubt(Instant now, const IpAddress& neighbor);
  [[nodiscard]] CacheActions add_static(const IpAddress& neighbor, const MacAddress& mac);
  void remove(const IpAddress& neighbor);
  void flush();

  // The neighbour whose time came first, and what to do about it; nullopt: no more at `now`.
  [[nodiscard]] std::optional<std::pair<IpAddress, CacheActions>> on_deadline(Instant now);
  [[nodiscard]] std::optional<Instant> next_deadline() const noexcept;

  // For listings and tests. A reachable entry that aged shows as stale.
  struct Entry {
    IpAddress neighbor;
    EntryState state = EntryState::incomplete;
    MacAddress mac;
  };
  [[nodiscard]] std::optional<Entry> find(Instant now, const IpAddress& neighbor) const;
  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }

 private:
  struct Slot {
    EntryState state = EntryState::incomplete;
    MacAddress mac;
    IpAddress source;                 // of the packet that last used it
    Instant heard;                    // reachable: fresh until heard + reachable_time
    std::uint8_t solicits = 0;        // sent in this round
    bool used = false;                // a packet was sent by it; else it was only learnt
    std::optional<Instant> deadline;  // what deadlines_ holds for it
    std::deque<HeldPacket> held;
    std::list<IpAddress>::iterator age;
  };
  using Slots = std::map<IpAddress, Slot>;

  [[nodiscard]] EntryState state_at(Instant now, const Slot& slot) const noexcept;
  void become_reachable(Instant now, Slots::iterator at, const MacAddress& mac,
                        CacheActions& actions);
  static void release_held(Slots::iterator at, CacheActions& actions);
  void set_deadline(Slots::iterator at, std::optional<Instant> when);
  void make_room();
  Slots::iterator insert(const IpAddress& neighbor, EntryState state, bool used);
  void change(Slots::iterator at, EntryState state, bool used);
  void erase(Slots::iterator at);
  [[nodiscard]] std::list<IpAddress>& ages_of(EntryState state, bool used) noexcept;

  CacheConfig config_;
  Slots slots_;
  std::set<std::pair<Instant, IpAddress>> deadlines_;
  // Every slot is in one of them, least recently touched first. When room is needed those that were
  // only learnt go first: a flood of requests cannot push out the neighbours we talk to.
  std::list<IpAddress> learnt_, used_, unresolved_, permanent_;
};

}  // namespace packetwright::neighbor
