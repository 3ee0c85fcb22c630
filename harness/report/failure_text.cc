// SPDX-License-Identifier: Apache-2.0
#include "harness/report/failure_text.hh"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "harness/runner/case.hh"
#include "harness/runner/text.hh"

namespace packetwright::report {
namespace {

using runner::Verdict;

constexpr std::size_t kNameColumn = 46;  // where the level stands, if the name leaves room
constexpr std::size_t kIndent = 6, kLabel = 10;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return harmless(found->get<std::string>());
}

class Lines {
 public:
  Lines(const FailureStyle& style, const Paint& paint) : style_(style), paint_(paint) {}

  // Prose, broken between words.
  void prose(std::string_view text) {
    std::string line;
    for (const std::string& word : runner::split(text, ' ')) {
      if (!line.empty() && kIndent + columns_of(line) + 1 + columns_of(word) > style_.width) {
        lines_.push_back(std::string(kIndent, ' ') + line);
        line.clear();
      }
      line += (line.empty() ? "" : " ") + word;
    }
    if (!line.empty()) lines_.push_back(std::string(kIndent, ' ') + line);
  }
  // "      expected  > . 1:1(0)"; further lines of the text are indented alike.
  void labelled(std::string_view label, std::string_view text, Colour colour = Colour::none) {
    std::string_view shown = label;
    while (true) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines_.push_back(std::string(kIndent, ' ') + paint_(Colour::dim, padded(shown, kLabel)) +
                       paint_(colour, text.substr(0, end)));
      if (end == text.size()) return;
      text.remove_prefix(end + 1);
      shown = {};
    }
  }
  [[nodiscard]] std::size_t room() const {
    return style_.width > kIndent + kLabel ? style_.width - kIndent - kLabel : 0;
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

 private:
  const FailureStyle& style_;
  const Paint& paint_;
  std::vector<std::string> lines_;
};

// "flags: want ., got R", one text a field.
std::vector<std::string> differences_of(const Json& mismatch) {
  std::vector<std::string> out;
  for (const Json& field : mismatch.value("fields", Json::array())) {
    if (!field.is_object()) continue;
    out.push_back(text_of(field, "name") + ": want " + text_of(field, "want") + ", got " +
                  text_of(field, "got"));
  }
  return out;
}

// Differences stand beside what was got where they fit, as the eye wants them, else below.
void add_differences(Lines& lines, const std::string& expected, const std::string& actual,
                     const std::vector<std::string>& differences) {
  const std::string all = runner::join(differences, "   ");
  const std::size_t column = std::max(columns_of(expected), columns_of(actual)) + 3;
  lines.labelled("expected", expected, Colour::green);
  if (!all.empty() && column + columns_of(all) <= lines.room()) {
    lines.labelled("actual", padded(actual, column) + all, Colour::red);
    return;
  }
  lines.labelled("actual", actual, Colour::red);
  std::string line;
  std::string_view label = "differs";
  for (const std::string& one : differences) {
    if (!line.empty() && columns_of(line) + 3 + columns_of(one) > lines.room()) {
      lines.labelled(label, line);
      line.clear(), label = {};
    }
    line += (line.empty() ? "" : "   ") + one;
  }
  if (!line.empty()) lines.labelled(label, line);
}

// The end of a log is where it died; -vv shows all of it.
std::string tail_of(std::string_view log) {
  constexpr int kLines = 12;
  while (log.ends_with('\n')) log.remove_suffix(1);
  std::size_t from = log.size();
  for (int line = 0; line < kLines && from != std::string_view::npos && from > 0; ++line) {
    from = log.rfind('\n', from - 1);
  }
  return std::string(from == std::string_view::npos || from == 0 ? log : log.substr(from + 1));
}

// "5", or "established:5" where that is a line of a prelude; empty: no line.
std::string place_of(const Json& entry) {
  const Json line = entry.value("line", Json(0));
  if (line == Json(0)) return {};
  const std::string prelude = text_of(entry, "prelude");
  if (prelude.empty()) return line.dump();
  return std::string(runner::leaf_of(prelude.substr(0, prelude.rfind(".pkt")))) + ":" + line.dump();
}

void add_history(Lines& lines, const Json& one) {
  std::string_view label = "history";
  const Json history = one.value("history", Json::array());
  std::size_t width = 5;
  for (const Json& entry : history) {
    if (entry.is_object()) width = std::max(width, columns_of(place_of(entry)) + 1);
  }
  for (const Json& entry : history) {
    if (!entry.is_object()) continue;
    const std::string kind = text_of(entry, "kind");
    const std::string_view arrow = kind == "frame_in" ? "->" : kind == "frame_out" ? "<-" : "  ";
    const Json at = entry.value("at_us", Json(0));
    std::string text = padded(place_of(entry), width);
    text += seconds_text(at.is_number_integer() ? at.get<std::int64_t>() : 0) + " ";
    text += std::string(arrow) + " " + text_of(entry, "text");
    lines.labelled(label, text);
    label = {};
  }
}

// Whether the mismatches are the reason for the verdict: not if there was no verdict to reach.
bool mismatches_tell(const Json& one) {
  return !one.value("mismatches", Json::array()).empty() && verdict_of(one) != Verdict::error &&
         !text_of(one, "cause").starts_with("not reproducible");
}

}  // namespace

