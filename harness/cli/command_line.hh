// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/cli/exit_code.hh"
#include "harness/runner/plan.hh"
#include "stack/base/result.hh"

// What a user may type, as values. command_line.cc alone knows the library that reads it.
namespace packetwright::cli {

// Where cases are and which of them are meant; the same for every verb that looks at cases.
struct CaseArguments {
  std::vector<std::string> paths;
  std::vector<std::string> excludes;
  std::string keyword;
  std::vector<std::string> requirements;
  std::vector<std::string> levels;
  std::string conformance;  // folder; empty: looked for
  std::string dialect = "auto";
  std::vector<std::string> defines;  // "NAME=VALUE"
};

struct RunArguments {
  CaseArguments cases;
  std::string target = "reference";
  unsigned jobs = 0;  // 0: as many as there are processors
  std::string shard = "1/1";
  std::uint32_t repeat = 1;
  std::string seed;  // a number in decimal or 0x hexadecimal; empty: the default
  bool fail_fast = false, strict = false, slow = false;
  std::string resume, json, junit, tap, pcap;  // paths; empty: not wanted
  std::string mode = "auto";
  std::vector<std::string> variants, params;
  std::vector<std::string> script_options;  // "NAME=VALUE"
  std::string isolate = "process";
  std::uint32_t timeout_s = 20;  // wall time that one case may take
  std::uint32_t memory_mib = 1024;
  int verbosity = 0;
  std::string colour = "auto", progress = "auto";
  std::string expectations;  // a file, "none", or empty: the target's own
  bool update_expectations = false;
  bool no_sanity = false;
};

struct ListArguments {
  CaseArguments cases;
  bool json = false, verbose = false;
};

struct FmtArguments {
  std::vector<std::string> paths;  // empty: every script of the conformance folder
  std::string conformance;
  bool check = false;
};

struct LintArguments {
  CaseArguments cases;
  bool plain = false;  // report what packetdrill itself would not accept
};

// Which conversation of which capture, and from whose point of view.
struct ConversationArguments {
  std::string capture;
  std::uint32_t number = 0;  // from 1; 0: the only one
  std::string side;          // client, server, an address; empty: the host that captured
  bool list = false;         // tell what there is, and do nothing else
};

struct ImportArguments {
  ConversationArguments conversation;
  std::string payload = "keep";
  bool windows = false;
  std::string output;  // a path; empty: standard output
};

struct ReplayArguments {
  ConversationArguments conversation;
  std::string target = "reference";
  std::string seed;     // as for RunArguments
  bool strict = false;  // compare every field and every time
  bool slow = false;
  int verbosity = 0;
};

struct CompareArguments {
  CaseArguments cases;
  std::vector<std::string> targets;  // or documents of earlier runs, "*.json"
  std::string seed;                  // as in RunArguments
  bool slow = false;
  std::string json, markdown;  // paths; "-": standard output in place of the text
  std::string colour = "auto";
};

struct GoodputArguments {
  std::vector<std::string> targets;                  // "NAME" or "NAME[KNOB=VALUE,...]"
  std::vector<std::string> knobs;                    // "NAME=VALUE", of all of them
  std::vector<std::uint32_t> rates{1, 10};           // Mbit/s
  std::vector<std::uint32_t> round_trips{10, 100};   // ms
  std::vector<std::string> losses{"0", "0.1", "1"};  // percent
  std::uint32_t seconds = 10;  // that a transfer takes if nothing but the rate counts
  std::uint32_t seeds = 5;
  bool all = false;  // reordering and tail loss besides
  std::string json;  // a path; "-": standard output in place of the text
};

struct FuzzArguments {
  std::string target = "reference";
  std::vector<std::string> knobs;  // "NAME=VALUE"
  std::string time = "60s";        // "30s", "10m", "2h"
  std::uint32_t batches = 0;       // 0: until the time is up
  unsigned jobs = 0;               // 0: as many as suit the target
  std::string seed;                // as in RunArguments
  std::string output;              // a folder for what is found; empty: it is not written
  std::string replay;              // a trace; empty: none
  std::uint32_t timeout_s = 60;    // wall time that one batch may take
};

struct FaultsArguments {
  CaseArguments cases;              // -k means the faults, not these
  std::vector<std::string> faults;  // names, areas, or globs over names; empty: all
  std::string keyword;              // of faults
  std::string shard = "1/1";        // of the faults
  unsigned jobs = 0;                // faults at a time; 0: as many as there are processors
  std::uint32_t timeout_s = 5;      // wall time that one case may take
  std::uint32_t at_least = 100;     // percent of the faults that are to be shown
  std::string seed;                 // as in RunArguments
  bool all = false, list = false;
  std::string json, markdown;  // paths; "-": standard output in place of the text
};

struct SweepArguments {
  std::string target = "reference";
  std::vector<std::string> states;  // or preludes; empty: all
  std::vector<std::string> kinds;   // of segments; empty: all
  unsigned deviations = 2;          // from a normal segment, at once
  std::string seed;                 // as in RunArguments
  unsigned jobs = 0;                // as in RunArguments
  std::string conformance;
  std::vector<std::string> knobs;  // "NAME=VALUE"
  std::string choices;             // a file; empty: the target's own
  std::string output;              // a folder for scripts; empty: none are written
  std::string json, markdown;      // paths; "-": standard output in place of the text
  std::string colour = "auto";
};

struct ExplainArguments {
  std::vector<std::string> requirements;  // ids, or globs over ids
  std::string conformance;
  bool json = false;
};

struct TargetsArguments {
  bool json = false;
  std::string check;  // a target whose adapter is to be tried; empty: none
};

struct VersionArguments {};

using Arguments =
    std::variant<RunArguments, ListArguments, FmtArguments, LintArguments, ImportArguments,
                 ReplayArguments, CompareArguments, GoodputArguments, SweepArguments, FuzzArguments,
                 FaultsArguments, ExplainArguments, TargetsArguments, VersionArguments>;

// Nothing is left to do but to print `text` and to end with `code`: help was asked for, or the
// command line makes no sense.
struct EarlyEnd {
  ExitCode code = ExitCode::ok;
  std::string text;
};

// One that says, after the program's name, what is wrong: of the surroundings, say, or of the
// words.
[[nodiscard]] inline EarlyEnd ends(ExitCode code, std::string_view text) {
  return {code, "packetwright: " + std::string{text} + "\n"};
}
[[nodiscard]] inline EarlyEnd usage(std::string_view text) {
  return ends(ExitCode::usage, text);
}

// Reads the words after the program's name.
[[nodiscard]] Result<Arguments, EarlyEnd> read_command_line(std::vector<std::string> words);

}  // namespace packetwright::cli
