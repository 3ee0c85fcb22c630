// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "stack/base/instant.hh"
#include "stack/base/seq_num.hh"
#include "stack/tcp/congestion_avoidance.hh"
#include "stack/tcp/hystart.hh"

namespace packetwright::tcp {

// The congestion window of RFC 5681: how large it is after each event. Which octets are in flight,
// lost, or to be sent is the business of loss_recovery.cc and output.cc; how a window falls and
// rises outside slow start is that of the congestion control. All sizes are octets.
class Congestion {
 public:
  struct Policy {
    CongestionControl control = CongestionControl::cubic;
    std::uint8_t abc_limit = 2;         // L of RFC 3465, 2.2: segments, at least 1
    bool hystart = true;                // RFC 9406
    bool half_use_is_enough = true;     // for the window to grow
    bool hystart_at_once = false;       // HyStart before RFC 9406
    bool cubic_reduces_window = false;  // instead of what is in flight
  };
  // An ACK of new data, outside recovery.
  struct Ack {
    Instant now{};
    std::uint32_t acked = 0;           // octets of text
    SeqNum una, nxt;                   // outstanding after it
    Duration srtt{0};                  // zero: no sample yet
    std::optional<Duration> rtt = {};  // the round trip that this ACK told of
  };
  // What a spurious reduction gives back.
  struct Before {
    std::uint32_t cwnd = 0;
    std::uint32_t ssthresh = 0;  // pipe_prev of RFC 4015, 3.2
  };

  explicit Congestion(const Policy& policy) : policy_(policy) {}

  //= RFC6928-2-a
  // The initial window for segments of `smss`: `segments` of them (RFC 6928 says ten), but no more
  // than this many times 1460 octets unless two segments are more than that.
  [[nodiscard]] static std::uint32_t initial_window(std::uint32_t smss, std::uint32_t segments);
  //= RFC5681-3.1-b
  // The more careful initial window of RFC 5681 (RFC 3390).
  [[nodiscard]] static std::uint32_t rfc3390_window(std::uint32_t smss);

  // The handshake is over. cwnd starts at `window`.
  void start(std::uint32_t smss, std::uint32_t window);
  // Another congestion control from now on; the window stays as it is.
  void set_control(CongestionControl control);

  // Slow start counts no more than `segments` for an ACK, whatever the policy says.
  void limit_slow_start(std::uint8_t segments) {
    policy_.abc_limit = std::min(policy_.abc_limit, segments);
  }

  // New text was sent: [una, nxt) is outstanding now.
  void on_sent(SeqNum una, SeqNum nxt);
  // Slow start or congestion avoidance; neither unless the window was in use.
  void on_ack(const Ack& ack);

  // NewReno (RFC 5681, 3.2; RFC 6582, 3.2). `flight`: FlightSize without limited transmit.
  void enter_fast_recovery(std::uint32_t flight);
  void inflate();
  void on_partial_ack(std::uint32_t acked);
  void leave_fast_recovery(std::uint32_t flight);

  // RFC 6675, 5, step 4.2.
  void enter_sack_recovery(std::uint32_t flight);

  // RFC 6937: until the end of such a recovery the window is `cwnd`; at its end it is ssthresh.
  void set_recovery_window(std::uint32_t cwnd) { cwnd_ = std::min(cwnd, kHigh); }
  void leave_sack_recovery() { cwnd_ = std::min(ssthresh_, kHigh); }

  // A reduction is about to come, with `flight` octets outstanding.
  [[nodiscard]] Before before(std::uint32_t flight) const {
    return {cwnd_, std::max(flight, ssthresh_)};
  }
  // ... and was for nothing (RFC 4015, 3.2): after the ACK that shows it, which acknowledged
  // `acked` octets, `flight` are outstanding.
  void undo(const Before& before, std::uint32_t flight, std::uint32_t acked);

  // The retransmission timer expired; `first`: for the first time for the segment at SND.UNA;
  // `repairing`: in the middle of a recovery, which has set the threshold already.
  void on_timeout(std::uint32_t flight, bool first, bool repairing);
  // The peer echoed congestion (RFC 3168, 6.1.2).
  void on_ecn_echo(std::uint32_t flight);
  // Nothing was sent for longer than the RTO; `restart`: the restart window's bound.
  void on_idle(std::uint32_t restart);
  // Segments have become smaller (path MTU discovery); the window shrinks in proportion.
  void set_smss(std::uint32_t smss);

  [[nodiscard]] std::uint32_t cwnd() const noexcept { return cwnd_; }
  [[nodiscard]] std::uint32_t ssthresh() const noexcept { return ssthresh_; }
  [[nodiscard]] std::uint32_t smss() const noexcept { return smss_; }
  [[nodiscard]] CongestionControl control() const noexcept { return policy_.control; }
  // Each round trip counts: they may end the first slow start.
  [[nodiscard]] bool watches_round_trips() const noexcept {
    return policy_.hystart && ssthresh_ == kHigh;
  }

 private:
  void slow_start(const Ack& ack);
  void grow(std::uint32_t octets);
  void reduce(std::uint32_t flight);
  [[nodiscard]] CongestionAvoidance::Window window() const noexcept { return {cwnd_, smss_}; }
  [[nodiscard]] CongestionAvoidance& avoidance();

  // "Arbitrarily high" (3.1), and still far from overflow.
  static constexpr std::uint32_t kHigh = 0x3fff'ffff;
  Policy policy_;
  bool after_timeout_ = false;  // slow start repairs what the timer found lost
  std::uint32_t smss_ = 1;
  std::uint32_t cwnd_ = 0;
  std::uint32_t ssthresh_ = kHigh;
  // The most that was outstanding at once in the round that ends when usage_end_ is acknowledged.
  std::uint32_t most_in_flight_ = 0;
  SeqNum usage_end_;
  // Made when they are first needed: most connections are done before either is.
  std::unique_ptr<CongestionAvoidance> avoidance_;
  std::unique_ptr<HyStart> hystart_;
};

}  // namespace packetwright::tcp
