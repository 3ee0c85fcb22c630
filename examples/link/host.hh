// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the programs of this folder share: a host on a TAP device, as the command line describes it.

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/capture/pcapng_writer.hh"
#include "harness/targets/drivers/event_loop.hh"
#include "harness/targets/drivers/tap_driver.hh"
#include "stack/iface/stack.hh"

namespace packetwright::example {

// Exit statuses of all programs.
enum ExitStatus : int {
  kFine = 0,
  kFellShort = 1,      // the other side could not be reached, or did not have what was asked for
  kUsage = 2,          // the command line is wrong
  kNoEnvironment = 3,  // there is no TAP device, or it may not be used
};

struct HostOptions {
  std::string tap = "tap0";
  std::vector<Prefix> addresses;
  std::vector<IpAddress> gateways;
  std::vector<IpAddress> dns_servers;
  bool probe = false;
  std::string capture;

  // Adds the options that fill this object, which outlives `app`.
  void add_to(CLI::App& app);
};

// A stack, its driver, and the loop that runs both.
class Host {
 public:
  // Waits until the kernel's end of the cable is up and, where addresses are probed for, until they
  // may be used. An error is a sentence.
  [[nodiscard]] static Result<std::unique_ptr<Host>, std::string> open(const HostOptions& options);

  [[nodiscard]] iface::Stack& stack() noexcept { return stack_; }
  [[nodiscard]] drivers::EventLoop& loop() noexcept { return loop_; }
  [[nodiscard]] Instant now() const { return loop_.now(); }

  // Lets the connections that were closed come to their ends: the last FIN and its ACK.
  void finish();

 private:
  Host(std::unique_ptr<drivers::TapDriver> driver, const iface::StackConfig& config);
  [[nodiscard]] Result<void, std::string> capture_to(const std::string& path);
  [[nodiscard]] Result<void, std::string> wait_until_ready(const HostOptions& options);

  std::unique_ptr<drivers::TapDriver> driver_;
  iface::Stack stack_;
  drivers::EventLoop loop_;
  std::ofstream capture_file_;
  std::optional<capture::PcapngWriter> capture_;
};

// Reads the command line into `options` and what the caller has added to `app`. A status to end the
// program with, if there is nothing more to do.
[[nodiscard]] std::optional<int> read_command_line(CLI::App& app, int argc, char** argv);

// Writes "PROGRAM: TEXT" to the standard error output, and returns `status`.
int fail(const CLI::App& app, const std::string& text, int status);

}  // namespace packetwright::example
