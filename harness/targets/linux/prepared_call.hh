// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/linux/posix_values.hh"
#include "harness/targets/linux/sockets.hh"
#include "harness/targets/linux/system_calls.hh"
#include "harness/targets/posix_calls.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// A system call with its arguments turned into what the kernel takes. The memory that the kernel
// reads and writes belongs to the closures.
struct PreparedCall {
  // Makes the call: its result, with errno set if that is -1.
  std::function<std::int64_t(SystemCalls& system)> invoke;
  // What it wrote, one value for each argument of the script; empty: nothing. Called after success.
  std::function<std::vector<Value>(std::int64_t result)> written;
  bool may_block = false;
  // After success the result, or what `opened` returns, are descriptors that the script now has.
  bool opens = false;
  std::function<std::vector<int>()> opened;
  int closes = -1;               // after success this descriptor is gone
  std::vector<int> descriptors;  // what it uses; they must be the script's own
};

class Arguments;
// An empty call on the descriptors that were read from `arguments`.
[[nodiscard]] PreparedCall prepared(const Arguments& arguments);

// An error says that the call is not known, or which shapes of arguments it takes.
[[nodiscard]] Result<PreparedCall, std::string> prepare(std::string_view call,
                                                        const std::vector<Value>& arguments);

// Takes back what cap_set() changed.
void restore_capabilities();

// Parts of the table behind prepare(), by subject. nullptr: not one of theirs.
using Preparer = Result<PreparedCall, std::string> (*)(const std::vector<Value>& arguments);
[[nodiscard]] Preparer preparer_of_socket_call(std::string_view call);   // bind, send, ...
[[nodiscard]] Preparer preparer_of_message_call(std::string_view call);  // sendmsg, readv, ...
[[nodiscard]] Preparer preparer_of_option_call(std::string_view call);   // setsockopt, ioctl, ...
[[nodiscard]] Preparer preparer_of_descriptor_call(std::string_view call);  // poll, pipe, ...

}  // namespace packetwright::linux_stack
