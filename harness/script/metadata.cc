// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "harness/script/grammar.hh"
#include "harness/script/nearest.hh"
#include "harness/script/quoted.hh"

// What the comments above the first event say: `//:` lines are data, the others are the title and
// the explanation.
namespace packetwright::script {
namespace {

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// One `//:` line: a key, then words apart by blanks or commas.
class MetadataLine {
 public:
  MetadataLine(Cursor& in, const Comment& comment) : in_(in), comment_(comment) {
    rest_ = comment.text;
    rest_.remove_prefix(3);
  }

  void read(Metadata& out) {
    const std::string_view key = word();
    if (key == "cites") {
      list("requirement", [&](std::string_view id) {
        if (std::any_of(out.cites.begin(), out.cites.end(),
                        [&](const Citation& known) { return known.id == id; })) {
          error("the requirement " + std::string(id) + " is cited twice");
        }
        out.cites.push_back({where(id), std::string(id)});
      });
    } else if (key == "needs") {
      list("capability", [&](std::string_view name) {
        if (std::find(out.needs.begin(), out.needs.end(), name) == out.needs.end()) {
          out.needs.emplace_back(name);
        }
      });
    } else if (key == "variants") {
      list("variant", [&](std::string_view name) {
        const auto variant = variant_of(name);
        if (!variant) {
          error(quoted(name) + " is not a variant", "variants are ipv4, ipv4-mapped-ipv6 and ipv6");
        } else if (std::find(out.variants.begin(), out.variants.end(), *variant) ==
                   out.variants.end()) {
          out.variants.push_back(*variant);
        }
      });
    } else if (key == "set") {
      const std::string_view name = word();
      const std::string_view value = trim(rest_);
      if (name.empty() || value.empty()) {
        error("'set' needs a name and a value", "//: set tcp_timestamps 0");
      } else {
        out.knobs.emplace_back(name, value);
      }
    } else {
      constexpr auto kKeys = std::to_array<std::string_view>({"cites", "needs", "set", "variants"});
      const std::string_view meant = nearest(key, kKeys);
      error(key.empty() ? "this line says nothing" : "unknown word '" + std::string(key) + "'",
            meant.empty() ? "known are cites, needs, set and variants"
                          : "did you mean '" + std::string(meant) + "'?");
    }
  }

 private:
  std::string_view word() {
    rest_ = trim(rest_);
    std::size_t length = 0;
    while (length < rest_.size() && !is_blank(rest_[length]) && rest_[length] != ',') ++length;
    const std::string_view found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return found;
  }

  template <class Each>
  void list(std::string_view what, Each each) {
    bool any = false;
    while (true) {
      const std::string_view element = word();
      if (element.empty()) {
        rest_ = trim(rest_);
        if (!rest_.empty() || any) {
          if (!any || !rest_.empty())
            error("a " + std::string(what) + " is missing between commas");
        } else {
          error("the name of a " + std::string(what) + " is missing");
        }
        return;
      }
      any = true;
      each(element);
      rest_ = trim(rest_);
      if (rest_.empty()) return;
      // Blanks alone may part the words too.
      if (rest_.front() == ',') {
        rest_.remove_prefix(1);
        if (trim(rest_).empty()) {
          error("the line ends with a comma");
          return;
        }
      }
    }
  }

  [[nodiscard]] std::uint32_t offset_of(std::string_view part) const {
    const std::uint32_t start =
        in_.tokens().line_starts[comment_.where.line - 1] + comment_.where.column - 1;
    return start + static_cast<std::uint32_t>(part.data() - comment_.text.data());
  }
  [[nodiscard]] Location where(std::string_view part) const {
    Location location = comment_.where;
    location.column += static_cast<std::uint32_t>(part.data() - comment_.text.data());
    return location;
  }
  void error(std::string message, std::string hint = {}) {
    in_.report(Severity::error, offset_of(comment_.text),
               static_cast<std::uint32_t>(comment_.text.size()), std::move(message),
               std::move(hint));
  }

  Cursor& in_;
  const Comment& comment_;
  std::string_view rest_;
};

// The text of a comment without its marks.
std::string prose_of(std::string_view comment) {
  if (comment.starts_with("//")) {
    comment.remove_prefix(2);
    return std::string(trim(comment));
  }
  comment.remove_prefix(2);
  if (comment.ends_with("*/")) comment.remove_suffix(2);
  std::string prose;
  while (!comment.empty()) {
    const std::size_t newline = std::min(comment.find('\n'), comment.size());
    std::string_view line = trim(comment.substr(0, newline));
    comment.remove_prefix(std::min(newline + 1, comment.size()));
    // Stars down the left margin are decoration.
    while (!line.empty() && line.front() == '*') line.remove_prefix(1);
    line = trim(line);
    prose += prose.empty() || prose.ends_with('\n') ? "" : (line.empty() ? "\n" : " ");
    prose += line;
  }
  return std::string(trim(prose));
}

// Where the first sentence ends: a stop before a blank or the end. "e.g." and section numbers have
// none, as a lower-case letter or nothing follows them.
std::size_t sentence_end(std::string_view prose) noexcept {
  for (std::size_t i = 0; i < prose.size(); ++i) {
    if (prose[i] == '\n') return i;
    if (prose[i] != '.' && prose[i] != '!' && prose[i] != '?') continue;
    if (i + 1 == prose.size()) return i;
    if (prose[i + 1] == '\n') return i;
    const bool capital = i + 2 < prose.size() && !(prose[i + 2] >= 'a' && prose[i + 2] <= 'z');
    if (prose[i + 1] == ' ' && capital) return i;
  }
  return prose.size();
}

void split_prose(std::string_view prose, Metadata& out) {
  prose = trim(prose);
  std::string_view title = trim(prose.substr(0, sentence_end(prose)));
  out.title = title;
  std::size_t behind = static_cast<std::size_t>(title.data() + title.size() - prose.data());
  if (behind < prose.size() && prose[behind] == '.') ++behind;
  while (out.title.ends_with(':') || out.title.ends_with('.')) out.title.pop_back();
  out.explanation = trim(prose.substr(std::min(behind, prose.size())));
}

bool is_boilerplate(std::string_view prose) noexcept {
  return prose.starts_with("SPDX-License-Identifier") || prose.starts_with("Copyright") ||
         prose.starts_with("-*-");
}

}  // namespace

void read_metadata(Cursor& in, const std::vector<HeaderItem>& header, Metadata& out) {
  std::string lines, blocks;
  for (const HeaderItem& item : header) {
    const Comment* comment = std::get_if<Comment>(&item.is);
    if (comment == nullptr) {
      // Prose above an option and prose below it are two paragraphs.
      if (!lines.empty() && !lines.ends_with('\n')) lines += "\n\n";
      continue;
    }
    if (comment->text.starts_with("//:")) {
      MetadataLine(in, *comment).read(out);
      continue;
    }
    const std::string prose = prose_of(comment->text);
    if (is_boilerplate(prose)) continue;
    std::string& into = comment->text.starts_with("//") ? lines : blocks;
    if (!into.empty() && !into.ends_with('\n')) {
      into += prose.empty() || comment->blank_before ? "\n\n" : " ";
    }
    into += prose;
  }
  split_prose(lines.empty() ? blocks : lines, out);
}

}  // namespace packetwright::script
