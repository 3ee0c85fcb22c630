// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/expectations.hh"

#include <algorithm>
#include <optional>
#include <utility>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "harness/engine/variant.hh"
#include "harness/runner/selection.hh"
#include "harness/runner/text.hh"

namespace packetwright::runner {
namespace {

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) {
      out += c;
    } else if (out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The end that a verdict is for a ledger; nullopt: none that a ledger speaks of.
std::optional<std::string_view> end_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fail:
    case Verdict::non_strict:
    case Verdict::info: return "fail";
    case Verdict::crash: return "crash";
    case Verdict::hang: return "hang";
    case Verdict::pass: return "pass";
    case Verdict::xfail:
    case Verdict::xpass:
    case Verdict::unsupported:
    case Verdict::error: return std::nullopt;
  }
  return std::nullopt;
}

// Whether a run has the parameters that "mss=536,win=0" names; it may have others.
bool has_params(const CaseResult& result, std::string_view named) {
  const std::vector<std::string> wanted = split(named, ',');
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
    return std::any_of(result.params.begin(), result.params.end(), [&](const auto& param) {
      return param.first + "=" + param.second == trim(one);
    });
  });
}

bool names(const Known& known, const CaseResult& result) {
  if (!known.variants.empty() && !has(known.variants, script::name_of(result.variant))) {
    return false;
  }
  if (!known.params.empty() &&
      std::none_of(known.params.begin(), known.params.end(),
                   [&](const std::string& one) { return has_params(result, one); })) {
    return false;
  }
  return is_about(known, result.id);
}

std::string reason_of(const Known& known) {
  return known.bug.empty() ? known.why : known.why + " [" + known.bug + "]";
}

// Reads texts of a table; remembers the first thing that is wrong with them.
class TableReader {
 public:
  explicit TableReader(const toml::table& table) : table_(table) {}

  // "LINE: what is wrong"; empty: nothing.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

  std::string text(std::string_view key, bool needed) {
    const toml::node* const node = table_.get(key);
    if (node == nullptr) {
      if (needed) fail(table_, "'" + std::string(key) + "' is missing");
      return {};
    }
    const auto value = node->value<std::string>();
    if (!value || (needed && trim(*value).empty())) {
      fail(*node, "'" + std::string(key) + "' must be a text that is not empty");
    }
    return value.value_or(std::string{});
  }

  std::vector<std::string> words(std::string_view key, bool needed) {
    const toml::node* const node = table_.get(key);
    if (node != nullptr && node->is_array()) {
      std::vector<std::string> out;
      for (const toml::node& element : *node->as_array()) {
        if (const auto value = element.value<std::string>()) {
          out.push_back(*value);
        } else {
          fail(element, "'" + std::string(key) + "' must hold texts");
        }
      }
      if (out.empty()) fail(*node, "'" + std::string(key) + "' is empty");
      return out;
    }
    const std::string one = text(key, needed);
    return one.empty() ? std::vector<std::string>{} : std::vector<std::string>{one};
  }

  void fail(const toml::node& where, const std::string& what) {
    if (error_.empty()) error_ = std::to_string(where.source().begin.line) + ": " + what;
  }

 protected:
  [[nodiscard]] const toml::table& table() const noexcept { return table_; }

 private:
  const toml::table& table_;
  std::string error_;
};

// Reads one [[known]] table.
class EntryReader : private TableReader {
 public:
  EntryReader(const toml::table& table, targets::ClockKind clock)
      : TableReader(table), clock_(clock) {}

  // One for each of its cases.
  Result<std::vector<Known>, std::string> read() {
    Known known;
    known.line = table().source().begin.line;
    const std::vector<std::string> cases = words("cases", true);
    known.expect = words("expect", true);
    known.variants = words("variants", false);
    known.params = words("params", false);
    known.symptom = text("symptom", true);
    known.why = text("why", true);
    known.bug = text("bug", false);
    for (const auto& [key, value] : table()) {
      if (!has({"cases", "expect", "variants", "params", "symptom", "why", "bug"}, key.str())) {
        fail(value, "'" + std::string(key.str()) + "' is not a key of a known failure");
      }
    }
    check_words(known);
    if (!error().empty()) return Err{error()};
    std::vector<Known> all;
    for (const std::string& one : cases) {
      all.push_back(known);
      all.back().cases = one;
    }
    return all;
  }

 private:
  static bool has(std::initializer_list<std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  void check_words(const Known& known) {
    for (const std::string& word : known.expect) {
      if (!has({"fail", "crash", "hang", "pass"}, word)) {
        fail(table(), "expect = \"" + word + "\": not one of fail, crash, hang, pass");
      }
    }
    const bool may_pass =
        std::find(known.expect.begin(), known.expect.end(), "pass") != known.expect.end();
    if (may_pass && known.expect.size() < 2) {
      fail(table(), "to expect a pass alone is no known failure; remove the entry");
    }
    if (may_pass && clock_ == targets::ClockKind::virtual_time) {
      fail(table(), "on a virtual clock a case cannot sometimes pass; leave \"pass\" out");
    }
    for (const std::string& word : known.variants) {
      if (!script::variant_of(word)) fail(table(), "'" + word + "' is not a variant");
    }
    for (const std::string& word : known.params) {
      for (const std::string& one : split(word, ',')) {
        if (one.find('=') != std::string::npos) continue;
        fail(table(), "params = \"" + word + "\": expected NAME=VALUE, or several with commas");
      }
    }
  }

  targets::ClockKind clock_;
};

}  // namespace

