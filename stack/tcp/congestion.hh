// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace packetwright::tcp {

// The congestion window of RFC 5681: how large it is after each event. Which octets are in flight,
// lost, or to be sent is the business of loss_recovery.cc and output.cc. All sizes are octets.
class Congestion {
 public:
  //= RFC6928-2-a
  // The initial window for segments of `smss`: `segments` of them (RFC 6928 says ten), but no more
  // than this many times 1460 octets unless two segments are more than that.
  [[nodiscard]] static std::uint32_t initial_window(std::uint32_t smss, std::uint32_t segments);
  //= RFC5681-3.1-b
  // The more careful initial window of RFC 5681 (RFC 3390).
  [[nodiscard]] static std::uint32_t rfc3390_window(std::uint32_t smss);

  // The handshake is over. cwnd starts at `window`.
  void start(std::uint32_t smss, std::uint32_t window);

  // An ACK of `acked` octets of new data, outside recovery: slow start or congestion avoidance.
  void on_ack(std::uint32_t acked);

  // NewReno (RFC 5681, 3.2; RFC 6582, 3.2). `flight`: FlightSize without limited transmit.
  void enter_fast_recovery(std::uint32_t flight);
  void inflate();
  void on_partial_ack(std::uint32_t acked);
  void leave_fast_recovery(std::uint32_t flight);

  // RFC 6675, 5, step 4.2.
  void enter_sack_recovery(std::uint32_t flight);

  // The retransmission timer expired; `first`: for the first time for the segment at SND.UNA.
  void on_timeout(std::uint32_t flight, bool first);
  // The peer echoed congestion (RFC 3168, 6.1.2).
  void on_ecn_echo(std::uint32_t flight);
  // Nothing was sent for longer than the RTO; `restart`: the restart window's bound.
  void on_idle(std::uint32_t restart);
  // Segments have become smaller (path MTU discovery); the window shrinks in proportion.
  void set_smss(std::uint32_t smss);

  [[nodiscard]] std::uint32_t cwnd() const noexcept { return cwnd_; }
  [[nodiscard]] std::uint32_t ssthresh() const noexcept { return ssthresh_; }
  [[nodiscard]] std::uint32_t smss() const noexcept { return smss_; }

 private:
  // RFC 5681, equation 4.
  [[nodiscard]] std::uint32_t half_of(std::uint32_t flight) const;
  void grow(std::uint32_t octets);

  // "Arbitrarily high" (3.1), and still far from overflow.
  static constexpr std::uint32_t kHigh = 0x3fff'ffff;
  std::uint32_t smss_ = 1;
  std::uint32_t cwnd_ = 0;
  std::uint32_t ssthresh_ = kHigh;
  std::uint32_t acked_in_round_ = 0;  // octets counted towards the next step of avoidance
};

}  // namespace packetwright::tcp
