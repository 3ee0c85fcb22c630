// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "harness/engine/engine.hh"
#include "harness/script/tree.hh"
#include "harness/targets/target.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

namespace packetwright::engine {

// Everything that the options of a script, of the run and the nature of the target decide before
// the first event. Names and defaults of options are packetdrill's.
struct Settings {
  bool strict = false;
  bool real_time = false;
  Variant variant = Variant::ipv4;
  targets::Config config;

  // How far from its time an event may be (see timing.hh).
  Duration tolerance{4'000'000};
  std::int64_t tolerance_milli_percent = 12'500;  // 12.5 %
  bool tolerance_given = false;
  Duration tick{0};
  Duration slack{0};
  Duration star_limit{0};

  std::uint16_t bind_port = 8080;
  std::uint16_t connect_port = 8080;
  Duration ts_tick{0};         // of outbound TS values; 0: they are not compared
  std::string md5_secret;      // of `md5 valid`; empty: none was given
  bool ts_ecr_scaled = false;  // inbound TS echoes of unseen values are extrapolated
  bool aggregate = false;      // several live segments may make up one expected one
  bool non_fatal_packets = false;
  bool shift_remote_isn = false;
  bool follow = false;  // see RunOptions

  [[nodiscard]] Family family() const noexcept { return wire_family(variant); }
  [[nodiscard]] IpAddress local() const noexcept {
    return family() == Family::ipv4 ? config.local4.address : config.local6.address;
  }
  [[nodiscard]] IpAddress peer() const noexcept {
    return family() == Family::ipv4 ? config.peer4 : config.peer6;
  }
  [[nodiscard]] IpAddress gateway() const noexcept {
    return family() == Family::ipv4 ? config.gateway4 : config.gateway6;
  }
};

// Why a script cannot be run with these options: an option that makes no sense, or one that asks
// for something the engine does not do.
struct SettingsError {
  bool unsupported = false;  // else the script, or the command line, is wrong
  std::uint32_t line = 0;
  std::string reason;
};

[[nodiscard]] Result<Settings, SettingsError> settings_of(const script::Script& script,
                                                          const RunOptions& options,
                                                          const targets::Traits& traits);

// Whether the script has shell commands, to be run or to be understood.
[[nodiscard]] bool runs_commands(const script::Script& script);

// The least time that the script takes: the sum of what it waits.
[[nodiscard]] Duration least_duration(const script::Script& script);

}  // namespace packetwright::engine
