// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/runner/result.hh"
#include "harness/runner/verdict.hh"

// The document of a run: the one truth of which console, JUnit and TAP are views. docs/results.md
// describes it for people who write tools.
namespace packetwright::report {

// Keys keep the order in which they are set, so that documents read well and compare well.
using Json = nlohmann::ordered_json;

// Grows when a field changes its meaning or goes away; new fields alone do not change it.
inline constexpr int kSchema = 1;

// What is known when a run starts.
struct RunInfo {
  std::string version;  // of packetwright, with commit
  std::string mode;     // strict, packetdrill, or automatic: each script says
  std::string target;
  std::string target_version;
  std::string clock;   // "virtual" or "real"
  std::string medium;  // how frames travel: memory, veth, tun
  std::vector<std::string> capabilities;
  std::uint64_t seed = 0;
  std::string started;  // ISO 8601, UTC
  unsigned workers = 1;
  std::uint32_t repeat = 1;
  std::string shard;    // "1/1"
  bool strict = false;  // non_strict counts as failed
};

// What is known when it ends.
struct RunEnd {
  bool complete = false;  // every planned run has its verdict
  bool interrupted = false;
  std::string error;  // why the target could not be used, or went away
  std::int64_t wall_ms = 0;
  std::string sanity_first, sanity_last;  // verdicts; empty: not run
  std::vector<std::string> stale;         // known failures whose pattern selects no case
};

[[nodiscard]] Json to_json(const RunInfo& info);
[[nodiscard]] Json to_json(const runner::CaseResult& result);
// A count for every verdict, and `total`.
[[nodiscard]] Json to_json(const runner::Tally& tally);

// "0x7f3a": 64-bit numbers are texts, because many JSON readers keep no more than 53 bits.
[[nodiscard]] std::string number_text(std::uint64_t value);
// One line, invalid UTF-8 replaced: what a dead stack wrote last may be anything.
[[nodiscard]] std::string one_line(const Json& value);

// Of an element of `cases`.
[[nodiscard]] runner::Verdict verdict_of(const Json& one);
// "[ipv4, mss=536]": what tells apart the runs of one case.
[[nodiscard]] std::string run_label(const Json& one);
// The id, a blank, and the label.
[[nodiscard]] std::string full_name(const Json& one);
// The tally of a list of cases.
[[nodiscard]] runner::Tally tally_of(const Json& cases);

}  // namespace packetwright::report
