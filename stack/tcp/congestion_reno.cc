// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stack/tcp/congestion.hh"

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
  acked_in_round_ = 0;
}

std::uint32_t Congestion::half_of(std::uint32_t flight) const {
  return std::max(flight / 2, 2 * smss_);
}

void Congestion::grow(std::uint32_t octets) {
  cwnd_ = std::min(cwnd_ + octets, kHigh);
}

//= RFC9293-MUST-19
//= RFC5681-3.1-a
void Congestion::on_ack(std::uint32_t acked) {
  if (cwnd_ < ssthresh_) {
    //= RFC5681-3.1-f
    grow(std::min(acked, smss_));
    return;
  }
  //= RFC5681-3.1-g
  // Octets are counted, so that neither delayed nor divided ACKs change the pace.
  acked_in_round_ += acked;
  if (acked_in_round_ >= cwnd_) {
    acked_in_round_ = std::min(acked_in_round_ - cwnd_, cwnd_);
    grow(smss_);
  }
}

//= RFC5681-3.2-f
//= RFC5681-3.2-g
void Congestion::enter_fast_recovery(std::uint32_t flight) {
  ssthresh_ = half_of(flight);
  cwnd_ = ssthresh_ + 3 * smss_;
  acked_in_round_ = 0;
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
  ssthresh_ = half_of(flight);
  cwnd_ = ssthresh_;
  acked_in_round_ = 0;
}

//= RFC5681-3.1-h
//= RFC5681-3.1-i
//= RFC6928-2-c
void Congestion::on_timeout(std::uint32_t flight, bool first) {
  if (first) ssthresh_ = half_of(flight);
  cwnd_ = smss_;
  acked_in_round_ = 0;
}

//= RFC3168-5-b
//= RFC3168-6.1.2-a
void Congestion::on_ecn_echo(std::uint32_t flight) {
  ssthresh_ = half_of(flight);
  cwnd_ = std::min(cwnd_, ssthresh_);
  acked_in_round_ = 0;
}

//= RFC5681-4.1-a
void Congestion::on_idle(std::uint32_t restart) {
  cwnd_ = std::min(cwnd_, restart);
}

void Congestion::set_smss(std::uint32_t smss) {
  if (smss < smss_) {
    cwnd_ = std::max(smss, static_cast<std::uint32_t>(std::uint64_t{cwnd_} * smss / smss_));
  }
  smss_ = smss;
}

}  // namespace packetwright::tcp
