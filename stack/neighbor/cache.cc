// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/cache.hh"

#include <algorithm>
#include <iterator>

namespace packetwright::neighbor {
namespace {

bool is_doubted(EntryState state) noexcept {
  return state == EntryState::delay || state == EntryState::probe;
}

}  // namespace

Cache::Cache(const CacheConfig& config) : config_(config) {
  // Bounds of zero would make the table useless and its loops endless.
  config_.max_entries = std::max<std::size_t>(config_.max_entries, 1);
  config_.max_unresolved = std::max<std::size_t>(config_.max_unresolved, 1);
  config_.max_held_packets = std::max<std::size_t>(config_.max_held_packets, 1);
}

Cache::Lookup Cache::use(Instant now, const IpAddress& neighbor, const IpAddress& source) {
  Lookup lookup;
  auto at = slots_.find(neighbor);
  if (at == slots_.end()) {
    // A request that is out is never forgotten to make room for another: asking again soon would
    // break the limit on requests for one neighbour.
    if (unresolved_.size() >= config_.max_unresolved) {
      lookup.why = Unresolved::table_full;
      return lookup;
    }
    at = insert(neighbor, EntryState::incomplete, true);
    at->second.source = source;
    at->second.solicits = 1;
    set_deadline(at, now + config_.retransmit_interval);
    lookup.actions.ask = CacheActions::Ask::everyone;
    lookup.actions.source = source;
    return lookup;
  }

  Slot& slot = at->second;
  switch (state_at(now, slot)) {
    case EntryState::incomplete:
      // The request of its round is out already.
      //= RFC1122-2.3.2.1-c
      return lookup;
    case EntryState::stale:
      // Send by it, and give transport a little time to confirm it before asking.
      slot.source = source;
      change(at, EntryState::delay, true);
      set_deadline(at, now + config_.delay_first_probe);
      break;
    case EntryState::reachable: change(at, EntryState::reachable, true); break;
    case EntryState::delay:
    case EntryState::probe: change(at, slot.state, true); break;
    case EntryState::permanent: break;
  }
  lookup.mac = slot.mac;
  return lookup;
}

const MacAddress* Cache::use_fresh(Instant now, const IpAddress& neighbor) {
  if (!last_used_ || (*last_used_)->first != neighbor) {
    const auto found = slots_.find(neighbor);
    if (found == slots_.end()) return nullptr;
    last_used_ = found;
  }
  Slot& slot = (*last_used_)->second;
  const EntryState state = state_at(now, slot);
  if (state == EntryState::reachable) {
    change(*last_used_, state, true);
  } else if (state != EntryState::permanent) {
    return nullptr;
  }
  return &slot.mac;
}

std::optional<Instant> Cache::fresh_until(Instant now, const IpAddress& neighbor) const {
  const auto at = slots_.find(neighbor);
  if (at == slots_.end()) return std::nullopt;
  switch (state_at(now, at->second)) {
    case EntryState::permanent: return Instant::max();
    case EntryState::reachable: return at->second.heard + config_.reachable_time;
    case EntryState::incomplete:
    case EntryState::stale:
    case EntryState::delay:
    case EntryState::probe: break;
  }
  return std::nullopt;
}

void Cache::hold(const IpAddress& neighbor, HeldPacket packet) {
  const auto at = slots_.find(neighbor);
  if (at == slots_.end() || at->second.state != EntryState::incomplete) return;
  //= RFC1122-2.3.2.2-a
  // The latest packets are kept: of a retransmission and its original, only the newer is of use.
  auto& held = at->second.held;
  if (held.size() == config_.max_held_packets) held.pop_front();
  held.push_back(std::move(packet));
}

bool Cache::is_asking(const IpAddress& neighbor) const noexcept {
  const auto at = slots_.find(neighbor);
  return at != slots_.end() && at->second.state == EntryState::incomplete;
}

bool Cache::merge(Instant now, const IpAddress& neighbor, const MacAddress& mac,
                  CacheActions& actions) {
  const auto at = slots_.find(neighbor);
  if (at == slots_.end()) return false;
  if (at->second.state == EntryState::permanent) return true;
  become_reachable(now, at, mac, actions);
  return true;
}

CacheActions Cache::learn(Instant now, const IpAddress& neighbor, const MacAddress& mac) {
  CacheActions actions;
  if (merge(now, neighbor, mac, actions)) return actions;
  make_room();
  const auto at = insert(neighbor, EntryState::reachable, false);
  at->second.mac = mac;
  at->second.heard = now;
  return actions;
}

CacheActions Cache::mention(Instant, const IpAddress& neighbor, const MacAddress& mac) {
  CacheActions actions;
  auto at = slots_.find(neighbor);
  if (at == slots_.end()) {
    make_room();
    at = insert(neighbor, EntryState::stale, false);
    at->second.mac = mac;
    return actions;
  }
  if (at->second.state == EntryState::permanent) return actions;
  //= RFC4861-7.2.3-b
  if (at->second.state == EntryState::incomplete || at->second.mac != mac) {
    become_stale(at, mac, actions);
  }
  return actions;
}

bool Cache::on_advertisement(Instant now, const IpAddress& neighbor, const Advertised& said,
                             CacheActions& actions) {
  const auto at = slots_.find(neighbor);
  //= RFC4861-7.2.5-a
  if (at == slots_.end()) return false;
  Slot& slot = at->second;
  if (slot.state == EntryState::permanent) return true;

  if (slot.state == EntryState::incomplete) {
    //= RFC4861-7.2.5-b
    if (!said.mac) return true;
    //= RFC4861-7.2.5-c
    slot.router = said.router;
    if (said.solicited) {
      become_reachable(now, at, *said.mac, actions);
    } else {
      become_stale(at, *said.mac, actions);
    }
    return true;
  }

  const bool differs = said.mac && *said.mac != slot.mac;
  //= RFC4861-7.2.5-d
  if (!said.override_address && differs) {
    if (state_at(now, slot) == EntryState::reachable) change(at, EntryState::stale, slot.used);
    return true;
  }
  //= RFC4861-7.2.5-e
  //= RFC4861-7.3.1-b
  if (said.solicited) {
    become_reachable(now, at, said.mac.value_or(slot.mac), actions);
  } else if (differs) {
    become_stale(at, *said.mac, actions);
  }
  //= RFC4861-7.2.5-f
  actions.lost_router = slot.router && !said.router;
  slot.router = said.router;
  return true;
}

void Cache::set_router(const IpAddress& neighbor, bool router) {
  if (const auto at = slots_.find(neighbor); at != slots_.end()) at->second.router = router;
}

bool Cache::is_router(const IpAddress& neighbor) const noexcept {
  const auto at = slots_.find(neighbor);
  return at != slots_.end() && at->second.router;
}

void Cache::confirm(Instant now, const IpAddress& neighbor) {
  const auto at = slots_.find(neighbor);
  if (at == slots_.end()) return;
  switch (at->second.state) {
    case EntryState::incomplete:
    case EntryState::permanent: return;
    case EntryState::reachable:
    case EntryState::stale:
    case EntryState::delay:
    case EntryState::probe: break;
  }
  CacheActions nothing;
  become_reachable(now, at, at->second.mac, nothing);
}

void Cache::doubt(Instant now, const IpAddress& neighbor) {
  const auto at = slots_.find(neighbor);
  if (at == slots_.end() || at->second.state != EntryState::reachable) return;
  at->second.heard = std::min(at->second.heard, now - config_.reachable_time);
  ++version_;
}

CacheActions Cache::add_static(const IpAddress& neighbor, const MacAddress& mac) {
  CacheActions actions;
  auto at = slots_.find(neighbor);
  if (at == slots_.end()) {
    at = insert(neighbor, EntryState::permanent, true);
  } else {
    if (at->second.state == EntryState::incomplete) release_held(at, actions);
    set_deadline(at, std::nullopt);
    change(at, EntryState::permanent, true);
  }
  at->second.mac = mac;
  ++version_;
  actions.mac = mac;
  return actions;
}

void Cache::remove(const IpAddress& neighbor) {
  const auto at = slots_.find(neighbor);
  if (at != slots_.end()) erase(at);
}

void Cache::flush() {
  for (auto* ages : {&learnt_, &used_, &unresolved_}) {
    while (!ages->empty()) erase(slots_.find(ages->front()));
  }
}

std::optional<std::pair<IpAddress, CacheActions>> Cache::on_deadline(Instant now) {
  if (deadlines_.empty() || deadlines_.begin()->first > now) return std::nullopt;
  const auto at = slots_.find(deadlines_.begin()->second);
  PW_ASSERT(at != slots_.end());
  Slot& slot = at->second;

  std::pair<IpAddress, CacheActions> due{at->first, {}};
  CacheActions& actions = due.second;
  actions.source = slot.source;
  actions.mac = slot.mac;

  if (slot.state == EntryState::delay) {
    change(at, EntryState::probe, slot.used);
    slot.solicits = 0;
  }
  const bool asking_everyone = slot.state == EntryState::incomplete;
  const unsigned limit =
      asking_everyone ? config_.max_multicast_solicits : config_.max_unicast_solicits;
  if (slot.solicits < limit) {
    ++slot.solicits;
    set_deadline(at, now + config_.retransmit_interval);
    actions.ask = asking_everyone ? CacheActions::Ask::everyone : CacheActions::Ask::neighbor;
    return due;
  }
  //= RFC1122-2.3.2.1-a
  // Nobody answers at the address we know. Without the entry the next packet asks everyone.
  actions.failed = true;
  for (HeldPacket& packet : slot.held) actions.held.push_back(std::move(packet));
  erase(at);
  return due;
}

Deadline Cache::next_deadline() const noexcept {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::optional<Cache::Entry> Cache::find(Instant now, const IpAddress& neighbor) const {
  const auto at = slots_.find(neighbor);
  if (at == slots_.end()) return std::nullopt;
  return Entry{at->first, state_at(now, at->second), at->second.mac};
}

// Reachable turns into stale by the passing of time alone, which needs no timer.
EntryState Cache::state_at(Instant now, const Slot& slot) const noexcept {
  if (slot.state == EntryState::reachable && now - slot.heard >= config_.reachable_time) {
    return EntryState::stale;
  }
  return slot.state;
}

void Cache::become_reachable(Instant now, Slots::iterator at, const MacAddress& mac,
                             CacheActions& actions) {
  if (at->second.state == EntryState::incomplete) {
    make_room();
    release_held(at, actions);
  }
  Slot& slot = at->second;
  slot.mac = mac;
  slot.heard = now;
  ++version_;
  actions.mac = mac;
  set_deadline(at, std::nullopt);
  change(at, EntryState::reachable, slot.used);
}

// Known, but nobody said so in answer to us: whoever uses it next has it asked for, after a while.
void Cache::become_stale(Slots::iterator at, const MacAddress& mac, CacheActions& actions) {
  if (at->second.state == EntryState::incomplete) {
    make_room();
    release_held(at, actions);
  }
  at->second.mac = mac;
  ++version_;
  actions.mac = mac;
  set_deadline(at, std::nullopt);
  change(at, EntryState::stale, at->second.used);
}

void Cache::release_held(Slots::iterator at, CacheActions& actions) {
  actions.resolved = true;
  for (HeldPacket& packet : at->second.held) actions.held.push_back(std::move(packet));
  at->second.held.clear();
}

void Cache::set_deadline(Slots::iterator at, std::optional<Instant> when) {
  Slot& slot = at->second;
  if (slot.deadline) deadlines_.erase({*slot.deadline, at->first});
  slot.deadline = when;
  if (when) deadlines_.insert({*when, at->first});
}

void Cache::make_room() {
  while (learnt_.size() + used_.size() >= config_.max_entries) {
    erase(slots_.find(learnt_.empty() ? used_.front() : learnt_.front()));
  }
}

Cache::Slots::iterator Cache::insert(const IpAddress& neighbor, EntryState state, bool used) {
  const auto at = slots_.try_emplace(neighbor).first;
  Slot& slot = at->second;
  slot.state = state;
  slot.used = used;
  std::list<IpAddress>& ages = ages_of(state, used);
  slot.age = ages.insert(ages.end(), neighbor);
  return at;
}

// Moves the entry to the young end of the list it now belongs to.
std::size_t Cache::memory() const noexcept {
  std::size_t octets = 0;
  for (const auto& [neighbor, slot] : slots_) {
    octets += sizeof neighbor + sizeof slot;
    for (const HeldPacket& packet : slot.held) octets += sizeof packet + packet.octets.capacity();
  }
  return octets;
}

void Cache::change(Slots::iterator at, EntryState state, bool used) {
  Slot& slot = at->second;
  std::list<IpAddress>& from = ages_of(slot.state, slot.used);
  std::list<IpAddress>& to = ages_of(state, used);
  // The one that was used last is used again and again: it is there already.
  if (&from != &to || std::next(slot.age) != to.end()) to.splice(to.end(), from, slot.age);
  doubted_ -= is_doubted(slot.state) ? 1 : 0;
  doubted_ += is_doubted(state) ? 1 : 0;
  if (slot.state != state) ++version_;
  slot.state = state;
  slot.used = used;
}

void Cache::erase(Slots::iterator at) {
  if (at == last_used_) last_used_.reset();
  ++version_;
  set_deadline(at, std::nullopt);
  doubted_ -= is_doubted(at->second.state) ? 1 : 0;
  ages_of(at->second.state, at->second.used).erase(at->second.age);
  slots_.erase(at);
}

std::list<IpAddress>& Cache::ages_of(EntryState state, bool used) noexcept {
  switch (state) {
    case EntryState::incomplete: return unresolved_;
    case EntryState::permanent: return permanent_;
    case EntryState::reachable:
    case EntryState::stale:
    case EntryState::delay:
    case EntryState::probe: break;
  }
  return used ? used_ : learnt_;
}

}  // namespace packetwright::neighbor
