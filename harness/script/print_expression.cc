// SPDX-License-Identifier: Apache-2.0
#include "harness/script/print_parts.hh"
#include "harness/script/printer.hh"

namespace packetwright::script {
namespace {

void print_into(std::string& out, const Expression& expression);

void print_member_number(std::string& out, const Struct& value, std::string_view name) {
  const Expression* member = value.find(name);
  const Number* number = member == nullptr ? nullptr : member->as<Number>();
  if (number != nullptr) print_number(out, *number);
}

void print_gre(std::string& out, const Struct& value) {
  const auto number = [&](std::string_view name) {
    const Expression* member = value.find(name);
    const Number* found = member == nullptr ? nullptr : member->as<Number>();
    return found == nullptr ? Number{} : *found;
  };
  out += '{';
  print_gre_fields(out, number("flags"), number("sum"), number("off"), number("key"),
                   number("seq"));
  out += '}';
}

// Four members an entry: label, tc, stack, ttl.
void print_mpls(std::string& out, const Struct& value) {
  out += '{';
  for (std::size_t i = 0; i + 4 <= value.members.size(); i += 4) {
    const auto number = [&](std::size_t offset) {
      const Number* found = value.members[i + offset].value.as<Number>();
      return found == nullptr ? Number{} : *found;
    };
    if (i > 0) out += ' ';
    print_mpls_entry(out, number(0), number(1), number(2).value != 0, number(3));
  }
  out += '}';
}

void print_length(std::string& out, const Struct& value, std::string_view name) {
  if (value.find(name) == nullptr) return;
  out += '(';
  print_member_number(out, value, name);
  out += ')';
}

void print_with_lengths(std::string& out, const Struct& value) {
  out += '{';
  bool first = true;
  for (const Member& member : value.members) {
    // Stands in parentheses behind its owner.
    if (member.name.ends_with("len") || member.name.ends_with("_cnt")) continue;
    if (!first) out += ", ";
    first = false;
    out += member.name;
    if (member.name == "msg_name") {
      if (value.find("msg_namelen") != nullptr) {
        print_length(out, value, "msg_namelen");
      } else {
        out += "(...)";
      }
    }
    if (member.name == "msg_iov") print_length(out, value, "msg_iovlen");
    if (member.name == "msg_control") print_length(out, value, "msg_controllen");
    if (member.name == "headers") print_length(out, value, "hdr_cnt");
    if (member.name == "trailers") print_length(out, value, "trl_cnt");
    out += '=';
    print_into(out, member.value);
  }
  out += '}';
}

void print_struct(std::string& out, const Struct& value) {
  switch (value.kind) {
    case StructKind::gre: return print_gre(out, value);
    case StructKind::mpls: return print_mpls(out, value);
    case StructKind::msghdr:
    case StructKind::sendfile: return print_with_lengths(out, value);
    default: break;
  }
  // A list has positions, not names, and so has an iovec whose octets are not given.
  const bool iovec = value.kind == StructKind::iovec;
  const bool plain = iovec && value.members.front().value.as<Ellipsis>() != nullptr;
  const bool named = !plain && value.kind != StructKind::list;
  out += '{';
  for (std::size_t i = 0; i < value.members.size(); ++i) {
    if (i > 0) out += ", ";
    if (named && iovec) out += "iov_";
    if (named) out += value.members[i].name + "=";
    print_into(out, value.members[i].value);
  }
  out += '}';
}

struct Printer {
  std::string& out;

  void operator()(const Ellipsis&) const { out += "..."; }
  void operator()(const Number& number) const { print_number(out, number); }
  void operator()(const Symbol& symbol) const { out += symbol.name; }
  void operator()(const Text& text) const { print_text(out, text); }
  void operator()(const OpenText& text) const {
    print_text(out, text.text);
    out += "...";
  }
  void operator()(const Array& array) const {
    out += '[';
    for (std::size_t i = 0; i < array.elements.size(); ++i) {
      if (i > 0) out += ", ";
      print_into(out, array.elements[i]);
    }
    out += ']';
  }
  void operator()(const AnyOf& any) const {
    for (std::size_t i = 0; i < any.terms.size(); ++i) {
      if (i > 0) out += '|';
      print_into(out, any.terms[i]);
    }
  }
  void operator()(const InetAddress& address) const {
    const bool plain = address.family == Family::ipv4 || address.in_sockaddr;
    out += plain ? "inet_addr(" : "inet6_addr(";
    print_text(out, address.text);
    out += ')';
  }
  void operator()(const HostToNetwork& value) const {
    out += value.long_word ? "htonl(" : "htons(";
    print_number(out, value.value);
    out += ')';
  }
  void operator()(const Struct& value) const { print_struct(out, value); }
  void operator()(const Assignment& assignment) const {
    out += assignment.name + "=";
    for (const Expression& value : assignment.value) print_into(out, value);
  }
};

void print_into(std::string& out, const Expression& expression) {
  std::visit(Printer{out}, expression.is);
}

}  // namespace

std::string print_expression(const Expression& expression) {
  std::string out;
  print_into(out, expression);
  return out;
}

std::string print_call(const SystemCall& call) {
  std::string out = call.name + "(";
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    if (i > 0) out += ", ";
    print_into(out, call.arguments[i]);
  }
  out += ") = ";
  print_into(out, call.result);
  if (!call.error.empty()) out += " " + call.error;
  if (!call.note.empty()) out += " (" + call.note + ")";
  return out;
}

}  // namespace packetwright::script