bool is_about(const Known& known, std::string_view id) {
  return path_selects(known.cases, id) &&
         std::none_of(known.unlike.begin(), known.unlike.end(),
                      [&](const std::string& one) { return path_selects(one, id); });
}

bool symptom_matches(std::string_view named, std::string_view seen) {
  // Each piece between stars must occur, in their order.
  const std::string text = squeezed(seen);
  std::size_t from = 0;
  for (const std::string& piece : split(squeezed(named), '*')) {
    const std::size_t found = text.find(piece, from);
    if (found == std::string::npos) return false;
    from = found + piece.size();
  }
  return true;
}

Result<Expectations, std::string> Expectations::parse(const LedgerText& ledger,
                                                      targets::ClockKind clock,
                                                      const FindLedger& find) {
  Expectations expectations;
  if (auto added = expectations.add(ledger, clock, &find); !added) return Err{added.error()};
  return expectations;
}

Result<void, std::string> Expectations::add(const LedgerText& ledger, targets::ClockKind clock,
                                            const FindLedger* find) {
  const std::string where = ledger.file + ":";
  const toml::parse_result parsed = toml::parse(ledger.toml, ledger.file);
  if (!parsed) {
    return Err{where + std::to_string(parsed.error().source().begin.line) + ": " +
               std::string(parsed.error().description())};
  }
  for (const auto& [key, value] : parsed.table()) {
    if (key.str() == "like" || key.str() == "unlike") continue;
    const toml::array* const entries = value.as_array();
    if (key.str() != "known" || entries == nullptr || !value.is_array_of_tables()) {
      return Err{where + std::to_string(value.source().begin.line) +
                 ": only like, unlike and [[known]] tables may stand here"};
    }
    for (const toml::node& entry : *entries) {
      auto known = EntryReader(*entry.as_table(), clock).read();
      if (!known) return Err{where + known.error()};
      for (Known& one : *known) {
        one.file = ledger.file;
        known_.push_back(std::move(one));
      }
    }
  }
  TableReader top{parsed.table()};
  const std::string like = top.text("like", false);
  const std::vector<std::string> unlike = top.words("unlike", false);
  if (!top.error().empty()) return Err{where + top.error()};
  if (like.empty() && unlike.empty()) return {};
  if (like.empty()) return Err{where + " unlike whom? 'like' is missing"};
  if (find == nullptr) return Err{where + " it is like another itself, and so none can be like it"};
  const auto line_of = [&](std::string_view key) {
    return static_cast<std::uint32_t>(parsed.table().get(key)->source().begin.line);
  };
  for (const std::string& one : unlike) {
    Known pattern;
    pattern.cases = one;
    pattern.file = ledger.file;
    pattern.line = line_of("unlike");
    unlike_.push_back(std::move(pattern));
  }
  auto added = add_like(like, unlike, clock, *find);
  if (!added) {
    return Err{where + std::to_string(line_of("like")) + ": like " + like + ": " + added.error()};
  }
  return {};
}

Result<void, std::string> Expectations::add_like(const std::string& target,
                                                 const std::vector<std::string>& unlike,
                                                 targets::ClockKind clock, const FindLedger& find) {
  const auto other = find(target);
  if (!other) return Err{other.error()};
  const std::size_t own = known_.size();
  if (auto added = add(*other, clock, nullptr); !added) return added;
  for (std::size_t i = own; i < known_.size(); ++i) known_[i].unlike = unlike;
  return {};
}

void Expectations::apply(CaseResult& result) const {
  const auto end = end_of(result.verdict);
  if (!end) return;
  const Known* other_symptom = nullptr;
  const Known* not_met = nullptr;
  for (const Known& known : known_) {
    if (!names(known, result)) continue;
    const bool expected = has(known.expect, *end);
    if (*end == "pass") {
      if (expected) return;  // It comes and goes, and the ledger says so.
      not_met = &known;
    } else if (expected && symptom_matches(known.symptom, result.symptom)) {
      result.verdict = Verdict::xfail;
      result.known = reason_of(known);
      return;
    } else {
      other_symptom = &known;
    }
  }
  if (not_met != nullptr) {
    result.verdict = Verdict::xpass;
    result.known = reason_of(*not_met);
    result.cause = "passed, but " + not_met->file + ":" + std::to_string(not_met->line) +
                   " expects a failure; remove the entry if it is mended";
  } else if (other_symptom != nullptr) {
    result.known = "not the known failure of " + other_symptom->file + ":" +
                   std::to_string(other_symptom->line) +
                   ", whose symptom is: " + other_symptom->symptom;
  }
}

std::vector<Known> Expectations::stale(std::span<const std::string> ids) const {
  std::vector<Known> stale;
  for (const std::vector<Known>* const list : {&known_, &unlike_}) {
    for (const Known& known : *list) {
      if (std::none_of(ids.begin(), ids.end(),
                       [&](const std::string& id) { return path_selects(known.cases, id); })) {
        stale.push_back(known);
      }
    }
  }
  return stale;
}

}  // namespace packetwright::runner
