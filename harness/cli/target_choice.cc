// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/target_choice.hh"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <thread>
#include <utility>

#include "harness/cli/disk.hh"
#include "harness/cli/quiet_machine.hh"
#include "harness/engine/engine.hh"
#include "harness/runner/plan.hh"
#include "harness/runner/text.hh"

namespace packetwright::cli {
namespace {

bool is_kind(const std::string& name) {
  const std::vector<std::string> known = targets::names();
  return std::find(known.begin(), known.end(), name) != known.end();
}

}  // namespace

Result<std::pair<std::string, std::string>, EarlyEnd> knob_from(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return Err{usage(text + ": expected a knob as NAME=VALUE")};
  }
  return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

Result<std::uint64_t, EarlyEnd> seed_from(std::string_view text) {
  if (text.empty()) return runner::kDefaultSeed;
  std::string_view digits = text;
  const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
  if (hexadecimal) digits.remove_prefix(2);
  std::uint64_t value = 0;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto [rest, error] = std::from_chars(begin, end, value, hexadecimal ? 16 : 10);
  if (error == std::errc{} && rest == end) return value;
  return Err{usage("--seed " + std::string{text} + ": expected a number below 2^64, e.g. 0x7f3a")};
}

Result<targets::TargetInfo, EarlyEnd> find_target(const std::string& name) {
  auto found = targets::find(name);
  if (!found && name.find(':') != std::string::npos && is_kind(name.substr(0, name.find(':')))) {
    return Err{usage("target " + name + ": " + found.error())};
  }
  if (!found) {
    return Err{usage("unknown target " + name + runner::did_you_mean(name, targets::names()) +
                     " (packetwright targets lists them)")};
  }
  if (found->available) return std::move(found).value();
  return Err{
      ends(ExitCode::environment, "target " + name + " cannot be used here: " + found->reason)};
}

runner::Machinery machinery_for(const std::string& target) {
  return {
      [target] { return targets::open(target); },
      [](const script::Script& script, const engine::RunOptions& options, targets::Target& stack,
         engine::Observer* observer) { return engine::run(script, options, stack, observer); },
      wait_for_quiet_machine, [](const std::string& path) { return read_file(path, kMaxScript); }};
}

unsigned default_workers(const targets::Traits& traits) {
  constexpr unsigned kForEachProcessor = 6, kMostWaiting = 24;
  const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
  if (traits.clock == targets::ClockKind::virtual_time) return processors;
  return std::max(processors, std::min(kForEachProcessor * processors, kMostWaiting));
}

runner::FindLedger find_ledger(const OpenSuite& open) {
  return [&open](std::string_view target) -> Result<runner::LedgerText, std::string> {
    const auto path = open.suite.expectations_path(target);
    if (!path) return Err{std::string{"it has no list of known failures"}};
    std::string name = shown(open.root / *path);
    auto text = open.suite.read(*path);
    if (!text) return Err{name + ": " + text.error()};
    return runner::LedgerText{std::move(name), std::move(*text)};
  };
}

Result<runner::Expectations, EarlyEnd> ledger_of(const OpenSuite& open, const std::string& target,
                                                 targets::ClockKind clock) {
  if (!open.suite.expectations_path(target)) return runner::Expectations{};
  const runner::FindLedger find = find_ledger(open);
  const auto text = find(target);
  if (!text) return Err{usage(text.error())};
  auto parsed = runner::Expectations::parse(*text, clock, find);
  if (!parsed) return Err{usage(parsed.error())};
  return std::move(*parsed);
}

}  // namespace packetwright::cli
