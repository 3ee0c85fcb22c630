// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/registry.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/targets/agent/agent_target.hh"
#include "harness/targets/installed.hh"
#include "harness/targets/isolation/probe.hh"
#include "harness/targets/linux/linux_target.hh"
#include "harness/targets/packetdrill_so/packetdrill_so_target.hh"
#include "harness/targets/plugin/plugin_target.hh"
#include "harness/targets/reference/reference_target.hh"
#include "harness/targets/resolver/resolver_target.hh"
#include "harness/targets/uml/uml_target.hh"
#include "harness/targets/wire_host/wire_target.hh"

namespace packetwright::targets {
namespace {

using Opened = Result<std::unique_ptr<Target>, std::string>;

Opened open_reference(std::string_view) {
  return std::unique_ptr<Target>{std::make_unique<reference::ReferenceTarget>()};
}

template <linux_stack::Medium medium>
Opened open_linux(std::string_view) {
  return as_target(linux_stack::LinuxTarget::open(medium));
}

Opened open_packetdrill_so(std::string_view name) {
  return as_target(packetdrill_so::PacketdrillSoTarget::open(name));
}

Opened open_plugin(std::string_view name) {
  return as_target(plugin::PluginTarget::open(name));
}

Opened open_agent(std::string_view name) {
  return as_target(agent::open(name));
}

Opened open_uml(std::string_view name) {
  return as_target(uml::open(name));
}

Opened open_resolver(std::string_view name) {
  return as_target(resolver::ResolverTarget::open(name));
}

Opened open_wire(std::string_view name) {
  return as_target(wire_host::WireTarget::open(name));
}

std::optional<std::string> objection_to_wire(std::string_view name) {
  const auto words = wire_host::read_words(name);
  return words ? std::nullopt : std::optional{words.error()};
}

std::vector<Entry>& entries() {
  static std::vector<Entry> all = {
      {"reference", ClockKind::virtual_time, "memory", open_reference},
      {"linux", ClockKind::real_time, "veth", open_linux<linux_stack::Medium::veth>},
      {"linux-tun", ClockKind::real_time, "tun", open_linux<linux_stack::Medium::tun>},
      {std::string(uml::kName), ClockKind::virtual_time, "tun", open_uml},
      {std::string(uml::kKasanName), ClockKind::virtual_time, "tun", open_uml},
      {std::string(packetdrill_so::kName), ClockKind::virtual_time, "memory", open_packetdrill_so,
       true},
      {std::string(plugin::kName), ClockKind::virtual_time, "memory", open_plugin, true},
      {std::string(agent::kName), ClockKind::virtual_time, "pipe", open_agent, true},
      {std::string(resolver::kName), ClockKind::real_time, "veth", open_resolver, true},
      {std::string(wire_host::kName), ClockKind::real_time, "wire", open_wire, true, true,
       objection_to_wire},
  };
  return all;
}

// What may be here under a name, by which it is opened.
struct Kind {
  const Installable& what;
  ClockKind clock;
  const char* medium;
  Opened (*open)(std::string_view name);
};
constexpr Kind kPlugin{kPlugins, ClockKind::virtual_time, "memory", open_plugin};
constexpr Kind kAgent{kAgents, ClockKind::virtual_time, "pipe", open_agent};
constexpr Kind kResolver{kResolvers, ClockKind::real_time, "veth", open_resolver};
constexpr const Kind* kKinds[] = {&kPlugin, &kAgent, &kResolver};

// What tools/targets/NAME.sh builds, beside uml.
struct Buildable {
  const char* name;
  const Kind& kind;
};
constexpr Buildable kBuildable[] = {{"c-ares", kPlugin}, {"gvisor", kAgent},
                                    {"lwip", kPlugin},   {"lwip-debian", kPlugin},
                                    {"musl", kResolver}, {"smoltcp", kPlugin}};

Opened open_not_installed(std::string_view name) {
  return Err{"it is not installed; ./pw targets --install " + std::string{name} + " builds it"};
}

Entry installed_entry(const Kind& kind, std::string name) {
  return {std::move(name), kind.clock, kind.medium, kind.open};
}

Entry not_installed_entry(const Buildable& one) {
  return {one.name, one.kind.clock, one.kind.medium, open_not_installed};
}

std::optional<Entry> entry_of(std::string_view name) {
  for (const Entry& entry : entries()) {
    if (entry.name == name) return entry;
    if (entry.takes_words && name.starts_with(entry.name) && name[entry.name.size()] == ':') {
      return entry;
    }
  }
  for (const Kind* const kind : kKinds) {
    if (find_installed(kind->what, name)) return installed_entry(*kind, std::string{name});
  }
  for (const Buildable& one : kBuildable) {
    if (one.name == name) return not_installed_entry(one);
  }
  return std::nullopt;
}

// Those of this program, and what else is here.
std::vector<Entry> all_entries() {
  std::vector<Entry> all = entries();
  const auto taken = [&all](std::string_view name) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Entry& entry) { return entry.name == name; });
  };
  for (const Kind* const kind : kKinds) {
    for (std::string& name : installed(kind->what)) {
      if (!taken(name)) all.push_back(installed_entry(*kind, std::move(name)));
    }
  }
  for (const Buildable& one : kBuildable) {
    if (!taken(one.name)) all.push_back(not_installed_entry(one));
  }
  return all;
}

std::string unknown(std::string_view name) {
  std::string text = "there is no target \"" + std::string{name} + "\"; known are ";
  bool first = true;
  for (const Entry& entry : all_entries()) {
    if (!first) text += ", ";
    first = false;
    text += entry.name;
  }
  return text;
}

TargetInfo info_of(const Entry& entry, std::string_view name) {
  TargetInfo info;
  info.exclusive = entry.exclusive;
  Result<Traits, std::string> probed = isolation::probe([&] { return entry.open(name); });
  if (probed) {
    info.available = true;
    info.traits = std::move(*probed);
    return info;
  }
  info.reason = probed.error();
  info.traits.name = name;
  info.traits.clock = entry.clock;
  info.traits.medium = entry.medium;
  return info;
}

}  // namespace

void add(Entry entry) {
  entries().push_back(std::move(entry));
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Entry& entry : all_entries()) all.push_back(entry.name);
  return all;
}

Result<TargetInfo, std::string> find(std::string_view name) {
  const std::optional<Entry> entry = entry_of(name);
  if (!entry) return Err{unknown(name)};
  if (entry->objection && name != entry->name) {
    if (auto objection = entry->objection(name)) return Err{std::move(*objection)};
  }
  return info_of(*entry, name);
}

std::vector<TargetInfo> list() {
  std::vector<TargetInfo> all;
  for (const Entry& entry : all_entries()) all.push_back(info_of(entry, entry.name));
  return all;
}

Result<std::unique_ptr<Target>, std::string> open(std::string_view name) {
  const std::optional<Entry> entry = entry_of(name);
  if (!entry) return Err{unknown(name)};
  return entry->open(name);
}

}  // namespace packetwright::targets
