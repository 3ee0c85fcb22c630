// SPDX-License-Identifier: Apache-2.0
#pragma once
// A connection in each state, as the preludes of the conformance suite leave it: the initial
// numbers are 0, the windows 65535.

#include <string>
#include <vector>

#include "harness/model/segment_arrives.hh"

namespace packetwright::model {

inline constexpr std::uint32_t kWindow = 65'535;

inline Variables at(State state) {
  Variables v;
  v.state = state;
  v.passive = true;
  v.listener = true;
  v.iss = v.irs = SeqNum{0};
  v.snd_wnd = v.max_snd_wnd = v.rcv_wnd = kWindow;
  const bool fin_sent = state == State::fin_wait_1 || state == State::fin_wait_2 ||
                        state == State::closing || state == State::last_ack ||
                        state == State::time_wait;
  const bool fin_acked = state == State::fin_wait_2 || state == State::time_wait;
  v.snd_nxt = SeqNum{fin_sent ? 2u : 1u};
  v.snd_una = fin_acked ? v.snd_nxt : SeqNum{1};
  v.rcv_nxt = SeqNum{is_after_fin_of_peer(state) ? 2u : 1u};
  if (state == State::syn_sent || state == State::syn_received) v.snd_una = SeqNum{0};
  v.last_ack_sent = v.rcv_nxt;
  return v;
}

inline Variables with_timestamps(Variables v, std::uint32_t recent) {
  v.timestamps = true;
  v.ts_recent = recent;
  return v;
}

// Control bits as scripts write them: F S R and a dot for ACK.
inline Segment segment(const std::string& flags, std::uint32_t seq, std::uint32_t ack = 0,
                       std::uint32_t size = 0) {
  const auto has = [&](char c) { return flags.find(c) != std::string::npos; };
  Segment seg;
  seg.fin = has('F');
  seg.syn = has('S');
  seg.rst = has('R');
  seg.ack_flag = has('.');
  seg.seq = SeqNum{seq};
  seg.ack = SeqNum{ack};
  seg.size = size;
  seg.win = 65'535;
  return seg;
}

// Every outcome in a few words: "ack 1 ESTABLISHED", with what is delivered behind it.
inline std::string text_of(const Outcome& outcome) {
  std::string text;
  switch (outcome.reply) {
    case Reply::none: text = "-"; break;
    case Reply::ack: text = "ack " + std::to_string(outcome.ack.value()); break;
    case Reply::syn_ack: text = "syn_ack " + std::to_string(outcome.ack.value()); break;
    case Reply::reset:
      text = "rst " + std::to_string(outcome.seq.value_or(SeqNum{}).value());
      break;
    case Reply::reset_with_ack: text = "rst_ack " + std::to_string(outcome.ack.value()); break;
  }
  text += " " + std::string(name_of(outcome.after.state));
  if (outcome.delivered > 0) text += " text " + std::to_string(outcome.delivered);
  if (outcome.notice == Notice::error) text += " error";
  if (outcome.notice == Notice::end_of_stream) text += " end";
  return text;
}

// The letter of the text.
inline std::string first(const Variables& v, const Segment& seg) {
  return text_of(segment_arrives(v, seg, Choices{}).front());
}

inline std::vector<std::string> all(const Variables& v, const Segment& seg,
                                    const Choices& choices = {}) {
  std::vector<std::string> texts;
  for (const Outcome& one : segment_arrives(v, seg, choices)) texts.push_back(text_of(one));
  return texts;
}

}  // namespace packetwright::model
