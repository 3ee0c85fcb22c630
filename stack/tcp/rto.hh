// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/instant.hh"
#include "stack/tcp/config.hh"

namespace packetwright::tcp {

// The retransmission timeout of RFC 6298. Integer arithmetic in nanoseconds.
class RtoEstimator {
 public:
  //= RFC6298-2.1
  // `config` outlives this object.
  explicit RtoEstimator(const TcpConfig& config) : config_(config), rto_(config.initial_rto) {}
  explicit RtoEstimator(const TcpConfig&&) = delete;

  // A round trip took `rtt`. `samples_per_rtt`: how many samples one round trip gives, so that the
  // memory of the averages does not shrink when every ACK gives one (RFC 7323, appendix G).
  void sample(Duration rtt, std::uint32_t samples_per_rtt);
  //= RFC6298-5.5
  // The timer expired: the timeout doubles, and stays so until a sample says otherwise (5.7, note).
  void back_off();
  //= RFC6298-5.7
  // The timer expired while the SYN was unanswered: data begins with three seconds, or with the
  // configured initial value if that is more.
  void data_begins_after_lost_syn();

  [[nodiscard]] Duration rto() const noexcept { return rto_; }
  [[nodiscard]] Duration srtt() const noexcept { return srtt_; }
  [[nodiscard]] Duration rttvar() const noexcept { return rttvar_; }
  [[nodiscard]] bool has_sample() const noexcept { return has_sample_; }

 private:
  const TcpConfig& config_;
  Duration srtt_{0};
  Duration rttvar_{0};
  Duration rto_;
  bool has_sample_ = false;
};

}  // namespace packetwright::tcp
