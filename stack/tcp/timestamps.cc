// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/timestamps.hh"

#include "stack/tcp/endpoint_hash.hh"

namespace packetwright::tcp {
namespace {

constexpr Duration kTick = 1ms;
//= RFC7323-5.5-a
constexpr Duration kOutdated = std::chrono::hours{24 * 24};

// a < b on the clock of the timestamps, modulo 2^32 (RFC 7323, 5.2).
bool before(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}

}  // namespace

void TimestampState::start(const SipKey& key, const Endpoint& local, const Endpoint& remote) {
  offset_ = static_cast<std::uint32_t>(hash_of(key, local, remote));
}

//= RFC7323-4.1-a
//= RFC7323-5.4-a
std::uint32_t TimestampState::clock(Instant now) const noexcept {
  return static_cast<std::uint32_t>(now.time_since_epoch() / kTick) + offset_;
}

std::optional<Duration> TimestampState::round_trip(Instant now,
                                                   std::uint32_t echo_reply) const noexcept {
  const std::uint32_t ticks = clock(now) - echo_reply;
  constexpr std::uint32_t kTooLong = 10 * 60 * 1000;  // a garbled echo must not stall us for hours
  if (ticks > kTooLong) return std::nullopt;
  return ticks * kTick;
}

bool TimestampState::is_old(Instant now, std::uint32_t value) const noexcept {
  if (now - recent_at_ > kOutdated) return false;
  return before(value, recent_);
}

void TimestampState::remember(Instant now, std::uint32_t value, SeqNum seq,
                              SeqNum last_ack_sent) noexcept {
  if (last_ack_sent < seq) return;
  //= RFC7323-5.2-a
  // An outdated TS.Recent gives way to anything.
  if (before(value, recent_) && now - recent_at_ <= kOutdated) return;
  set_recent(now, value);
}

void TimestampState::set_recent(Instant now, std::uint32_t value) noexcept {
  recent_ = value;
  recent_at_ = now;
}

}  // namespace packetwright::tcp
