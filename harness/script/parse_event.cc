// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>

#include "harness/script/grammar.hh"
#include "harness/script/nearest.hh"
#include "harness/script/quoted.hh"

namespace packetwright::script {
namespace {

constexpr auto kStates = std::to_array<std::string_view>(
    {"CLOSED", "LISTEN", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
     "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT"});

bool is_time(const Token& token) noexcept {
  return token.kind == TokenKind::integer || token.kind == TokenKind::decimal ||
         token.kind == TokenKind::formula;
}

void check_order(Cursor& in, const Token& at, const Time& start, const Time& end) {
  if (start.open.empty() && end.open.empty() && end.value < start.value) {
    in.error(at, "the end of a range lies before its start");
  }
}

bool parse_when(Cursor& in, When& out) {
  if (in.take('*')) {
    out.kind = WhenKind::any;
    return true;
  }
  const bool relative = in.take('+');
  if (!in.time(out.start, relative ? "a time after '+'" : "a time")) return false;
  out.kind = relative ? WhenKind::relative : WhenKind::absolute;
  if (!in.take('~')) return true;
  const Token& end = in.peek();
  if (relative && !in.take('+')) {
    return in.expected("'+' and the end of the range", "write +0~+0.5");
  }
  if (!relative && in.peek().is('+')) {
    return in.expected("the end of the range", "both ends are relative, or none is");
  }
  if (!in.time(out.end, "the end of the range")) return false;
  out.kind = relative ? WhenKind::relative_range : WhenKind::absolute_range;
  check_order(in, end, out.start, out.end);
  return true;
}

// --- use

bool parse_use(Cursor& in, Use& out) {
  in.extension(in.next(), "packetdrill has no preludes");
  if (!in.word(out.prelude, "the name of a prelude after 'use'")) return false;
  if (!in.take("with")) return true;
  do {
    Use::Argument& argument = out.arguments.emplace_back();
    const Token& name = in.peek();
    if (name.kind != TokenKind::parameter) {
      return in.expected("the name of a parameter of the prelude: $name");
    }
    argument.name = in.next().text;
    for (std::size_t i = 0; i + 1 < out.arguments.size(); ++i) {
      if (out.arguments[i].name == argument.name) {
        in.error(name, "the parameter $" + argument.name + " is given twice");
      }
    }
    if (!in.expect('=', "the name of a parameter")) return false;
    const Token& value = in.peek();
    if (value.live) {
      return in.error(value, "a live value cannot be handed to a prelude",
                      "the prelude may use it in its own packets");
    }
    if (value.open) {
      argument.open = value.source;
      in.next();
    } else if (!parse_parameter_value(in, argument.value)) {
      return false;
    }
  } while (in.take(','));
  return true;
}

// --- what packetdrill does not have

bool parse_silence(Cursor& in, Silence& out) {
  in.extension(in.next(), "packetdrill cannot expect silence");
  return in.time(out.duration, "how many seconds of silence");
}

bool parse_ignore(Cursor& in, Ignore& out) {
  in.extension(in.next(), "packetdrill cannot ignore what is sent");
  return in.time(out.duration, "how many seconds to ignore everything");
}

bool parse_state(Cursor& in, StateAssertion& out) {
  in.next();  // state
  if (in.take('(')) {
    if (in.take('@')) {
      if (!in.word(out.connection, "the label of a connection")) return false;
    } else if (!in.number(out.fd, 0, std::numeric_limits<std::int32_t>::max(), "of a descriptor")) {
      return false;
    }
    if (!in.expect(')', "the descriptor")) return false;
  }
  const Token& state = in.peek();
  if (!in.at_word()) return in.expected("the state of a connection: ESTABLISHED, ...");
  in.next();
  out.state = state.open ? state.source : state.text;
  if (state.open || std::find(kStates.begin(), kStates.end(), out.state) != kStates.end()) {
    return true;
  }
  std::string wide = out.state;
  std::replace(wide.begin(), wide.end(), '-', '_');
  const std::string_view meant = nearest(wide, kStates);
  return in.error(state, quoted(out.state) + " is not a state of a connection",
                  meant.empty() ? "states are written as in SYN_RECEIVED and FIN_WAIT_1"
                                : "did you mean '" + std::string(meant) + "'?");
}

Comparison parse_comparison(Cursor& in) {
  if (in.take('<')) return in.glued() && in.take('=') ? Comparison::at_most : Comparison::less;
  if (in.take('>')) return in.glued() && in.take('=') ? Comparison::at_least : Comparison::greater;
  if (in.peek().is('!') && in.peek(1).is('=')) {
    in.next();
    in.next();
    return Comparison::not_equal;
  }
  return Comparison::equal;
}

bool parse_info(Cursor& in, InfoAssertion& out) {
  in.next();  // info
  if (!in.expect('(', "'info'")) return false;
  if (in.at_number()) {
    if (!in.number(out.fd, 0, std::numeric_limits<std::int32_t>::max(), "of a descriptor")) {
      return false;
    }
    if (!in.expect(',', "the descriptor")) return false;
  }
  if (!in.word(out.counter, "the name of a counter")) return false;
  if (!in.expect(')', "the name of a counter")) return false;
  out.comparison = parse_comparison(in);
  return in.number(out.value, std::numeric_limits<std::int64_t>::min(),
                   std::numeric_limits<std::int64_t>::max(), "to compare the counter with");
}

bool parse_unpredictable(Cursor& in, UnpredictableAssertion& out) {
  in.next();  // unpredictable
  return in.expect('(', "'unpredictable'") &&
         in.word(out.name, "the name under which values were kept: {tcp.seq=keep isn}") &&
         in.expect(')', "the name of what was kept");
}

bool parse_assertion(Cursor& in, Action& out) {
  in.extension(in.next(), "packetdrill has no assertions");
  if (in.peek().is("state")) return parse_state(in, out.emplace<StateAssertion>());
  if (in.peek().is("info")) return parse_info(in, out.emplace<InfoAssertion>());
  if (in.peek().is("unpredictable")) {
    return parse_unpredictable(in, out.emplace<UnpredictableAssertion>());
  }
  return in.expected("'state', 'info' or 'unpredictable' after '='", "+0 = state(4) ESTABLISHED");
}

// --- calls

bool parse_timed_call(Cursor& in, Event& event) {
  SystemCall& call = event.action.emplace<SystemCall>();
  if (in.peek().kind == TokenKind::ellipsis) {
    in.next();
    Time& end = call.end.emplace();
    if (in.peek().is('+')) {
      const Token& plus = in.next();
      if (event.when.kind == WhenKind::relative) {
        in.extension(plus, "packetdrill wants no '+' at the end of a blocking call");
      } else {
        in.error(plus, "the call starts at an absolute time: the end cannot be relative");
      }
    }
    const Token& at = in.peek();
    if (!in.time(end, "when the call returns")) return false;
    check_order(in, at, event.when.start, end);
  }
  if (!in.at_word() || !in.peek(1).is('(')) return in.expected("a system call: name(...)");
  return parse_call(in, call);
}

void check_when(Cursor& in, const Token& at, const Event& event) {
  const WhenKind kind = event.when.kind;
  if (kind == WhenKind::absolute || kind == WhenKind::relative) return;
  const Packet* packet = event.as<Packet>();
  if (packet != nullptr && packet->direction == Direction::outbound) return;
  in.error(at,
           kind == WhenKind::any ? "'*' is for packets that are expected ('>')"
                                 : "a range of times is for packets that are expected ('>')",
           "everything else happens at one time");
}

bool parse_action(Cursor& in, Event& out) {
  const Token& token = in.peek();
  if (token.is('<') || token.is('>')) {
    in.next();
    Packet& packet = out.action.emplace<Packet>();
    packet.direction = token.is('<') ? Direction::inbound : Direction::outbound;
    return parse_packet(in, packet);
  }
  if (token.kind == TokenKind::command) {
    in.next();
    out.action = Command{std::string(token.text), std::string(token.source)};
    return true;
  }
  if (token.kind == TokenKind::code) {
    std::string_view text = in.next().text;
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    out.action = Code{std::string(text)};
    return true;
  }
  if (token.is('=')) return parse_assertion(in, out.action);
  if (token.is("silence") && !in.peek(1).is('(')) {
    return parse_silence(in, out.action.emplace<Silence>());
  }
  if (token.is("ignore") && !in.peek(1).is('(')) {
    return parse_ignore(in, out.action.emplace<Ignore>());
  }
  if (token.kind == TokenKind::ellipsis || (in.at_word() && in.peek(1).is('('))) {
    return parse_timed_call(in, out);
  }
  std::string hint;
  if (token.is("use")) hint = "`use` takes no time in front";
  if (token.is('.')) hint = "a time is written 1.0 or .5, not 1.";
  return in.expected("a packet (< or >), a system call, a command or code after the time", hint);
}

}  // namespace

bool could_begin_event(const Cursor& in) noexcept {
  const Token& token = in.peek();
  if (token.is("use") && in.peek(1).kind == TokenKind::word) return true;
  if (token.is('*')) return true;
  std::size_t at = token.is('+') ? 1 : 0;
  if (!is_time(in.peek(at))) return false;
  if (token.is('+')) return true;
  ++at;
  // "1000) = 5" continues something; "0 socket(" and "0.5 < S" begin.
  const Token& behind = in.peek(at);
  switch (behind.kind) {
    case TokenKind::word:
    case TokenKind::command:
    case TokenKind::code:
    case TokenKind::ellipsis: return true;
    default: return behind.is('<') || behind.is('>') || behind.is('~') || behind.is('=');
  }
}

bool parse_event(Cursor& in, Event& out) {
  in.ours = false;
  out.where = in.where();
  const Token& start = in.peek();
  if (start.is("use")) {
    const bool ok = parse_use(in, out.action.emplace<Use>());
    out.ours = true;
    return ok;
  }
  const bool timed = start.is('*') || start.is('+') || is_time(start);
  if (!timed) {
    std::string hint;
    if (start.kind == TokenKind::option) hint = "options stand above the first event";
    if (start.kind == TokenKind::command) {
      hint = "without a time, one command may stand above the first event and one behind the last";
    }
    if (start.is("for") || start.is("default"))
      hint = "parameters are declared above the first event";
    if (start.is('<') || start.is('>') || in.peek(1).is('(')) hint = "write +0 in front";
    return in.expected("an event, which begins with its time", hint);
  }
  if (!parse_when(in, out.when)) return false;
  if (!parse_action(in, out)) return false;
  check_when(in, start, out);
  out.ours = in.ours;
  return true;
}

}  // namespace packetwright::script
