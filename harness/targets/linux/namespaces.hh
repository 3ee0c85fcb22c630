// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/targets/linux/unique_fd.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// A network namespace that this process made for a stack of its own. Making the first one moves the
// process into a user namespace too unless it is root, for good: that is why a target is opened in
// a worker.
class NetworkNamespace {
 public:
  // Makes one and enters it. The process must have a single thread the first time. An error says
  // what is not permitted and what would permit it.
  [[nodiscard]] static Result<NetworkNamespace, std::string> create();

  // Enters it again, after another one was entered. Sockets that are open stay where they were
  // made.
  void enter() const;

 private:
  explicit NetworkNamespace(UniqueFd handle) : handle_(std::move(handle)) {}
  UniqueFd handle_;
};

}  // namespace packetwright::linux_stack
