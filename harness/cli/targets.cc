// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "harness/cli/verbs.hh"
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

// Words in lines of at most 80 columns, indented.
void print_wrapped(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty() && line.size() + 1 + word.size() > 74) {
      std::cout << "      " << line << '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) std::cout << "      " << line << '\n';
}

}  // namespace

ExitCode targets(const TargetsArguments& arguments) {
  const std::vector<targets::TargetInfo> all = targets::list();
  if (arguments.json) {
    Json out = Json::array();
    for (const targets::TargetInfo& info : all) out.push_back(to_json(info));
    std::cout << out.dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
    return ExitCode::ok;
  }
  for (const targets::TargetInfo& info : all) {
    std::cout << report::padded(info.traits.name, 12) << report::padded(info.traits.version, 20)
              << clock_name(info.traits.clock) << " time, " << info.traits.medium << '\n';
    if (info.available) {
      print_wrapped(info.traits.capabilities);
    } else {
      std::cout << "      not available: " << info.reason << '\n';
    }
  }
  return ExitCode::ok;
}

}  // namespace packetwright::cli
