// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "stack/base/result.hh"

// Where the RFCs leave a choice, contradict each other, or are known to be read otherwise.
namespace packetwright::model {

enum class Point : std::uint8_t {
  illegal_option_length,
  syn_fin_in_listen,
  text_of_syn_ack,
  ack_without_syn_in_syn_sent,
  reset_has_ack,
  new_syn_in_time_wait,
  syn_at_rcv_nxt_in_time_wait,
  stale_syn_in_time_wait,
  missing_timestamp,
  missing_timestamp_of_syn,
  paws_in_syn_received,
  ts_recent_below_window,
  ts_recent_of_refused,
  empty_at_right_edge,
  fin_at_right_edge,
  stray_without_ack,
  repeated_syn,
  crossing_syn_ack,
  old_segment_with_ack,
  straddling_syn,
  rst_at_right_edge,
  inexact_rst,
  inexact_rst_in_syn_received,
  rst_in_time_wait,
  syn_in_window,
  syn_in_syn_received,
  bad_ack_in_syn_received,
  ack_not_yet_sent,
  ack_range,
  bad_ack_in_late_state,
  window_of_equal_numbers,
  other_in_time_wait,
  urgent_octet,
  text_after_fin,
  second_fin,
};
inline constexpr std::size_t kPoints = 35;

// What may be done at a point. One word means the same at every point that has it.
enum class Variant : std::uint8_t {
  accept,
  ack,
  challenge,
  check,
  drop,
  establish,
  forget,
  ignore,
  in_band,
  keep,
  larger,
  no,
  out_of_band,
  process,
  refuse,
  reset,
  silence,
  syn_ack,
  take,
  trim,
  yes,
};
[[nodiscard]] std::string_view name_of(Variant variant) noexcept;

// A variant that is not `open` is what stacks are known to do against the letter of the text: a
// target has to say that it does so.
struct PointVariant {
  Variant variant;
  bool open = true;
};

struct PointInfo {
  Point point;
  std::string_view name;
  std::string_view place;                  // "RFC 9293, 3.10.7.4"
  std::string_view question;               // what is chosen, as a clause
  std::span<const PointVariant> variants;  // the letter of the text first
};
[[nodiscard]] std::span<const PointInfo> points() noexcept;  // in the order of Point
[[nodiscard]] const PointInfo& info_of(Point point) noexcept;
[[nodiscard]] std::optional<Point> point_named(std::string_view name) noexcept;

// Which variants count as right.
class Choices {
 public:
  // Every variant that the texts leave open.
  Choices();

  // These alone from now on. An error names the word that is no variant of the point.
  [[nodiscard]] Result<void, std::string> set(Point point, std::span<const std::string> variants);

  [[nodiscard]] std::span<const Variant> allowed(Point point) const noexcept {
    const Allowed& one = allowed_[static_cast<std::size_t>(point)];
    return std::span{one.variants}.first(one.count);
  }

 private:
  struct Allowed {
    std::array<Variant, 4> variants{};
    std::uint8_t count = 0;
  };
  std::array<Allowed, kPoints> allowed_{};
};

// Walks through every combination of the choices that one situation meets: decide by pick(), and
// again as long as next() says so. Equal questions get equal answers within one round.
class Chooser {
 public:
  explicit Chooser(const Choices& choices) noexcept : choices_(choices) {}

  [[nodiscard]] Variant pick(Point point) noexcept;
  // True: there is another combination, and a new round begins.
  [[nodiscard]] bool next() noexcept;

 private:
  struct Step {
    Point point{};
    std::uint8_t taken = 0;
  };
  static constexpr std::size_t kMostSteps = 16;

  const Choices& choices_;
  std::array<Step, kMostSteps> steps_{};
  std::size_t known_ = 0;  // steps whose variant is fixed for this round
  std::size_t met_ = 0;    // steps of this round so far
};

}  // namespace packetwright::model
