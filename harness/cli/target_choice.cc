// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/target_choice.hh"

#include <charconv>
#include <system_error>
#include <utility>

#include "harness/runner/plan.hh"
#include "harness/runner/text.hh"

namespace packetwright::cli {

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
  if (!found) {
    return Err{usage("unknown target " + name + runner::did_you_mean(name, targets::names()) +
                     " (packetwright targets lists them)")};
  }
  if (found->available) return std::move(found).value();
  return Err{
      ends(ExitCode::environment, "target " + name + " cannot be used here: " + found->reason)};
}

}  // namespace packetwright::cli
