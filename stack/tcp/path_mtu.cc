// SPDX-License-Identifier: Apache-2.0
// How large a segment the path takes: what routers say of it (RFC 1191, RFC 8201), how far they are
// believed (RFC 5927, 7.2), and what is found out without them (RFC 4821).
#include <algorithm>
#include <utility>

#include "stack/tcp/connection.hh"

namespace packetwright::tcp {
namespace {

constexpr std::uint16_t kSmallestMtu4 = 68;    // RFC 791, 3.2
constexpr std::uint16_t kSmallestMtu6 = 1280;  // RFC 8200, 5

// IP and TCP, without options.
std::uint16_t headers_of(const IpAddress& address) noexcept {
  return address.is_v4() ? 40 : 60;
}

std::uint16_t smallest_mtu(const IpAddress& address) noexcept {
  return address.is_v4() ? kSmallestMtu4 : kSmallestMtu6;
}

}  // namespace

// Text and options of a segment, whatever a search has found out.
std::uint16_t Connection::largest_segment() const noexcept {
  const std::uint16_t peer = std::max(peer_mss_, shared_.config.min_send_mss);
  return std::min({peer, path_.send_mss, options_->max_segment.value_or(0xffff)});
}

// --- what routers say

//= RFC7323-5.7-a
void Connection::on_packet_too_big(Instant now, const IcmpError& error, Actions& act) {
  const std::uint32_t headers = headers_of(remote_.address);
  std::uint32_t mtu = error.mtu;
  // A router older than RFC 1191 does not say how much would fit; what every host takes does.
  constexpr std::uint32_t kEveryHostTakes = 576;
  if (mtu == 0 && remote_.address.is_v4()) mtu = kEveryHostTakes;
  if (mtu < smallest_mtu(remote_.address) || mtu - headers >= path_.send_mss) {
    return act.drop(DropReason::icmp_malformed);
  }
  //= RFC5927-7.2-a
  // More than this has arrived, so either the path has just changed or somebody lies. The timer
  // will tell: if nothing comes through any more, the report was true.
  if (shared_.config.doubt_too_big && !error.certain && mtu - headers < largest_acked_) {
    doubted_mtu_ = mtu;
    return act.drop(DropReason::icmp_too_big_doubted);
  }
  if (error.mtu == 0) act.lower_path(remote_.address, mtu);
  const std::uint16_t before = segment_mss_;
  lower_path_mtu(mtu);
  if (!syn_acked_) {
    if (shared_.config.announce_path_mtu) {
      advertised_mss_ = std::min(advertised_mss_, path_.send_mss);
    }
    // A SYN is small enough, unless it has text: then the text waits for the handshake.
    if (state_ == State::syn_sent && tcb_.iss + 1 < tcb_.snd.nxt) send_syn(now, act);
    return;
  }
  if (recovery_ != Recovery::none || tcb_.snd.una == tcb_.snd.nxt) return;
  if (segment_mss_ == before) {
    // Segments are no larger than that. Only a probe was: it goes again now, or when everything
    // before it has arrived.
    if (only_path_probe_is_lost()) resend_path_probe();
    return;
  }
  //= RFC8201-5.4-d
  // What is in flight was too large, and no sign of congestion: it goes again, in smaller pieces,
  // one before the ACK that shows that they fit.
  resend_from_una(false);
  resend_first_ = await_ack_ = true;
}

void Connection::lower_path_mtu(std::uint32_t mtu) {
  const auto send_mss = static_cast<std::uint16_t>(mtu - headers_of(remote_.address));
  if (search_) search_->on_too_big(send_mss);
  set_send_mss(send_mss);
}

void Connection::set_send_mss(std::uint16_t send_mss) {
  shared_.narrow_paths -= has_narrow_path() ? 1 : 0;
  path_.send_mss = send_mss;
  shared_.narrow_paths += has_narrow_path() ? 1 : 0;
  update_mss();
  //= RFC4821-4-c
  // The window stays what it is in octets.
  if (syn_acked_) congestion_.set_smss(mss_);
}

//= RFC8201-5.3-a
//= RFC1191-6.3-b
void Connection::on_path(const Path& path) {
  if (path.send_mss > path_.send_mss) set_send_mss(path.send_mss);
}

// Everything before `ack` is about to be forgotten: it has arrived, and contradicts those who said
// that less fits.
void Connection::note_arrival(SeqNum ack) {
  doubted_mtu_ = 0;
  const auto marks = send_buffer_.marks();
  if (!syn_acked_ || marks.empty() || ack < marks.front().end) return;
  const std::uint32_t size = (marks.front().end - tcb_.snd.una) + (segment_mss_ - mss_);
  largest_acked_ = std::max(
      largest_acked_, static_cast<std::uint16_t>(std::min<std::uint32_t>(size, segment_mss_)));
  if (!search_ || !search_->on_ack(ack)) return;
  update_mss();
  //= RFC4821-4-c
  congestion_.set_smss(mss_);
}

// The retransmission timer has expired: is it the size of what is lost?
void Connection::suspect_path(Actions& act) {
  largest_acked_ = 0;
  if (search_ && search_->is_waiting() && search_->begin() == tcb_.snd.una) {
    // RFC 4821, 7.6.3: what followed the probe may be lost as well, and the window is reduced for
    // that. Five times longer until the next one.
    search_->on_loss(octets_acked_ + 5 * octets_between_losses());
  }
  if (const std::uint32_t mtu = std::exchange(doubted_mtu_, 0)) {
    lower_path_mtu(mtu);
    return act.lower_path(remote_.address, mtu);
  }
  const bool full_stop = retransmits_ >= shared_.config.r1_retransmissions;
  if (shared_.config.path_probing == PathProbing::off || !full_stop) return;
  //= RFC4821-7.7-a
  if (search_) {
    search_->on_full_stop();
    update_mss();
    congestion_.set_smss(mss_);
  } else {
    start_path_search();
    congestion_.set_smss(mss_);
  }
}

// --- what is found out without them

void Connection::start_path_search() {
  const std::uint16_t headers = headers_of(remote_.address);
  const std::uint16_t smallest = smallest_mtu(remote_.address);
  std::uint16_t base = shared_.config.probe_base_mss;
  if (remote_.address.is_v6()) base = std::max<std::uint16_t>(base, smallest - headers);
  base = std::min(base, largest_segment());
  search_ = std::make_unique<PathSearch>(PathSearch::Limits{
      .base = base, .headers = headers, .smallest = smallest, .again = shared_.config.probe_again});
  update_mss();
}

// RFC 4821, 7.6.2: about as many octets as are sent from one loss to the next, which takes as many
// round trips as the window has segments.
std::uint64_t Connection::octets_between_losses() const noexcept {
  return std::uint64_t{congestion_.cwnd()} * (congestion_.cwnd() / congestion_.smss());
}

// 7.4 and 7.5: sends a probe, if there is one to be sent. False: new text had better wait until
// ACKs have made room for the probe, which they never would if every one let go a smaller segment.
bool Connection::probe_path(Instant now, Actions& act) {
  const auto size = search_->next(now, largest_segment(), octets_acked_);
  if (!size) return true;
  // Not while anything seems lost, and not in the first round trip.
  constexpr std::uint32_t kLeastWindow = 11;  // segments
  if (recovery_ != Recovery::none || dup_acks_ > 0 || !scoreboard_.empty()) return true;
  if (congestion_.cwnd() < kLeastWindow * congestion_.smss()) return true;
  // So many segments follow that the loss of the probe shows in duplicate ACKs, and one more.
  const std::uint32_t wanted = *size + (shared_.config.dup_thresh + 1u) * mss_;
  const SeqNum nxt = tcb_.snd.nxt;
  const std::uint32_t unsent = nxt < send_buffer_.end() ? send_buffer_.end() - nxt : 0;
  if (unsent < wanted || tcb_.snd.wnd < wanted) return true;
  if (send_buffer_.record_end(nxt) < nxt + std::uint32_t{*size}) return true;
  const SeqNum edge = tcb_.snd.una + tcb_.snd.wnd;
  const std::uint32_t usable = nxt < edge ? edge - nxt : 0;
  if (usable < wanted || congestion_room() < *size) return tcb_.snd.una == nxt;
  const std::uint16_t usual = std::exchange(segment_mss_, *size);
  const SeqNum end = send_text(now, nxt, nxt + std::uint32_t{*size}, true, act);
  segment_mss_ = usual;
  search_->sent(*size, nxt, end);
  return true;
}

// As far as the peer has said.
bool Connection::only_path_probe_is_lost() const noexcept {
  if (!search_ || !search_->is_waiting() || search_->begin() != tcb_.snd.una) return false;
  const SeqNum end = search_->end();
  return !scoreboard_.next_hole(end, scoreboard_.highest().value_or(end));
}

//= RFC4821-4-b
//= RFC4821-7.6.2-a
// Its text goes again in ordinary segments, and the congestion window stays as it is.
void Connection::resend_path_probe() {
  recovery_ = Recovery::timeout;
  recover_ = resend_end_ = search_->end();
  resend_next_ = tcb_.snd.una;
  resend_merges_ = false;
  resend_first_ = true;
  timed_until_.reset();
  if (uses_rack() && !send_buffer_.marks().front().lost) send_buffer_.mark_lost(0);
  search_->on_loss(octets_acked_ + octets_between_losses());
}

}  // namespace packetwright::tcp
