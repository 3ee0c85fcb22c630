// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"
#include "stack/base/siphash.hh"
#include "stack/tcp/segment.hh"

namespace packetwright::tcp {

// The Timestamps option of one connection (RFC 7323, 3 to 5): our clock, what we echo, and PAWS.
class TimestampState {
 public:
  //= RFC7323-7-a
  // The clock ticks every millisecond (5.4) from an offset that is the connection's own: unknown to
  // others, and still growing from one incarnation of a four-tuple to the next (RFC 6191, 3).
  void start(const SipKey& key, const Endpoint& local, const Endpoint& remote);

  // TSval to send at `now`.
  [[nodiscard]] std::uint32_t clock(Instant now) const noexcept;
  // The round trip that an echoed TSval tells of; nullopt: it is none that we sent lately.
  [[nodiscard]] std::optional<Duration> round_trip(Instant now,
                                                   std::uint32_t echo_reply) const noexcept;

  //= RFC7323-5.3-R1
  // PAWS: `value` is older than TS.Recent, and TS.Recent is not outdated itself.
  [[nodiscard]] bool is_old(Instant now, std::uint32_t value) const noexcept;
  //= RFC7323-4.3-d
  //= RFC7323-5.3-R3
  // An acceptable segment with this TSval at `seq`.
  void remember(Instant now, std::uint32_t value, SeqNum seq, SeqNum last_ack_sent) noexcept;
  // The first TSval, from the peer's SYN.
  void set_recent(Instant now, std::uint32_t value) noexcept;

  // TS.Recent.
  [[nodiscard]] std::uint32_t recent() const noexcept { return recent_; }

 private:
  std::uint32_t offset_ = 0;
  std::uint32_t recent_ = 0;
  Instant recent_at_{};
};

}  // namespace packetwright::tcp
