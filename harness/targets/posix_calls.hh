// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"

namespace packetwright::targets {

// A typed argument or result of a system call, as a script writes it.
struct Value {
  struct Omitted {};  // `...`: the harness supplies it
  struct Symbol {     // a C macro by name: SO_RCVBUF
    std::string name;
  };
  struct Text {
    std::string octets;
  };
  struct Array {  // [a, b]: by reference
    std::vector<Value> elements;
  };
  struct Struct {  // {onoff=1, linger=0}; positional members have empty names
    std::vector<std::pair<std::string, Value>> members;
  };
  struct AnyOf {  // A|B|C
    std::vector<Value> terms;
  };

  std::variant<Omitted, std::int64_t, Symbol, Text, Array, Struct, AnyOf, Endpoint> is;
};

struct PosixOutcome {
  std::int64_t result = 0;
  int error = 0;                // errno, when result is -1
  std::vector<Value> returned;  // what the call wrote through its pointers, one per argument
};

// A text as one word of a shell command.
[[nodiscard]] std::string shell_quoted(std::string_view text);

// Optional: any system call by name. Implemented by targets that run on a POSIX system.
class PosixCalls {
 public:
  virtual ~PosixCalls() = default;

  // The value of a symbol on the target's system; an error names the unknown symbol.
  [[nodiscard]] virtual Result<std::int64_t, std::string> symbol(std::string_view name) = 0;

  // Why a symbol or a shell command cannot be had here, if it is another system's: "TCP_KEEPINIT is
  // a symbol of FreeBSD, not of Linux". nullopt: nothing is known against it. Whoever speaks for
  // such a system has its sysctl, its tools and its symbols, and answers nullopt.
  [[nodiscard]] virtual std::optional<std::string> foreign_symbol(std::string_view /*name*/) const {
    return std::nullopt;
  }
  [[nodiscard]] virtual std::optional<std::string> foreign_command(
      std::string_view /*command*/) const {
    return std::nullopt;
  }

  // Why a call is not made.
  struct Refusal {
    std::string reason;
    bool wrong = false;  // nobody could make it, written like that; else there is none here
  };
  // Starts a call, which may block.
  [[nodiscard]] virtual Result<int, Refusal> start(std::string_view call,
                                                   const std::vector<Value>& arguments) = 0;
  // nullopt: it still blocks.
  [[nodiscard]] virtual std::optional<PosixOutcome> finish(int token) = 0;

  struct ShellOutcome {
    int status = 0;          // exit status; 128 + signal
    std::string output;      // standard output and error, the last 64 KiB
    bool timed_out = false;  // it took too long and was killed
  };
  // Runs a command where the stack is; after eight seconds it is killed with everything it started.
  // What it leaves running when it ends, runs on.
  [[nodiscard]] virtual Result<ShellOutcome, std::string> shell(std::string_view command) = 0;
  // The same for a program that `command` (an interpreter) takes behind "-c". What the program
  // leaves running is killed.
  [[nodiscard]] virtual Result<ShellOutcome, std::string> interpret(const std::string& command,
                                                                    std::string_view program);
  // The script is over: whatever its commands left running is killed. Returns what that had written
  // after its command had ended, 4 KiB of each at most.
  virtual std::string end_commands() { return {}; }
};

}  // namespace packetwright::targets
