// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "harness/cli/case_source.hh"
#include "harness/cli/verbs.hh"
#include "harness/report/document.hh"
#include "harness/runner/level.hh"
#include "harness/runner/text.hh"

namespace packetwright::cli {
namespace {

using report::Json;

Json to_json(const runner::Case& one) {
  Json requirements = Json::array(), variants = Json::array(), params = Json::array();
  for (const runner::Citation& cited : one.requirements) requirements.push_back(cited.id);
  for (const engine::Variant variant : one.variants) variants.push_back(script::name_of(variant));
  for (const script::Combination& combination : one.combinations) {
    if (!combination.name.empty()) params.push_back(combination.name);
  }
  return {{"id", one.id},
          {"path", one.path},
          {"title", one.title},
          {"level", runner::name_of(one.level)},
          {"requirements", std::move(requirements)},
          {"needs", one.needs},
          {"variants", std::move(variants)},
          {"params", std::move(params)},
          {"problem", one.problem}};
}

void print_verbosely(const runner::Case& one) {
  std::cout << one.id << '\n';
  if (!one.title.empty()) std::cout << "    " << one.title << ".\n";
  std::cout << "    " << runner::name_of(one.level);
  for (const runner::Citation& cited : one.requirements) std::cout << "  " << cited.id;
  std::cout << '\n';
  if (!one.needs.empty()) std::cout << "    needs " << runner::join(one.needs, ", ") << '\n';
}

}  // namespace

VerbResult list(const ListArguments& arguments) {
  const auto open = open_suite(arguments.cases);
  if (!open) return Err{open.error()};
  const auto selected = select_cases(*open, arguments.cases, true);
  if (!selected) return Err{selected.error()};
  Json all = Json::array();
  for (const runner::Case& one : selected->cases) {
    if (arguments.json) {
      all.push_back(to_json(one));
    } else if (arguments.verbose) {
      print_verbosely(one);
    } else {
      std::cout << one.id << '\n';
    }
  }
  if (arguments.json) {
    std::cout << all.dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
  return ExitCode::ok;
}

}  // namespace packetwright::cli
