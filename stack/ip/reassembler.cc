// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/reassembler.hh"

#include <algorithm>
#include <utility>

#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"

namespace packetwright::ip {
namespace {

constexpr std::uint32_t kLargest = 65535;  // what the length field of either family can say

// What keeping things costs beside the octets themselves. Without it a flood of one-octet pieces
// would take many times the memory that the limit allows.
constexpr std::size_t kPartialCost = 512;
constexpr std::size_t kPieceCost = 96;

// How much of a fragment's header counts in the length field of the datagram it becomes: all of an
// IPv4 header; of IPv6 only extension headers, without the Fragment header, which goes away.
std::uint32_t counted_header(const FragmentKey& key, std::size_t header_size) noexcept {
  if (key.source.is_v4()) return static_cast<std::uint32_t>(header_size);
  constexpr std::size_t kNotCounted = wire::kIpv6HeaderSize + wire::kIpv6FragmentSize;
  PW_ASSERT(header_size >= kNotCounted);
  return static_cast<std::uint32_t>(header_size - kNotCounted);
}

constexpr std::uint8_t kNotEct = 0;
constexpr std::uint8_t kCe = 3;

bool saw(std::uint8_t ecn_seen, std::uint8_t codepoint) noexcept {
  return (ecn_seen >> codepoint & 1) != 0;
}

}  // namespace

Result<std::optional<Reassembled>, DropReason> Reassembler::add(Instant now,
                                                                const Fragment& fragment) {
  on_deadline(now);  // what has expired takes part in nothing, whoever calls first
  const std::size_t end = std::size_t{fragment.offset} + fragment.data.size();
  // A piece without octets adds nothing, and offsets count in units of eight.
  //= RFC791-3.2-c
  //= RFC8200-4.5-i
  if (fragment.data.empty() || (fragment.more && end % 8 != 0)) {
    return Err{DropReason::fragment_malformed};
  }
  //= RFC791-3.2-h
  //= RFC8200-4.5-j
  if (counted_header(fragment.key, fragment.header.size()) + end > kLargest) {
    return Err{DropReason::fragment_too_big};
  }

  const auto at = find_or_make(now, fragment);
  Partial& partial = at->second;
  //= RFC5722-4-b
  //= RFC8200-4.5-l
  if (partial.poisoned) return Err{DropReason::fragment_overlap};
  switch (fit(partial, fragment)) {
    case Fit::fits: break;
    case Fit::copy: return std::optional<Reassembled>{};
    case Fit::overlap: poison(partial); return Err{DropReason::fragment_overlap};
  }

  const bool is_first = fragment.offset == 0;
  const std::size_t cost =
      kPieceCost + fragment.data.size() + (is_first ? fragment.header.size() : 0);
  if (partial.pieces.size() >= config_.max_fragments || !make_room(cost, at)) {
    poison(partial);
    return Err{DropReason::fragment_no_memory};
  }
  charge(partial, cost);
  partial.pieces.emplace(fragment.offset, Buffer(fragment.data.begin(), fragment.data.end()));
  partial.received += fragment.data.size();
  partial.ecn_seen |= static_cast<std::uint8_t>(1u << (fragment.ecn & 3));
  if (!fragment.more) partial.total = static_cast<std::uint32_t>(end);
  if (is_first) {
    partial.first_header.assign(fragment.header.begin(), fragment.header.end());
    partial.destination_kind = fragment.destination_kind;
    partial.link = fragment.link;
  }

  //= RFC815-3-a
  // No two pieces overlap and none lies beyond the end, so enough octets are all octets.
  if (!partial.total || partial.received != *partial.total) return std::optional<Reassembled>{};
  return finish(at);
}

Result<std::optional<Reassembled>, DropReason> Reassembler::finish(Partials::iterator at) {
  Partial& partial = at->second;
  // The first header may be longer than those the limit was checked with.
  if (counted_header(at->first, partial.first_header.size()) + *partial.total > kLargest) {
    forget(at);
    return Err{DropReason::fragment_too_big};
  }
  //= RFC3168-5.3-a
  // A sender marks all fragments ECN-capable or none: the mixture is not to be trusted.
  const bool congested = saw(partial.ecn_seen, kCe);
  if (congested && saw(partial.ecn_seen, kNotEct)) {
    forget(at);
    return Err{DropReason::fragment_malformed};
  }

  Reassembled whole;
  whole.header_size = partial.first_header.size();
  whole.congested = congested;
  whole.octets = std::move(partial.first_header);
  whole.octets.reserve(whole.header_size + *partial.total);
  for (const auto& [offset, piece] : partial.pieces) {
    whole.octets.insert(whole.octets.end(), piece.begin(), piece.end());
  }
  forget(at);
  return std::optional<Reassembled>{std::move(whole)};
}

void Reassembler::release(const FragmentKey& key) {
  const auto at = partials_.find(key);
  if (at != partials_.end()) forget(at);
}

void Reassembler::on_deadline(Instant now) {
  while (!ages_.empty()) {
    const auto at = partials_.find(ages_.front());
    PW_ASSERT(at != partials_.end());
    if (at->second.expires > now) return;
    abandon(at, DropReason::fragment_timeout);
  }
}

Deadline Reassembler::next_deadline() const noexcept {
  if (ages_.empty()) return std::nullopt;
  return partials_.find(ages_.front())->second.expires;
}

std::optional<Abandoned> Reassembler::next_abandoned() {
  if (abandoned_.empty()) return std::nullopt;
  Abandoned next = std::move(abandoned_.front());
  abandoned_.pop_front();
  return next;
}

Reassembler::Fit Reassembler::fit(const Partial& partial, const Fragment& fragment) noexcept {
  const std::size_t begin = fragment.offset;
  const std::size_t end = begin + fragment.data.size();

  // What the last fragment says about the end must be true of all others.
  if (partial.total) {
    const bool agrees = fragment.more ? end < *partial.total : end == *partial.total;
    if (!agrees) return Fit::overlap;
  } else if (!fragment.more && !partial.pieces.empty()) {
    const auto& [offset, piece] = *partial.pieces.rbegin();
    if (offset + piece.size() > begin) return Fit::overlap;
  }

  const auto after = partial.pieces.lower_bound(fragment.offset);
  if (after != partial.pieces.end() && after->first < end) {
    //= RFC8200-4.5-m
    // The network may duplicate a packet. Then the octets are the same too.
    const bool same = after->first == begin && after->second.size() == fragment.data.size() &&
                      std::equal(after->second.begin(), after->second.end(), fragment.data.begin());
    return same ? Fit::copy : Fit::overlap;
  }
  if (after != partial.pieces.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second.size() > begin) return Fit::overlap;
  }
  return Fit::fits;
}

