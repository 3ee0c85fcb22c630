// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/report/document.hh"
#include "harness/report/paint.hh"

namespace packetwright::report {

// How a verdict is marked at the start of a line, for people who cannot see the colours.
[[nodiscard]] char mark_of(runner::Verdict verdict) noexcept;
[[nodiscard]] Colour colour_of(runner::Verdict verdict) noexcept;
// "non-strict": as people read it.
[[nodiscard]] std::string word_of(runner::Verdict verdict);

// "  x rcv_rst_right_edge [ipv4]          MUST   RFC 9293, 3.10.7.4": one run on one line.
[[nodiscard]] std::string heading_line(const Json& one, std::size_t width, const Paint& paint);

struct FailureStyle {
  std::size_t width = 80;  // of the terminal; only what can be broken is broken
  bool history = false;    // with everything that happened
};
// What stands below the heading of a run that is no plain pass: title, cause, expected and actual,
// place, replay, capture. Lines without their ends.
[[nodiscard]] std::vector<std::string> failure_lines(const Json& one, const FailureStyle& style,
                                                     const Paint& paint);

// "0.001234": seconds from microseconds; what was on its way when the clock started is negative.
[[nodiscard]] std::string seconds_text(std::int64_t microseconds);

// One line on why: the first mismatch, else the cause.
[[nodiscard]] std::string short_cause(const Json& one);

}  // namespace packetwright::report
