// SPDX-License-Identifier: Apache-2.0
#include "harness/report/console.hh"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "harness/report/failure_text.hh"
#include "harness/runner/case.hh"
#include "harness/runner/text.hh"

namespace packetwright::report {
namespace {

using runner::Kind;
using runner::Tally;
using runner::Verdict;

constexpr std::int64_t kRedrawMs = 100;
constexpr std::size_t kMostReasons = 6;

// "tcp / segment_arrives / established"
std::string spaced(std::string_view folder) {
  return runner::join(runner::split(folder, '/'), " / ");
}

std::string folder_name(std::string_view id) {
  const std::string_view folder = runner::folder_of(id);
  return folder.empty() ? "." : harmless(folder);
}

// A reason without its numbers, so that "takes 3 s" and "takes 20 s" are one kind.
std::string kind_of_reason(std::string_view reason) {
  std::vector<std::string> words = runner::split(reason, ' ');
  for (std::string& word : words) {
    if (word.find_first_not_of("0123456789.") == std::string::npos) word = "N";
  }
  return runner::join(words, " ");
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace

std::string duration_text(std::int64_t milliseconds) {
  if (milliseconds < 60'000) {
    const std::string hundredths = std::to_string(milliseconds % 1000 / 10);
    return std::to_string(milliseconds / 1000) + "." + (hundredths.size() < 2 ? "0" : "") +
           hundredths + " s";
  }
  const std::int64_t seconds = milliseconds / 1000;
  if (seconds < 3600) {
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  }
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

Console::Console(std::ostream& out, const ConsoleOptions& options)
    : out_(out), options_(options), paint_(options.colour) {}

void Console::begin(const Json& head, std::vector<std::string> ids) {
  ids_ = std::move(ids);
  std::set<std::string_view> cases(ids_.begin(), ids_.end());
  for (const std::string& id : ids_) {
    folder_width_ = std::max(folder_width_, folder_name(id).size());
  }
  if (options_.verbosity < 0) return;
  const Json target = head.value("target", Json::object());
  const auto say = [](const Json& object, const char* key) { return object.value(key, ""); };
  out_ << paint_(Colour::bold, "packetwright") << ' ' << say(head, "version") << ", target "
       << paint_(Colour::bold, say(target, "name")) << ' ' << say(target, "version") << " ("
       << say(target, "clock") << " time, " << say(target, "medium") << ")\n";
  out_ << counted(ids_.size(), "run") << " of " << counted(cases.size(), "case") << ", "
       << counted(head.value("workers", 1u), "worker") << ", seed " << say(head, "seed")
       << ", mode " << say(head, "mode");
  if (const auto repeat = head.value("repeat", 1u); repeat > 1) out_ << ", " << repeat << " rounds";
  if (const auto shard = say(head, "shard"); shard != "1/1") out_ << ", shard " << shard;
  out_ << "\n\n";
  draw_progress(0);
  out_.flush();
}

void Console::on_case(std::size_t index, const Json& one, std::int64_t elapsed_ms) {
  all_.add(verdict_of(one));
  held_.emplace(index, one);
  while (!held_.empty() && held_.begin()->first == next_) {
    const Json ready = std::move(held_.begin()->second);
    held_.erase(held_.begin());
    if (next_ > 0 && folder_name(ids_[next_]) != folder_name(ids_[next_ - 1])) print_folder();
    ++next_;
    print_case(ready);
  }
  if (next_ == ids_.size()) {
    print_folder();
  } else if (elapsed_ms - drawn_ms_ >= kRedrawMs) {
    draw_progress(elapsed_ms);
  }
  out_.flush();
}

void Console::print_case(const Json& one) {
  const Verdict verdict = verdict_of(one);
  folder_tally_.add(verdict);
  const bool shown = runner::kind_of(verdict, options_.strict) == Kind::failed ||
                     (verdict == Verdict::non_strict && options_.verbosity >= 0) ||
                     options_.verbosity >= 1 || one.value("order_dependent", false);
  if (!shown) return;
  erase_progress();
  if (!folder_open_) {
    const std::string folder = folder_name(one.value("id", ""));
    out_ << paint_(Colour::bold, folder == "." ? "(top)" : spaced(folder)) << '\n';
    folder_open_ = true;
  }
  out_ << heading_line(one, options_.width, paint_) << '\n';
  const bool plain = verdict == Verdict::pass && !one.value("order_dependent", false);
  if (plain && options_.verbosity < 2) return;
  const bool brief = verdict == Verdict::unsupported || verdict == Verdict::xfail;
  if (brief && options_.verbosity < 2) {
    const char* const why = verdict == Verdict::xfail ? "known" : "cause";
    out_ << "      " << paint_(Colour::dim, harmless(one.value(why, ""))) << '\n';
    return;
  }
  const FailureStyle style{options_.width, options_.verbosity >= 2};
  for (const std::string& line : failure_lines(one, style, paint_)) out_ << line << '\n';
  out_ << '\n';
  after_block_ = true;
}

void Console::print_folder() {
  if (options_.verbosity >= 0 && folder_tally_.total() > 0) {
    erase_progress();
    out_ << padded(folder_name(ids_[next_ - 1]), folder_width_) << "  " << counts_of(folder_tally_)
         << '\n';
    after_block_ = folder_open_;
    if (after_block_) out_ << '\n';
  }
  folder_tally_ = {};
  folder_open_ = false;
}

std::string Console::counts_of(const Tally& tally) const {
  // Passes have a column of their own, so that folders can be compared at a glance.
  std::string pass = std::to_string(tally[Verdict::pass]);
  pass.insert(0, pass.size() < 5 ? 5 - pass.size() : 0, ' ');
  std::string out = paint_(tally[Verdict::pass] > 0 ? Colour::green : Colour::dim, pass + " pass");
  for (std::size_t i = 0; i < runner::kVerdictCount; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    if (verdict == Verdict::pass || tally[verdict] == 0) continue;
    out +=
        "  " + paint_(colour_of(verdict), std::to_string(tally[verdict]) + " " + word_of(verdict));
  }
  return out;
}

void Console::end(const Json& document) {
  // After an interrupt there are gaps; what is behind them is told all the same.
  for (auto& [index, one] : held_) {
    if (next_ > 0 && folder_name(ids_[index]) != folder_name(ids_[next_ - 1])) print_folder();
    next_ = index + 1;
    print_case(one);
  }
  held_.clear();
  if (next_ > 0) print_folder();
  erase_progress();
  print_again(document);
  if (options_.verbosity >= 0) print_skipped(document);
  if (options_.verbosity >= 0) print_settled(document);
  print_totals(document);
  out_.flush();
}

void Console::print_again(const Json& document) {
  const Json& cases = document.at("cases");
  const Tally tally = tally_of(cases);
  const std::size_t failed = tally.of(Kind::failed, options_.strict);
  if (failed > 0 && cases.size() > 1) {
    out_ << (after_block_ ? "" : "\n") << paint_(Colour::red, counted(failed, "run"))
         << " fell short:\n";
    for (const Json& one : cases) {
      const Verdict verdict = verdict_of(one);
      if (runner::kind_of(verdict, options_.strict) != Kind::failed) continue;
      out_ << "  " << paint_(colour_of(verdict), std::string(1, mark_of(verdict))) << ' '
           << harmless(full_name(one)) << "  " << paint_(Colour::dim, word_of(verdict)) << '\n'
           << "      " << short_cause(one) << '\n';
      if (const auto replay = one.value("replay", ""); !replay.empty()) {
        out_ << "      " << harmless(replay) << '\n';
      }
    }
  }
  for (const Json& stale : document.value("stale_expectations", Json::array())) {
    out_ << paint_(Colour::red, "stale expectation") << "  " << stale.get<std::string>() << '\n';
  }
}

void Console::print_skipped(const Json& document) {
  std::map<std::string, std::size_t> reasons;
  for (const Json& one : document.at("cases")) {
    if (verdict_of(one) == Verdict::unsupported)
      ++reasons[kind_of_reason(harmless(one.value("cause", "")))];
  }
  if (reasons.empty()) return;
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [reason, count] : reasons) ranked.emplace_back(count, reason);
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  out_ << "\nunsupported here:\n";
  for (std::size_t i = 0; i < ranked.size() && i < kMostReasons; ++i) {
    const std::string count = std::to_string(ranked[i].first);
    out_ << std::string(count.size() < 5 ? 5 - count.size() : 0, ' ') << count << "  "
         << ranked[i].second << '\n';
  }
  if (ranked.size() > kMostReasons) {
    out_ << "       and " << counted(ranked.size() - kMostReasons, "other reason") << '\n';
  }
}

// Passes that were in doubt at first: the machine was busy, and the reader may want to know.
void Console::print_settled(const Json& document) {
  std::size_t count = 0;
  for (const Json& one : document.at("cases")) {
    const bool settled = one.value("retried", false) && !one.value("order_dependent", false);
    if (settled && verdict_of(one) == Verdict::pass) ++count;
  }
  if (count == 0) return;
  out_ << '\n' << counted(count, "run") << " passed only alone: the harness had been late before\n";
}

void Console::print_totals(const Json& document) {
  const Tally tally = tally_of(document.at("cases"));
  std::string counts;
  for (std::size_t i = 0; i < runner::kVerdictCount; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    if (tally[verdict] == 0) continue;
    if (!counts.empty()) counts += ", ";
    counts += paint_(colour_of(verdict), std::to_string(tally[verdict]) + " " + word_of(verdict));
  }
  out_ << '\n';
  if (const auto error = document.value("error", ""); !error.empty()) {
    out_ << paint_(Colour::red, "error") << ": " << error << '\n';
  }
  if (document.value("interrupted", false)) {
    out_ << paint_(Colour::red, "interrupted") << " after " << tally.total() << " of "
         << counted(ids_.size(), "run") << '\n';
  } else if (!document.value("complete", true)) {
    out_ << "stopped after " << tally.total() << " of " << counted(ids_.size(), "run") << '\n';
  }
  if (!counts.empty()) {
    out_ << counts << "; " << duration_text(document.value("wall_ms", std::int64_t{0})) << ", of "
         << "stack time " << duration_text(document.value("virtual_ms", std::int64_t{0})) << '\n';
  }
  out_ << tally.of(Kind::passed, options_.strict) << " passed, "
       << tally.of(Kind::failed, options_.strict) << " failed, "
       << tally.of(Kind::skipped, options_.strict) << " skipped\n";
}

void Console::draw_progress(std::int64_t elapsed_ms) {
  if (!options_.progress || ids_.empty()) return;
  constexpr std::size_t kBar = 24;
  const std::size_t done = all_.total();
  const std::size_t filled = std::min(kBar, kBar * done / ids_.size());
  std::string line = "[" + std::string(filled, '#') + std::string(kBar - filled, '.') + "] " +
                     std::to_string(done) + "/" + std::to_string(ids_.size());
  if (const std::size_t failed = all_.of(Kind::failed, options_.strict); failed > 0) {
    line += "  " + std::to_string(failed) + " failed";
  }
  line += "  " + duration_text(elapsed_ms);
  if (next_ < ids_.size()) line += "  " + harmless(ids_[next_]);
  const std::size_t room = options_.width > 0 ? options_.width - 1 : 0;
  out_ << "\r\x1b[K" << line.substr(0, room);
  progress_shown_ = true;
  drawn_ms_ = elapsed_ms;
}

void Console::erase_progress() {
  if (!progress_shown_) return;
  out_ << "\r\x1b[K";
  progress_shown_ = false;
  drawn_ms_ = -1000;
}

}  // namespace packetwright::report
