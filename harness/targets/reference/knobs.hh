// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/result.hh"
#include "stack/iface/stack_config.hh"

namespace packetwright::reference {

struct KnobInfo {
  std::string_view name;
  std::string_view values;   // what may be given: "0 or 1", "octets: MIN DEFAULT MAX"
  std::string_view meaning;  // one line
};

// Every knob, sorted by name. Where a sysctl of Linux means the same thing, the knob has its name
// and takes its values, so that one case can set both.
[[nodiscard]] std::vector<KnobInfo> knobs();

// A sysctl may be given with its path: "net.ipv4.tcp_sack" is "tcp_sack".
[[nodiscard]] std::string_view without_path(std::string_view name);

// Writes the knobs of a case into a configuration. The error names the knob, and what is wrong
// with it.
[[nodiscard]] Result<void, std::string> apply_knobs(
    const std::map<std::string, std::string>& values, iface::StackConfig& config);

}  // namespace packetwright::reference
