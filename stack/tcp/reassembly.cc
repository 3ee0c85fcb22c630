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
    first_ = SackBlock{left, min(right, nxt)};
    return;
  }
  //= RFC2883-4-d
  // The block that the duplicate lies in follows right behind it: hold() puts it to the front.
  std::optional<SackBlock> lowest;
  for (const SackBlock& held : ranges_) {
    const SackBlock overlap{max(left, held.left), min(right, held.right)};
    if (overlap.left < overlap.right && (!lowest || overlap.left < lowest->left)) lowest = overlap;
  }
  if (lowest) first_ = lowest;
}

bool Reassembly::hold(SeqNum left, SeqNum right, std::size_t max_ranges) {
  SackBlock joined{left, right};
  const auto touches = [&joined](const SackBlock& held) {
    return held.left <= joined.right && joined.left <= held.right;
  };
  if (std::none_of(ranges_.begin(), ranges_.end(), touches) && ranges_.size() >= max_ranges) {
    //= RFC2018-8-b
    // Even a segment that is not kept is the first block of the ACK that it triggers.
    first_ = joined;
    return false;
  }
  // The ranges held do not touch each other, so one pass finds all that the new one joins.
  const SackBlock added = joined;
  std::erase_if(ranges_, [&](const SackBlock& held) {
    if (!(held.left <= added.right && added.left <= held.right)) return false;
    joined = {min(joined.left, held.left), max(joined.right, held.right)};
    return true;
  });
  //= RFC2018-4-d
  ranges_.insert(ranges_.begin(), joined);
  return true;
}

SeqNum Reassembly::take(SeqNum nxt) {
  std::erase_if(ranges_, [&nxt](const SackBlock& held) {
    if (nxt < held.left) return false;
    nxt = max(nxt, held.right);
    return true;
  });
  return nxt;
}

//= RFC2018-3-a
//= RFC2018-4-e
//= RFC2018-4-f
std::uint8_t Reassembly::blocks(std::span<SackBlock> into, std::size_t limit) const {
  limit = std::min(limit, into.size());
  std::uint8_t count = 0;
  if (first_ && count < limit) into[count++] = *first_;
  for (const SackBlock& held : ranges_) {
    if (count >= limit) break;
    into[count++] = held;
  }
  return count;
}

void Reassembly::clear() {
  std::vector<SackBlock>{}.swap(ranges_);
  first_.reset();
  fin_.reset();
}

}  // namespace packetwright::tcp
