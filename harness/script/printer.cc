// SPDX-License-Identifier: Apache-2.0
#include "harness/script/printer.hh"

#include <algorithm>
#include <array>
#include <vector>

#include "harness/script/print_parts.hh"

namespace packetwright::script {
namespace {

constexpr std::size_t kTimeColumn = 7;  // where what happens stands, behind its time

void print_value(std::string& out, const ParameterValue& value) {
  // A word that the lexer would not read as one keeps its quotation marks.
  bool plain = !value.text.empty();
  bool digits = true;
  for (const char c : value.text) {
    const bool digit = c >= '0' && c <= '9';
    plain = plain && (digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_');
    digits = digits && digit;
  }
  const bool hex = value.text.starts_with("0x");
  if (value.kind != ParameterValue::Kind::word || (plain && !digits && !hex)) {
    out += value.text;
  } else {
    out += "\"" + value.text + "\"";
  }
}

void print_for(std::string& out, const For& loop) {
  const bool tuple = loop.names.size() > 1;
  out += tuple ? "for (" : "for ";
  for (std::size_t i = 0; i < loop.names.size(); ++i) {
    out += (i > 0 ? ", $" : "$") + loop.names[i];
  }
  out += tuple ? ") in " : " in ";
  for (std::size_t row = 0; row < loop.rows.size(); ++row) {
    if (row > 0) out += ", ";
    if (tuple) out += '(';
    for (std::size_t i = 0; i < loop.rows[row].size(); ++i) {
      if (i > 0) out += ", ";
      print_value(out, loop.rows[row][i]);
    }
    if (tuple) out += ')';
  }
}

struct HeaderPrinter {
  std::string& out;

  void operator()(const Comment& comment) const { out += comment.text; }
  void operator()(const Option& option) const {
    out += "--" + option.name;
    if (!option.spelling.empty()) out += "=" + option.spelling;
  }
  void operator()(const For& loop) const { print_for(out, loop); }
  void operator()(const Default& value) const {
    out += "default $" + value.name + " = ";
    print_value(out, value.value);
  }
};

struct ActionPrinter {
  std::string& out;

  void operator()(const Packet& packet) const { out += print_packet(packet); }
  void operator()(const SystemCall& call) const { out += print_call(call); }
  void operator()(const Command& command) const {
    out += command.spelling.empty() ? "`" + command.text + "`" : command.spelling;
  }
  void operator()(const Code& code) const { out += "%{ " + code.text + " }%"; }
  void operator()(const Use& use) const {
    out += "use " + use.prelude;
    for (std::size_t i = 0; i < use.arguments.size(); ++i) {
      const Use::Argument& argument = use.arguments[i];
      out += (i == 0 ? " with $" : ", $") + argument.name + "=";
      if (argument.open.empty()) {
        print_value(out, argument.value);
      } else {
        out += argument.open;
      }
    }
  }
  void operator()(const Silence& silence) const {
    out += "silence ";
    print_time(out, silence.duration);
  }
  void operator()(const Ignore& ignore) const {
    out += "ignore ";
    print_time(out, ignore.duration);
  }
  void operator()(const StateAssertion& assertion) const {
    out += "= state";
    if (assertion.fd) {
      out += '(';
      print_number(out, *assertion.fd);
      out += ')';
    } else if (!assertion.connection.empty()) {
      out += "(@" + assertion.connection + ")";
    }
    out += " " + assertion.state;
  }
  void operator()(const InfoAssertion& assertion) const {
    constexpr auto kSigns = std::to_array<std::string_view>({"", "!= ", "< ", "<= ", "> ", ">= "});
    out += "= info(";
    if (assertion.fd) {
      print_number(out, *assertion.fd);
      out += ", ";
    }
    out += assertion.counter + ") ";
    out += kSigns[static_cast<std::size_t>(assertion.comparison)];
    print_number(out, assertion.value);
  }
  void operator()(const UnpredictableAssertion& assertion) const {
    out += "= unpredictable(" + assertion.name + ")";
  }
};

// The time and, for a blocking call, when it returns: "+0...0.1".
std::string print_time_of(const Event& event) {
  std::string out = print_when(event.when);
  const SystemCall* call = event.as<SystemCall>();
  if (call != nullptr && call->end) {
    out += "...";
    print_time(out, *call->end);
  }
  return out;
}

// Breaks a call that is too wide between arguments or members, each line starting under what its
// bracket holds. New lines mean nothing to the parser.
std::string wrapped(std::string_view text) {
  constexpr std::size_t kWidest = 100;
  constexpr std::size_t kDeepest = 60;
  std::string out;
  std::size_t column = 0;
  std::vector<std::size_t> brackets;  // the column behind each open one
  while (!text.empty()) {
    // Up to and including the next ", " outside strings.
    std::size_t length = 0;
    bool quoted = false;
    for (; length < text.size(); ++length) {
      const char c = text[length];
      if (c == '\\' && quoted) {
        ++length;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted && text.substr(length).starts_with(", ")) {
        length += 2;
        break;
      }
    }
    std::string_view piece = text.substr(0, length);
    text.remove_prefix(std::min(length, text.size()));
    const std::size_t blank = piece.ends_with(' ') ? 1 : 0;
    if (column + piece.size() - blank > kWidest && !brackets.empty()) {
      out.pop_back();  // the blank behind the comma
      column = std::min(brackets.back(), kDeepest);
      out += '\n';
      out.append(column, ' ');
    }
    quoted = false;
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const char c = piece[i];
      if (c == '\\' && quoted && i + 1 < piece.size()) {
        out += c;
        ++column;
        ++i;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == '(' || c == '[' || c == '{')) {
        brackets.push_back(column + 1);
      } else if (!quoted && (c == ')' || c == ']' || c == '}') && !brackets.empty()) {
        brackets.pop_back();
      }
      out += piece[i];
      ++column;
    }
  }
  return out;
}

class Page {
 public:
  // A line of its own, under an empty one if wanted. The first line of the page has none above it.
  void line(std::string_view text, bool blank_before) {
    if (blank_before && !out_.empty()) out_ += '\n';
    out_ += text;
    out_ += '\n';
  }

