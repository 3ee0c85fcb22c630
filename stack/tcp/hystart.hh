// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "stack/base/instant.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::tcp {

// HyStart++, RFC 9406: the first slow start ends when round trips become longer, which is when a
// queue has begun to fill, and not when it has overflowed.
class HyStart {
 public:
  enum class Advice : std::uint8_t {
    slow_start,
    conservative,  // a quarter of the growth: perhaps the queue fills
    leave,         // it does
  };
  static constexpr std::uint32_t kConservativeDivisor = 4;  // CSS_GROWTH_DIVISOR

  // An ACK in slow start, after which [una, nxt) is outstanding. `rtt`: the round trip that it
  // tells of; nullopt: none.
  [[nodiscard]] Advice on_ack(SeqNum una, SeqNum nxt, std::optional<Duration> rtt);

  // The same by HyStart as it was before: compared with the shortest round trip of all, and without
  // rounds to think it over. `large`: the window is large enough to fill a queue.
  [[nodiscard]] Advice on_ack_at_once(SeqNum una, SeqNum nxt, std::optional<Duration> rtt,
                                      bool large);

 private:
  static constexpr Duration kInfinite = Duration{std::numeric_limits<std::int64_t>::max()};

  void begin_round(SeqNum nxt);

  bool begun_ = false;
  bool conservative_ = false;
  std::uint8_t samples_ = 0;              // rttSampleCount, no further than it matters
  std::uint8_t conservative_rounds_ = 0;  // rounds begun in CSS
  SeqNum round_end_;                      // windowEnd
  Duration last_min_ = kInfinite;         // lastRoundMinRTT
  Duration current_min_ = kInfinite;      // currentRoundMinRTT
  Duration baseline_ = kInfinite;         // cssBaselineMinRtt; at once: the shortest of all
};

}  // namespace packetwright::tcp
