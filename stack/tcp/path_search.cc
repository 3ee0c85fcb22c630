// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/path_search.hh"

#include <algorithm>

namespace packetwright::tcp {

//= RFC4821-7.1-a
std::optional<std::uint16_t> PathSearch::next(Instant now, std::uint16_t ceiling,
                                              std::uint64_t octets_acked) {
  if (is_waiting() || octets_acked < until_acked_) return std::nullopt;
  const std::uint16_t high = std::min(high_, ceiling);
  const int range = high - low_;
  if (range >= kWorthwhile) {
    over_since_.reset();
    return static_cast<std::uint16_t>(low_ + range / 2);
  }
  // Nothing speaks against what all others would send: then that, to the last octet.
  if (range > 0 && ceiling <= high_) return ceiling;
  //= RFC4821-7.3-a
  // Over; but the path may change.
  if (!over_since_) {
    over_since_ = now;
  } else if (high_ < ceiling && now - *over_since_ >= limits_.again) {
    high_ = 0xffff;
    over_since_.reset();
  }
  return std::nullopt;
}

void PathSearch::sent(std::uint16_t size, SeqNum begin, SeqNum end) {
  probe_ = size;
  begin_ = begin;
  end_ = end;
}

bool PathSearch::on_ack(SeqNum una) {
  if (!is_waiting() || una < end_) return false;
  low_ = probe_;
  probe_ = 0;
  return true;
}

void PathSearch::on_loss(std::uint64_t until_acked) {
  high_ = std::min<std::uint16_t>(high_, probe_ - 1);
  probe_ = 0;
  until_acked_ = until_acked;
}

void PathSearch::on_resent(SeqNum seq) {
  if (is_waiting() && begin_ <= seq && seq < end_) probe_ = 0;
}

void PathSearch::on_too_big(std::uint16_t size) {
  low_ = std::min(low_, size);
  high_ = std::min(high_, size);
}

//= RFC4821-7.7-a
void PathSearch::on_full_stop() {
  probe_ = 0;
  if (low_ > limits_.base) {
    low_ = limits_.base;
    return;
  }
  const int half = std::max((low_ + limits_.headers) / 2, int{limits_.smallest});
  low_ = std::min(low_, static_cast<std::uint16_t>(half - limits_.headers));
}

}  // namespace packetwright::tcp
