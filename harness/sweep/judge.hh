// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "harness/model/outcome.hh"
#include "harness/model/segment.hh"
#include "harness/sweep/observe.hh"
#include "harness/sweep/prelude.hh"

namespace packetwright::sweep {

// Where an observation and an outcome part.
enum class Difference : std::uint8_t { none, reply, echo, state, window, text, notice };

// The first of these that differs.
[[nodiscard]] Difference difference(const Observation& seen, const model::Outcome& outcome,
                                    const Ready& ready);

// Whether it is one of them.
[[nodiscard]] bool is_allowed(const Observation& seen, std::span<const model::Outcome> outcomes,
                              const Ready& ready);

// "RST seq 5, CLOSED, an error", with numbers counted from the initial ones.
[[nodiscard]] std::string describe(const model::Outcome& outcome, const Ready& ready);
[[nodiscard]] std::string describe(const Observation& seen, const Ready& ready);

}  // namespace packetwright::sweep
