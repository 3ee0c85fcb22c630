// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "harness/targets/linux/unique_fd.hh"
#include "harness/targets/target.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

namespace packetwright::resolver {

// A process of a program that looks names up, one after the other: lines go in and come out, as
// docs/targets.md has it ("resolver:PROGRAM"). It dies with this object, and with this process.
class Program {
 public:
  // Starts it with /bin/sh, and waits for its first line, for `limit` at most. Its standard error
  // is that of this process.
  [[nodiscard]] static Result<Program, std::string> start(const std::string& command,
                                                          Duration limit);
  ~Program() { end(); }
  Program(Program&& other) noexcept;
  Program& operator=(Program&& other) noexcept;

  // Its first line: what it is.
  [[nodiscard]] const std::string& greeting() const noexcept { return greeting_; }

  // Writes a line to it. Returns when it does nothing any more: it waits for the network, or has
  // answered, or has ended.
  void ask(std::string_view line);
  // The same, after something has happened on the network.
  void settle();

  // A line that it has written, or 64 KiB without an end; nullopt: there is none yet.
  [[nodiscard]] std::optional<std::string> answer();
  // How it ended; nullopt: it lives.
  [[nodiscard]] std::optional<targets::Death> death();

 private:
  Program() = default;
  // Takes what it has written.
  void hear();
  void end();

  linux_stack::UniqueFd stream_;
  pid_t process_ = -1;
  std::optional<int> status_;  // of wait()
  std::string heard_;
  std::string greeting_;
};

}  // namespace packetwright::resolver
