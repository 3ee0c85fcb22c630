// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "harness/targets/linux/unique_fd.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// What a shell tells of a command that was killed: 128 and the signal.
inline constexpr int kStatusOfKilled = 128 + 9;

// A command, and a process that stands above it. Whatever the command starts stays below that
// process, however it goes about it (a session of its own, two forks, deaf to signals), and is
// killed by it: when it is told to, and when whoever made it is gone, whatever became of that.
class Warden {
 public:
  // What the command is given. Descriptors stay the caller's.
  struct Streams {
    int input = -1;    // -1: nothing
    int output = -1;   // standard output and error
    int reading = -1;  // the other end of `output`, not blocking, for keep_output()
    int error = -1;    // standard error, where it is not `output`
  };
  enum class Memory : bool { limited, as_is };
  // Runs `command` with /bin/sh in the namespaces of this process. `limited`: with 1 GiB at most.
  [[nodiscard]] static Result<Warden, std::string> start(std::string_view command,
                                                         const Streams& streams,
                                                         Memory memory = Memory::limited);
  ~Warden() { end(); }
  Warden(Warden&& other) noexcept
      : control_(std::move(other.control_)),
        process_(std::exchange(other.process_, -1)),
        status_(other.status_),
        left_something_(other.left_something_) {}
  Warden& operator=(Warden&& other) noexcept {
    std::swap(control_, other.control_);
    std::swap(process_, other.process_);
    std::swap(status_, other.status_);
    std::swap(left_something_, other.left_something_);
    return *this;
  }

  // Readable when the command has ended.
  [[nodiscard]] int fd() const noexcept { return control_.get(); }
  // The exit status of the command, 128 + signal as a shell tells it; nullopt: it has not ended.
  [[nodiscard]] std::optional<int> status();
  // Whether the command has left something running.
  [[nodiscard]] bool left_something() const noexcept { return left_something_; }
  // Kills everything that the command started, and not the command. False: the command has ended.
  [[nodiscard]] bool sweep();
  // The command has ended, and left something: what that writes is read here from now on, as it
  // must not wait for a reader.
  void keep_output();
  // The first 4 KiB of it.
  [[nodiscard]] std::string kept_output();
  // Kills everything, and waits for it; does nothing the second time.
  void end();

 private:
  Warden(UniqueFd control, pid_t process) noexcept
      : control_(std::move(control)), process_(process) {}
  // Takes what the warden says. False: it is gone.
  bool hear(bool wait);

  UniqueFd control_;
  pid_t process_ = -1;
  std::optional<int> status_;
  bool left_something_ = false;
};

}  // namespace packetwright::linux_stack
