// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/state.hh"
#include "harness/sweep/prelude.hh"
#include "harness/sweep/stimulus.hh"
#include "harness/targets/target.hh"

namespace packetwright::sweep {

// What became of a stimulus.
struct Observation {
  std::vector<WireSegment> sent;      // segments of the connection in reply
  std::string other;                  // what else was sent; empty: nothing
  std::optional<model::State> state;  // nullopt: nobody can tell
  std::optional<std::uint32_t> snd_wnd;
  // The rest only if there was a descriptor to read from.
  bool was_read = false;
  Buffer text;  // read, without what the prelude had left
  bool end_of_stream = false, error = false;
};

// Gives the frame to a target that repeat() has taken to the prelude's state, and looks.
// `may_wait`: an ACK may come later, but within 500 ms. An error: the target died.
[[nodiscard]] Result<Observation, std::string> observe(const Ready& ready, Bytes frame,
                                                       const model::Variables& v, bool may_wait,
                                                       targets::Target& target);

}  // namespace packetwright::sweep
