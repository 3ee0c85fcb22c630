// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/neighbors.hh"

#include <algorithm>
#include <utility>

namespace packetwright::neighbor {
namespace {

constexpr IpAddress kUnspecified4;
constexpr MacAddress kNoMac;

}  // namespace

Neighbors::Neighbors(const Config& config, Rng rng)
    : config_(config),
      rng_(rng),
      ndp_rng_(rng.fork("ndp")),
      arp_cache_(config.cache),
      ndp_cache_(config.cache) {
  set_base_reachable_time(Instant{}, config.reachable_time);
  set_retrans_timer(config.retrans_timer);
}

// --- own addresses

void Neighbors::add_address(Instant now, const IpAddress& address) {
  if (find(address) != nullptr) return;
  if (address.is_v6()) {
    //= RFC4862-5.4-a
    //= RFC4862-5.4-c
    addresses_.push_back({address, std::nullopt, DuplicateDetection{config_.detection}});
    act(address, addresses_.back().detection->start(now, ndp_rng_));
    return;
  }
  //= RFC5227-2.1-a
  addresses_.push_back({address, AddressClaim{claim_config(address)}, std::nullopt});
  act(address, addresses_.back().claim->start(now, rng_, conflict_rate_), kNoMac);
}

void Neighbors::remove_address(const IpAddress& address) {
  std::erase_if(addresses_, [&](const Address& known) { return known.address == address; });
}

// RFC 3927, 2.5: two hosts that both insist on a link-local address would never come to an end, and
// another address is as good.
ClaimConfig Neighbors::claim_config(const IpAddress& address) const noexcept {
  ClaimConfig claim = config_.claim;
  if (address.is_link_local() && claim.policy == DefendPolicy::defend) {
    claim.policy = DefendPolicy::defend_once;
  }
  return claim;
}

void Neighbors::claim_anew(Instant now) {
  flush();
  for (Address& ours : addresses_) {
    if (ours.claim && ours.claim->state() != ClaimState::conflict) {
      ours.claim.emplace(claim_config(ours.address));
      act(ours.address, ours.claim->start(now, rng_, conflict_rate_), kNoMac);
    }
    if (ours.detection && ours.detection->state() != DetectionState::duplicate) {
      ours.detection.emplace(config_.detection);
      act(ours.address, ours.detection->start(now, ndp_rng_));
    }
  }
}

bool Neighbors::owns(const IpAddress& address) const noexcept {
  const Address* known = find(address);
  return known != nullptr && is_owned(*known);
}

// Ours, or it may become so: not given up.
bool Neighbors::claims(const IpAddress& address) const noexcept {
  const Address* known = find(address);
  return known != nullptr && !(known->claim && known->claim->state() == ClaimState::conflict);
}

// --- resolution

Result<MacAddress, Unresolved> Neighbors::resolve(Instant now, const IpAddress& neighbor,
                                                  const IpAddress& source) {
  IpAddress asker = source;
  if (neighbor.is_v6()) draw_reachable_time(now);
  if (!owns(source) || source.family() != neighbor.family()) {
    const Address* other = first_owned(neighbor.family());
    // Nobody can be asked, but who is known already need not be.
    if (other == nullptr) return known_mac(now, neighbor);
    asker = other->address;
  }
  if (const MacAddress* known = cache_of(neighbor.family()).use_fresh(now, neighbor)) {
    return *known;
  }
  Cache::Lookup lookup = cache_of(neighbor.family()).use(now, neighbor, asker);
  act(neighbor, std::move(lookup.actions));
  if (lookup.mac) return *lookup.mac;
  return Err{lookup.why};
}

Result<MacAddress, Unresolved> Neighbors::known_mac(Instant now, const IpAddress& neighbor) const {
  const std::optional<Cache::Entry> entry = cache(neighbor.family()).find(now, neighbor);
  if (!entry || entry->state == EntryState::incomplete) return Err{Unresolved::no_address};
  return entry->mac;
}

void Neighbors::hold(const IpAddress& neighbor, wire::EtherType ether_type, Buffer packet) {
  if (Cache& neighbors = cache_of(neighbor.family()); neighbors.is_asking(neighbor)) {
    neighbors.hold(neighbor, {ether_type, std::move(packet)});
    return;
  }
  Event event{EventKind::undeliverable, neighbor, {}, {}};
  event.held.push_back(std::move(packet));
  events_.push_back(std::move(event));
}

void Neighbors::confirm(Instant now, const IpAddress& neighbor) {
  cache_of(neighbor.family()).confirm(now, neighbor);
}

void Neighbors::doubt(Instant now, const IpAddress& neighbor) {
  cache_of(neighbor.family()).doubt(now, neighbor);
}

void Neighbors::add_static(const IpAddress& neighbor, const MacAddress& mac) {
  act(neighbor, cache_of(neighbor.family()).add_static(neighbor, mac));
}

void Neighbors::remove(const IpAddress& neighbor) {
  cache_of(neighbor.family()).remove(neighbor);
}

void Neighbors::flush() {
  arp_cache_.flush();
  ndp_cache_.flush();
}

// --- the wire

// RFC 826, Packet Reception, in its order. RFC 5227 acts before the table is touched.
std::optional<DropReason> Neighbors::on_arp(Instant now, Bytes packet) {
  // ?Do I have the hardware type in ar$hrd? ?Do I speak the protocol in ar$pro?
  //= RFC826-rcv-a
  //= RFC826-rcv-b
  const auto parsed = wire::ArpView::parse(packet);
  if (!parsed || !parsed->is_ethernet_ipv4()) return DropReason::arp_malformed;
  const wire::ArpView& arp = *parsed;
  const MacAddress sender_mac = arp.sender_mac();
  const IpAddress sender = arp.sender_ip();
  const IpAddress target = arp.target_ip();

  on_possible_conflict(now, arp);
  // Our own packet, sent back by a hub, tells nothing. A group address can be nobody's, and would
  // turn what we send to one host into a broadcast.
  if (sender_mac == config_.mac || sender_mac == kNoMac || sender_mac.is_group()) {
    return DropReason::arp_bad_sender;
  }
  // A sender of zeros is an ARP Probe: it is answered but not entered (RFC 5227, 1.1).
  const bool is_probe = sender.is_unspecified();
  const bool is_host = sender.octets()[0] != 0 && sender.octets()[0] < 224 && !sender.is_loopback();
  if (!is_probe && (!is_host || claims(sender))) return DropReason::arp_bad_sender;

  // Merge_flag: what is known already is updated, whoever was asked.
  //= RFC826-rcv-c
  CacheActions actions;
  const bool merged = !is_probe && arp_cache_.merge(now, sender, sender_mac, actions);

  // ?Am I the target protocol address?
  //= RFC826-rcv-d
  //= RFC826-rcv-g
  if (!owns(target)) {
    act(sender, std::move(actions));
    if (merged) return std::nullopt;
    return DropReason::arp_not_for_us;
  }
  //= RFC826-rcv-e
  if (!merged && !is_probe) actions = arp_cache_.learn(now, sender, sender_mac);

  // ?Is the opcode ares_op$REQUEST? Only now is it looked at. The reply goes out before packets
  // that were waiting for the sender.
  //= RFC826-rcv-f
  //= RFC5227-2.5-a
  //= RFC5227-2.6-a
  if (arp.operation() == wire::ArpOperation::request) {
    send_arp(sender_mac, wire::ArpOperation::reply, target, sender_mac, sender);
  }
  act(sender, std::move(actions));
  return std::nullopt;
}

void Neighbors::on_possible_conflict(Instant now, const wire::ArpView& arp) {
  const bool from_us = arp.sender_mac() == config_.mac;
  // Requests and replies alike say who uses the sender address.
  if (Address* claimed = find(arp.sender_ip()); claimed != nullptr && claimed->claim) {
    // While probing nobody has any business with the address, not even an echo of ours: we have
    // not sent a packet with it yet.
    if (!from_us || claimed->claim->state() == ClaimState::probing) {
      act(claimed->address, claimed->claim->on_conflict(now, conflict_rate_), arp.sender_mac());
    }
    return;
  }
  //= RFC5227-2.1.1-c
  const bool is_probe =
      arp.operation() == wire::ArpOperation::request && arp.sender_ip().is_unspecified();
  if (!is_probe || from_us) return;
  if (Address* wanted = find(arp.target_ip());
      wanted != nullptr && wanted->claim && wanted->claim->state() == ClaimState::probing) {
    act(wanted->address, wanted->claim->on_conflict(now, conflict_rate_), arp.sender_mac());
  }
}

void Neighbors::on_deadline(Instant now) {
  for (Address& address : addresses_) {
    if (address.claim) act(address.address, address.claim->on_deadline(now, rng_), kNoMac);
    if (address.detection) {
      act(address.address,
          address.detection->on_deadline(now, ndp_cache_.config().retransmit_interval));
    }
  }
  for (Cache* cache : {&arp_cache_, &ndp_cache_}) {
    while (auto due = cache->on_deadline(now)) act(due->first, std::move(due->second));
  }
}

Deadline Neighbors::next_deadline() const noexcept {
  Deadline first = arp_cache_.next_deadline();
  first.consider(ndp_cache_.next_deadline());
  for (const Address& address : addresses_) {
    if (address.claim) first.consider(address.claim->next_deadline());
    if (address.detection) first.consider(address.detection->next_deadline());
  }
  return first;
}

std::optional<Outgoing> Neighbors::next_outgoing() {
  if (outgoing_.empty()) return std::nullopt;
  Outgoing next = std::move(outgoing_.front());
  outgoing_.pop_front();
  return next;
}

std::optional<Event> Neighbors::next_event() {
  if (events_.empty()) return std::nullopt;
  Event next = std::move(events_.front());
  events_.pop_front();
  return next;
}

// --- what the parts want done

void Neighbors::act(const IpAddress& address, const ClaimActions& actions,
                    const MacAddress& other) {
  const MacAddress everyone = MacAddress::broadcast();
  if (actions.send_probe) {
    //= RFC5227-1.1-a
    send_arp(everyone, wire::ArpOperation::request, kUnspecified4, kNoMac, address);
  }
  if (actions.send_announcement) {
    send_arp(everyone, wire::ArpOperation::request, address, kNoMac, address);
  }
  if (actions.ready) events_.push_back({EventKind::address_ready, address, other, {}});
  if (actions.conflict) events_.push_back({EventKind::address_conflict, address, other, {}});
  if (actions.lost) events_.push_back({EventKind::address_lost, address, other, {}});
  if (actions.disputed) events_.push_back({EventKind::conflict_defended, address, other, {}});
}

void Neighbors::act(const IpAddress& neighbor, CacheActions actions) {
  // The address that first asked may be ours no longer.
  if (actions.ask != CacheActions::Ask::nobody && !owns(actions.source)) {
    const Address* other = first_owned(neighbor.family());
    if (other == nullptr) {
      actions.ask = CacheActions::Ask::nobody;
    } else {
      actions.source = other->address;
    }
  }
  if (neighbor.is_v6()) send_solicitation(actions, neighbor);
  switch (actions.ask) {
    case CacheActions::Ask::nobody: break;
    case CacheActions::Ask::everyone:
      //= RFC826-gen-a
      if (neighbor.is_v4()) {
        send_arp(MacAddress::broadcast(), wire::ArpOperation::request, actions.source, kNoMac,
                 neighbor);
      }
      break;
    case CacheActions::Ask::neighbor:
      // RFC 1122, 2.3.2.1 (2): a poll goes to one host and disturbs nobody else.
      if (neighbor.is_v4()) {
        send_arp(actions.mac, wire::ArpOperation::request, actions.source, kNoMac, neighbor);
      }
      break;
  }
  if (actions.resolved) {
    events_.push_back({EventKind::reachable, neighbor, actions.mac, {}});
    for (HeldPacket& packet : actions.held) {
      outgoing_.push_back({actions.mac, packet.ether_type, std::move(packet.octets)});
    }
  }
  if (actions.lost_router) events_.push_back({EventKind::no_longer_router, neighbor, {}, {}});
  if (actions.failed) {
    Event event{EventKind::unreachable, neighbor, {}, {}};
    for (HeldPacket& packet : actions.held) event.held.push_back(std::move(packet.octets));
    events_.push_back(std::move(event));
  }
}

void Neighbors::send_arp(const MacAddress& to, wire::ArpOperation operation,
                         const IpAddress& sender, const MacAddress& target_mac,
                         const IpAddress& target) {
  //= RFC826-fmt-a
  wire::ArpFields arp;
  arp.operation = operation;
  arp.sender_mac = config_.mac;
  arp.sender_ip = sender;
  arp.target_mac = target_mac;
  arp.target_ip = target;
  // RFC 3927, 2.5: everybody hears who has a link-local address, so that a second one is noticed.
  const MacAddress& heard_by = sender.is_link_local() ? MacAddress::broadcast() : to;
  Outgoing frame{heard_by, wire::EtherType::arp, Buffer(arp.encoded_size())};
  arp.emit(frame.octets);
  outgoing_.push_back(std::move(frame));
}

const Neighbors::Address* Neighbors::find(const IpAddress& address) const noexcept {
  for (const Address& known : addresses_) {
    if (known.address == address) return &known;
  }
  return nullptr;
}

Neighbors::Address* Neighbors::find(const IpAddress& address) noexcept {
  return const_cast<Address*>(std::as_const(*this).find(address));
}

const Neighbors::Address* Neighbors::first_owned(Family family) const noexcept {
  for (const Address& known : addresses_) {
    if (known.address.family() == family && is_owned(known)) return &known;
  }
  return nullptr;
}

bool Neighbors::is_owned(const Address& address) noexcept {
  if (address.detection) return address.detection->state() == DetectionState::assigned;
  return address.claim && address.claim->state() == ClaimState::owned;
}

}  // namespace packetwright::neighbor
