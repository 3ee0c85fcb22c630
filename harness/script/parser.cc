// SPDX-License-Identifier: Apache-2.0
#include "harness/script/parser.hh"

#include <algorithm>
#include <tuple>

#include "harness/script/file_parser.hh"

namespace packetwright::script {
namespace {

Diagnostic about_file(const Source& source, std::string message) {
  Diagnostic diagnostic;
  diagnostic.file = source.name;
  diagnostic.message = std::move(message);
  return diagnostic;
}

// Reads the top, the events and the comments of one file, in their order.
class FileParser {
 public:
  FileParser(Cursor& in, const FileOptions& options, Script& out)
      : in_(in), options_(options), out_(out) {}

  void run() {
    out_.mode = in_.strict ? Mode::strict : Mode::packetdrill;
    out_.conditional = in_.tokens().conditional;
    read_header();
    in_.resolve_parameters(declared(), options_.values, options_.expanding);
    read_events();
    read_metadata(in_, out_.header, out_.metadata);
    while (more_comments()) out_.closing.push_back(next_comment());
    for (const Comment& comment : out_.closing) refuse_metadata(comment);
    if (out_.events.empty() && in_.error_count == 0) {
      in_.error(in_.peek(), "a script needs at least one event");
    }
  }

 private:
  // --- comments

  [[nodiscard]] bool more_comments() const noexcept {
    return comment_ < in_.tokens().comments.size();
  }
  [[nodiscard]] const LexedComment& comment() const noexcept {
    return in_.tokens().comments[comment_];
  }

  // Whether an empty line stands above the text at `offset`.
  [[nodiscard]] bool blank_above(std::uint32_t offset) const noexcept {
    const std::string_view text = in_.text();
    int newlines = 0;
    while (offset > 0) {
      const char c = text[--offset];
      if (c == '\n') ++newlines;
      if (c != '\n' && c != ' ' && c != '\t' && c != '\r') return newlines > 1;
    }
    return false;
  }

  Comment next_comment() {
    const LexedComment& lexed = comment();
    ++comment_;
    Comment made;
    made.text = lexed.text;
    Token at;
    at.offset = lexed.offset;
    made.where = in_.where(at);
    made.blank_before = blank_above(lexed.offset);
    return made;
  }

  // The comment that stands behind token `last`, on its line.
  std::optional<Comment> comment_after(std::size_t last) {
    if (!more_comments() || comment().before_token != last + 1) return std::nullopt;
    const std::uint32_t end = in_.token(last).end();
    const std::string_view between = in_.text().substr(end, comment().offset - end);
    if (between.find('\n') != std::string_view::npos) return std::nullopt;
    Comment made = next_comment();
    made.blank_before = false;
    return made;
  }

  void refuse_metadata(const Comment& comment) {
    if (!comment.text.starts_with("//:")) return;
    in_.report(Severity::error,
               in_.tokens().line_starts[comment.where.line - 1] + comment.where.column - 1,
               static_cast<std::uint32_t>(comment.text.size()),
               "//: lines stand above the first event, each on a line of its own", {});
  }

  // --- the top

  void read_header() {
    HeaderLines lines = parse_header(in_);
    for (std::size_t i = 0; i < lines.items.size(); ++i) {
      take_header_comments(lines.starts[i], false);
      HeaderItem item = std::move(lines.items[i]);
      item.blank_before = blank_above(in_.token(lines.starts[i]).offset);
      // Comments inside the item go above it.
      take_header_comments(lines.ends[i] - 1, true);
      item.after = comment_after(lines.ends[i] - 1);
      if (item.after) refuse_metadata(*item.after);
      if (const Option* option = std::get_if<Option>(&item.is)) out_.options.push_back(*option);
      out_.header.push_back(std::move(item));
    }
    take_header_comments(in_.index(), false);
  }

  void take_header_comments(std::size_t before_token, bool inside) {
    while (more_comments() && comment().before_token <= before_token) {
      HeaderItem item;
      Comment made = next_comment();
      if (inside) made.blank_before = false;
      item.is = std::move(made);
      out_.header.push_back(std::move(item));
    }
  }

