// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/encode.hh"

#include <array>

namespace packetwright::sweep {
namespace {

using wire::TcpOptionKind;
namespace tcp_flag = wire::tcp_flag;

constexpr std::array<std::uint8_t, 2> kOptionData{1, 2};
constexpr auto kUnknownKind = static_cast<TcpOptionKind>(253);
constexpr std::uint8_t kLengthPastEnd = 40;
constexpr std::uint16_t kMss = 1460;

wire::TcpFlags flags_of(const Stimulus& stimulus) {
  const Kind& kind = *stimulus.kind;
  wire::TcpFlags flags;
  if (kind.fin) flags |= tcp_flag::fin;
  if (kind.syn) flags |= tcp_flag::syn;
  if (kind.rst) flags |= tcp_flag::rst;
  if (kind.size > 0) flags |= tcp_flag::psh;
  if (kind.ack) flags |= tcp_flag::ack;
  if (stimulus.at(Field::urgent) != 0) flags |= tcp_flag::urg;
  return flags;
}

bool announces_mss(const Stimulus& stimulus) {
  return stimulus.kind->syn && stimulus.get<OptionValue>(Field::option) != OptionValue::mss_zero;
}

std::uint32_t echo_of(const Stimulus& stimulus, const Ready& ready) {
  return stimulus.kind->ack ? ready.tracked.tsval_of_target : 0;
}

// The one with a wrong length last: nothing behind it would be read.
void write_options(wire::TcpOptionWriter& out, const Stimulus& stimulus, const Ready& ready,
                   const model::Variables& v) {
  if (announces_mss(stimulus)) out.mss(kMss);
  if (const auto tsval = tsval_of(stimulus, v)) {
    out.nop().nop().timestamps({*tsval, echo_of(stimulus, ready)});
  }
  switch (stimulus.get<OptionValue>(Field::option)) {
    case OptionValue::none:
    case OptionValue::timestamps_unasked: break;
    case OptionValue::unknown: out.raw(kUnknownKind, kOptionData); break;
    case OptionValue::length_zero: out.raw(kUnknownKind, kOptionData, 0); break;
    case OptionValue::length_past_end: out.raw(kUnknownKind, kOptionData, kLengthPastEnd); break;
    case OptionValue::mss_zero: out.mss(0); break;
    case OptionValue::sack_permitted: out.nop().nop().sack_permitted(); break;
    case OptionValue::window_scale_15: out.nop().window_scale(15); break;
    case OptionValue::sack_of_nothing: {
      const wire::SackBlock block{v.iss + 5, v.iss + 3};
      out.nop().nop().sack({&block, 1});
      break;
    }
  }
}

std::string script_options(const Stimulus& stimulus, const Ready& ready,
                           const model::Variables& v) {
  std::string text;
  const auto add = [&](const std::string& option) { text += (text.empty() ? "" : ",") + option; };
  if (announces_mss(stimulus)) add("mss " + std::to_string(kMss));
  if (const auto tsval = tsval_of(stimulus, v)) {
    const std::uint32_t echo = stimulus.kind->ack ? ready.prelude->echo : 0;
    add("nop,nop,TS val " + std::to_string(*tsval) + " ecr " + std::to_string(echo));
  }
  switch (stimulus.get<OptionValue>(Field::option)) {
    case OptionValue::none:
    case OptionValue::timestamps_unasked: break;
    case OptionValue::unknown: add("kind 253 hex \"0102\""); break;
    case OptionValue::length_zero: add("kind 253 len 0 hex \"0102\""); break;
    case OptionValue::length_past_end: add("kind 253 len 40 hex \"0102\""); break;
    case OptionValue::mss_zero: add("mss 0"); break;
    case OptionValue::sack_permitted: add("nop,nop,sackOK"); break;
    case OptionValue::window_scale_15: add("nop,wscale 15"); break;
    case OptionValue::sack_of_nothing: add("nop,nop,sack 5:3"); break;
  }
  return text.empty() ? text : " <" + text + ">";
}

std::string script_override(const Stimulus& stimulus) {
  switch (stimulus.get<FormValue>(Field::form)) {
    case FormValue::sound: return "";
    case FormValue::bad_checksum: return " {tcp.checksum=bad}";
    case FormValue::data_offset_4: return " {tcp.data_offset=4}";
    case FormValue::data_offset_15: return " {tcp.data_offset=15}";
    case FormValue::reserved_bits: return " {tcp.reserved=7}";
  }
  return "";
}

std::string script_flags(const Stimulus& stimulus) {
  const Kind& kind = *stimulus.kind;
  std::string text;
  if (kind.fin) text += 'F';
  if (kind.syn) text += 'S';
  if (kind.rst) text += 'R';
  if (kind.size > 0) text += 'P';
  if (stimulus.at(Field::urgent) != 0) text += 'U';
  if (kind.ack) text += '.';
  return text.empty() ? "-" : text;
}

Place moved(Place place, std::int64_t octets) {
  place.offset += octets;
  return place;
}

}  // namespace

Buffer frame_of(const Stimulus& stimulus, const Ready& ready, const model::Variables& v) {
  const model::Segment seg = segment_of(stimulus, v);
  std::array<std::uint8_t, wire::kTcpMaxOptionsSize> options{};
  wire::TcpOptionWriter writer(options);
  write_options(writer, stimulus, ready, v);
  wire::TcpFields fields;
  fields.seq = seg.seq;
  fields.ack = seg.ack;
  fields.flags = flags_of(stimulus);
  fields.win = seg.win;
  fields.urgent = seg.urgent_pointer;
  fields.options = writer.written();
  fields.set_lengths();
  const auto form = stimulus.get<FormValue>(Field::form);
  if (form == FormValue::data_offset_4) fields.data_offset = 4;
  if (form == FormValue::data_offset_15) fields.data_offset = 15;
  if (form == FormValue::reserved_bits) fields.reserved = 7;
  std::array<std::uint8_t, kTextSize> text{};
  for (std::uint32_t i = 0; i < seg.size; ++i) text[i] = octet_at(seg.text() + i, v);
  Buffer frame = frame_of(ready.link, fields, Bytes{text}.first(seg.size));
  // Behind all other fields: any other checksum is wrong.
  if (form == FormValue::bad_checksum) {
    const std::size_t segment_size = fields.encoded_size() + seg.size;
    frame[frame.size() - segment_size + 16] ^= 0xff;
  }
  return frame;
}

std::string script_number(const Place& place, const Ready& ready, const model::Variables& v) {
  using From = Place::From;
  const bool of_peer = place.from == From::rcv_nxt || place.from == From::rcv_edge;
  const Tracked& tracked = ready.tracked;
  if (of_peer ? !tracked.knows_peer : !tracked.knows_target) {
    return std::to_string(number_at(place, v).value());
  }
  std::string text;
  switch (place.from) {
    case From::rcv_nxt: text = "rcv.nxt"; break;
    case From::rcv_edge: text = "rcv.nxt+rcv.wnd"; break;
    case From::snd_una: text = "snd.una"; break;
    case From::snd_nxt: text = "snd.nxt"; break;
  }
  if (place.offset > 0) text += '+';
  if (place.offset != 0) text += std::to_string(place.offset);
  return "${" + text + "}";
}

std::string script_of(const Stimulus& stimulus, const Ready& ready, const model::Variables& v) {
  const model::Segment seg = segment_of(stimulus, v);
  const Place seq = *seq_place(stimulus, v);
  std::string text = "< " + script_flags(stimulus) + " " + script_number(seq, ready, v) + ":" +
                     script_number(moved(seq, seg.size), ready, v) + "(" +
                     std::to_string(seg.size) + ")";
  if (seg.ack_flag) text += " ack " + script_number(*ack_place(stimulus, v), ready, v);
  text += " win " + std::to_string(seg.win);
  if (seg.urgent) text += " urg " + std::to_string(seg.urgent_pointer);
  text += script_options(stimulus, ready, v);
  if (seg.size > 0) {
    text += " \"";
    for (std::uint32_t i = 0; i < seg.size; ++i) {
      text += static_cast<char>(octet_at(seg.text() + i, v));
    }
    text += '"';
  }
  return text + script_override(stimulus);
}

}  // namespace packetwright::sweep
