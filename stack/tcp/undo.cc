// SPDX-License-Identifier: Apache-2.0
// A timeout or a recovery that was for nothing, because the text was only late: how that shows, and
// how the reduction is taken back. By what the ACKs after the timer acknowledge (F-RTO, RFC 5682),
// by the timestamp that they echo (Eifel, RFC 3522), or because the peer got everything twice
// (RFC 3708).
#include "stack/tcp/connection.hh"

namespace packetwright::tcp {

// Before the window is reduced for a loss.
void Connection::remember_reduction(std::uint32_t flight) {
  if (!shared_.config.undo) return;
  Repair& state = repair();
  state.reduction = Repair::Reduction{
      .before = congestion_.before(flight), .from = tcb_.snd.una, .until = tcb_.snd.nxt};
}

void Connection::note_retransmission(Instant now, SeqNum from, SeqNum end) {
  if (!repair_ || !repair_->reduction || recovery_ == Recovery::none) return;
  if (repair_->frto == Repair::Frto::first_ack) repair_->frto_end = end;
  Repair::Reduction& reduction = *repair_->reduction;
  if (from < reduction.from || reduction.until <= from) return;
  if (reduction.resent++ > 0) return;
  reduction.first_at = timestamps_.clock(now);
  reduction.awaits_echo = timestamps_ok_;
}

// After an ACK that is not below SND.UNA of before.
void Connection::judge_reduction(const Segment& seg, SeqNum una_before) {
  if (!repair_->reduction) return;
  Repair::Reduction& reduction = *repair_->reduction;
  if (reduction.until + tcb_.snd.max_wnd < tcb_.snd.una) {
    repair_->reduction.reset();  // long ago: its numbers must not come back as the future
    return;
  }
  const std::uint32_t acked = seg.ack - una_before;
  // Eifel: the first ACK of what was sent again echoes a timestamp from before that.
  if (reduction.awaits_echo && acked > 0 && seg.options.timestamps) {
    reduction.awaits_echo = false;
    const std::uint32_t echo = seg.options.timestamps->echo_reply;
    const bool of_the_original = static_cast<std::int32_t>(echo - reduction.first_at) < 0;
    if (of_the_original) return undo_reduction(seg, acked);
  }
  // RFC 3708, 3: each segment that was sent again was a duplicate, and none is still to be sent
  // again.
  const auto duplicate = dsack_of(seg);
  const bool counts =
      duplicate && reduction.from <= duplicate->left && duplicate->right <= reduction.until;
  if (counts) ++reduction.duplicates;
  if (reduction.resent == 0 || reduction.duplicates < reduction.resent) return;
  if (send_buffer_.lost_octets() == 0) undo_reduction(seg, acked);
}

// F-RTO, RFC 5682, 2.1, steps 2 and 3.
void Connection::judge_timeout(const Segment& seg, SeqNum una_before) {
  Repair::Frto& step = repair_->frto;
  const bool advances = una_before < seg.ack;
  if (step == Repair::Frto::off || (!advances && seg.len() > 0)) return;
  if (recovery_ != Recovery::timeout) {
    step = Repair::Frto::off;  // everything is acknowledged: who knows which copy it was
    return;
  }
  if (step == Repair::Frto::first_ack) {
    // An ACK of a part only is no sign of anything (step 2a).
    const bool whole = advances && repair_->frto_end <= seg.ack;
    step = whole ? Repair::Frto::second_ack : Repair::Frto::off;
    repair_->frto_text_sent = false;
    return;
  }
  step = Repair::Frto::off;
  if (advances) {
    // It acknowledges what was not sent again: the originals arrive.
    undo_reduction(seg, seg.ack - una_before);
  } else if (repair_->frto_text_sent) {
    // The loss was real (step 3a): two segments are under way, and a third may go.
    congestion_.set_recovery_window(3 * congestion_.smss());
  }
}

//= RFC4015-3.4-a
// Not where the same ACK tells of congestion.
void Connection::undo_reduction(const Segment& seg, std::uint32_t acked) {
  if (!repair_->reduction) return;
  const Congestion::Before before = repair_->reduction->before;
  repair_->reduction.reset();
  repair_->frto = Repair::Frto::off;
  if (ecn_ok_ && seg.ece) return;
  send_buffer_.take_back_losses();
  recovery_ = Recovery::none;
  resend_first_ = await_ack_ = resend_merges_ = false;
  resend_next_ = resend_end_ = tcb_.snd.una;
  dup_acks_ = 0;
  congestion_.undo(before, in_flight(), acked);
}

}  // namespace packetwright::tcp
