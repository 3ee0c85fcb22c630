// SPDX-License-Identifier: Apache-2.0
// Losses told by time, and probes for those at the end: RFC 8985, called from process_ack(), from
// the retransmission timer and from the one that comes before it. Without SACK, or where the
// configuration wants RFC 6675, nothing here runs.
#include <algorithm>
#include <utility>

#include "stack/tcp/connection.hh"

namespace packetwright::tcp {
namespace {

// The blocks of a segment by their distance from SEG.ACK, which is an order whatever numbers a peer
// makes up.
Options in_order(const Segment& seg) {
  Options sorted = seg.options;
  auto& blocks = sorted.sack_blocks;
  for (std::size_t i = 1; i < sorted.sack_count; ++i) {
    for (std::size_t j = i; j > 0 && blocks[j].left - seg.ack < blocks[j - 1].left - seg.ack; --j) {
      std::swap(blocks[j], blocks[j - 1]);
    }
  }
  return sorted;
}

}  // namespace

Repair& Connection::repair() {
  if (!repair_) repair_ = std::make_unique<Repair>(Rack{tcb_.snd.una, rto_.srtt()});
  return *repair_;
}

Rack::View Connection::rack_view(Instant now) const noexcept {
  return {.now = now,
          .min_rtt = std::min(min_rtt_, rto_.srtt()),
          .srtt = rto_.srtt(),
          .granularity = shared_.config.clock_granularity,
          .dup_thresh = shared_.config.dup_thresh,
          .smss = std::max(congestion_.smss(), 1u),
          .recovering = recovery_ != Recovery::none};
}

// 6.2, steps 2 to 4. Before the ACK takes anything off the buffer.
void Connection::note_delivered(Instant now, const Segment& seg, bool newly_sacked) {
  if (!repair_ && !newly_sacked) return;  // in order, as everything before
  Rack& rack = repair().rack;
  const Rack::View view = rack_view(now);
  for (const SendBuffer::Mark& segment : send_buffer_.marks()) {
    if (seg.ack < segment.end) break;
    if (segment.sacked) continue;
    const bool echo_is_older = segment.resent && timestamps_ok_ && seg.options.timestamps &&
                               static_cast<std::int32_t>(seg.options.timestamps->echo_reply -
                                                         timestamps_.clock(segment.sent_at)) < 0;
    rack.delivered(segment, echo_is_older, view);
  }
  if (newly_sacked) {
    // What is echoed with a gap below is from before the gap (RFC 7323, 4.3), and says nothing.
    const auto note = [&](const SendBuffer::Mark& segment) {
      rack.delivered(segment, false, view);
    };
    const Options sorted = in_order(seg);
    for (const SackBlock& block : sorted.sack()) {
      // What the scoreboard did not believe is no news.
      if (block.left < seg.ack || tcb_.snd.nxt < block.right) continue;
      if (!scoreboard_.is_sacked(block.left)) continue;
      send_buffer_.mark_sacked(block.left, block.right, note);
    }
  }
  rack.end_of_ack(now);
  if (dsack_of(seg)) rack.on_dsack(seg.ack, tcb_.snd.nxt);
}

// Step 5.
void Connection::detect_losses(Instant now) {
  const Duration again = repair().rack.detect(send_buffer_, rack_view(now));
  if (!early_is_probe_) early_at_.reset();
  //= RFC8985-6.2-b
  if (again > Duration{0}) {
    early_at_ = now + again;
    early_is_probe_ = false;
  }
  if (recovery_ == Recovery::none && send_buffer_.lost_octets() > 0) enter_recovery();
}

// RFC 6937, after each ACK in recovery, the first included.
void Connection::reduce_in_proportion(bool advanced, bool more_lost) {
  if (recovery_ != Recovery::sack || !uses_rack() || !shared_.config.prr) return;
  const std::uint32_t pipe = in_flight();
  const std::uint32_t room =
      repair().prr.on_ack(repair().arrived, pipe, advanced && !more_lost, congestion_.smss());
  congestion_.set_recovery_window(pipe + room);
}

// Everything that was outstanding when recovery began is acknowledged.
void Connection::leave_recovery() {
  if (repair_) repair_->rack.on_recovery_end();
  if (recovery_ == Recovery::sack && uses_rack()) congestion_.leave_sack_recovery();
  recovery_ = Recovery::none;
  resend_merges_ = false;
}

// 7.4.2: was there a loss that the probe itself has repaired?
//= RFC8985-7.4.2-a
void Connection::judge_probe(const Segment& seg, SeqNum una_before, std::uint32_t flight_before) {
  std::optional<SeqNum>& end = repair().probe_end;
  if (!end || seg.ack < *end) return;
  if (!repair_->probe_was_resent || dsack_of(seg)) {
    end.reset();
  } else if (*end < seg.ack) {
    end.reset();
    if (recovery_ != Recovery::none) return;
    repair_->reduction.reset();
    congestion_.enter_sack_recovery(flight_before);
    note_reduction();
  } else if (seg.ack == una_before && seg.len() == 0 && seg.options.sack_count == 0) {
    end.reset();  // both copies were acknowledged
  }
}

// 7.3.
//= RFC8985-7.3-a
//= RFC8985-7.3-b
//= RFC8985-7.3-c
void Connection::send_probe(Instant now, Actions& act) {
  // The timer starts anew whether a probe leaves or not (RFC 8985, 7.3), even if it is due now.
  retransmit_at_.reset();
  restart_retransmit_ = true;
  if (tcb_.snd.una == tcb_.snd.nxt) return;
  Repair& state = repair();
  if (state.probe_end || !state.sampled_since_probe) return;
  if (const std::uint32_t size = new_segment_size(mss_); size > 0) {
    send_text(now, tcb_.snd.nxt, tcb_.snd.nxt + size, true, act);
    state.probe_was_resent = false;
  } else {
    const SendBuffer::Mark last = send_buffer_.marks().back();
    if (retransmit(now, last.begin(), last.end, act) == last.begin()) return;
    state.probe_was_resent = true;
  }
  state.probe_end = tcb_.snd.nxt;
  state.sampled_since_probe = false;
  restart_probe_ = false;
}

// 7.2 and 8: the probe is armed by what is sent and what is acknowledged, and not while something
// else sees to a loss.
//= RFC8985-7.2-a
//= RFC8985-8-a
void Connection::arm_early_timer(Instant now) {
  const bool restart = std::exchange(restart_probe_, false);
  const bool outstanding = tcb_.snd.una < tcb_.snd.nxt;
  if (!outstanding || !retransmit_at_ || !syn_acked_) {
    early_at_.reset();
    return;
  }
  if (early_at_ && !early_is_probe_) return;
  const bool wanted = uses_rack() && shared_.config.tail_loss_probe &&
                      recovery_ == Recovery::none && send_buffer_.sacked_segments() == 0 &&
                      !(repair_ && (repair_->probe_end || !repair_->sampled_since_probe));
  if (!wanted) {
    early_at_.reset();
    return;
  }
  if (!restart) return;
  Duration wait = 1s;
  if (rto_.has_sample()) {
    wait = std::max(2 * rto_.srtt(), shared_.config.probe_min);
    if (send_buffer_.marks().size() == 1) wait += shared_.config.probe_ack_delay;
  }
  early_at_ = std::min(now + wait, *retransmit_at_);
  early_is_probe_ = true;
}

}  // namespace packetwright::tcp
