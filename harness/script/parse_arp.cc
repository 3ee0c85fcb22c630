// SPDX-License-Identifier: Apache-2.0
#include "harness/script/grammar.hh"

namespace packetwright::script {
namespace {

// "who-has", "is-at": two words and a hyphen to the lexer.
bool take_hyphenated(Cursor& in, std::string_view first, std::string_view second) {
  if (!in.peek().is(first) || !in.peek(1).is('-') || !in.peek(2).is(second)) return false;
  in.next();
  in.next();
  in.next();
  return true;
}

}  // namespace

bool parse_arp(Cursor& in, Arp& out) {
  if (take_hyphenated(in, "who", "has")) {
    out.form = ArpForm::who_has;
    if (!in.address(out.target, "after 'who-has'")) return false;
    if (!in.take("tell")) return in.expected("'tell'");
    if (!in.address(out.sender, "after 'tell'")) return false;
  } else if (in.take("reply")) {
    out.form = ArpForm::reply;
    if (!in.address(out.sender, "after 'reply'")) return false;
    if (!take_hyphenated(in, "is", "at")) return in.expected("'is-at'");
    if (!in.link_address(out.sender_mac.emplace(), "after 'is-at'")) return false;
  } else if (in.take("probe")) {
    out.form = ArpForm::probe;
    if (!in.address(out.target, "after 'probe'")) return false;
  } else if (in.take("announce")) {
    out.form = ArpForm::announce;
    if (!in.address(out.sender, "after 'announce'")) return false;
  } else {
    return in.expected("who-has, reply, probe or announce after 'arp'");
  }
  while (true) {
    if (in.peek().is("from") && out.form != ArpForm::reply) {
      in.next();
      if (!in.link_address(out.sender_mac.emplace(), "after 'from'")) return false;
    } else if (in.take("to")) {
      if (!in.link_address(out.target_mac.emplace(), "after 'to'")) return false;
    } else if (in.peek().is("for") && out.form == ArpForm::reply) {
      in.next();
      if (!in.address(out.target, "after 'for'")) return false;
    } else {
      return true;
    }
  }
}

}  // namespace packetwright::script
