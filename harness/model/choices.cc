// SPDX-License-Identifier: Apache-2.0
#include "harness/model/choices.hh"

#include <algorithm>

#include "stack/base/assert.hh"

namespace packetwright::model {
namespace {

using V = Variant;

constexpr PointVariant kIllegalOptionLength[] = {{V::ignore}, {V::drop}};
constexpr PointVariant kSynFinInListen[] = {{V::take}, {V::drop, false}};
constexpr PointVariant kTextOfSynAck[] = {{V::process}, {V::drop}};
constexpr PointVariant kAckWithoutSyn[] = {{V::drop}, {V::reset, false}};
constexpr PointVariant kResetHasAck[] = {{V::no}, {V::yes, false}};
constexpr PointVariant kNewSynInTimeWait[] = {{V::accept}, {V::ack}};
constexpr PointVariant kSynAtRcvNxt[] = {{V::accept}, {V::refuse}};
constexpr PointVariant kStaleSynInTimeWait[] = {{V::drop}, {V::ack}};
constexpr PointVariant kMissingTimestamp[] = {{V::drop}, {V::process, false}};
constexpr PointVariant kPawsInSynReceived[] = {{V::check}, {V::ignore}};
constexpr PointVariant kTsRecentBelowWindow[] = {{V::keep}, {V::take}};
constexpr PointVariant kTsRecentOfRefused[] = {{V::take}, {V::keep}};
constexpr PointVariant kRstAtRightEdge[] = {{V::drop}, {V::challenge, false}};
constexpr PointVariant kWindowOfEqual[] = {{V::take}, {V::larger, false}};
constexpr PointVariant kEmptyAtRightEdge[] = {{V::refuse}, {V::accept, false}};
constexpr PointVariant kFinAtRightEdge[] = {{V::refuse}, {V::take, false}};
constexpr PointVariant kStrayWithoutAck[] = {{V::ack}, {V::drop, false}};
constexpr PointVariant kRepeatedSyn[] = {{V::ack}, {V::syn_ack}};
constexpr PointVariant kCrossingSynAck[] = {{V::ack}, {V::establish}};
constexpr PointVariant kOldSegmentWithAck[] = {{V::ignore}, {V::process, false}};
constexpr PointVariant kStraddlingSyn[] = {{V::challenge}, {V::trim}};
constexpr PointVariant kInexactRst[] = {{V::challenge}, {V::reset, false}, {V::drop, false}};
constexpr PointVariant kInexactRstEarly[] = {{V::challenge}, {V::reset, false}, {V::drop, false}};
constexpr PointVariant kRstInTimeWait[] = {{V::take}, {V::ignore, false}};
constexpr PointVariant kSynInWindow[] = {{V::challenge}, {V::reset, false}, {V::drop, false}};
constexpr PointVariant kSynInSynReceived[] = {
    {V::forget}, {V::reset, false}, {V::ack, false}, {V::syn_ack, false}};
constexpr PointVariant kBadAckInSynReceived[] = {{V::reset}, {V::ack}};
constexpr PointVariant kAckNotYetSent[] = {{V::ack}, {V::drop, false}};
constexpr PointVariant kAckRange[] = {{V::check}, {V::ignore}};
constexpr PointVariant kBadAckLate[] = {{V::ack}, {V::silence}};
constexpr PointVariant kSilenceOrAck[] = {{V::silence}, {V::ack}};
constexpr PointVariant kUrgentOctet[] = {{V::in_band}, {V::out_of_band}};
constexpr PointVariant kAckOrSilence[] = {{V::ack}, {V::silence}};

constexpr PointInfo kInfo[] = {
    {Point::illegal_option_length, "illegal_option_length", "RFC 9293, 3.1 (MUST-7)",
     "what happens to a segment with an option whose length makes no sense", kIllegalOptionLength},
    {Point::syn_fin_in_listen, "syn_fin_in_listen", "RFC 9293, 3.10.7.2",
     "whether LISTEN takes a SYN that carries a FIN", kSynFinInListen},
    {Point::text_of_syn_ack, "text_of_syn_ack", "RFC 9293, 3.10.7.3",
     "whether SYN-SENT takes text and FIN of the SYN,ACK, or has them sent again", kTextOfSynAck},
    {Point::ack_without_syn_in_syn_sent, "ack_without_syn_in_syn_sent", "RFC 9293, 3.10.7.3",
     "what answers an acceptable ACK without SYN in SYN-SENT", kAckWithoutSyn},
    {Point::reset_has_ack, "reset_has_ack", "RFC 9293, 3.5.2",
     "whether a RST that takes its number from an ACK carries an ACK itself", kResetHasAck},
    {Point::new_syn_in_time_wait, "new_syn_in_time_wait", "RFC 6191, 2; RFC 9293, MAY-2",
     "whether a SYN that is proved to be new ends TIME-WAIT", kNewSynInTimeWait},
    {Point::syn_at_rcv_nxt_in_time_wait, "syn_at_rcv_nxt_in_time_wait", "RFC 6191, 2",
     "whether a SYN without a newer timestamp is new at RCV.NXT, one above the FIN", kSynAtRcvNxt},
    {Point::stale_syn_in_time_wait, "stale_syn_in_time_wait", "RFC 6191, 2; RFC 9293, 3.10.7.4",
     "what answers any other SYN in TIME-WAIT", kStaleSynInTimeWait},
    {Point::missing_timestamp, "missing_timestamp", "RFC 7323, 3.2",
     "what happens to a segment without the timestamps that were agreed", kMissingTimestamp},
    {Point::missing_timestamp_of_syn, "missing_timestamp_of_syn", "RFC 7323, 3.2; RFC 5961, 4",
     "the same for a SYN, which may be of a peer that has started anew", kMissingTimestamp},
    {Point::paws_in_syn_received, "paws_in_syn_received", "RFC 7323, 5.3 and appendix D",
     "whether SYN-RECEIVED tests timestamps", kPawsInSynReceived},
    {Point::ts_recent_below_window, "ts_recent_below_window", "RFC 7323, 5.3 and appendix D",
     "whether a segment that is not acceptable renews TS.Recent", kTsRecentBelowWindow},
    {Point::ts_recent_of_refused, "ts_recent_of_refused", "RFC 7323, 5.3",
     "whether a segment in the window that its SYN or its ACK field makes refused renews TS.Recent",
     kTsRecentOfRefused},
    {Point::empty_at_right_edge, "empty_at_right_edge", "RFC 9293, 3.10.7.4",
     "whether an empty segment at RCV.NXT+RCV.WND is acceptable", kEmptyAtRightEdge},
    {Point::fin_at_right_edge, "fin_at_right_edge", "RFC 9293, 3.10.7.4",
     "whether a FIN behind the last octet of the window is taken", kFinAtRightEdge},
    {Point::stray_without_ack, "stray_without_ack", "RFC 9293, 3.10.7.4",
     "what answers a segment outside the window without ACK, RST and SYN", kStrayWithoutAck},
    {Point::repeated_syn, "repeated_syn", "RFC 9293, 3.10.7.4",
     "what answers the SYN that led to SYN-RECEIVED when it comes again", kRepeatedSyn},
    {Point::crossing_syn_ack, "crossing_syn_ack", "RFC 9293, 3.10.7.4 and figure 7",
     "whether the SYN,ACK of a simultaneous open leads to ESTABLISHED", kCrossingSynAck},
    {Point::old_segment_with_ack, "old_segment_with_ack", "RFC 9293, 3.10.7.4",
     "whether the ACK field of a segment below the window counts", kOldSegmentWithAck},
    {Point::straddling_syn, "straddling_syn", "RFC 9293, 3.10.7.4; RFC 5961, 4",
     "whether a SYN below the window with text inside is challenged, or cut off", kStraddlingSyn},
    {Point::rst_at_right_edge, "rst_at_right_edge", "RFC 5961, 3.2",
     "what answers a RST at RCV.NXT+RCV.WND, one beyond the window", kRstAtRightEdge},
    {Point::inexact_rst, "inexact_rst", "RFC 5961, 3.2",
     "what answers a RST in the window that is not at RCV.NXT", kInexactRst},
    {Point::inexact_rst_in_syn_received, "inexact_rst_in_syn_received", "RFC 5961, 3.2",
     "the same in SYN-RECEIVED after a passive OPEN", kInexactRstEarly},
    {Point::rst_in_time_wait, "rst_in_time_wait", "RFC 9293, 3.10.7.4; RFC 1337, 3",
     "whether a RST ends TIME-WAIT", kRstInTimeWait},
    {Point::syn_in_window, "syn_in_window", "RFC 5961, 4.2", "what answers a SYN in the window",
     kSynInWindow},
    {Point::syn_in_syn_received, "syn_in_syn_received", "RFC 9293, 3.10.7.4",
     "what a SYN in the window does to SYN-RECEIVED after a passive OPEN", kSynInSynReceived},
    {Point::bad_ack_in_syn_received, "bad_ack_in_syn_received", "RFC 9293, 3.10.7.4 and 3.5.2",
     "what answers an ACK in SYN-RECEIVED that is not of our SYN", kBadAckInSynReceived},
    {Point::ack_not_yet_sent, "ack_not_yet_sent", "RFC 9293, 3.10.7.4",
     "what answers an ACK of something not yet sent", kAckNotYetSent},
    {Point::ack_range, "ack_range", "RFC 5961, 5.2 (MAY-12)",
     "whether an ACK older than the largest window of the peer is refused", kAckRange},
    {Point::bad_ack_in_late_state, "bad_ack_in_late_state", "RFC 9293, 3.10.7.4",
     "whether LAST-ACK and TIME-WAIT answer an ACK out of range", kBadAckLate},
    {Point::window_of_equal_numbers, "window_of_equal_numbers", "RFC 9293, 3.10.7.4",
     "whether a segment with SEG.SEQ = SND.WL1 and SEG.ACK = SND.WL2 may make the window smaller",
     kWindowOfEqual},
    {Point::other_in_time_wait, "other_in_time_wait", "RFC 9293, 3.10.7.4",
     "what answers an acceptable segment in TIME-WAIT", kSilenceOrAck},
    {Point::urgent_octet, "urgent_octet", "RFC 9293, 3.8.5; RFC 6093, 3.1",
     "whether the last urgent octet stays in the stream", kUrgentOctet},
    {Point::text_after_fin, "text_after_fin", "RFC 9293, 3.10.7.4",
     "what answers text behind the FIN of the peer", kSilenceOrAck},
    {Point::second_fin, "second_fin", "RFC 9293, 3.10.7.4",
     "what answers a FIN behind the FIN of the peer", kAckOrSilence},
};
static_assert(std::size(kInfo) == kPoints);

constexpr std::string_view kVariantNames[] = {
    "accept", "ack",     "challenge", "check",   "drop", "establish",   "forget",
    "ignore", "in_band", "keep",      "larger",  "no",   "out_of_band", "process",
    "refuse", "reset",   "silence",   "syn_ack", "take", "trim",        "yes"};

}  // namespace

std::string_view name_of(Variant variant) noexcept {
  return kVariantNames[static_cast<std::size_t>(variant)];
}

std::span<const PointInfo> points() noexcept {
  return kInfo;
}

const PointInfo& info_of(Point point) noexcept {
  return kInfo[static_cast<std::size_t>(point)];
}

std::optional<Point> point_named(std::string_view name) noexcept {
  const auto* const found = std::find_if(std::begin(kInfo), std::end(kInfo),
                                         [&](const PointInfo& one) { return one.name == name; });
  if (found == std::end(kInfo)) return std::nullopt;
  return found->point;
}

Choices::Choices() {
  for (const PointInfo& info : kInfo) {
    Allowed& one = allowed_[static_cast<std::size_t>(info.point)];
    for (const PointVariant& variant : info.variants) {
      if (variant.open) one.variants[one.count++] = variant.variant;
    }
  }
}

Result<void, std::string> Choices::set(Point point, std::span<const std::string> variants) {
  const PointInfo& info = info_of(point);
  Allowed chosen;
  // In the order of the table, so that the letter of the text stays the first.
  for (const PointVariant& one : info.variants) {
    if (std::find(variants.begin(), variants.end(), name_of(one.variant)) == variants.end()) {
      continue;
    }
    chosen.variants[chosen.count++] = one.variant;
  }
  for (const std::string& word : variants) {
    if (std::any_of(info.variants.begin(), info.variants.end(),
                    [&](const PointVariant& one) { return name_of(one.variant) == word; })) {
      continue;
    }
    std::string known;
    for (const PointVariant& one : info.variants) {
      known += (known.empty() ? "" : ", ") + std::string(name_of(one.variant));
    }
    return Err{"'" + word + "' is not a choice of " + std::string(info.name) + ": " + known};
  }
  if (chosen.count == 0) return Err{"no choice of " + std::string(info.name) + " is named"};
  allowed_[static_cast<std::size_t>(point)] = chosen;
  return {};
}

Variant Chooser::pick(Point point) noexcept {
  const auto allowed = choices_.allowed(point);
  for (std::size_t i = 0; i < met_; ++i) {
    if (steps_[i].point == point) return allowed[steps_[i].taken];
  }
  PW_ASSERT(met_ < kMostSteps);
  if (met_ == known_) steps_[known_++] = {point, 0};
  return allowed[steps_[met_++].taken];
}

bool Chooser::next() noexcept {
  // The last choice that has another variant takes it; all behind it are made anew.
  known_ = met_;
  met_ = 0;
  while (known_ > 0) {
    Step& last = steps_[known_ - 1];
    if (++last.taken < choices_.allowed(last.point).size()) return true;
    --known_;
  }
  return false;
}

}  // namespace packetwright::model
