// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/judge.hh"

#include <algorithm>

#include "harness/sweep/encode.hh"

namespace packetwright::sweep {
namespace {

using model::Notice;
using model::Outcome;
using model::Reply;
using model::State;
namespace tcp_flag = wire::tcp_flag;

bool is_synchronized(State state) {
  return state != State::closed && state != State::listen && state != State::syn_sent &&
         state != State::syn_received;
}

// An ACK may travel with text that is sent again.
bool is_ack(const WireSegment& seg, const Outcome& outcome) {
  const bool in_flight = outcome.after.snd_una <= seg.seq && seg.seq < outcome.after.snd_nxt;
  return seg.flags.has(tcp_flag::ack) && !seg.flags.has(tcp_flag::syn) &&
         !seg.flags.has(tcp_flag::rst) && seg.ack == outcome.ack &&
         (seg.seq == outcome.seq || (in_flight && seg.end() != seg.seq));
}

bool is_reply(const WireSegment& seg, const Outcome& outcome) {
  const bool right_seq = !outcome.seq || seg.seq == *outcome.seq;
  switch (outcome.reply) {
    case Reply::none: return false;
    case Reply::ack: return is_ack(seg, outcome);
    case Reply::syn_ack:
      return seg.flags.has(tcp_flag::syn | tcp_flag::ack) && !seg.flags.has(tcp_flag::rst) &&
             right_seq && seg.ack == outcome.ack;
    case Reply::reset:
      return seg.flags.has(tcp_flag::rst) && right_seq &&
             (outcome.reset_may_ack || !seg.flags.has(tcp_flag::ack));
    case Reply::reset_with_ack:
      return seg.flags.has(tcp_flag::rst | tcp_flag::ack) && right_seq && seg.ack == outcome.ack;
  }
  return false;
}

// TSecr of an ACK is TS.Recent (RFC 7323, 3.2).
bool same_echo(const Observation& seen, const Outcome& outcome) {
  if (!outcome.after.timestamps || outcome.reply != Reply::ack) return true;
  const auto& timestamps = seen.sent.front().timestamps;
  return timestamps && timestamps->ecr == outcome.after.ts_recent;
}

bool same_reply(const Observation& seen, const Outcome& outcome) {
  if (!seen.other.empty()) return false;
  if (outcome.reply == Reply::none) return seen.sent.empty();
  return seen.sent.size() == 1 && is_reply(seen.sent.front(), outcome);
}

// A SYN that ends TIME-WAIT begins a connection that nobody has a descriptor of.
bool is_another_connection(const Outcome& outcome, const Ready& ready) {
  return ready.prelude->state == State::time_wait && outcome.after.state == State::syn_received;
}

bool same_text(const Observation& seen, const Outcome& outcome, const Ready& ready) {
  const model::Variables& v = ready.tracked.variables;
  // In SYN-SENT the numbers of the peer begin with this segment.
  const SeqNum first = v.state == State::syn_sent ? outcome.after.irs + 1 : v.rcv_nxt;
  model::Variables of_stream = v;
  if (v.state == State::syn_sent) of_stream.irs = SeqNum{0};
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < outcome.delivered; ++i) {
    if (outcome.out_of_band == i) continue;
    if (at >= seen.text.size() || seen.text[at] != octet_at(first + i, of_stream)) return false;
    ++at;
  }
  return at == seen.text.size();
}

bool same_notice(const Observation& seen, const Outcome& outcome, const Ready& ready) {
  const State before = ready.prelude->state;
  const State after = outcome.after.state;
  if (!is_synchronized(before) || is_another_connection(outcome, ready)) return true;
  const bool had_ended = model::is_after_fin_of_peer(before);
  if (outcome.notice == Notice::error) return seen.error || (had_ended && seen.end_of_stream);
  if (after == State::closed) return seen.end_of_stream || seen.error;
  if (had_ended || outcome.notice == Notice::end_of_stream) return seen.end_of_stream;
  return !seen.end_of_stream && !seen.error;
}

std::string relative(SeqNum number, SeqNum initial, bool known) {
  return std::to_string(known ? number - initial : number.value());
}

std::string with_comma(std::string text, std::string_view more) {
  return (text.empty() ? std::string{} : std::move(text) + ", ") + std::string(more);
}

}  // namespace

