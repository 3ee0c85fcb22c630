// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/target_choice.hh"

#include <charconv>
#include <system_error>
#include <utility>

#include "harness/runner/text.hh"

namespace packetwright::cli {

std::optional<std::uint64_t> number_from(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::uint64_t value = 0;
  const int base = hexadecimal ? 16 : 10;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<targets::TargetInfo, EarlyEnd> find_target(const std::string& name) {
  auto found = targets::find(name);
  if (!found) {
    return Err{EarlyEnd{ExitCode::usage, "packetwright: unknown target " + name +
                                             runner::did_you_mean(name, targets::names()) +
                                             " (packetwright targets lists them)\n"}};
  }
  if (found->available) return std::move(found).value();
  return Err{EarlyEnd{ExitCode::environment, "packetwright: target " + name +
                                                 " cannot be used here: " + found->reason + "\n"}};
}

}  // namespace packetwright::cli
