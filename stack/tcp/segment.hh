// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::tcp {

// The two ECN bits of the IP header (RFC 3168, 5).
enum class Ecn : std::uint8_t { not_ect = 0, ect1 = 1, ect0 = 2, ce = 3 };

// The octets from `left` up to, not including, `right` (RFC 2018, 3).
struct SackBlock {
  SeqNum left, right;

  friend bool operator==(const SackBlock&, const SackBlock&) = default;
};

inline constexpr std::size_t kMaxSackBlocks = 4;

// RFC 7323, 3.
struct Timestamps {
  std::uint32_t value = 0, echo_reply = 0;

  friend bool operator==(const Timestamps&, const Timestamps&) = default;
};

// RFC 7413, 4.1.1.
struct FastOpenOption {
  std::array<std::uint8_t, 16> cookie{};
  std::uint8_t size = 0;      // octets of the cookie: 4 to 16 and even, or 0 to ask for one
  bool experimental = false;  // in the format from before the RFC: kind 254 and a magic number

  [[nodiscard]] Bytes octets() const noexcept { return Bytes{cookie}.first(size); }
  friend bool operator==(const FastOpenOption&, const FastOpenOption&) = default;
};

// RFC 5482, 3.1.
struct UserTimeout {
  bool minutes = false;     // the unit, else seconds
  std::uint16_t value = 0;  // 15 bits

  friend bool operator==(const UserTimeout&, const UserTimeout&) = default;
};

// The options that this TCP understands. Every other option was skipped by whoever read the header
// (RFC 9293, 3.1: MUST-6).
struct Options {
  std::optional<std::uint16_t> mss = {};
  std::optional<std::uint8_t> window_scale = {};  // the shift as received, any value
  bool sack_permitted = false;
  std::optional<Timestamps> timestamps = {};
  std::array<SackBlock, kMaxSackBlocks> sack_blocks{};
  std::uint8_t sack_count = 0;  // how many of sack_blocks are in use
  std::optional<FastOpenOption> fast_open = {};
  std::optional<UserTimeout> user_timeout = {};

  [[nodiscard]] std::span<const SackBlock> sack() const noexcept {
    return std::span{sack_blocks}.first(sack_count);
  }
  // Octets of the header that these options take when each is aligned to words by NOPs, as RFC
  // 7323, appendix A shows.
  [[nodiscard]] std::size_t encoded_size() const noexcept;
  // There are none any more; what does not count without being said to is left as it is.
  void clear() noexcept {
    mss.reset(), window_scale.reset(), timestamps.reset();
    fast_open.reset(), user_timeout.reset();
    sack_permitted = false;
    sack_count = 0;
  }

  friend bool operator==(const Options&, const Options&) = default;
};

// One segment, arriving or departing, without its IP header: SEG.SEQ, SEG.ACK and the others of
// RFC 9293, 3.3.1. Checksum and lengths were verified before it came to be.
struct Segment {
  Endpoint local, remote;  // ours and the peer's, whichever way the segment travels
  SeqNum seq;
  SeqNum ack;  // counts only if has_ack
  bool fin = false, syn = false, rst = false, psh = false, has_ack = false, urg = false;
  bool ece = false, cwr = false;
  std::uint16_t window = 0;          // as in the header: unscaled
  std::uint16_t urgent_pointer = 0;  // counts only if urg (RFC 9293, 3.1)
  Options options;
  Bytes text;              // empty in a departing segment: see Actions::text()
  std::uint32_t size = 0;  // octets of text; in an arriving segment text.size()
  Ecn ecn = Ecn::not_ect;  // arriving: as marked; departing: as the IP header must be marked

  //= RFC9293-3.4-len
  // SEG.LEN: text plus SYN and FIN, which take a sequence number each.
  [[nodiscard]] std::uint32_t len() const noexcept {
    return size + (syn ? 1u : 0u) + (fin ? 1u : 0u);
  }
  // SEG.SEQ + SEG.LEN.
  [[nodiscard]] SeqNum end() const noexcept { return seq + len(); }
  // Ready to be used again: no flag, no option, no text. Endpoints and numbers stay what they were.
  void clear() noexcept {
    fin = syn = rst = psh = has_ack = urg = ece = cwr = false;
    urgent_pointer = 0;
    options.clear();
    text = {};
    size = 0;
    ecn = Ecn::not_ect;
  }
};

// What the layer below knows of the way to the peer.
struct Path {
  // The largest text that fits the MTU of the interface with headers that carry no options: what
  // our SYN announces (RFC 9293, 3.7.1).
  std::uint16_t receive_mss = 1460;
  // The largest such text that the path takes as far as is known (path MTU discovery).
  std::uint16_t send_mss = 1460;
};

// Octets of a TCP header without options, and of the most options.
inline constexpr std::size_t kHeaderSize = 20;
inline constexpr std::size_t kMaxOptionsSize = 40;

}  // namespace packetwright::tcp
