// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "stack/base/seq_num.hh"
#include "stack/tcp/segment.hh"

namespace packetwright::tcp {

// The duplicate that a segment reports in its first block (RFC 2883, 4): octets below its ACK
// field, or within the second block. nullopt: none.
[[nodiscard]] std::optional<SackBlock> dsack_of(const Segment& seg) noexcept;

// The sender's scoreboard (RFC 6675, 3 and 4): which octets above SND.UNA the peer reports to hold.
// Positions are exclusive ends where the RFC names the highest octet: `high_rxt` is one more than
// its HighRxt, `nxt` is SND.NXT, one more than HighData.
class Scoreboard {
 public:
  // Update(): takes the blocks of a segment whose ACK field is `ack`. Blocks that are no news of
  // text in [una, nxt) are passed over, D-SACK blocks (RFC 2883, 5) among them. Returns how many
  // octets were not known to have arrived before.
  std::uint32_t update(std::span<const SackBlock> blocks, SeqNum ack, SeqNum una, SeqNum nxt);
  // Everything before `una` is acknowledged.
  void advance(SeqNum una);
  // The peer may have let go of what it held (RFC 2018, 8): all marks are taken back.
  void clear() noexcept { reported_.reset(); }

  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept {
    return reported_ ? sizeof *reported_ + reported_->ranges.capacity() * sizeof(SackBlock) : 0;
  }

  [[nodiscard]] bool empty() const noexcept { return ranges().empty(); }
  [[nodiscard]] std::uint32_t sacked_octets() const noexcept {
    return reported_ ? reported_->octets : 0;
  }
  [[nodiscard]] bool is_sacked(SeqNum seq) const noexcept;
  // Where the octets from `seq`, which is not sacked, meet one that is; `limit` if none before it.
  [[nodiscard]] SeqNum hole_end(SeqNum seq, SeqNum limit) const noexcept;
  // One more than the highest octet covered by a SACK; nullopt: there is none.
  [[nodiscard]] std::optional<SeqNum> highest() const noexcept;

  //= RFC6675-4-b
  // IsLost() holds for every octet before this that is not sacked, and for none after it.
  [[nodiscard]] SeqNum lost_before(SeqNum una, std::uint32_t dup_thresh,
                                   std::uint32_t smss) const noexcept;
  //= RFC6675-4-f
  // SetPipe(): octets of [una, nxt) that are thought to be in the network.
  [[nodiscard]] std::uint32_t pipe(SeqNum una, SeqNum nxt, SeqNum high_rxt,
                                   SeqNum lost_before) const noexcept;
  // The lowest octet of [from, limit) that is not sacked.
  [[nodiscard]] std::optional<SeqNum> next_hole(SeqNum from, SeqNum limit) const noexcept;

  // Octets of [left, right) that are not sacked; none if the range is empty.
  [[nodiscard]] std::uint32_t missing(SeqNum left, SeqNum right) const noexcept;
  // The last run of octets of [una, nxt) that are not sacked; nullopt: all are.
  [[nodiscard]] std::optional<SackBlock> last_hole(SeqNum una, SeqNum nxt) const noexcept;

 private:
  // A peer that reports alternate octets must not cost more than this. A queue that overflows at
  // the end of slow start loses every second segment of a window, and that has to fit.
  static constexpr std::size_t kMaxRanges = 1024;
  struct Reported {
    std::vector<SackBlock> ranges;  // in order, neither overlapping nor touching
    std::uint32_t octets = 0;       // in all of them
  };
  [[nodiscard]] std::span<const SackBlock> ranges() const noexcept {
    return reported_ ? std::span<const SackBlock>{reported_->ranges} : std::span<const SackBlock>{};
  }

  std::unique_ptr<Reported> reported_;  // from the first report on
};

}  // namespace packetwright::tcp
