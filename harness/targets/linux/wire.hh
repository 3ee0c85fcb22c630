// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/targets/linux/host_clock.hh"
#include "harness/targets/linux/link.hh"
#include "harness/targets/linux/unique_fd.hh"
#include "harness/targets/target.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// What a tunnel is like.
struct Tunnel {
  // It takes checksums and segmentation off the stack, as a network card does: what the stack sends
  // is seen before it is cut into segments, with unfinished checksums.
  bool offloads = false;
  // Packets of TCP look as if a card had merged them of segments of this size; 0: as they are.
  std::uint16_t gso_size = 0;
  std::uint32_t megabits = 0;  // the speed that it claims; 0: its own

  friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

// The harness's hold on the wire: frames into the stack, frames out of it with the kernel's own
// time stamps. What is injected is never seen again as if the stack had sent it.
class Wire {
 public:
  // An empty wire; nothing may be done with it.
  Wire() = default;
  // Takes hold of the pair that make_veth() made.
  [[nodiscard]] static Result<Wire, std::string> on_veth();
  // Makes the tunnel device itself, which lives as long as the wire.
  [[nodiscard]] static Result<Wire, std::string> on_tun(std::uint16_t mtu, const Tunnel& tunnel);

  // Gives one frame to the stack, which has dealt with it on return. False: the kernel takes no
  // such frame (it is shorter than an Ethernet header, say); the stack has not seen it.
  bool inject(Bytes frame);
  // Appends what the stack sent, oldest first, without waiting.
  void drain(const HostClock& clock, std::vector<targets::SentFrame>& out);
  // Waits until the stack has sent something, or until `deadline` of the monotonic clock.
  void wait(const timespec& deadline) const;
  // The stack has sent something that drain() has not returned.
  [[nodiscard]] bool pending() const;

 private:
  UniqueFd listener_;  // a packet socket that sees what the stack sends
  UniqueFd tunnel_;    // where packets for the stack go in; veth: into the listener itself
  Tunnel kind_;
  Buffer chunk_;
};

}  // namespace packetwright::linux_stack
