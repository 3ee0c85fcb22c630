// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/rack.hh"

#include <algorithm>

namespace packetwright::tcp {

void Rack::delivered(const SendBuffer::Mark& segment, bool echo_is_older, const View& view) {
  // Step 3: an original that comes after one above it was overtaken.
  if (segment.end > fack_) {
    fack_ = segment.end;
  } else if (segment.end < fack_ && !segment.resent) {
    reordering_seen_ = true;
    const std::uint32_t octets = fack_ - segment.begin();
    reordering_ = std::max(reordering_, (octets + view.smss - 1) / view.smss);
  }
  // Step 2. An ACK that comes too early is not for what was sent again, but for the original.
  if (segment.resent && (echo_is_older || view.now - segment.sent_at < view.min_rtt)) return;
  if (!latest_ || segment.sent_at > *latest_) latest_ = segment.sent_at;
}

void Rack::end_of_ack(Instant now) {
  if (!latest_) return;
  rtt_ = now - *latest_;  // where a round trip takes no time, some nanoseconds below zero
  if (!xmit_ts_ || *latest_ > *xmit_ts_) xmit_ts_ = latest_;
  latest_.reset();
}

//= RFC8985-3.3.2-b
// Once in a round trip; kept for 16 recoveries.
void Rack::on_dsack(SeqNum una, SeqNum nxt) {
  if (dsack_round_ && una < *dsack_round_) return;
  dsack_round_ = nxt;
  if (reo_wnd_mult_ < 0xff) ++reo_wnd_mult_;
  reo_wnd_persist_ = 16;
}

void Rack::on_recovery_end() {
  if (reo_wnd_persist_ > 0) --reo_wnd_persist_;
  if (reo_wnd_persist_ == 0) reo_wnd_mult_ = 1;
}

//= RFC8985-3.3.2-a
//= RFC8985-3.3.2-c
Duration Rack::reordering_window(std::uint32_t segments_sacked, const View& view) const {
  if (!reordering_seen_ && (view.recovering || segments_sacked >= view.dup_thresh)) {
    return Duration{0};
  }
  // Never shorter than the clock can tell: on a path without delay every segment would be late.
  const Duration quarter = view.min_rtt / 4;
  return std::max(std::min(reo_wnd_mult_ * quarter, view.srtt), view.granularity);
}

//= RFC8985-6.2-a
Duration Rack::detect(SendBuffer& buffer, const View& view) const {
  const Duration window = reordering_window(buffer.sacked_segments(), view);
  Duration longest{0};
  const auto segments = buffer.marks();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const SendBuffer::Mark& segment = segments[i];
    if (segment.sacked || segment.lost) continue;
    if (!xmit_ts_ || segment.sent_at >= *xmit_ts_) {
      // What was sent once was sent in order: no original from here on is older.
      if (!segment.resent) break;
      continue;
    }
    const Duration remaining = segment.sent_at + rtt_ + window - view.now;
    if (remaining > Duration{0}) {
      longest = std::max(longest, remaining);
    } else {
      buffer.mark_lost(i);
    }
  }
  return longest;
}

void Rack::detect_on_timeout(SendBuffer& buffer, const View& view) const {
  const Duration window = reordering_window(buffer.sacked_segments(), view);
  const auto segments = buffer.marks();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].sacked || segments[i].lost) continue;
    if (i == 0 || segments[i].sent_at + rtt_ + window <= view.now) buffer.mark_lost(i);
  }
}

}  // namespace packetwright::tcp
