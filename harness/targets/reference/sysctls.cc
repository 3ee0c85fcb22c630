// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/reference/sysctls.hh"

#include <algorithm>

#include "harness/targets/reference/knobs.hh"

namespace packetwright::reference {
namespace {

// Settings without a knob.
struct Anyway {
  std::string_view name;
  std::string_view value;  // the one that this stack behaves by; empty: any
};

constexpr Anyway kAnyway[] = {
    {"tcp_dsack", "1"},
    // Of accurate ECN, which is never negotiated.
    {"tcp_ecn_option", ""},
    // Linux itself heeds this one no more.
    {"tcp_fack", ""},
    // Segments leave as soon as they may: nothing is saved up for a device that cuts them.
    {"tcp_tso_win_divisor", ""},
    // No limit.
    {"tcp_notsent_lowat", "4294967295"},
    // Nothing is paced.
    {"tcp_pacing_ca_ratio", ""},
    {"tcp_pacing_ss_ratio", ""},
};

}  // namespace

Result<std::optional<std::string>, std::string> knob_of_sysctl(std::string_view name,
                                                               std::string_view value) {
  const Err<std::string> none{"the reference stack has no setting " + std::string{name} + "=" +
                              std::string{value}};
  const std::string_view bare = without_path(name);
  const bool is_sysctl = bare != name;
  const bool is_parameter = name.starts_with("tcp_cubic.");
  if (!is_sysctl && !is_parameter) return none;
  for (const Anyway& one : kAnyway) {
    if (one.name != bare) continue;
    if (one.value.empty() || one.value == value) return std::optional<std::string>{};
    return none;
  }
  const auto all = knobs();
  const bool known = std::any_of(all.begin(), all.end(),
                                 [bare](const KnobInfo& knob) { return knob.name == bare; });
  if (!known) return none;
  iface::StackConfig scratch;
  if (auto applied = apply_knobs({{std::string{bare}, std::string{value}}}, scratch); !applied) {
    return Err{applied.error()};
  }
  return std::optional{std::string{bare}};
}

}  // namespace packetwright::reference
