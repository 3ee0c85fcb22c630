// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "harness/targets/linux/unique_fd.hh"
#include "stack/base/result.hh"

namespace packetwright::uml {

// What a machine is made of.
struct Parts {
  std::string kernel;  // the program that is a kernel
  std::string guest;   // the folder that is its root, with the agent
};

// A booted Linux kernel: a process of this machine, in virtual time, with the agent as its first
// program. Its clock stands still while the agent waits for the channel. It draws its random
// numbers from nothing but its command line, which is always the same.
//
// It does not outlive this object, nor the thread that made it, however that ends.
class Machine {
 public:
  [[nodiscard]] static Result<Machine, std::string> boot(const Parts& parts);
  ~Machine() { end(); }
  Machine(Machine&& other) noexcept;
  Machine& operator=(Machine&& other) noexcept;

  // The agent's stream, not blocking. It ends when the machine does.
  [[nodiscard]] linux_stack::UniqueFd& channel() noexcept { return channel_; }
  // What the kernel and the agent have to say, not blocking.
  [[nodiscard]] linux_stack::UniqueFd& log() noexcept { return log_; }
  [[nodiscard]] pid_t process() const noexcept { return process_; }
  // Readable when the machine has ended.
  [[nodiscard]] int fd() const noexcept { return ended_.get(); }
  // As waitpid() has it; nullopt: it runs.
  [[nodiscard]] std::optional<int> status();
  // Switches it off, and waits for that.
  void end();

 private:
  Machine() = default;

  linux_stack::UniqueFd channel_;
  linux_stack::UniqueFd log_;
  linux_stack::UniqueFd ended_;
  pid_t process_ = -1;
  std::optional<int> status_;
};

}  // namespace packetwright::uml