char mark_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::pass: return '+';
    case Verdict::fail: return 'x';
    case Verdict::non_strict: return '~';
    case Verdict::info: return 'i';
    case Verdict::xfail: return 'k';
    case Verdict::xpass: return '!';
    case Verdict::unsupported: return '-';
    case Verdict::crash: return '#';
    case Verdict::hang: return '#';
    case Verdict::error: return '?';
  }
  return '?';
}

Colour colour_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::pass: return Colour::green;
    case Verdict::fail:
    case Verdict::xpass: return Colour::red;
    case Verdict::non_strict: return Colour::yellow;
    case Verdict::info: return Colour::cyan;
    case Verdict::xfail:
    case Verdict::unsupported: return Colour::dim;
    case Verdict::crash:
    case Verdict::hang:
    case Verdict::error: return Colour::magenta;
  }
  return Colour::none;
}

std::string word_of(Verdict verdict) {
  std::string word(runner::name_of(verdict));
  std::replace(word.begin(), word.end(), '_', '-');
  return word;
}

std::string heading_line(const Json& one, std::size_t width, const Paint& paint) {
  const Verdict verdict = verdict_of(one);
  const std::string name =
      harmless(std::string(runner::leaf_of(one.value("id", ""))) + " " + run_label(one));
  std::string line = "  " + paint(colour_of(verdict), std::string(1, mark_of(verdict))) + " ";
  line += paint(Colour::bold, name);
  std::size_t used = 4 + columns_of(name);
  const std::size_t gap = used + 2 <= kNameColumn ? kNameColumn - used : 2;
  // A plain failure needs no word; the level says how bad it is.
  std::string after = padded(text_of(one, "level"), 7);
  if (verdict != Verdict::fail && verdict != Verdict::pass) {
    after = padded(word_of(verdict), 12) + after;
  }
  line += std::string(gap, ' ') + after;
  used += gap + after.size();
  std::vector<std::string> places;  // several requirements may stand in one section
  for (const Json& place : one.value("places", Json::array())) {
    if (!place.is_string()) continue;
    const auto text = place.get<std::string>();
    if (std::find(places.begin(), places.end(), text) != places.end()) continue;
    const std::string next = (places.empty() ? "" : "; ") + text;
    if (!places.empty() && used + next.size() > width) break;
    line += next;
    used += next.size();
    places.push_back(text);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::vector<std::string> failure_lines(const Json& one, const FailureStyle& style,
                                       const Paint& paint) {
  Lines lines(style, paint);
  const Verdict verdict = verdict_of(one);
  const Json mismatches = one.value("mismatches", Json::array());
  if (const std::string title = text_of(one, "title"); !title.empty()) lines.prose(title + ".");
  std::string at = text_of(one, text_of(one, "prelude").empty() ? "path" : "prelude");
  if (const Json line = one.value("line", Json(0)); line != Json(0)) at += ":" + line.dump();
  for (const Json& mismatch : mismatches) {
    add_differences(lines, text_of(mismatch, "expected"), text_of(mismatch, "actual"),
                    differences_of(mismatch));
    if (&mismatch != &mismatches.front()) continue;
    const Json line = mismatch.value("line", Json(0));
    at = text_of(mismatch, "file").empty() ? text_of(one, "path") : text_of(mismatch, "file");
    if (line != Json(0)) at += ":" + line.dump();
  }
  const std::string cause = text_of(one, "cause"), log = text_of(one, "log");
  const bool tells_more = one.value("vacuous", false) || !mismatches_tell(one);
  // The diagnostics of a broken case begin with what its cause is.
  const bool in_log = verdict == Verdict::error && log.starts_with(cause);
  if (tells_more && !cause.empty() && !in_log) {
    const bool own_word =
        verdict == Verdict::crash || verdict == Verdict::hang || verdict == Verdict::error;
    lines.labelled(own_word ? word_of(verdict) : "because", cause, colour_of(verdict));
  }
  if (const std::string known = text_of(one, "known"); !known.empty()) {
    lines.labelled("known", known);
  }
  if (one.value("order_dependent", false)) {
    lines.labelled("note", "passed after a strong reset: it depends on what ran before");
  }
  if (!log.empty() && log != cause) {
    const bool from_end = !style.history && verdict != Verdict::error;
    lines.labelled(verdict == Verdict::error ? "error" : "log", from_end ? tail_of(log) : log);
  }
  if (style.history) add_history(lines, one);
  lines.labelled("at", at);
  if (const std::string replay = text_of(one, "replay"); !replay.empty()) {
    lines.labelled("replay", replay);
  }
  if (const std::string pcap = text_of(one, "pcap"); !pcap.empty()) lines.labelled("pcap", pcap);
  return lines.take();
}

std::string seconds_text(std::int64_t microseconds) {
  const std::int64_t size = microseconds < 0 ? -microseconds : microseconds;
  const std::string micro = std::to_string(size % 1'000'000);
  std::string text = microseconds < 0 ? "-" : "";
  text += std::to_string(size / 1'000'000) + ".";
  return text + std::string(6 - micro.size(), '0') + micro;
}

std::string short_cause(const Json& one) {
  const std::string cause = text_of(one, "cause");
  if (!mismatches_tell(one)) return cause;
  const std::string symptom = text_of(one.at("mismatches").front(), "symptom");
  return symptom.empty() ? cause : symptom;
}

}  // namespace packetwright::report
