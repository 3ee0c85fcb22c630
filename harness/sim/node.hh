// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"

namespace packetwright::sim {

// A host of a simulated network: anything that takes Ethernet frames and time, and gives frames, as
// the class Stack does. `now` never goes back. After each call that takes it, next_tx() is drained.
class Node {
 public:
  virtual ~Node() = default;

  virtual void on_frame(Instant now, Bytes frame) = 0;
  virtual void on_deadline(Instant now) = 0;
  [[nodiscard]] virtual std::optional<Instant> next_deadline() const = 0;
  // The next frame, in place of what `frame` held; false: there is none.
  [[nodiscard]] virtual bool next_tx(Buffer& frame) = 0;
};

}  // namespace packetwright::sim