Reassembler::Partials::iterator Reassembler::find_or_make(Instant now, const Fragment& fragment) {
  const auto [at, added] = partials_.try_emplace(fragment.key);
  if (!added) return at;
  Partial& partial = at->second;
  partial.destination_kind = fragment.destination_kind;
  partial.link = fragment.link;
  //= RFC8200-4.5-g
  //= RFC1122-3.3.2-e
  // The time runs from the fragment that came first, and later ones do not extend it.
  partial.expires = now + config_.timeout;
  partial.age = ages_.insert(ages_.end(), fragment.key);
  charge(partial, kPartialCost);
  while (partials_.size() > config_.max_datagrams && partials_.size() > 1) {
    abandon(partials_.find(ages_.front()), DropReason::fragment_no_memory);
  }
  return at;
}

// The oldest datagrams go first: the longer one has waited, the less likely it is completed.
bool Reassembler::make_room(std::size_t cost, Partials::iterator keep) {
  while (octets_ + cost > config_.max_octets) {
    auto oldest = partials_.find(ages_.front());
    if (oldest == keep) {
      if (ages_.size() == 1) return false;
      oldest = partials_.find(*std::next(ages_.begin()));
    }
    abandon(oldest, DropReason::fragment_no_memory);
  }
  return true;
}

void Reassembler::charge(Partial& partial, std::size_t octets) noexcept {
  partial.charged += octets;
  octets_ += octets;
}

// Frees what is held but remembers the key, so that later fragments meet it.
void Reassembler::poison(Partial& partial) noexcept {
  partial.poisoned = true;
  partial.pieces.clear();
  partial.first_header = {};
  octets_ -= partial.charged - kPartialCost;
  partial.charged = kPartialCost;
}

void Reassembler::forget(Partials::iterator at) noexcept {
  octets_ -= at->second.charged;
  ages_.erase(at->second.age);
  partials_.erase(at);
}

void Reassembler::abandon(Partials::iterator at, DropReason reason) {
  Partial& partial = at->second;
  // A poisoned one was reported when it was poisoned, and ends in silence.
  if (!partial.poisoned) {
    Abandoned given_up;
    given_up.key = at->first;
    given_up.reason = reason;
    given_up.destination_kind = partial.destination_kind;
    given_up.link = partial.link;
    if (const auto first = partial.pieces.find(0); first != partial.pieces.end()) {
      given_up.first = std::move(partial.first_header);
      given_up.first.insert(given_up.first.end(), first->second.begin(), first->second.end());
    }
    abandoned_.push_back(std::move(given_up));
  }
  forget(at);
}

}  // namespace packetwright::ip
