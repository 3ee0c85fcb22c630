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

// What a SYN asked for that has to outlive it, as far as a cookie can carry it.
struct SynCookieOptions {
  std::uint16_t mss = 0;  // rounded down to one of a few sizes
  // Only with timestamps, in whose low bits they travel:
  bool timestamps = false;
  std::optional<std::uint8_t> window_scale = {};
  bool sack_permitted = false;
  bool ecn = false;

  friend bool operator==(const SynCookieOptions&, const SynCookieOptions&) = default;
};

//= RFC4987-3.6-a
// SYN cookies (RFC 4987, 3.6): when there is no room to remember a SYN, the initial sequence number
// of the SYN,ACK remembers it. From the top: one bit that changes with each period of 64 seconds,
// three bits that choose a segment size, and 28 bits of a keyed hash of all that and of both
// endpoints and the peer's number. Whoever guesses is right once in 2^27 attempts.
class SynCookies {
 public:
  explicit SynCookies(const SipKey& key) : key_(key) {}

  // The initial sequence number of a SYN,ACK to `syn`.
  [[nodiscard]] SeqNum make(Instant now, const Segment& syn) const;
  // The segment size behind the cookie that `ack`, the third segment of a handshake, gives back;
  // nullopt: it is none, or of more than two minutes ago.
  [[nodiscard]] std::optional<std::uint16_t> check(Instant now, const Segment& ack) const;

  // TSval of the SYN,ACK: `clock`, or a little before it, with the options of the SYN in its last
  // six bits. The peer echoes it.
  [[nodiscard]] static std::uint32_t stamp(std::uint32_t clock, const SynCookieOptions& options);
  [[nodiscard]] static SynCookieOptions options_of_stamp(std::uint32_t echo_reply);

 private:
  [[nodiscard]] std::uint32_t hash(std::int64_t period, std::uint32_t size_index, SeqNum irs,
                                   const Endpoint& local, const Endpoint& remote) const;

  SipKey key_;
};

}  // namespace packetwright::tcp
