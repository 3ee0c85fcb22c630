// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/plugin/convert.hh"

#include <algorithm>
#include <limits>

namespace packetwright::plugin {
namespace {

pw_prefix to_c(const Prefix& prefix) {
  return {plugin::to_c(prefix.address), prefix.length};
}

}  // namespace

pw_address to_c(const IpAddress& address) {
  pw_address out{};
  if (address.is_unspecified()) return out;
  out.family = address.is_v4() ? PW_IPV4 : PW_IPV6;
  const Bytes octets = address.octets();
  std::copy(octets.begin(), octets.end(), out.octets);
  return out;
}

pw_endpoint to_c(const Endpoint& endpoint) {
  return {to_c(endpoint.address), endpoint.port};
}

std::optional<IpAddress> from_c(const pw_address& address) {
  switch (address.family) {
    case PW_NONE: return IpAddress{};
    case PW_IPV4: return IpAddress::from_octets(Bytes{address.octets, 4});
    case PW_IPV6: return IpAddress::from_octets(Bytes{address.octets, 16});
    default: return std::nullopt;
  }
}

std::optional<Endpoint> from_c(const pw_endpoint& endpoint) {
  const auto address = from_c(endpoint.address);
  if (!address) return std::nullopt;
  return Endpoint{*address, endpoint.port};
}

std::uint64_t to_c(Instant at) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(nanos(at), 0));
}

Instant from_c(std::uint64_t nanoseconds) {
  constexpr auto kLatest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return instant_at(static_cast<std::int64_t>(std::min(nanoseconds, kLatest)));
}

CConfig::CConfig(const targets::Config& config) {
  for (const auto& [name, value] : config.knobs) knobs_.push_back({name.c_str(), value.c_str()});
  config_.size = sizeof config_;
  config_.seed = config.seed;
  config_.local4 = to_c(config.local4);
  config_.local6 = to_c(config.local6);
  config_.gateway4 = to_c(config.gateway4);
  config_.gateway6 = to_c(config.gateway6);
  config_.peer4 = to_c(config.peer4);
  config_.peer6 = to_c(config.peer6);
  std::copy(config.local_mac.octets.begin(), config.local_mac.octets.end(), config_.mac);
  config_.mtu = config.mtu;
  config_.knobs = knobs_.data();
  config_.knob_count = knobs_.size();
}

}  // namespace packetwright::plugin
