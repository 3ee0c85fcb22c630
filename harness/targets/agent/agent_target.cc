// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/agent/agent_target.hh"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "harness/targets/agent/agent.hh"
#include "harness/targets/installed.hh"

namespace packetwright::agent {
namespace {

constexpr const char* kTimeoutVariable = "PACKETWRIGHT_AGENT_TIMEOUT";
constexpr int kUsualTimeout = 10, kLongestTimeout = 3600;

Result<Duration, std::string> time_limit() {
  const char* const named = std::getenv(kTimeoutVariable);
  if (named == nullptr) return Duration{std::chrono::seconds{kUsualTimeout}};
  const std::string_view text{named};
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 1 ||
      seconds > kLongestTimeout) {
    return Err{std::string{kTimeoutVariable} + " is a number of seconds from 1 to " +
               std::to_string(kLongestTimeout) + ", not \"" + named + "\""};
  }
  return Duration{std::chrono::seconds{seconds}};
}

// A command that runs this file in place of the shell.
std::string command_of(const std::string& file) {
  std::string command = "exec '";
  for (const char c : file) {
    if (c == '\'') {
      command += "'\\''";
    } else {
      command += c;
    }
  }
  return command + "'";
}

Result<Place, std::string> find(std::string_view target) {
  if (const auto file = targets::find_installed(targets::kAgents, target)) {
    return Place{command_of(*file), {}, {}};
  }
  std::string_view rest = target.substr(std::min(kName.size(), target.size()));
  if (rest.starts_with(':')) rest.remove_prefix(1);
  if (rest.find_first_not_of(' ') == std::string_view::npos) {
    return Err{
        std::string{"it takes a program, or where one listens: --target 'agent:COMMAND', "
                    "--target agent:HOST:PORT"}};
  }
  return place_of(rest);
}

}  // namespace

Result<std::unique_ptr<plugin::PluginTarget>, std::string> open(std::string_view target) {
  const auto place = find(target);
  if (!place) return Err{place.error()};
  const auto limit = time_limit();
  if (!limit) return Err{limit.error()};
  auto agent = Agent::open(*place, *limit);
  if (!agent) return Err{agent.error()};
  return std::make_unique<plugin::PluginTarget>(std::string{target}, std::move(*agent));
}

}  // namespace packetwright::agent
