// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"

namespace packetwright::iface {

// One thing that the stack did, for those who watch it work.
struct TraceEvent {
  enum class What : std::uint8_t {
    frame_in,   // `octets`: the frame, before anything was looked at
    frame_out,  // `octets`: the frame, as it is queued for the link
    dropped,    // `reason`: why what arrived last went no further
  };

  Instant at;
  What what = What::frame_in;
  std::optional<DropReason> reason;  // only with dropped
  Bytes octets{};                    // valid during the call
};

// Called for each event, in order, from within the call into the stack that caused it. It must not
// call the stack.
using TraceHook = std::function<void(const TraceEvent&)>;

}  // namespace packetwright::iface
