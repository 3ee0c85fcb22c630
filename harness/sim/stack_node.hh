// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/sim/node.hh"
#include "stack/iface/stack.hh"

namespace packetwright::sim {

// The reference stack as a host of a simulated network. After calls of `stack` from outside, tell
// the network to collect() what it has to send.
class StackNode final : public Node {
 public:
  explicit StackNode(const iface::StackConfig& config) : stack(config) {}

  void on_frame(Instant now, Bytes frame) override { stack.on_frame(now, frame); }
  void on_deadline(Instant now) override { stack.on_deadline(now); }
  [[nodiscard]] std::optional<Instant> next_deadline() const override {
    return stack.next_deadline();
  }
  [[nodiscard]] bool next_tx(Buffer& frame) override { return stack.next_tx(frame); }

  iface::Stack stack;
};

}  // namespace packetwright::sim
