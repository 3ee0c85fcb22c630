// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/targets/packetwright_target.h"
#include "harness/targets/target.hh"

// Between the types of target.hh and those of packetwright_target.h.
namespace packetwright::plugin {

// An unspecified address, of either family, is PW_NONE.
[[nodiscard]] pw_address to_c(const IpAddress& address);
[[nodiscard]] pw_endpoint to_c(const Endpoint& endpoint);
// nullopt: not an address. PW_NONE is the unspecified address of IPv4.
[[nodiscard]] std::optional<IpAddress> from_c(const pw_address& address);
[[nodiscard]] std::optional<Endpoint> from_c(const pw_endpoint& endpoint);

[[nodiscard]] std::uint64_t to_c(Instant at);
// What does not fit is the latest instant there is.
[[nodiscard]] Instant from_c(std::uint64_t nanoseconds);

// A configuration with what it points to. It points into the Config.
class CConfig {
 public:
  explicit CConfig(const targets::Config& config);
  CConfig(const CConfig&) = delete;
  CConfig& operator=(const CConfig&) = delete;
  [[nodiscard]] const pw_config* get() const noexcept { return &config_; }

 private:
  std::vector<pw_knob> knobs_;
  pw_config config_{};
};

}  // namespace packetwright::plugin
