// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/sack.hh"

#include <algorithm>

namespace packetwright::tcp {

//= RFC2883-5-a
std::optional<SackBlock> dsack_of(const Segment& seg) noexcept {
  const auto blocks = seg.options.sack();
  if (blocks.empty() || !(blocks[0].left < blocks[0].right)) return std::nullopt;
  if (blocks[0].right <= seg.ack) return blocks[0];
  if (blocks.size() < 2) return std::nullopt;
  if (blocks[0].left < blocks[1].left || blocks[1].right < blocks[0].right) return std::nullopt;
  return blocks[0];
}

std::uint32_t Scoreboard::update(std::span<const SackBlock> blocks, SeqNum ack, SeqNum una,
                                 SeqNum nxt) {
  const std::uint32_t before = octets_;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    SackBlock block = blocks[i];
    //= RFC2883-5-a
    // A block at or below the ACK field of its own segment tells of a duplicate.
    if (!(block.left < block.right) || block.left < ack) continue;
    if (block.right > nxt || block.right <= una) continue;
    block.left = max(block.left, una);

    const auto first =
        std::lower_bound(ranges_.begin(), ranges_.end(), block.left,
                         [](const SackBlock& range, SeqNum seq) { return range.right < seq; });
    auto last = first;
    std::uint32_t known = 0;
    while (last != ranges_.end() && last->left <= block.right) {
      known += last->right - last->left;
      block = {min(block.left, last->left), max(block.right, last->right)};
      ++last;
    }
    if (first == last) {
      if (ranges_.size() == kMaxRanges) continue;
      ranges_.insert(first, block);
    } else {
      *first = block;
      ranges_.erase(first + 1, last);
    }
    octets_ += block.right - block.left - known;
  }
  return octets_ - before;
}

void Scoreboard::advance(SeqNum una) {
  auto first = ranges_.begin();
  while (first != ranges_.end() && first->right <= una) {
    octets_ -= first->right - first->left;
    ++first;
  }
  ranges_.erase(ranges_.begin(), first);
  if (ranges_.empty() || una <= ranges_.front().left) return;
  octets_ -= una - ranges_.front().left;
  ranges_.front().left = una;
}

bool Scoreboard::is_sacked(SeqNum seq) const noexcept {
  const auto range = std::upper_bound(ranges_.begin(), ranges_.end(), seq,
                                      [](SeqNum s, const SackBlock& r) { return s < r.right; });
  return range != ranges_.end() && range->left <= seq;
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