Difference difference(const Observation& seen, const Outcome& outcome, const Ready& ready) {
  if (!same_reply(seen, outcome)) return Difference::reply;
  if (!same_echo(seen, outcome)) return Difference::echo;
  if (seen.state && *seen.state != outcome.after.state && !is_another_connection(outcome, ready)) {
    return Difference::state;
  }
  if (!seen.was_read) return Difference::none;
  const State after = outcome.after.state;
  const bool has_window = is_synchronized(after) && after != State::time_wait;
  if (has_window && seen.snd_wnd && *seen.snd_wnd != outcome.after.snd_wnd) {
    return Difference::window;
  }
  if (!same_text(seen, outcome, ready)) return Difference::text;
  if (!same_notice(seen, outcome, ready)) return Difference::notice;
  return Difference::none;
}

bool is_allowed(const Observation& seen, std::span<const Outcome> outcomes, const Ready& ready) {
  return std::any_of(outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) {
    return difference(seen, outcome, ready) == Difference::none;
  });
}

std::string describe(const Outcome& outcome, const Ready& ready) {
  const Tracked& tracked = ready.tracked;
  const model::Variables& v = tracked.variables;
  const std::string seq =
      outcome.seq ? " seq " + relative(*outcome.seq, v.iss, tracked.knows_target) : std::string{};
  const std::string ack = " ack " + relative(outcome.ack, v.irs, tracked.knows_peer);
  std::string text;
  switch (outcome.reply) {
    case Reply::none: text = "no reply"; break;
    case Reply::ack:
      text = "ACK" + seq + ack;
      if (v.timestamps) text += " TSecr " + std::to_string(outcome.after.ts_recent);
      break;
    case Reply::syn_ack: text = "SYN,ACK" + seq + ack; break;
    case Reply::reset: text = "RST" + seq; break;
    case Reply::reset_with_ack: text = "RST,ACK seq 0" + ack; break;
  }
  text = with_comma(std::move(text), name_of(outcome.after.state));
  if (outcome.after.snd_wnd != v.snd_wnd && is_synchronized(outcome.after.state)) {
    text = with_comma(std::move(text), "SND.WND " + std::to_string(outcome.after.snd_wnd));
  }
  if (outcome.delivered > 0) {
    text = with_comma(std::move(text), std::to_string(outcome.delivered) + " octets of text");
  }
  if (outcome.notice == Notice::error) return with_comma(std::move(text), "an error");
  if (outcome.notice == Notice::end_of_stream) return with_comma(std::move(text), "end of stream");
  return text;
}

std::string describe(const Observation& seen, const Ready& ready) {
  const Tracked& tracked = ready.tracked;
  const model::Variables& v = tracked.variables;
  std::string text;
  for (const WireSegment& seg : seen.sent) {
    std::string flags;
    if (seg.flags.has(tcp_flag::syn)) flags = with_comma(std::move(flags), "SYN");
    if (seg.flags.has(tcp_flag::fin)) flags = with_comma(std::move(flags), "FIN");
    if (seg.flags.has(tcp_flag::rst)) flags = with_comma(std::move(flags), "RST");
    const bool ack = seg.flags.has(tcp_flag::ack);
    if (ack) flags += flags.empty() ? "ACK" : ",ACK";
    std::string one = flags + " seq " + relative(seg.seq, v.iss, tracked.knows_target);
    if (ack) one += " ack " + relative(seg.ack, v.irs, tracked.knows_peer);
    if (seg.size > 0) one += " with " + std::to_string(seg.size) + " octets";
    if (seg.timestamps && v.timestamps) one += " TSecr " + std::to_string(seg.timestamps->ecr);
    text = with_comma(std::move(text), one);
  }
  if (!seen.other.empty()) text = with_comma(std::move(text), seen.other);
  if (text.empty()) text = "no reply";
  if (seen.state) text = with_comma(std::move(text), name_of(*seen.state));
  if (seen.snd_wnd && *seen.snd_wnd != v.snd_wnd) {
    text = with_comma(std::move(text), "SND.WND " + std::to_string(*seen.snd_wnd));
  }
  if (!seen.text.empty()) {
    text = with_comma(std::move(text), std::to_string(seen.text.size()) + " octets of text");
  }
  if (seen.error) return with_comma(std::move(text), "an error");
  if (seen.end_of_stream) return with_comma(std::move(text), "end of stream");
  return text;
}

}  // namespace packetwright::sweep
