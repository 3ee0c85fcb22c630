// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/target.hh"
#include "stack/base/result.hh"

// Every target that this build knows, by name. The only place that knows concrete stacks; link it
// as packetwright::targets.
namespace packetwright::targets {

// One line of `packetwright targets`.
struct TargetInfo {
  Traits traits;           // name, version, clock, capabilities; what is known when unavailable
  bool available = false;  // can be used on this machine, by this user, now
  std::string reason;      // when not: what is missing, in words that say how to get it
  bool exclusive = false;  // there is one of it at a time, so that a run has one worker
};

// A target that can be had by name.
struct Entry {
  std::string name;
  ClockKind clock = ClockKind::virtual_time;
  std::string medium;
  // A new instance, not yet reset; an error says why the target cannot be used here.
  std::function<Result<std::unique_ptr<Target>, std::string>(std::string_view name)> open;
  bool takes_words = false;  // it may be called NAME:WORDS, and the whole is what open() is given
  bool exclusive = false;    // see TargetInfo
  // What is wrong with such words, in themselves; nullopt: nothing. May be left out.
  std::function<std::optional<std::string>(std::string_view name)> objection = {};
};

// Makes a stack of the caller's own known under its name, for a program that brings one. Call it
// at the start, before other threads.
void add(Entry entry);

// The names of all known targets, in a fixed order, plug-ins and agents that are installed
// (installed.hh) behind them, and last those that could be. One that takes more words, as does
// "packetdrill-so:FILE", is there without them, and is then not available.
[[nodiscard]] std::vector<std::string> names();

// One target by name, probed. Takes up to some 20 milliseconds: trying is the only way to know what
// a kernel permits. An error: there is no such target, or its words make no sense.
[[nodiscard]] Result<TargetInfo, std::string> find(std::string_view name);

// All of them, probed.
[[nodiscard]] std::vector<TargetInfo> list();

// A new instance of the named target, not yet reset. An error says that the name is unknown (and
// which are known), or why the target cannot be used here. Open it in the process that will use it:
// a target is not shared over fork(), and may take the process into namespaces of its own.
[[nodiscard]] Result<std::unique_ptr<Target>, std::string> open(std::string_view name);

}  // namespace packetwright::targets
