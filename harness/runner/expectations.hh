// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/runner/result.hh"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::runner {

// One known failure of a target: a [[known]] table of conformance/expectations/<target>.toml, or
// what such a table says of one of several cases.
struct Known {
  std::string cases;                  // a glob over ids, as on the command line
  std::vector<std::string> expect;    // of "fail", "hang", "crash"; with "pass": now and then
  std::vector<std::string> variants;  // names; empty: all
  std::vector<std::string> params;    // "mss=536,win=0", any of these; empty: all
  std::string symptom;                // see symptom_matches()
  std::string why;                    // the deviation, with RFC and section
  std::string bug;                    // a link or number; may be empty
  std::vector<std::string> unlike;    // globs over ids for which it does not hold after all
  std::string file;                   // that it stands in
  std::uint32_t line = 0;             // there
};

// Whether an entry is about a case, whatever its variant and parameters.
[[nodiscard]] bool is_about(const Known& known, std::string_view id);

// A ledger as it is read: what it is called, for messages, and its text.
struct LedgerText {
  std::string file, toml;
};
// That of a target. An error says why there is none.
using FindLedger = std::function<Result<LedgerText, std::string>(std::string_view target)>;

// Whether a symptom that was seen is the one a ledger names: the ledger's text must occur in it.
// Runs of blanks count as one, `*` in the ledger stands for any text.
[[nodiscard]] bool symptom_matches(std::string_view named, std::string_view seen);

// The known failures of one target.
class Expectations {
 public:
  Expectations() = default;

  // Reads a ledger. Each entry needs `cases`, `expect`, `symptom` and `why`; an unknown key or
  // value is an error, because a ledger that is misread excuses what it should not. "pass" among
  // the expected ends is for real clocks only, where a failure may come and go. Before the entries
  // may stand `like`, the name of a target whose entries hold as well, and `unlike`, patterns of
  // cases for which these do not. `find` finds that target's ledger, which is like no other.
  [[nodiscard]] static Result<Expectations, std::string> parse(const LedgerText& ledger,
                                                               targets::ClockKind clock,
                                                               const FindLedger& find);

  // Turns fail, non_strict, info, crash and hang into xfail where an entry names the case and its
  // symptom, and a pass into xpass where every entry that names the case expects a failure. Other
  // verdicts stay. When an entry names the case but another symptom, `known` says so.
  void apply(CaseResult& result) const;

  // Entries whose pattern selects none of the cases, `unlike` among them.
  [[nodiscard]] std::vector<Known> stale(std::span<const std::string> ids) const;

  [[nodiscard]] const std::vector<Known>& entries() const noexcept { return known_; }

 private:
  // Reads the entries of one file, and leaves what stands before them to the caller.
  [[nodiscard]] Result<void, std::string> add(const LedgerText& ledger, targets::ClockKind clock,
                                              const FindLedger* find);
  [[nodiscard]] Result<void, std::string> add_like(const std::string& target,
                                                   const std::vector<std::string>& unlike,
                                                   targets::ClockKind clock,
                                                   const FindLedger& find);

  std::vector<Known> known_;
  std::vector<Known> unlike_;  // each pattern, in `cases`
};

}  // namespace packetwright::runner
