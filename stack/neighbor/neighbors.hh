// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/neighbor/address_claim.hh"
#include "stack/neighbor/cache.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::neighbor {

struct Config {
  MacAddress mac;  // ours
  CacheConfig cache;
  ClaimConfig claim;
};

// One frame to send, without its Ethernet header: an ARP packet, or a packet that was held.
struct Outgoing {
  MacAddress to;
  wire::EtherType ether_type = wire::EtherType::ipv4;
  Buffer octets;
};

enum class EventKind : std::uint8_t {
  address_ready,      // probing found nobody else: `address` may be used from now on
  address_conflict,   // probing found somebody else: it must not be used
  address_lost,       // in use until now, given up after a conflict (RFC 5227, 2.4)
  conflict_defended,  // somebody else uses `address`; it was defended, or will be
  unreachable,        // nobody answered for `address`
  undeliverable,      // a packet for `address` could not be held: nobody was being asked
  reachable,          // `address` was resolved; tells Routes that a gateway lives
};

struct Event {
  EventKind kind = EventKind::unreachable;
  IpAddress address;
  MacAddress other;          // of the other user, for the conflicts
  std::vector<Buffer> held;  // unreachable, undeliverable: the packets, oldest first
};

// Who has which link-layer address on this link, and that nobody else has ours. Both families share
// the cache; ARP (RFC 826, RFC 5227) speaks for IPv4, and NDP will beside it for IPv6.
class Neighbors {
 public:
  // One Rng for the random waits of RFC 5227.
  Neighbors(const Config& config, Rng rng);

  // --- own addresses
  // Starts to claim an address: probes for it unless ClaimConfig::probe is off, then announces it.
  // IPv6 addresses are ready at once. An event tells when it is.
  void add_address(Instant now, const IpAddress& address);
  void remove_address(const IpAddress& address);
  // Ready and not lost.
  [[nodiscard]] bool owns(const IpAddress& address) const noexcept;

  // --- resolution
  // The link-layer address of a neighbour, or why it is not known yet. While it is being asked for
  // the caller may hold() the packet. `source`: our address, on whose behalf to ask; if it is not
  // one that may be used, another of ours stands in; without any, only neighbours that are known.
  [[nodiscard]] Result<MacAddress, Unresolved> resolve(Instant now, const IpAddress& neighbor,
                                                       const IpAddress& source);
  // Keeps a packet until the neighbour is resolved (it then comes out of next_outgoing) or found
  // unreachable (an event). Beyond CacheConfig::max_held_packets the oldest goes. If resolve() had
  // another reason than Unresolved::asking, the event undeliverable hands it back.
  void hold(const IpAddress& neighbor, wire::EtherType ether_type, Buffer packet);
  // Transport made progress with this neighbour (RFC 1122, 2.3.2.1 (4); RFC 4861, 7.3.1).
  void confirm(Instant now, const IpAddress& neighbor);
  // Transport gets nothing through by way of this neighbour (RFC 1122, 2.3.2.1 (4) and 3.3.1.4): it
  // is asked whether it is still there.
  void doubt(Instant now, const IpAddress& neighbor);
  // A permanent entry: never asked for, aged or overwritten.
  void add_static(const IpAddress& neighbor, const MacAddress& mac);
  // Forgets one entry, and everything that is not permanent.
  void remove(const IpAddress& neighbor);
  void flush();

  // --- the wire
  // An ARP packet, that is, what follows the Ethernet header of a frame of type 0x0806; padding may
  // follow. Says why it had no effect, if it had none.
  std::optional<DropReason> on_arp(Instant now, Bytes packet);
  void on_deadline(Instant now);
  [[nodiscard]] std::optional<Instant> next_deadline() const noexcept;

  // Drain both after every call above.
  [[nodiscard]] std::optional<Outgoing> next_outgoing();
  [[nodiscard]] std::optional<Event> next_event();

  [[nodiscard]] const Cache& cache() const noexcept { return cache_; }

 private:
  struct Address {
    IpAddress address;
    std::optional<AddressClaim> claim;  // IPv4 only
  };
  [[nodiscard]] const Address* find(const IpAddress& address) const noexcept;
  [[nodiscard]] Address* find(const IpAddress& address) noexcept;
  [[nodiscard]] bool claims(const IpAddress& address) const noexcept;
  [[nodiscard]] const Address* first_owned(Family family) const noexcept;
  [[nodiscard]] static bool is_owned(const Address& address) noexcept;
  [[nodiscard]] Result<MacAddress, Unresolved> known_mac(Instant now,
                                                         const IpAddress& neighbor) const;

  void on_possible_conflict(Instant now, const wire::ArpView& arp);
  void act(const IpAddress& address, const ClaimActions& actions, const MacAddress& other);
  void act(const IpAddress& neighbor, CacheActions actions);
  void send_arp(const MacAddress& to, wire::ArpOperation operation, const IpAddress& sender,
                const MacAddress& target_mac, const IpAddress& target);

  Config config_;
  Rng rng_;
  Cache cache_;
  std::vector<Address> addresses_;
  ConflictRate conflict_rate_;
  std::deque<Outgoing> outgoing_;
  std::deque<Event> events_;
};

}  // namespace packetwright::neighbor
