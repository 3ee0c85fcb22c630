// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/sack.hh"

#include <algorithm>

namespace packetwright::tcp {

std::uint32_t Scoreboard::update(std::span<const SackBlock> blocks, SeqNum ack, SeqNum una,
                                 SeqNum nxt) {
  const std::uint32_t before = sacked_octets();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    SackBlock block = blocks[i];
    //= RFC2883-5-a
    // A block at or below the ACK field of its own segment tells of a duplicate.
    if (!(block.left < block.right) || block.left < ack) continue;
    if (block.right > nxt || block.right <= una) continue;
    block.left = max(block.left, una);

    const auto first = std::find_if(ranges_.begin(), ranges_.end(), [&](const SackBlock& range) {
      return block.left <= range.right;
    });
    auto last = first;
    while (last != ranges_.end() && last->left <= block.right) {
      block = {min(block.left, last->left), max(block.right, last->right)};
      ++last;
    }
    if (first == last) {
      if (ranges_.size() < kMaxRanges) ranges_.insert(first, block);
    } else {
      *first = block;
      ranges_.erase(first + 1, last);
    }
  }
  return sacked_octets() - before;
}

void Scoreboard::advance(SeqNum una) {
  const auto acknowledged = [una](const SackBlock& range) { return range.right <= una; };
  std::erase_if(ranges_, acknowledged);
  if (!ranges_.empty()) ranges_.front().left = max(ranges_.front().left, una);
}

std::uint32_t Scoreboard::sacked_octets() const noexcept {
  std::uint32_t octets = 0;
  for (const SackBlock& range : ranges_) octets += range.right - range.left;
  return octets;
}

bool Scoreboard::is_sacked(SeqNum seq) const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(), [seq](const SackBlock& range) {
    return range.left <= seq && seq < range.right;
  });
}

SeqNum Scoreboard::hole_end(SeqNum seq, SeqNum limit) const noexcept {
  for (const SackBlock& range : ranges_) {
    if (seq < range.left) return min(limit, range.left);
  }
  return limit;
}

std::optional<SeqNum> Scoreboard::highest() const noexcept {
  if (ranges_.empty()) return std::nullopt;
  return ranges_.back().right;
}

SeqNum Scoreboard::lost_before(SeqNum una, std::uint32_t dup_thresh,
                               std::uint32_t smss) const noexcept {
  std::uint32_t ranges_above = 0;
  std::uint32_t octets_above = 0;
  for (auto range = ranges_.rbegin(); range != ranges_.rend(); ++range) {
    ++ranges_above;
    octets_above += range->right - range->left;
    if (ranges_above >= dup_thresh || octets_above > (dup_thresh - 1) * smss) return range->left;
  }
  return una;
}

std::uint32_t Scoreboard::missing(SeqNum left, SeqNum right) const noexcept {
  if (right <= left) return 0;
  std::uint32_t octets = right - left;
  for (const SackBlock& range : ranges_) {
    const SeqNum from = max(left, range.left);
    const SeqNum to = min(right, range.right);
    if (from < to) octets -= to - from;
  }
  return octets;
}

std::uint32_t Scoreboard::pipe(SeqNum una, SeqNum nxt, SeqNum high_rxt,
                               SeqNum lost_before) const noexcept {
  return missing(max(una, lost_before), nxt) + missing(una, min(high_rxt, nxt));
}

std::optional<SeqNum> Scoreboard::next_hole(SeqNum from, SeqNum limit) const noexcept {
  for (const SackBlock& range : ranges_) {
    if (from < range.left) break;
    if (from < range.right) from = range.right;
  }
  if (from < limit) return from;
  return std::nullopt;
}

std::optional<SackBlock> Scoreboard::last_hole(SeqNum una, SeqNum nxt) const noexcept {
  SackBlock hole{una, nxt};
  for (auto range = ranges_.rbegin(); range != ranges_.rend(); ++range) {
    if (range->right < hole.right) {
      hole.left = range->right;
      break;
    }
    hole.right = range->left;
  }
  if (hole.left < hole.right) return hole;
  return std::nullopt;
}

}  // namespace packetwright::tcp
