// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/reassembly.hh"

#include <algorithm>

namespace packetwright::tcp {

//= RFC2883-4-a
//= RFC2883-4-c
void Reassembly::note_duplicate(SeqNum left, SeqNum right, SeqNum nxt) {
  // Only the first duplicate run of a segment is reported (RFC 2883, 4.2): what lies before RCV.NXT
  // comes before anything held.
  if (left < nxt) {
    held().first = SackBlock{left, min(right, nxt)};
    return;
  }
  if (empty()) return;
  //= RFC2883-4-d
  // The block that the duplicate lies in follows right behind it: hold() puts it to the front.
  std::optional<SackBlock> lowest;
  for (const SackBlock& range : held_->ranges) {
    const SackBlock overlap{max(left, range.left), min(right, range.right)};
    if (overlap.left < overlap.right && (!lowest || overlap.left < lowest->left)) lowest = overlap;
  }
  if (lowest) held_->first = lowest;
}

bool Reassembly::hold(SeqNum left, SeqNum right, std::size_t max_ranges) {
  SackBlock joined{left, right};
  std::vector<SackBlock>& ranges = held().ranges;
  const auto touches = [&joined](const SackBlock& range) {
    return range.left <= joined.right && joined.left <= range.right;
  };
  if (std::none_of(ranges.begin(), ranges.end(), touches) && ranges.size() >= max_ranges) {
    //= RFC2018-8-b
    // Even a segment that is not kept is the first block of the ACK that it triggers.
    held_->first = joined;
    return false;
  }
  // The ranges held do not touch each other, so one pass finds all that the new one joins.
  const SackBlock added = joined;
  std::erase_if(ranges, [&](const SackBlock& range) {
    if (!(range.left <= added.right && added.left <= range.right)) return false;
    joined = {min(joined.left, range.left), max(joined.right, range.right)};
    return true;
  });
  //= RFC2018-4-d
  ranges.insert(ranges.begin(), joined);
  return true;
}

SeqNum Reassembly::take(SeqNum nxt) {
  if (empty()) return nxt;
  std::erase_if(held_->ranges, [&nxt](const SackBlock& range) {
    if (nxt < range.left) return false;
    nxt = max(nxt, range.right);
    return true;
  });
  return nxt;
}

//= RFC2018-3-a
//= RFC2018-4-e
//= RFC2018-4-f
std::uint8_t Reassembly::blocks(std::span<SackBlock> into, std::size_t limit) const {
  if (!held_) return 0;
  limit = std::min(limit, into.size());
  std::uint8_t count = 0;
  if (held_->first && count < limit) into[count++] = *held_->first;
  for (const SackBlock& range : held_->ranges) {
    if (count >= limit) break;
    into[count++] = range;
  }
  return count;
}

}  // namespace packetwright::tcp