  // Every parameter with the value that shows its kind.
  Values declared() {
    Values values;
    for (const HeaderItem& item : out_.header) {
      if (const For* loop = std::get_if<For>(&item.is)) {
        for (std::size_t i = 0; i < loop->names.size(); ++i) {
          values[loop->names[i]] = loop->rows[0][i];
        }
      } else if (const Default* value = std::get_if<Default>(&item.is)) {
        values[value->name] = value->value;
      }
    }
    return values;
  }

  // --- events

  void read_events() {
    if (at_command()) out_.init = untimed_command();
    while (!in_.at_end()) {
      if (at_command()) {
        if (in_.peek(1).kind == TokenKind::end && !out_.events.empty()) {
          out_.cleanup = untimed_command();
          continue;
        }
        const bool second = out_.init && out_.events.empty();
        in_.error(in_.peek(),
                  second ? "a second command without a time above the first event"
                         : "a command without a time between events",
                  second ? "join them, or give them times" : "write +0 in front");
        in_.next();
        continue;
      }
      Event event;
      const std::size_t start = in_.index();
      if (parse_event(in_, event)) {
        finish(event, start);
        out_.events.push_back(std::move(event));
      } else {
        recover(start);
      }
    }
  }

  [[nodiscard]] bool at_command() const noexcept { return in_.peek().kind == TokenKind::command; }

  Event untimed_command() {
    Event event;
    event.where = in_.where();
    const std::size_t start = in_.index();
    const Token& token = in_.next();
    event.action = Command{std::string(token.text), std::string(token.source)};
    finish(event, start);
    return event;
  }

  // Attaches the comments around the tokens from `start` up to the cursor.
  void finish(Event& event, std::size_t start) {
    event.blank_before = blank_above(in_.token(start).offset);
    const std::size_t last = in_.index() - 1;
    while (more_comments() && comment().before_token <= last) {
      const bool inside = comment().before_token > start;
      Comment made = next_comment();
      if (inside) made.blank_before = false;
      refuse_metadata(made);
      // What moves above the first event belongs to the top, as everything above it does.
      if (out_.events.empty() && !out_.init) {
        out_.header.push_back({std::move(made), std::nullopt, false});
      } else {
        event.before.push_back(std::move(made));
      }
    }
    event.after = comment_after(last);
    if (event.after) refuse_metadata(*event.after);
  }

  // To the next line that looks like an event.
  void recover(std::size_t start) {
    if (in_.index() == start) in_.next();
    while (!in_.at_end()) {
      if (in_.peek().line_start && could_begin_event(in_)) return;
      in_.next();
    }
  }

  Cursor& in_;
  const FileOptions& options_;
  Script& out_;
  std::size_t comment_ = 0;
};

}  // namespace

void parse_file(const Source& source, const FileOptions& options, Script& out,
                std::vector<Diagnostic>& diagnostics) {
  out.files = {source.name};
  if (source.text.size() > kMaxSourceSize) {
    diagnostics.push_back(about_file(
        source, "the file has " + std::to_string(source.text.size()) + " octets; at most " +
                    std::to_string(kMaxSourceSize) + " are read as a script"));
    return;
  }
  if (source.text.find('\0') != std::string::npos) {
    diagnostics.push_back(about_file(source, "this is a binary file, not a script"));
    return;
  }
  Tokens tokens = lex(source.text, options.defines);
  tokens.strict = tokens.strict || options.strict;
  const std::size_t first = diagnostics.size();
  Cursor in(source, options.file, std::move(tokens), options.defines, diagnostics);
  FileParser(in, options, out).run();
  out.dialect = options.dialect != Dialect::automatic ? options.dialect
                : in.uses_nplab && !in.strict         ? Dialect::nplab
                                                      : Dialect::google;
  out.expanded = options.expanding;
  std::sort(diagnostics.begin() + static_cast<std::ptrdiff_t>(first), diagnostics.end(),
            [](const Diagnostic& a, const Diagnostic& b) {
              return std::tie(a.line, a.column, a.severity, a.message) <
                     std::tie(b.line, b.column, b.severity, b.message);
            });
}

ParseResult parse(const Source& source, const ParseOptions& options) {
  ParseResult result;
  FileOptions file;
  file.dialect = options.dialect;
  file.defines = options.defines;
  parse_file(source, file, result.script, result.diagnostics);
  result.script.origin = {std::make_shared<const Source>(source), options.defines, options.dialect};
  return result;
}

}  // namespace packetwright::script
