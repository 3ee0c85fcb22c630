// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/neighbor/address_claim.hh"
#include "stack/neighbor/cache.hh"
#include "stack/neighbor/duplicate_detection.hh"
#include "stack/neighbor/ndp_checks.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/icmpv6.hh"

namespace packetwright::neighbor {

struct Config {
  MacAddress mac;             // ours
  CacheConfig cache;          // the bounds are those of each family
  ClaimConfig claim;          // of IPv4 addresses
  DetectionConfig detection;  // of IPv6 addresses
  // RFC 4861, 10: until a router says otherwise. They take the place of those in `cache` for IPv6.
  Duration reachable_time = 30s;
  Duration retrans_timer = 1s;
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
  no_longer_router,   // `address` said that it forwards nothing any more (RFC 4861, 7.2.5)
};

struct Event {
  EventKind kind = EventKind::unreachable;
  IpAddress address;
  MacAddress other;          // of the other user, for the conflicts
  std::vector<Buffer> held;  // unreachable, undeliverable: the packets, oldest first
};

// Who has which link-layer address on this link, and that nobody else has ours. Each family has a
// cache; ARP (RFC 826, RFC 5227) speaks for IPv4, and Neighbor Discovery (RFC 4861) for IPv6.
class Neighbors {
 public:
  // One Rng for the random waits of RFC 5227 and RFC 4862, and for nonces.
  Neighbors(const Config& config, Rng rng);

  // --- own addresses
  // Starts to claim an address: probes for it unless ClaimConfig::probe is off, then announces it.
  // Of an IPv6 address duplicates are looked for (RFC 4862, 5.4). An event tells when it is ready.
  void add_address(Instant now, const IpAddress& address);
  void remove_address(const IpAddress& address);
  // The link is another one, or may be: all of our addresses that were not given up are claimed as
  // at first, and no neighbour is known any more that is not permanent.
  void claim_anew(Instant now);
  // Ready and not lost.
  [[nodiscard]] bool owns(const IpAddress& address) const noexcept;

  // --- resolution
  // The link-layer address of a neighbour, or why it is not known yet. While it is being asked for
  // the caller may hold() the packet. `source`: our address, on whose behalf to ask; if it is not
  // one that may be used, another of ours stands in; without any, only neighbours that are known.
  [[nodiscard]] Result<MacAddress, Unresolved> resolve(Instant now, const IpAddress& neighbor,
                                                       const IpAddress& source);
  // Until when resolve() will say the same as now, unless version() becomes another one before
  // that; nullopt: not even now.
  [[nodiscard]] std::optional<Instant> fresh_until(Instant now, const IpAddress& neighbor) const {
    return cache(neighbor.family()).fresh_until(now, neighbor);
  }
  [[nodiscard]] std::uint64_t version() const noexcept {
    return arp_cache_.version() + ndp_cache_.version();
  }
  // Keeps a packet until the neighbour is resolved (it then comes out of next_outgoing) or found
  // unreachable (an event). Beyond CacheConfig::max_held_packets the oldest goes. If resolve() had
  // another reason than Unresolved::asking, the event undeliverable hands it back.
  void hold(const IpAddress& neighbor, wire::EtherType ether_type, Buffer packet);
  // Transport made progress with this neighbour (RFC 1122, 2.3.2.1 (4); RFC 4861, 7.3.1).
  void confirm(Instant now, const IpAddress& neighbor);
  // False: confirm() would change nothing that matters.
  [[nodiscard]] bool wants_confirmation() const noexcept {
    return arp_cache_.wants_confirmation() || ndp_cache_.wants_confirmation();
  }
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
  // Neighbor Solicitations and Advertisements: a whole ICMPv6 message, whose checksum was right.
  std::optional<DropReason> on_solicitation(Instant now, const NdpArrival& arrival, Bytes message);
  std::optional<DropReason> on_advertisement(Instant now, const NdpArrival& arrival, Bytes message);
  // Another message of Neighbor Discovery says where `neighbor` is (RFC 4861, 6.3.4 and 8.3), and
  // whether it is a router; nullopt: it does not say that. ndp_bad_link_address: nobody can be
  // there.
  std::optional<DropReason> mention(Instant now, const IpAddress& neighbor, const MacAddress& mac,
                                    std::optional<bool> router);
  // Asks all routers to speak up (RFC 4861, 6.3.7).
  void solicit_routers();
  // RFC 4861, 6.3.4. The real reachable time is drawn anew.
  void set_base_reachable_time(Instant now, Duration base);
  void set_retrans_timer(Duration timer);
  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;

  // Drain both after every call above.
  [[nodiscard]] std::optional<Outgoing> next_outgoing();
  [[nodiscard]] std::optional<Event> next_event();

  [[nodiscard]] const Cache& cache(Family family) const noexcept {
    return family == Family::ipv4 ? arp_cache_ : ndp_cache_;
  }

 private:
  struct Address {
    IpAddress address;
    std::optional<AddressClaim> claim;            // IPv4 only
    std::optional<DuplicateDetection> detection;  // IPv6 only
  };
  [[nodiscard]] const Address* find(const IpAddress& address) const noexcept;
  [[nodiscard]] Address* find(const IpAddress& address) noexcept;
  [[nodiscard]] bool claims(const IpAddress& address) const noexcept;
  [[nodiscard]] const Address* first_owned(Family family) const noexcept;
  [[nodiscard]] static bool is_owned(const Address& address) noexcept;
  [[nodiscard]] Result<MacAddress, Unresolved> known_mac(Instant now,
                                                         const IpAddress& neighbor) const;

  [[nodiscard]] ClaimConfig claim_config(const IpAddress& address) const noexcept;
  void on_possible_conflict(Instant now, const wire::ArpView& arp);
  void act(const IpAddress& address, const ClaimActions& actions, const MacAddress& other);
  void act(const IpAddress& neighbor, CacheActions actions);
  [[nodiscard]] Cache& cache_of(Family family) noexcept {
    return family == Family::ipv4 ? arp_cache_ : ndp_cache_;
  }

  // neighbors_ndp.cc
  void act(const IpAddress& address, const DetectionActions& actions);
  void draw_reachable_time(Instant now);
  void on_duplicate(const IpAddress& address);
  void answer_solicitation(Instant now, const NdpArrival& arrival, const IpAddress& target);
  void send_solicitation(const CacheActions& actions, const IpAddress& target);
  [[nodiscard]] static Buffer ndp_packet(const IpAddress& source, const IpAddress& destination,
                                         MutableBytes message);
  void send_ndp(const MacAddress& to, const IpAddress& source, const IpAddress& destination,
                MutableBytes message);

  void send_arp(const MacAddress& to, wire::ArpOperation operation, const IpAddress& sender,
                const MacAddress& target_mac, const IpAddress& target);

  Config config_;
  Rng rng_;
  Rng ndp_rng_;
  Cache arp_cache_;
  Cache ndp_cache_;
  Instant reachable_time_drawn_;
  std::vector<Address> addresses_;
  ConflictRate conflict_rate_;
  std::deque<Outgoing> outgoing_;
  std::deque<Event> events_;
};

}  // namespace packetwright::neighbor
