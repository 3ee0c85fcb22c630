// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/engine/engine.hh"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

// Scripts of packetdrill prepare a Linux host with shell commands. Nearly all of these do nothing
// but set things, and a stack without a system around it can have settings all the same: such
// commands are read here, never run.
namespace packetwright::engine {

// What a command that does nothing but set things amounts to.
struct HostSetting {
  enum class Kind : std::uint8_t {
    sysctl,        // `name` is "net.ipv4.tcp_sack", `value` "0"
    forget_peers,  // what is remembered of peers beyond connections (ip tcp_metrics flush)
    put_back,      // as it was before the script
  };
  Kind kind = Kind::sysctl;
  std::string name, value;
  friend bool operator==(const HostSetting&, const HostSetting&) = default;
};

// What the reader has to be told about the world.
struct SettingsWorld {
  // Where the command runs: "suite/tcp/", or empty. Names of files count from there.
  std::string folder;
  // The text of a file; an error says why not, without its name.
  std::function<Result<std::string, std::string>(const std::string& path)> read_file;
  // Whether the stack can have a setting; an error says why not.
  std::function<Result<void, std::string>(std::string_view name, std::string_view value)> check;
};

// Reads a command, and the shell files that it runs. Understood are:
//
//   sysctl [-q] [-w] [-e] NAME=VALUE ...      set_sysctls.py /proc/sys/NAME=VALUE ...
//   echo VALUE > /proc/sys/...                a file that ends in .sh
//   ip tcp_metrics flush                      /tmp/sysctl_restore_${PPID}.sh
//   tc qdisc add dev DEV root pfifo           ethtool -K DEV tso off
//
// with comments, quotes, $((12*1024)), output to /dev/null, `A || B` and `A; B`. A parameter of a
// module, /sys/module/tcp_cubic/parameters/hystart_detect, is a setting "tcp_cubic.hystart_detect".
// The error names what else the command wants, or the setting that cannot be had, and in which line
// of which file.
[[nodiscard]] Result<std::vector<HostSetting>, std::string> settings_of_command(
    std::string_view command, const SettingsWorld& world);

// The same for a command of a script that runs against a target.
[[nodiscard]] Result<std::vector<HostSetting>, std::string> settings_of_command(
    std::string_view command, const RunOptions& options, const targets::Target& target);

// Makes one from now on. There is nothing to do to put settings back: the next script finds the
// target as new.
[[nodiscard]] Result<void, std::string> apply_setting(const HostSetting& setting,
                                                      targets::Target& target);

}  // namespace packetwright::engine
