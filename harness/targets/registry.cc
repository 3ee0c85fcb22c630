// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/registry.hh"

#include "harness/targets/linux/linux_target.hh"
#include "harness/targets/linux/probe.hh"
#include "harness/targets/reference/reference_target.hh"

namespace packetwright::targets {
namespace {

using Opened = Result<std::unique_ptr<Target>, std::string>;
using Probed = Result<Traits, std::string>;

Opened open_reference() {
  return std::unique_ptr<Target>{std::make_unique<reference::ReferenceTarget>()};
}

Probed probe_reference() {
  return reference::ReferenceTarget{}.traits();
}

template <linux_stack::Medium medium>
Opened open_linux() {
  auto opened = linux_stack::LinuxTarget::open(medium);
  if (!opened) return Err{opened.error()};
  return std::unique_ptr<Target>{std::move(*opened)};
}

template <linux_stack::Medium medium>
Probed probe_linux() {
  return linux_stack::probe(medium);
}

struct Entry {
  const char* name;
  ClockKind clock;
  const char* medium;
  Opened (*open)();
  Probed (*probe)();
};

constexpr Entry kTargets[] = {
    {"reference", ClockKind::virtual_time, "memory", open_reference, probe_reference},
    {"linux", ClockKind::real_time, "veth", open_linux<linux_stack::Medium::veth>,
     probe_linux<linux_stack::Medium::veth>},
    {"linux-tun", ClockKind::real_time, "tun", open_linux<linux_stack::Medium::tun>,
     probe_linux<linux_stack::Medium::tun>},
};

const Entry* entry_of(std::string_view name) {
  for (const Entry& entry : kTargets) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::string unknown(std::string_view name) {
  std::string text = "there is no target \"" + std::string{name} + "\"; known are ";
  bool first = true;
  for (const Entry& entry : kTargets) {
    if (!first) text += ", ";
    first = false;
    text += entry.name;
  }
  return text;
}

TargetInfo info_of(const Entry& entry) {
  TargetInfo info;
  Probed probed = entry.probe();
  if (probed) {
    info.available = true;
    info.traits = std::move(*probed);
    return info;
  }
  info.reason = probed.error();
  info.traits.name = entry.name;
  info.traits.clock = entry.clock;
  info.traits.medium = entry.medium;
  return info;
}

}  // namespace

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Entry& entry : kTargets) all.emplace_back(entry.name);
  return all;
}

Result<TargetInfo, std::string> find(std::string_view name) {
  const Entry* const entry = entry_of(name);
  if (entry == nullptr) return Err{unknown(name)};
  return info_of(*entry);
}

std::vector<TargetInfo> list() {
  std::vector<TargetInfo> all;
  for (const Entry& entry : kTargets) all.push_back(info_of(entry));
  return all;
}

Result<std::unique_ptr<Target>, std::string> open(std::string_view name) {
  const Entry* const entry = entry_of(name);
  if (entry == nullptr) return Err{unknown(name)};
  return entry->open();
}

}  // namespace packetwright::targets
