// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "harness/cli/target_choice.hh"
#include "harness/cli/terminal.hh"
#include "harness/cli/verbs.hh"
#include "harness/contract/contract.hh"
#include "harness/report/document.hh"
#include "harness/report/paint.hh"
#include "harness/runner/text.hh"
#include "harness/targets/registry.hh"

namespace packetwright::cli {
namespace {

using report::Json;

std::string_view clock_name(targets::ClockKind clock) {
  return clock == targets::ClockKind::virtual_time ? "virtual" : "real";
}

Json to_json(const targets::TargetInfo& info) {
  return {{"name", info.traits.name},
          {"version", info.traits.version},
          {"clock", clock_name(info.traits.clock)},
          {"medium", info.traits.medium},
          {"capabilities", info.traits.capabilities},
          {"available", info.available},
          {"reason", info.reason}};
}

// Every capability that a target of this program has, or could have.
std::vector<std::string> known_capabilities() {
  std::vector<std::string> known{"raw", "stock", "posix"};
  for (const targets::TargetInfo& info : targets::list()) {
    known.insert(known.end(), info.traits.capabilities.begin(), info.traits.capabilities.end());
  }
  return known;
}

VerbResult check_contract(const std::string& name) {
  const auto found = find_target(name);
  if (!found) return Err{found.error()};
  const targets::Traits& traits = found->traits;
  std::cout << traits.name << ": " << traits.version << ", " << clock_name(traits.clock)
            << " time, " << (traits.ethernet ? "Ethernet frames" : "IP packets") << '\n';
  std::size_t kept = 0, broken = 0;
  const std::vector<contract::Finding> findings =
      contract::check([&] { return targets::open(name); }, known_capabilities());
  for (const contract::Finding& one : findings) {
    const char* word = "-";
    if (one.state == contract::State::kept) word = "ok", ++kept;
    if (one.state == contract::State::broken) word = "wrong", ++broken;
    std::cout << "  " << report::padded(word, 6) << report::padded(one.name, 20) << one.detail
              << '\n';
  }
  std::cout << kept << " kept, " << broken << " broken, " << findings.size() - kept - broken
            << " not claimed\n";
  return broken == 0 ? ExitCode::ok : ExitCode::fell_short;
}

}  // namespace

VerbResult targets(const TargetsArguments& arguments) {
  if (!arguments.check.empty()) return check_contract(arguments.check);
  const std::vector<targets::TargetInfo> all = targets::list();
  if (arguments.json) {
    Json out = Json::array();
    for (const targets::TargetInfo& info : all) out.push_back(to_json(info));
    std::cout << out.dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
    return ExitCode::ok;
  }
  for (const targets::TargetInfo& info : all) {
    std::cout << report::padded(info.traits.name, 12)
              << report::padded(info.traits.version + ' ', 20) << clock_name(info.traits.clock)
              << " time, " << info.traits.medium << '\n';
    if (info.available) {
      std::cout << wrapped(runner::join(info.traits.capabilities, " "), 6);
    } else {
      std::cout << "      not available: " << info.reason << '\n';
    }
  }
  return ExitCode::ok;
}

}  // namespace packetwright::cli
