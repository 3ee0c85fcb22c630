// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/model/segment.hh"
#include "harness/sweep/tracker.hh"

// The segments that a sweep tries: a kind, which is what a segment has, and deviations from the
// normal segment of that kind.
namespace packetwright::sweep {

inline constexpr std::uint32_t kTextSize = 10;  // octets, of the kinds that have text

// A combination of control bits, with or without text.
struct Kind {
  std::string_view name;  // "FIN,ACK,text"
  bool syn = false, ack = false, fin = false, rst = false;
  std::uint32_t size = 0;

  [[nodiscard]] std::uint32_t len() const noexcept {
    return size + (syn ? 1u : 0u) + (fin ? 1u : 0u);
  }
};
// All 32, the everyday ones first.
[[nodiscard]] std::span<const Kind> kinds() noexcept;

// In what a segment may deviate. Value 0 of each is the normal one.
enum class Field : std::uint8_t { seq, ack, win, urgent, option, timestamp, form };
inline constexpr std::size_t kFields = 7;

// The values of a field, the normal one first: "left_edge", "outside_left", ...
[[nodiscard]] std::span<const std::string_view> values_of(Field field) noexcept;

enum class SeqPlace : std::uint8_t {
  left_edge,       // RCV.NXT
  outside_left,    // all of it is below the window
  straddles_left,  // it begins one octet below
  inside,          // in the middle
  last_fit,        // it ends with the window
  right_edge,      // the last number of the window
  outside_right,   // the first behind it
  far_left,        // a quarter of all numbers away
  far_right,
};

enum class AckPlace : std::uint8_t {
  right_edge,     // SND.NXT
  left_edge,      // SND.UNA
  inside,         // between them
  older,          // SND.UNA-1
  oldest,         // SND.UNA-MAX.SND.WND, the last that RFC 5961 takes
  outside_left,   // one below that
  outside_right,  // SND.NXT+1
  far_right,
};

enum class WinValue : std::uint8_t { as_before, zero, one };
enum class UrgentValue : std::uint8_t { none, at_nothing, first_octet, beyond };
enum class OptionValue : std::uint8_t {
  none,
  unknown,
  length_zero,
  length_past_end,
  mss_zero,
  sack_permitted,
  window_scale_15,
  sack_of_nothing,
  timestamps_unasked,
};
enum class TimestampValue : std::uint8_t { newer, equal, old, far_old, far_new, missing };
enum class FormValue : std::uint8_t {
  sound,
  bad_checksum,
  data_offset_4,
  data_offset_15,
  reserved_bits,
};

struct Stimulus {
  const Kind* kind = nullptr;
  std::array<std::uint8_t, kFields> values{};  // by Field

  [[nodiscard]] std::uint8_t at(Field field) const noexcept {
    return values[static_cast<std::size_t>(field)];
  }
  template <class Value>
  [[nodiscard]] Value get(Field field) const noexcept {
    return static_cast<Value>(at(field));
  }
  [[nodiscard]] unsigned deviations() const noexcept;
  // "seq=outside_left ack=older"; "normal".
  [[nodiscard]] std::string name() const;
};

// A number of the wire, told by a variable of the connection.
struct Place {
  enum class From : std::uint8_t { rcv_nxt, rcv_edge, snd_una, snd_nxt } from{};
  std::int64_t offset = 0;
};
[[nodiscard]] SeqNum number_at(const Place& place, const model::Variables& v) noexcept;
// nullopt: there is no such place in this situation, or it is another one's.
[[nodiscard]] std::optional<Place> seq_place(const Stimulus& stimulus,
                                             const model::Variables& v) noexcept;
[[nodiscard]] std::optional<Place> ack_place(const Stimulus& stimulus,
                                             const model::Variables& v) noexcept;

// Where the numbers of a stimulus count from: the variables of the connection, and where it has
// none, in CLOSED, LISTEN and before the peer's SYN, numbers like any others.
[[nodiscard]] model::Variables with_numbers(const Tracked& tracked) noexcept;

// Whether all of its deviations exist in this situation.
[[nodiscard]] bool makes_sense(const Stimulus& stimulus, const model::Variables& v) noexcept;

// The segment as the model sees it; the stimulus makes sense.
[[nodiscard]] model::Segment segment_of(const Stimulus& stimulus, const model::Variables& v);
// TSval of the stimulus; nullopt: it has none.
[[nodiscard]] std::optional<std::uint32_t> tsval_of(const Stimulus& stimulus,
                                                    const model::Variables& v) noexcept;

}  // namespace packetwright::sweep