  void comments(const std::vector<Comment>& comments) {
    for (const Comment& comment : comments) line(comment.text, comment.blank_before);
  }

  void line(std::string text, const std::optional<Comment>& after, bool blank_before) {
    if (after) text += "  " + after->text;
    line(text, blank_before);
  }

  void event(const Event& event) {
    comments(event.before);
    std::string text = print_time_of(event);
    if (!text.empty()) {
      text.resize(std::max(text.size() + 1, kTimeColumn), ' ');
    }
    std::visit(ActionPrinter{text}, event.action);
    if (event.as<SystemCall>() != nullptr) text = wrapped(text);
    line(std::move(text), event.after, event.blank_before);
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace

std::string print_when(const When& when) {
  std::string out;
  switch (when.kind) {
    case WhenKind::none: return out;
    case WhenKind::any: return "*";
    case WhenKind::absolute: break;
    case WhenKind::relative: out += '+'; break;
    case WhenKind::absolute_range:
      print_time(out, when.start);
      out += '~';
      print_time(out, when.end);
      return out;
    case WhenKind::relative_range:
      out += '+';
      print_time(out, when.start);
      out += "~+";
      print_time(out, when.end);
      return out;
  }
  print_time(out, when.start);
  return out;
}

std::string print_event(const Event& event) {
  std::string out = print_time_of(event);
  if (!out.empty()) out += ' ';
  std::visit(ActionPrinter{out}, event.action);
  return out;
}

std::string print(const Script& script) {
  Page page;
  for (const HeaderItem& item : script.header) {
    const Comment* comment = std::get_if<Comment>(&item.is);
    std::string text;
    std::visit(HeaderPrinter{text}, item.is);
    page.line(std::move(text), item.after,
              comment != nullptr ? comment->blank_before : item.blank_before);
  }
  if (script.init) page.event(*script.init);
  for (const Event& event : script.events) page.event(event);
  if (script.cleanup) page.event(*script.cleanup);
  page.comments(script.closing);
  return page.take();
}

}  // namespace packetwright::script
