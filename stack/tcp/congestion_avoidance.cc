// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/congestion_avoidance.hh"

#include "stack/tcp/congestion_cubic.hh"
#include "stack/tcp/congestion_reno.hh"

namespace packetwright::tcp {

std::string_view name_of(CongestionControl control) noexcept {
  switch (control) {
    case CongestionControl::reno: return "reno";
    case CongestionControl::cubic: return "cubic";
  }
  return "?";
}

std::optional<CongestionControl> congestion_control_of(std::string_view name) noexcept {
  for (const CongestionControl control : {CongestionControl::reno, CongestionControl::cubic}) {
    if (name == name_of(control)) return control;
  }
  return std::nullopt;
}

std::unique_ptr<CongestionAvoidance> make_congestion_avoidance(CongestionControl control) {
  switch (control) {
    case CongestionControl::reno: return std::make_unique<RenoAvoidance>();
    case CongestionControl::cubic: break;
  }
  return std::make_unique<CubicAvoidance>();
}

}  // namespace packetwright::tcp
