// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/congestion.hh"

#include <algorithm>

namespace packetwright::tcp {

std::uint32_t Congestion::initial_window(std::uint32_t smss, std::uint32_t segments) {
  constexpr std::uint32_t kEthernetSegment = 1460;
  return std::min(segments * smss, std::max(2 * smss, segments * kEthernetSegment));
}

std::uint32_t Congestion::rfc3390_window(std::uint32_t smss) {
  if (smss > 2190) return 2 * smss;
  if (smss > 1095) return 3 * smss;
  return 4 * smss;
}

//= RFC5681-3.1-e
void Congestion::start(std::uint32_t smss, std::uint32_t window) {
  smss_ = smss;
  cwnd_ = window;
  ssthresh_ = kHigh;
}

void Congestion::set_control(CongestionControl control) {
  if (control == policy_.control) return;
  policy_.control = control;
  avoidance_.reset();
}

CongestionAvoidance& Congestion::avoidance() {
  if (!avoidance_) avoidance_ = make_congestion_avoidance(policy_.control);
  return *avoidance_;
}

void Congestion::grow(std::uint32_t octets) {
  cwnd_ = std::min(cwnd_ + octets, kHigh);
}

void Congestion::on_sent(SeqNum una, SeqNum nxt) {
  if (una < usage_end_ && nxt - una <= most_in_flight_) return;
  most_in_flight_ = nxt - una;
  usage_end_ = nxt;
}

//= RFC9293-MUST-19
//= RFC5681-3.1-a
void Congestion::on_ack(const Ack& ack) {
  // RFC 7661, 4.3: a window of which not even half is in use (or not more) says nothing about the
  // path, however many ACKs come; it does not grow.
  const std::uint32_t unused = policy_.half_use_is_enough ? cwnd_ / 2 : cwnd_ / 2 + 1;
  if (unused > most_in_flight_) {
    if (avoidance_) avoidance_->pause(ack.now);
    return;
  }
  if (cwnd_ < ssthresh_) return slow_start(ack);
  after_timeout_ = false;
  grow(avoidance().growth(ack.now, ack.acked, ack.srtt, window()));
}

//= RFC5681-3.1-f
//= RFC3465-2.3-a
// What an ACK acknowledges, but no more than L segments (RFC 3465, 2.2): with two of them a peer
// that delays its ACKs costs nothing. After a timeout one ACK may report what arrived long ago, and
// L is one segment (2.3).
void Congestion::slow_start(const Ack& ack) {
  const std::uint32_t limit = after_timeout_ ? 1 : policy_.abc_limit;
  std::uint32_t octets = std::min(ack.acked, limit * smss_);
  if (policy_.hystart && ssthresh_ == kHigh) {
    if (!hystart_) hystart_ = std::make_unique<HyStart>();
    constexpr std::uint32_t kSmallWindow = 16;  // segments; less is no queue
    const bool large = cwnd_ >= kSmallWindow * smss_;
    switch (policy_.hystart_at_once ? hystart_->on_ack_at_once(ack.una, ack.nxt, ack.rtt, large)
                                    : hystart_->on_ack(ack.una, ack.nxt, ack.rtt)) {
      case HyStart::Advice::slow_start: break;
      case HyStart::Advice::conservative: octets /= HyStart::kConservativeDivisor; break;
      case HyStart::Advice::leave:
        ssthresh_ = cwnd_;
        avoidance().restart();
        hystart_.reset();
        return;
    }
  }
  grow(octets);
}

void Congestion::reduce(std::uint32_t flight) {
  const bool by_window =
      policy_.cubic_reduces_window && policy_.control == CongestionControl::cubic;
  ssthresh_ = avoidance().reduce(window(), by_window ? cwnd_ : flight);
  after_timeout_ = false;
  hystart_.reset();
}

//= RFC5681-3.2-f
//= RFC5681-3.2-g
void Congestion::enter_fast_recovery(std::uint32_t flight) {
  reduce(flight);
  cwnd_ = ssthresh_ + 3 * smss_;
}

void Congestion::inflate() {
  grow(smss_);
}

//= RFC6582-3.2-b
void Congestion::on_partial_ack(std::uint32_t acked) {
  cwnd_ -= std::min(acked, cwnd_);
  if (acked >= smss_) cwnd_ += smss_;
  cwnd_ = std::max(cwnd_, smss_);
}

//= RFC6582-3.2-c
//= RFC5681-3.2-h
void Congestion::leave_fast_recovery(std::uint32_t flight) {
  cwnd_ = std::min(ssthresh_, std::max(flight, smss_) + smss_);
}

//= RFC6675-5-b
void Congestion::enter_sack_recovery(std::uint32_t flight) {
  reduce(flight);
  cwnd_ = ssthresh_;
}

//= RFC5681-3.1-h
//= RFC5681-3.1-i
//= RFC6928-2-c
void Congestion::on_timeout(std::uint32_t flight, bool first, bool repairing) {
  if (first) {
    // Recovery without SACK counts what has long arrived as in flight.
    const std::uint32_t most = repairing ? ssthresh_ : kHigh;
    reduce(flight);
    ssthresh_ = std::min(ssthresh_, most);
  }
  avoidance().restart();
  after_timeout_ = true;
  cwnd_ = smss_;
}

// The threshold is what it was, so that slow start brings the window back within a few round trips;
// the window itself grows at once by no more than a burst that a new connection may send.
void Congestion::undo(const Before& before, std::uint32_t flight, std::uint32_t acked) {
  const std::uint32_t burst = std::min(acked, initial_window(smss_, 10));
  ssthresh_ = before.ssthresh;
  cwnd_ = std::max(cwnd_, std::min(before.cwnd, flight + burst));
  after_timeout_ = false;
  avoidance().undo();
}

//= RFC3168-5-b
//= RFC3168-6.1.2-a
void Congestion::on_ecn_echo(std::uint32_t flight) {
  reduce(flight);
  cwnd_ = std::min(cwnd_, ssthresh_);
}

//= RFC5681-4.1-a
void Congestion::on_idle(std::uint32_t restart) {
  if (cwnd_ <= restart) return;
  // RFC 7661, 4.4.3: the window was once this large, and may come back to near it quickly.
  ssthresh_ = std::max(ssthresh_, cwnd_ - cwnd_ / 4);
  cwnd_ = restart;
  if (avoidance_) avoidance_->restart();
}

void Congestion::set_smss(std::uint32_t smss) {
  if (smss < smss_) {
    cwnd_ = std::max(smss, static_cast<std::uint32_t>(std::uint64_t{cwnd_} * smss / smss_));
  }
  smss_ = smss;
}

}  // namespace packetwright::tcp
