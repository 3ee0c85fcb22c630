// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "harness/sim/goodput.hh"
#include "harness/targets/target.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

// What the TCP of any target in virtual time makes of a path.
namespace packetwright::sim {

using Knobs = std::map<std::string, std::string>;

// From the SYN to the last octet that the peer reads.
struct BulkTransfer {
  std::uint64_t octets = 0;
};

// An answer on a connection that has carried another such answer before; what holds its last `lost`
// segments of 1,448 octets is lost once. From the request to the last octet.
struct AnswerWithoutTail {
  std::uint64_t octets = 0, lost = 0;
};

struct Measurement {
  Path path;
  std::variant<BulkTransfer, AnswerWithoutTail> what;
};

// How long that takes `target`, which is reset for it. An error is a sentence about the target: a
// call that failed, a death, a knob that it does not have, no end within a day.
[[nodiscard]] Result<Duration, std::string> time_of(const Measurement& measurement,
                                                    targets::Target& target, const Knobs& knobs,
                                                    std::uint64_t seed);

}  // namespace packetwright::sim
