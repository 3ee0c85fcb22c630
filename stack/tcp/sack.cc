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
  if (blocks.empty()) return 0;
  if (!reported_) reported_ = std::make_unique<Reported>();
  auto& [ranges, octets] = *reported_;
  const std::uint32_t before = octets;
  for (SackBlock block : blocks) {
    //= RFC2883-5-a
    // A block at or below the ACK field of its own segment tells of a duplicate.
    if (!(block.left < block.right) || block.left < ack) continue;
    if (block.right > nxt || block.right <= una) continue;
    block.left = max(block.left, una);

    const auto first =
        std::lower_bound(ranges.begin(), ranges.end(), block.left,
                         [](const SackBlock& range, SeqNum seq) { return range.right < seq; });
    auto last = first;
    std::uint32_t known = 0;
    while (last != ranges.end() && last->left <= block.right) {
      known += last->right - last->left;
      block = {min(block.left, last->left), max(block.right, last->right)};
      ++last;
    }
    if (first == last) {
      if (ranges.size() == kMaxRanges) continue;
      ranges.insert(first, block);
    } else {
      *first = block;
      ranges.erase(first + 1, last);
    }
    octets += block.right - block.left - known;
  }
  return octets - before;
}

void Scoreboard::advance(SeqNum una) {
  if (!reported_) return;
  auto& [ranges, octets] = *reported_;
  auto first = ranges.begin();
  while (first != ranges.end() && first->right <= una) {
    octets -= first->right - first->left;
    ++first;
  }
  ranges.erase(ranges.begin(), first);
  if (ranges.empty() || una <= ranges.front().left) return;
  octets -= una - ranges.front().left;
  ranges.front().left = una;
}

bool Scoreboard::is_sacked(SeqNum seq) const noexcept {
  const std::span<const SackBlock> all = ranges();
  const auto range = std::upper_bound(all.begin(), all.end(), seq,
                                      [](SeqNum s, const SackBlock& r) { return s < r.right; });
  return range != all.end() && range->left <= seq;
}

SeqNum Scoreboard::hole_end(SeqNum seq, SeqNum limit) const noexcept {
  for (const SackBlock& range : ranges()) {
    if (seq < range.left) return min(limit, range.left);
  }
  return limit;
}

std::optional<SeqNum> Scoreboard::highest() const noexcept {
  if (empty()) return std::nullopt;
  return ranges().back().right;
}

SeqNum Scoreboard::lost_before(SeqNum una, std::uint32_t dup_thresh,
                               std::uint32_t smss) const noexcept {
  std::uint32_t ranges_above = 0;
  std::uint32_t octets_above = 0;
  const std::span<const SackBlock> all = ranges();
  for (auto range = all.rbegin(); range != all.rend(); ++range) {
    ++ranges_above;
    octets_above += range->right - range->left;
    if (ranges_above >= dup_thresh || octets_above > (dup_thresh - 1) * smss) return range->left;
  }
  return una;
}

std::uint32_t Scoreboard::missing(SeqNum left, SeqNum right) const noexcept {
  if (right <= left) return 0;
  std::uint32_t octets = right - left;
  for (const SackBlock& range : ranges()) {
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
  for (const SackBlock& range : ranges()) {
    if (from < range.left) break;
    if (from < range.right) from = range.right;
  }
  if (from < limit) return from;
  return std::nullopt;
}

std::optional<SackBlock> Scoreboard::last_hole(SeqNum una, SeqNum nxt) const noexcept {
  SackBlock hole{una, nxt};
  const std::span<const SackBlock> all = ranges();
  for (auto range = all.rbegin(); range != all.rend(); ++range) {
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
