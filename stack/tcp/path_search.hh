// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/instant.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::tcp {

// The search for the largest segment that a path takes, without help from its routers (RFC 4821,
// 7): now and then a segment goes out that is larger than the others, the probe. If it is
// acknowledged, all become as large; if it alone is lost, they stay as they are. Sizes are octets
// of text and options: a packet without its IP and TCP headers. When there is text and window
// enough for a probe is not decided here.
class PathSearch {
 public:
  struct Limits {
    std::uint16_t base = 1024;    // where the search begins, and falls back to
    std::uint16_t headers = 40;   // IP and TCP
    std::uint16_t smallest = 68;  // no path takes less than packets of this size
    Duration again = 10min;       // after the search is over
  };
  explicit PathSearch(const Limits& limits) : limits_(limits), low_(limits.base) {}

  // search_low, and eff_pmtu, which is the same while one searches upwards (7.1).
  [[nodiscard]] std::uint16_t size() const noexcept { return low_; }

  // How large a probe is wanted now; nullopt: none. Larger than `ceiling` no segment may be, for
  // other reasons: the peer, the link, the user. `octets_acked`: of the connection so far.
  [[nodiscard]] std::optional<std::uint16_t> next(Instant now, std::uint16_t ceiling,
                                                  std::uint64_t octets_acked);
  // A probe of that size has left, as [begin, end).
  void sent(std::uint16_t size, SeqNum begin, SeqNum end);

  // One has left and nothing is known of it yet; its size, or 0.
  [[nodiscard]] bool is_waiting() const noexcept { return probe_ != 0; }
  [[nodiscard]] std::uint16_t probe() const noexcept { return probe_; }
  [[nodiscard]] SeqNum begin() const noexcept { return begin_; }
  [[nodiscard]] SeqNum end() const noexcept { return end_; }

  // Everything before `una` has arrived. True: the probe too, and size() has grown.
  bool on_ack(SeqNum una);
  // It alone was lost. The next one waits until so many octets of the connection are acknowledged.
  void on_loss(std::uint64_t until_acked);
  // Text from `seq` on goes again, so that nothing can be learnt from its acknowledgment (7.6.4).
  void on_resent(SeqNum seq);
  // A router says that no segment above `size` fits.
  void on_too_big(std::uint16_t size);
  // The timer has expired so often that the path may swallow what is larger (7.7).
  void on_full_stop();

 private:
  // So little more is not worth a probe (7.3).
  static constexpr std::uint16_t kWorthwhile = 8;

  Limits limits_;
  std::uint16_t low_;
  std::uint16_t high_ = 0xffff;  // search_high: no larger one is known to be lost
  std::uint16_t probe_ = 0;      // its size; 0: none is under way
  SeqNum begin_, end_;
  std::uint64_t until_acked_ = 0;
  std::optional<Instant> over_since_;
};

}  // namespace packetwright::tcp
