// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/given_host.hh"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "harness/targets/given_host.hh"

namespace packetwright::engine {
namespace {

bool is_about_addresses(std::string_view option) {
  constexpr std::string_view kOptions[] = {"local_ip", "remote_ip", "gateway_ip", "netmask_ip",
                                           "mtu"};
  return std::find(std::begin(kOptions), std::end(kOptions), option) != std::end(kOptions);
}

}  // namespace

std::optional<std::string> take_given_addresses(const script::Script& script,
                                                const RunOptions& options,
                                                const targets::Target& target, Settings& settings) {
  const auto* const host = dynamic_cast<const targets::GivenHost*>(&target);
  if (host == nullptr) return std::nullopt;
  const auto asks = [](const auto& option) { return is_about_addresses(option.first); };
  const bool asked =
      std::any_of(script.options.begin(), script.options.end(),
                  [](const script::Option& option) { return is_about_addresses(option.name); }) ||
      std::any_of(options.options.begin(), options.options.end(), asks) ||
      std::any_of(options.defaults.begin(), options.defaults.end(), asks);
  if (asked) return "target " + target.traits().name + " keeps its addresses and its MTU";
  targets::Config config = host->given();
  config.seed = settings.config.seed;
  config.knobs = std::move(settings.config.knobs);
  settings.config = std::move(config);
  return std::nullopt;
}

Duration settling_time(const targets::Target& target) {
  const auto* const host = dynamic_cast<const targets::GivenHost*>(&target);
  return host == nullptr ? Duration{0} : host->settle();
}

}  // namespace packetwright::engine
