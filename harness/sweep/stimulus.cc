// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/stimulus.hh"

#include <algorithm>

namespace packetwright::sweep {
namespace {

constexpr std::uint32_t kFar = 0x4000'0000;

constexpr Kind kKinds[] = {
    {"ACK", false, true, false, false, 0},
    {"ACK,text", false, true, false, false, kTextSize},
    {"FIN,ACK", false, true, true, false, 0},
    {"FIN,ACK,text", false, true, true, false, kTextSize},
    {"SYN", true, false, false, false, 0},
    {"SYN,ACK", true, true, false, false, 0},
    {"RST", false, false, false, true, 0},
    {"RST,ACK", false, true, false, true, 0},
    {"none", false, false, false, false, 0},
    {"text", false, false, false, false, kTextSize},
    {"FIN", false, false, true, false, 0},
    {"FIN,text", false, false, true, false, kTextSize},
    {"SYN,text", true, false, false, false, kTextSize},
    {"SYN,ACK,text", true, true, false, false, kTextSize},
    {"SYN,FIN", true, false, true, false, 0},
    {"SYN,FIN,text", true, false, true, false, kTextSize},
    {"SYN,FIN,ACK", true, true, true, false, 0},
    {"SYN,FIN,ACK,text", true, true, true, false, kTextSize},
    {"RST,text", false, false, false, true, kTextSize},
    {"RST,ACK,text", false, true, false, true, kTextSize},
    {"RST,FIN", false, false, true, true, 0},
    {"RST,FIN,text", false, false, true, true, kTextSize},
    {"RST,FIN,ACK", false, true, true, true, 0},
    {"RST,FIN,ACK,text", false, true, true, true, kTextSize},
    {"SYN,RST", true, false, false, true, 0},
    {"SYN,RST,text", true, false, false, true, kTextSize},
    {"SYN,RST,ACK", true, true, false, true, 0},
    {"SYN,RST,ACK,text", true, true, false, true, kTextSize},
    {"SYN,RST,FIN", true, false, true, true, 0},
    {"SYN,RST,FIN,text", true, false, true, true, kTextSize},
    {"SYN,RST,FIN,ACK", true, true, true, true, 0},
    {"SYN,RST,FIN,ACK,text", true, true, true, true, kTextSize},
};

constexpr std::string_view kFieldNames[] = {"seq",    "ack",       "win", "urgent",
                                            "option", "timestamp", "form"};

constexpr std::string_view kSeq[] = {"left_edge",     "outside_left", "straddles_left",
                                     "inside",        "last_fit",     "right_edge",
                                     "outside_right", "far_left",     "far_right"};
constexpr std::string_view kAck[] = {"right_edge", "left_edge",    "inside",        "older",
                                     "oldest",     "outside_left", "outside_right", "far_right"};
constexpr std::string_view kWin[] = {"as_before", "0", "1"};
constexpr std::string_view kUrgent[] = {"none", "at_nothing", "first_octet", "beyond"};
constexpr std::string_view kOption[] = {
    "none",           "unknown",         "length_zero",     "length_past_end",   "mss_zero",
    "sack_permitted", "window_scale_15", "sack_of_nothing", "timestamps_unasked"};
constexpr std::string_view kTimestamp[] = {"newer",   "equal",   "old",
                                           "far_old", "far_new", "missing"};
constexpr std::string_view kForm[] = {"sound", "bad_checksum", "data_offset_4", "data_offset_15",
                                      "reserved_bits"};

// Numbers like any others.
constexpr std::uint32_t kAnySeq = 1000, kAnyAck = 5000, kAnyWindow = 65'535;

}  // namespace

std::span<const Kind> kinds() noexcept {
  return kKinds;
}

std::span<const std::string_view> values_of(Field field) noexcept {
  switch (field) {
    case Field::seq: return kSeq;
    case Field::ack: return kAck;
    case Field::win: return kWin;
    case Field::urgent: return kUrgent;
    case Field::option: return kOption;
    case Field::timestamp: return kTimestamp;
    case Field::form: return kForm;
  }
  return {};
}

unsigned Stimulus::deviations() const noexcept {
  return static_cast<unsigned>(
      std::count_if(values.begin(), values.end(), [](std::uint8_t value) { return value != 0; }));
}

std::string Stimulus::name() const {
  std::string text;
  for (std::size_t i = 0; i < kFields; ++i) {
    if (values[i] == 0) continue;
    if (!text.empty()) text += ' ';
    text += kFieldNames[i];
    text += '=';
    text += values_of(static_cast<Field>(i))[values[i]];
  }
  return text.empty() ? "normal" : text;
}

SeqNum number_at(const Place& place, const model::Variables& v) noexcept {
  const auto offset = static_cast<std::uint32_t>(place.offset);
  switch (place.from) {
    case Place::From::rcv_nxt: return v.rcv_nxt + offset;
    case Place::From::rcv_edge: return v.rcv_edge() + offset;
    case Place::From::snd_una: return v.snd_una + offset;
    case Place::From::snd_nxt: return v.snd_nxt + offset;
  }
  return {};
}

std::optional<Place> seq_place(const Stimulus& stimulus, const model::Variables& v) noexcept {
  using From = Place::From;
  const auto len = static_cast<std::int64_t>(stimulus.kind->len());
  const std::int64_t wnd = v.rcv_wnd;
  switch (stimulus.get<SeqPlace>(Field::seq)) {
    case SeqPlace::left_edge: return Place{From::rcv_nxt, 0};
    case SeqPlace::outside_left: return Place{From::rcv_nxt, -std::max<std::int64_t>(len, 1)};
    case SeqPlace::straddles_left:
      if (len < 2) return std::nullopt;
      return Place{From::rcv_nxt, -1};
    case SeqPlace::inside:
      if (wnd < 4) return std::nullopt;
      return Place{From::rcv_nxt, wnd / 2};
    case SeqPlace::last_fit:
      if (len < 2 || wnd <= len) return std::nullopt;
      return Place{From::rcv_edge, -len};
    case SeqPlace::right_edge:
      if (wnd < 2) return std::nullopt;
      return Place{From::rcv_edge, -1};
    case SeqPlace::outside_right:
      if (wnd == 0) return Place{From::rcv_edge, 1};
      return Place{From::rcv_edge, 0};
    case SeqPlace::far_left: return Place{From::rcv_nxt, -std::int64_t{kFar}};
    case SeqPlace::far_right: return Place{From::rcv_nxt, kFar};
  }
  return std::nullopt;
}

std::optional<Place> ack_place(const Stimulus& stimulus, const model::Variables& v) noexcept {
  using From = Place::From;
  const std::uint32_t flight = v.snd_nxt - v.snd_una;
  const std::int64_t most = v.max_snd_wnd;
  switch (stimulus.get<AckPlace>(Field::ack)) {
    case AckPlace::right_edge: return Place{From::snd_nxt, 0};
    case AckPlace::left_edge:
      if (flight == 0) return std::nullopt;
      return Place{From::snd_una, 0};
    case AckPlace::inside:
      if (flight < 2) return std::nullopt;
      return Place{From::snd_una, flight / 2};
    case AckPlace::older: return Place{From::snd_una, -1};
    case AckPlace::oldest: return Place{From::snd_una, -most};
    case AckPlace::outside_left: return Place{From::snd_una, -most - 1};
    case AckPlace::outside_right: return Place{From::snd_nxt, 1};
    case AckPlace::far_right: return Place{From::snd_nxt, kFar};
  }
  return std::nullopt;
}

model::Variables with_numbers(const Tracked& tracked) noexcept {
  model::Variables v = tracked.variables;
  if (!tracked.knows_peer) {
    v.rcv_nxt = SeqNum{kAnySeq};
    if (v.rcv_wnd == 0) v.rcv_wnd = kAnyWindow;
    v.max_snd_wnd = kAnyWindow;
  }
  if (!tracked.knows_target) v.snd_una = v.snd_nxt = SeqNum{kAnyAck};
  return v;
}

std::optional<std::uint32_t> tsval_of(const Stimulus& stimulus,
                                      const model::Variables& v) noexcept {
  if (!v.timestamps) {
    if (stimulus.get<OptionValue>(Field::option) != OptionValue::timestamps_unasked) {
      return std::nullopt;
    }
    return 1;
  }
  switch (stimulus.get<TimestampValue>(Field::timestamp)) {
    case TimestampValue::newer: return v.ts_recent + 10;
    case TimestampValue::equal: return v.ts_recent;
    case TimestampValue::old: return v.ts_recent - 1'000;
    case TimestampValue::far_old: return v.ts_recent - 0x7000'0000;
    case TimestampValue::far_new: return v.ts_recent + 0x7000'0000;
    case TimestampValue::missing: return std::nullopt;
  }
  return std::nullopt;
}

bool makes_sense(const Stimulus& stimulus, const model::Variables& v) noexcept {
  if (stimulus.at(Field::ack) != 0 && !stimulus.kind->ack) return false;
  if (stimulus.at(Field::timestamp) != 0 && !v.timestamps) return false;
  if (v.timestamps && stimulus.get<OptionValue>(Field::option) == OptionValue::timestamps_unasked) {
    return false;
  }
  return seq_place(stimulus, v).has_value() && ack_place(stimulus, v).has_value();
}

model::Segment segment_of(const Stimulus& stimulus, const model::Variables& v) {
  const Kind& kind = *stimulus.kind;
  model::Segment seg;
  seg.syn = kind.syn;
  seg.ack_flag = kind.ack;
  seg.fin = kind.fin;
  seg.rst = kind.rst;
  seg.size = kind.size;
  seg.seq = number_at(*seq_place(stimulus, v), v);
  if (kind.ack) seg.ack = number_at(*ack_place(stimulus, v), v);
  switch (stimulus.get<WinValue>(Field::win)) {
    case WinValue::as_before: seg.win = 65'535; break;
    case WinValue::zero: seg.win = 0; break;
    case WinValue::one: seg.win = 1; break;
  }
  switch (stimulus.get<UrgentValue>(Field::urgent)) {
    case UrgentValue::none: break;
    case UrgentValue::at_nothing: seg.urgent = true; break;
    case UrgentValue::first_octet:
      seg.urgent = true;
      seg.urgent_pointer = 1;
      break;
    case UrgentValue::beyond:
      seg.urgent = true;
      seg.urgent_pointer = 60'000;
      break;
  }
  seg.tsval = tsval_of(stimulus, v);
  const auto option = stimulus.get<OptionValue>(Field::option);
  seg.bad_option_length =
      option == OptionValue::length_zero || option == OptionValue::length_past_end;
  const auto form = stimulus.get<FormValue>(Field::form);
  seg.bad_checksum = form == FormValue::bad_checksum;
  seg.bad_data_offset = form == FormValue::data_offset_4 || form == FormValue::data_offset_15;
  return seg;
}

}  // namespace packetwright::sweep
