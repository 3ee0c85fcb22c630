// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "harness/script/grammar.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::script {
namespace {

// What the members of a structure are called, in packetdrill's order.
struct Shape {
  StructKind kind;
  std::array<std::string_view, 6> required;
  std::array<std::string_view, 3> optional;  // anywhere behind the first
};

constexpr auto kShapes = std::to_array<Shape>({
    {StructKind::sockaddr, {"sa_family", "sin_port", "sin_addr"}, {}},
    {StructKind::msghdr, {"msg_name", "msg_iov", "msg_flags"}, {"msg_control"}},
    {StructKind::cmsghdr, {"cmsg_level", "cmsg_type", "cmsg_data"}, {"cmsg_len"}},
    {StructKind::scm_timestamps, {"scm_sec", "scm_nsec"}, {}},
    {StructKind::extended_error,
     {"ee_errno", "ee_origin", "ee_type", "ee_code", "ee_info", "ee_data"},
     {}},
    {StructKind::pollfd, {"fd", "events"}, {"revents"}},
    {StructKind::epoll_event, {"events"}, {"fd", "ptr", "u32"}},
    {StructKind::linger, {"onoff", "linger"}, {}},
    {StructKind::sendfile, {"headers", "trailers"}, {}},
});

const Shape* shape_of(std::string_view first) noexcept {
  // nplab's control messages begin with their length.
  if (first == "cmsg_len") first = "cmsg_level";
  for (const Shape& shape : kShapes) {
    if (shape.required[0] == first) return &shape;
  }
  return nullptr;
}

bool is_member(const Shape& shape, std::string_view name) noexcept {
  if (shape.kind == StructKind::epoll_event && name == "u64") return true;
  const auto in = [&](const auto& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  return !name.empty() && (in(shape.required) || in(shape.optional));
}

void check_family(Cursor& in, const Token& open, const Struct& out) {
  const Expression* family = out.find("sa_family");
  const Expression* address = out.find("sin_addr");
  const auto* named = family == nullptr ? nullptr : family->as<Symbol>();
  const auto* inet = address == nullptr ? nullptr : address->as<InetAddress>();
  if (named == nullptr || inet == nullptr) return;
  const std::string_view wanted = inet->family == Family::ipv4 ? "AF_INET" : "AF_INET6";
  const bool other = named->name == "AF_INET" || named->name == "AF_INET6";
  if (other && named->name != wanted) {
    in.error(open, "this address is of " + std::string(wanted) + ", not of " + named->name);
  }
}

void check_members(Cursor& in, const Token& open, const Shape& shape, const Struct& out) {
  std::size_t at = 0;
  bool in_order = true;
  for (const std::string_view name : shape.required) {
    if (name.empty()) continue;
    const auto found = std::find_if(out.members.begin(), out.members.end(),
                                    [&](const Member& member) { return member.name == name; });
    if (found == out.members.end()) {
      in.error(open, "this structure needs a member " + std::string(name));
      return;
    }
    const auto position = static_cast<std::size_t>(found - out.members.begin());
    in_order = in_order && position >= at;
    at = position;
  }
  for (std::size_t i = 0; i < out.members.size(); ++i) {
    for (std::size_t j = i + 1; j < out.members.size(); ++j) {
      if (out.members[i].name == out.members[j].name) {
        in.error(open, "the member " + out.members[i].name + " is given twice");
      }
    }
  }
  if (shape.kind == StructKind::epoll_event && out.members.size() != 2) {
    in.error(open, "an epoll event has `events` and one of `fd`, `ptr`, `u32` and `u64`");
  }
  if (out.find("cmsg_len") != nullptr) in.nplab(open, "cmsg_len");
  if (shape.kind == StructKind::sockaddr) check_family(in, open, out);
  const bool control_last = shape.kind != StructKind::msghdr || !out.find("msg_control") ||
                            out.members.back().name == "msg_control";
  if (!in_order || !control_last) in.nplab(open, "this order of members");
}

void add_number(Struct& out, std::string name, Number number, Location where) {
  out.members.push_back({std::move(name), Expression{where, std::move(number)}});
}

const char* length_member(std::string_view owner) noexcept {
  if (owner == "msg_iov") return "msg_iovlen";
  if (owner == "msg_name") return "msg_namelen";
  if (owner == "headers") return "hdr_cnt";
  return owner == "trailers" ? "trl_cnt" : "msg_controllen";
}

// msg_name(...) = value, msg_iov(1) = value, msg_control(20) = value: the length in parentheses
// becomes a member of its own, as in struct msghdr and struct sf_hdtr.
bool parse_length_of(Cursor& in, Struct& out, const Token& name) {
  if (!in.take('(')) return true;
  const bool iov = name.text == "msg_iov";
  if (in.peek().kind == TokenKind::ellipsis && !iov) {
    in.next();
  } else {
    Number length;
    const Location where = in.where();
    if (!in.number(length, 0, std::numeric_limits<std::int32_t>::max(), "as a length")) {
      return false;
    }
    add_number(out, length_member(name.text), length, where);
    if (!iov) in.nplab(name, "a length here");
  }
  return in.expect(')', "the length");
}

bool parse_shaped(Cursor& in, Struct& out, const Shape& shape, int depth) {
  const Token& open = in.previous();
  out.kind = shape.kind;
  do {
    const Token& name = in.peek();
    if (name.kind != TokenKind::word || !is_member(shape, name.text)) {
      return in.expected("a member of this structure");
    }
    in.next();
    Struct length;
    const bool lengths = shape.kind == StructKind::msghdr || shape.kind == StructKind::sendfile;
    if (lengths && !parse_length_of(in, length, name)) return false;
    if (!in.expect('=', "the name of a member")) return false;
    Member& member = out.members.emplace_back();
    member.name = name.text;
    if (!parse_expression(in, member.value, depth + 1)) return false;
    for (Member& extra : length.members) out.members.push_back(std::move(extra));
  } while (in.take(','));
  check_members(in, open, shape, out);
  return in.expect('}', "the members of a structure");
}

bool parse_gre_struct(Cursor& in, Struct& out) {
  out.kind = StructKind::gre;
  const Location where = in.where();
  GreHeader gre;
  if (!parse_gre_fields(in, gre)) return false;
  add_number(out, "flags", gre.flags, where);
  add_number(out, "sum", gre.sum, where);
  add_number(out, "off", gre.offset, where);
  add_number(out, "key", gre.key, where);
  add_number(out, "seq", gre.sequence, where);
  return in.expect('}', "a GRE header");
}

bool parse_mpls_struct(Cursor& in, Struct& out) {
  out.kind = StructKind::mpls;
  while (in.peek().is('(')) {
    const Location where = in.where();
    MplsEntry entry;
    if (!parse_mpls_entry(in, entry)) return false;
    add_number(out, "label", entry.label, where);
    add_number(out, "tc", entry.traffic_class, where);
    add_number(out, "stack", Number{entry.bottom ? 1 : 0}, where);
    add_number(out, "ttl", entry.ttl, where);
  }
  return in.expect('}', "MPLS entries");
}

// {..., 10}, or as nplab writes it {iov_base=..., iov_len=10}
bool parse_iovec(Cursor& in, Struct& out, int depth) {
  out.kind = StructKind::iovec;
  const bool named = in.peek().is("iov_base");
  if (named) in.nplab(in.peek(), "iov_base");
  for (const char* name : {"base", "len"}) {
    if (named && !in.take(std::string("iov_") + name)) {
      return in.expected(std::string("iov_") + name);
    }
    if (named && !in.expect('=', "the name of a member")) return false;
    Member& member = out.members.emplace_back();
    member.name = name;
    if (!parse_expression(in, member.value, depth + 1)) return false;
    if (std::string_view(name) == "base" && !in.expect(',', "the base of an iovec")) return false;
  }
  return in.expect('}', "an iovec");
}

bool parse_list(Cursor& in, Struct& out, int depth) {
  out.kind = StructKind::list;
  do {
    Member& member = out.members.emplace_back();
    if (!parse_expression(in, member.value, depth + 1)) return false;
  } while (in.take(','));
  return in.expect('}', "a list");
}

bool parse_struct(Cursor& in, Struct& out, int depth) {
  in.next();  // {
  const Token& first = in.peek();
  if (first.is('}')) {
    return in.expected("members of a structure", "leave empty braces out");
  }
  if (first.is('(')) return parse_mpls_struct(in, out);
  if (first.is("flags")) return parse_gre_struct(in, out);
  if (first.is("iov_base") || (first.kind == TokenKind::ellipsis && in.peek(1).is(','))) {
    return parse_iovec(in, out, depth);
  }
  if (first.kind == TokenKind::word && (in.peek(1).is('=') || in.peek(1).is('('))) {
    const Shape* shape = shape_of(first.text);
    if (shape != nullptr) return parse_shaped(in, out, *shape, depth);
  }
  return parse_list(in, out, depth);
}

bool parse_array(Cursor& in, Array& out, int depth) {
  in.next();  // [
  if (in.take(']')) return true;
  do {
    if (!parse_expression(in, out.elements.emplace_back(), depth + 1)) return false;
  } while (in.take(','));
  return in.expect(']', "the elements of an array");
}

// Whether the next token is the value of that member.
bool follows(const Cursor& in, std::string_view member) noexcept {
  return in.index() >= 2 && in.token(in.index() - 1).is('=') && in.token(in.index() - 2).is(member);
}

bool parse_inet_address(Cursor& in, Expression& out) {
  InetAddress address;
  address.in_sockaddr = follows(in, "sin_addr");
  address.family = in.next().text == "inet_addr" ? Family::ipv4 : Family::ipv6;
  if (!in.expect('(', "the name of the function")) return false;
  const Token& literal = in.peek();
  if (!in.string(address.text, "an address in quotation marks")) return false;
  if (address.in_sockaddr && wire::parse_ipv6(address.text.octets)) address.family = Family::ipv6;
  const auto value = address.family == Family::ipv4 ? wire::parse_ipv4(address.text.octets)
                                                    : wire::parse_ipv6(address.text.octets);
  if (value) {
    address.address = *value;
  } else {
    in.error(literal, "this is not an address of that family");
  }
  out.is = std::move(address);
  return in.expect(')', "the address");
}

bool parse_host_to_network(Cursor& in, Expression& out, bool in_sockaddr) {
  const Token& name = in.next();
  HostToNetwork value;
  value.long_word = name.text == "htonl";
  if (value.long_word) {
    in.nplab(name, "htonl()");
  } else if (!in_sockaddr) {
    in.extension(name, "packetdrill knows htons() in a socket address only");
  }
  if (!in.expect('(', "the name of the function")) return false;
  if (!in.number(value.value, 0, value.long_word ? 0xffffffff : 0xffff, "to convert")) return false;
  out.is = std::move(value);
  return in.expect(')', "the number");
}

bool parse_word(Cursor& in, Expression& out, int depth) {
  const Token& word = in.peek();
  const bool call = in.peek(1).is('(');
  if (call && (word.is("inet_addr") || word.is("inet6_addr"))) return parse_inet_address(in, out);
  if (call && (word.is("htons") || word.is("htonl"))) {
    // The only place where packetdrill reads it.
    return parse_host_to_network(in, out, follows(in, "sin_port"));
  }
  if (in.peek(1).is('=')) {
    Assignment assignment;
    assignment.name = in.next().text;
    in.next();  // =
    if (!parse_expression(in, assignment.value.emplace_back(), depth + 1)) return false;
    out.is = std::move(assignment);
    return true;
  }
  Symbol symbol;
  if (!in.word(symbol.name, "a value")) return false;
  out.is = std::move(symbol);
  return true;
}

bool parse_string(Cursor& in, Expression& out) {
  Text text;
  if (!in.string(text, "a string")) return false;
  if (in.peek().kind == TokenKind::ellipsis) {
    in.next();
    out.is = OpenText{std::move(text)};
  } else {
    out.is = std::move(text);
  }
  return true;
}

bool parse_primary(Cursor& in, Expression& out, int depth) {
  out.where = in.where();
  const Token& token = in.peek();
  switch (token.kind) {
    case TokenKind::ellipsis:
      in.next();
      out.is = Ellipsis{};
      return true;
    case TokenKind::integer:
    case TokenKind::hex:
    case TokenKind::formula: {
      Number number;
      if (!in.number(number, std::numeric_limits<std::int64_t>::min(),
                     std::numeric_limits<std::int64_t>::max(), "here")) {
        return false;
      }
      out.is = std::move(number);
      return true;
    }
    case TokenKind::string: return parse_string(in, out);
    case TokenKind::word: return parse_word(in, out, depth);
    default: break;
  }
  if (token.is('[')) {
    Array array;
    if (!parse_array(in, array, depth)) return false;
    out.is = std::move(array);
    return true;
  }
  if (token.is('{')) {
    Struct value;
    if (!parse_struct(in, value, depth)) return false;
    out.is = std::move(value);
    return true;
  }
  std::string hint;
  if (token.is('(')) hint = "expressions have no parentheses; the only operator is |";
  if (token.is('~')) hint = "the only operator is |";
  if (token.kind == TokenKind::decimal) hint = "numbers of calls have no fraction";
  return in.expected("a value", hint);
}

}  // namespace

bool parse_expression(Cursor& in, Expression& out, int depth) {
  if (depth >= Expression::kMaxDepth) {
    return in.error(in.peek(), "this expression is nested too deeply",
                    "at most " + std::to_string(Expression::kMaxDepth) + " levels");
  }
  if (!parse_primary(in, out, depth)) return false;
  if (!in.peek().is('|')) return true;
  AnyOf terms;
  const Location where = out.where;
  terms.terms.push_back(std::move(out));
  while (in.take('|')) {
    if (!parse_primary(in, terms.terms.emplace_back(), depth + 1)) return false;
  }
  out = Expression{where, std::move(terms)};
  return true;
}

}  // namespace packetwright::script
