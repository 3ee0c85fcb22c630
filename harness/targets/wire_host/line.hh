// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/targets/linux/host_clock.hh"
#include "harness/targets/linux/unique_fd.hh"
#include "harness/targets/target.hh"
#include "harness/targets/wire_host/interface.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

namespace packetwright::wire_host {

// A packet socket on an interface that hears everything there, whoever it is for; what it sends is
// not seen by this machine's own stack.
class Line {
 public:
  [[nodiscard]] static Result<Line, std::string> open(const Interface& interface);

  // From now on, frames of this sender alone.
  void hear_only(const MacAddress& sender);
  void hear_all();
  // An error: the interface takes nothing any more, and why. A frame that is too long or too short
  // for it is lost without one.
  [[nodiscard]] Result<void, std::string> send(Bytes frame);
  // What came since the last time, oldest first, without waiting.
  void receive(const linux_stack::HostClock& clock, std::vector<targets::SentFrame>& out);
  // Waits for a frame, or until `deadline` of the monotonic clock.
  void wait(const timespec& deadline) const;

 private:
  explicit Line(linux_stack::UniqueFd socket, std::string name);

  linux_stack::UniqueFd socket_;
  std::string name_;
  Buffer chunk_;
};

}  // namespace packetwright::wire_host
