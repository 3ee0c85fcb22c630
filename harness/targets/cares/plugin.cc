// SPDX-License-Identifier: Apache-2.0
// c-ares as a target: Lookups behind packetwright_target.h.
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "harness/targets/cares/lookups.hh"
#include "harness/targets/packetwright_target.h"
#include "harness/targets/plugin/convert.hh"

namespace packetwright::cares {
namespace {

using plugin::from_c;

struct Plugin {
  explicit Plugin(const pw_host* its_host) : host(its_host) {}

  // What the stack has sent goes to the harness.
  void send() {
    std::vector<targets::SentFrame> frames;
    lookups.drain(frames);
    for (const targets::SentFrame& frame : frames) {
      host->send(host->context, frame.octets.data(), frame.octets.size());
    }
  }

  const pw_host* host;
  Lookups lookups;
};

Plugin& plugin_of(void* stack) {
  return *static_cast<Plugin*>(stack);
}

struct Refusal {
  int error;
  std::string reason;
};

// The knobs; nullopt: they are as they should be.
std::optional<Refusal> read_knobs(const pw_config& config, Lookups::Settings& settings) {
  for (std::size_t i = 0; i < config.knob_count; ++i) {
    const std::string_view name = config.knobs[i].name;
    const std::string_view value = config.knobs[i].value;
    if (name == "dns_search") {
      settings.resolv_conf += "search " + std::string{value} + "\n";
      continue;
    }
    if (name != "dns_ndots" && name != "dns_edns_size") {
      return Refusal{ENOTSUP, "c-ares has no setting \"" + std::string{name} + "\""};
    }
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size()) {
      return Refusal{EINVAL, std::string{name} + " is a number of up to 65535"};
    }
    if (name == "dns_ndots") {
      settings.resolv_conf += "options ndots:" + std::to_string(number) + "\n";
    } else {
      settings.edns_size = number;
    }
  }
  return std::nullopt;
}

targets::Config config_of(const pw_config& given) {
  targets::Config config;
  config.seed = given.seed;
  config.local4 = {from_c(given.local4.address).value_or(IpAddress{}), given.local4.length};
  config.local6 = {from_c(given.local6.address).value_or(IpAddress{}), given.local6.length};
  config.gateway4 = from_c(given.gateway4).value_or(IpAddress{});
  config.gateway6 = from_c(given.gateway6).value_or(IpAddress{});
  config.peer4 = from_c(given.peer4).value_or(IpAddress{});
  config.peer6 = from_c(given.peer6).value_or(IpAddress{});
  std::copy(std::begin(given.mac), std::end(given.mac), config.local_mac.octets.begin());
  config.mtu = given.mtu;
  return config;
}

int begin(Plugin& plugin, const pw_config& config, char* reason, std::size_t reason_size) {
  Lookups::Settings settings;
  auto refusal = read_knobs(config, settings);
  if (!refusal) {
    const auto begun = plugin.lookups.begin(config_of(config), std::move(settings));
    if (!begun)
      refusal = Refusal{begun.error().unsupported ? ENOTSUP : EINVAL, begun.error().reason};
  }
  if (!refusal) return 0;
  std::snprintf(reason, reason_size, "%s", refusal->reason.c_str());
  return -refusal->error;
}

int create(const pw_config* config, const pw_host* host, void** stack, char* reason,
           std::size_t reason_size) {
  auto made = std::make_unique<Plugin>(host);
  const int begun = begin(*made, *config, reason, reason_size);
  if (begun == 0) *stack = made.release();
  return begun;
}

void destroy(void* stack) {
  delete &plugin_of(stack);
}

int reset(void* stack, const pw_config* config, char* reason, std::size_t reason_size) {
  return begin(plugin_of(stack), *config, reason, reason_size);
}

void inject(void* stack, const std::uint8_t* frame, std::size_t count) {
  plugin_of(stack).lookups.inject({frame, count});
  plugin_of(stack).send();
}

void advance(void* stack, std::uint64_t now) {
  plugin_of(stack).lookups.advance_to(from_c(now));
  plugin_of(stack).send();
}

std::uint64_t next_timer(void* stack) {
  const auto at = plugin_of(stack).lookups.next_timer();
  return at ? plugin::to_c(*at) : PW_NEVER;
}

int resolve(void* stack, const char* name, int family, const pw_endpoint* server) {
  const auto at = from_c(*server);
  if (!at) return -EINVAL;
  const auto query =
      plugin_of(stack).lookups.resolve(name, family == PW_IPV6 ? Family::ipv6 : Family::ipv4, *at);
  plugin_of(stack).send();
  return query ? *query : -query.error();
}

int resolved(void* stack, int query, pw_address* addresses, std::size_t most) {
  const auto found = plugin_of(stack).lookups.resolved(query);
  if (!found) return -found.error();
  for (std::size_t i = 0; i < std::min(most, found->size()); ++i) {
    addresses[i] = plugin::to_c((*found)[i]);
  }
  return static_cast<int>(found->size());
}

constexpr pw_target kTarget = [] {
  pw_target table{};
  table.version = PACKETWRIGHT_TARGET_VERSION;
  table.size = sizeof(pw_target);
  table.name = "c-ares";
  table.stack_version = ARES_VERSION_STR;
  table.capabilities = "arp dns edns0 ipv4 resolver seed tcp udp";
  table.flags = PW_ETHERNET;
  table.create = create;
  table.destroy = destroy;
  table.inject = inject;
  table.reset = reset;
  table.advance = advance;
  table.next_timer = next_timer;
  table.resolve = resolve;
  table.resolved = resolved;
  return table;
}();

}  // namespace
}  // namespace packetwright::cares

const pw_target* packetwright_target() {
  return &packetwright::cares::kTarget;
}
