// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/command_line.hh"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "harness/runner/text.hh"

namespace packetwright::cli {
namespace {

// The options by which cases are selected. `paths` is what the positional words are called.
void add_case_options(CLI::App& verb, CaseArguments& cases) {
  verb.add_option("CASE", cases.paths,
                  "Cases: ids, folders, globs, or paths of .pkt files. Default: all");
  verb.add_option("-k", cases.keyword,
                  "Only cases whose id or title has these words: EXPR with and, or, not, ()")
      ->type_name("EXPR");
  verb.add_option("--requirement", cases.requirements,
                  "Only cases that cite this requirement, e.g. RFC9293-MUST-12 or 'RFC5961-*'")
      ->allow_extra_args(false)
      ->type_name("ID")
      ->delimiter(',');
  verb.add_option("--level", cases.levels, "Only cases of this level: must, should, may")
      ->allow_extra_args(false)
      ->type_name("LEVEL")
      ->delimiter(',')
      ->check(CLI::IsMember({"must", "should", "may"}, CLI::ignore_case));
  verb.add_option("--exclude", cases.excludes, "Leave these cases out: ids, folders, globs")
      ->allow_extra_args(false)
      ->type_name("CASE")
      ->delimiter(',');
  verb.add_option("--conformance", cases.conformance, "The conformance folder")
      ->type_name("DIR")
      ->envname("PACKETWRIGHT_CONFORMANCE");
  verb.add_option("--dialect", cases.dialect, "Dialect of the scripts: auto, google, nplab")
      ->type_name("NAME")
      ->check(CLI::IsMember({"auto", "google", "nplab"}));
  verb.add_option("-D,--define", cases.defines, "A symbol of the scripts, as packetdrill has them")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
}

// An empty value is a variable of a shell script that was not set, and no wish.
void refuse_empty_values(CLI::App& verb) {
  const CLI::Validator given(
      [](const std::string& text) { return text.empty() ? "needs a value" : std::string{}; }, "");
  for (CLI::Option* const option : verb.get_options([](const CLI::Option*) { return true; })) {
    if (option->nonpositional() && option->get_expected_max() > 0) option->check(given);
  }
}

// Options of one kind stand together in the help.
void group(CLI::App& verb, const char* name, std::initializer_list<const char*> options) {
  for (const char* const option : options) verb.get_option(option)->group(name);
}

void add_run(CLI::App& app, RunArguments& run) {
  CLI::App& verb = *app.add_subcommand("run", "Run conformance cases against a stack");
  add_case_options(verb, run.cases);
  verb.add_option("--target", run.target, "The stack under test (see: packetwright targets)")
      ->type_name("NAME")
      ->capture_default_str();
  verb.add_option(
          "-j,--jobs", run.jobs,
          "Cases at a time, not counting those that wait for a real clock (up to 2 N). Default: as "
          "many as processors, 6 for each on a real clock")
      ->type_name("N")
      ->check(CLI::Range(1u, 256u));
  verb.add_option("--shard", run.shard, "Run the I-th of N shares of the cases")->type_name("I/N");
  verb.add_option("--repeat", run.repeat, "Run every case N times and compare the traces")
      ->type_name("N")
      ->check(CLI::Range(1u, 1000000u));
  verb.add_option("--seed", run.seed, "Seed of everything that is drawn. Default: 0x7f3a")
      ->type_name("NUMBER");
  verb.add_option("--variant", run.variants, "Only over ipv4, ipv4-mapped-ipv6 or ipv6")
      ->allow_extra_args(false)
      ->type_name("NAME")
      ->delimiter(',')
      ->check(CLI::IsMember({"ipv4", "ipv4-mapped-ipv6", "ipv6"}));
  verb.add_option("--param", run.params, "Only with this value of a parameter of the case")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  verb.add_option("--script-option", run.script_options,
                  "packetdrill's option NAME (mtu=1520), for scripts that do not have it")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  verb.add_flag("--fail-fast,-x", run.fail_fast, "Stop at the first case that falls short");
  verb.add_flag("--strict", run.strict, "A SHOULD that does not hold counts as failed");
  verb.add_flag("--slow", run.slow, "Run cases of more than 2 s of script time on real clocks");
  verb.add_option("--mode", run.mode, "How scripts are judged: auto, strict, packetdrill")
      ->type_name("NAME")
      ->check(CLI::IsMember({"auto", "strict", "packetdrill"}));
  verb.add_option("--expectations", run.expectations,
                  "Known failures of the target; 'none' to judge without")
      ->type_name("FILE");
  verb.add_flag("--update-expectations", run.update_expectations,
                "Add a draft for every new failure to the known failures of the target");
  verb.add_option("--json", run.json, "Write the results as JSON, as the run goes")
      ->type_name("FILE");
  verb.add_option("--junit", run.junit, "Write the results as JUnit XML")->type_name("FILE");
  verb.add_option("--tap", run.tap, "Write the results as TAP")->type_name("FILE");
  verb.add_option("--pcap", run.pcap, "Write a pcapng for every case that is no plain pass")
      ->type_name("DIR");
  verb.add_option("--resume", run.resume, "Go on with a run whose JSON is here")->type_name("FILE");
  verb.add_flag("--no-sanity", run.no_sanity,
                "Leave out the sanity case that begins and ends a run");
  verb.add_option("--isolate", run.isolate, "Where the stack runs: process, or none to debug it")
      ->type_name("HOW")
      ->check(CLI::IsMember({"process", "none"}));
  verb.add_option("--timeout", run.timeout_s,
                  "Seconds after which a case hangs, beside what it waits itself with --slow")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CLI::Range(1u, 86400u));
  verb.add_option("--memory", run.memory_mib, "MiB that a case may take")
      ->type_name("MIB")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1048576u));
  CLI::Option* const verbose = verb.add_flag_function(
      "-v,--verbose", [&run](std::int64_t count) { run.verbosity = static_cast<int>(count); },
      "Tell every run; twice: with all that happened");
  verb.add_flag_function(
          "-q,--quiet", [&run](std::int64_t) { run.verbosity = -1; },
          "Tell failures and totals only")
      ->excludes(verbose);
  verb.add_option("--color", run.colour, "Colours: auto, always, never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  verb.add_option("--progress", run.progress, "The progress line: auto, always, never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  refuse_empty_values(verb);
  group(verb, "Which cases",
        {"-k", "--requirement", "--level", "--exclude", "--variant", "--param", "--shard",
         "--conformance"});
  group(verb, "How they are judged",
        {"--strict", "--mode", "--dialect", "--script-option", "--expectations",
         "--update-expectations", "--no-sanity"});
  group(verb, "Results", {"--json", "--junit", "--tap", "--pcap", "--resume"});
  group(verb, "Console", {"-v", "-q", "--color", "--progress"});
  verb.footer(
      "Examples:\n"
      "  packetwright run tcp/window --target linux   some cases against the running kernel\n"
      "  packetwright run -k 'syn and not rst' -v     cases by words, every run told\n"
      "  packetwright run my.pkt --pcap out           a script of yours, with captures\n"
      "  packetwright run --json r.json --junit r.xml --shard 1/4    in CI\n"
      "  packetwright run --resume r.json             go on after an interrupt\n\n"
      "Exit status: 0 all as expected, 1 something fell short, 2 usage or an invalid script,\n"
      "3 the target or the environment could not be used, 130 interrupted.");
}

void add_list(CLI::App& app, ListArguments& list) {
  CLI::App& verb = *app.add_subcommand("list", "List cases without running them");
  add_case_options(verb, list.cases);
  verb.add_flag("--json", list.json, "As a JSON list");
  verb.add_flag("-v,--verbose", list.verbose, "With titles, requirements and needs");
  refuse_empty_values(verb);
  verb.footer(
      "Examples:\n"
      "  packetwright list tcp/window                  ids, one a line\n"
      "  packetwright list --requirement 'RFC5961-*'   what tests this?\n"
      "  packetwright list --level must --json         for a program");
}

void add_fmt(CLI::App& app, FmtArguments& fmt) {
  CLI::App& verb = *app.add_subcommand("fmt", "Bring scripts into their canonical layout");
  verb.add_option("SCRIPT", fmt.paths, "Files or folders; - for standard input. Default: all");
  verb.add_flag("--check", fmt.check, "Change nothing; tell which files would change");
  verb.add_option("--conformance", fmt.conformance, "The conformance folder")
      ->type_name("DIR")
      ->envname("PACKETWRIGHT_CONFORMANCE");
  verb.footer(
      "Examples:\n"
      "  packetwright fmt my.pkt        rewrites it, comments kept\n"
      "  packetwright fmt --check       in CI: status 1 if a script would change\n"
      "  packetwright fmt - < my.pkt    prints it\n\n"
      "Exit status: 0 nothing to say, 1 --check found something, 2 an invalid script,\n"
      "3 a file could not be written.");
}

void add_lint(CLI::App& app, LintArguments& lint) {
  CLI::App& verb = *app.add_subcommand("lint", "Look for mistakes in scripts without running them");
  add_case_options(verb, lint.cases);
  verb.add_flag("--plain", lint.plain, "Report what packetdrill itself would not accept");
  refuse_empty_values(verb);
  verb.footer(
      "Examples:\n"
      "  packetwright lint my.pkt             unknown requirements, preludes and fields, no title\n"
      "  packetwright lint --plain my.pkt     and what is ours alone\n\n"
      "Exit status: 0 no remarks, 1 some, 2 usage.");
}

void add_conversation(CLI::App& verb, ConversationArguments& conversation) {
  verb.add_option("CAPTURE", conversation.capture, "A pcap or pcapng file")->required();
  verb.add_flag("--list", conversation.list, "Tell the conversations of the capture");
  verb.add_option("--conversation", conversation.number, "Which of them, by its number")
      ->type_name("N")
      ->check(CLI::Range(1u, 1000000000u));
  verb.add_option("--side", conversation.side,
                  "The end that is the stack under test: client, server, or its address.\n"
                  "Default: the host that captured, where the capture tells, else the server")
      ->type_name("END");
}

void add_import(CLI::App& app, ImportArguments& import) {
  CLI::App& verb =
      *app.add_subcommand("import", "Make a script of a recorded TCP, UDP or DNS conversation");
  add_conversation(verb, import.conversation);
  verb.add_option("--payload", import.payload, "The octets that were sent: keep, or length alone")
      ->type_name("HOW")
      ->check(CLI::IsMember({"keep", "length"}));
  verb.add_flag("--windows", import.windows, "Expect the windows that the stack announced, too");
  verb.add_option("-o,--output", import.output, "Where to write. Default: standard output")
      ->type_name("FILE");
  verb.footer("docs/captures.md tells what is inferred and what is made up.");
}

void add_replay(CLI::App& app, ReplayArguments& replay) {
  CLI::App& verb = *app.add_subcommand(
      "replay", "Play one side of a recorded conversation to a stack, and compare its answers");
  add_conversation(verb, replay.conversation);
  verb.add_option("--target", replay.target, "The stack under test (see: packetwright targets)")
      ->type_name("NAME")
      ->capture_default_str();
  verb.add_option("--seed", replay.seed, "Seed of everything that is drawn. Default: 0x7f3a")
      ->type_name("NUMBER");
  verb.add_flag("--strict", replay.strict,
                "Compare segment by segment, with windows, order of options and times");
  verb.add_flag("--slow", replay.slow, "Allow records of more than 2 s on real clocks");
  verb.add_flag_function(
      "-v,--verbose", [&replay](std::int64_t count) { replay.verbosity = static_cast<int>(count); },
      "Tell all that happened");
  verb.footer(
      "docs/captures.md tells what may differ without --strict.\n"
      "Exit status: 0 as recorded, 1 otherwise, 2 usage or not a capture,\n"
      "3 the target could not be used, 130 interrupted.");
}

void add_compare(CLI::App& app, CompareArguments& compare) {
  CLI::App& verb = *app.add_subcommand(
      "compare", "Run the same cases on several stacks, and tell where they differ");
  verb.add_option("TARGET", compare.targets,
                  "Targets (see: packetwright targets), or JSON documents of earlier runs")
      ->required()
      ->expected(2, 64);
  verb.add_option("--cases", compare.cases.paths, "Only these cases: ids, folders, globs")
      ->allow_extra_args(false)
      ->type_name("CASE")
      ->delimiter(',');
  verb.add_option("-k", compare.cases.keyword,
                  "Only cases whose id or title has these words: EXPR with and, or, not, ()")
      ->type_name("EXPR");
  verb.add_option("--conformance", compare.cases.conformance, "The conformance folder")
      ->type_name("DIR")
      ->envname("PACKETWRIGHT_CONFORMANCE");
  verb.add_option("--seed", compare.seed, "Seed of everything that is drawn. Default: 0x7f3a")
      ->type_name("NUMBER");
  verb.add_flag("--slow", compare.slow, "Run cases of more than 2 s of script time on real clocks");
  verb.add_option("--json", compare.json, "Write the matrix as JSON; - for standard output")
      ->type_name("FILE");
  verb.add_option("--markdown", compare.markdown,
                  "Write it as tables in Markdown; - for standard output")
      ->type_name("FILE");
  verb.add_option("--color", compare.colour, "Colours: auto, always, never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  verb.footer(
      "Differences first: runs that hold on one target and not on another.\n"
      "Exit status: 0 it was compared, 1 something ended in an error, 2 usage,\n"
      "3 a target could not be used, or an output not be written, 130 interrupted.");
}

void add_goodput(CLI::App& app, GoodputArguments& goodput) {
  CLI::App& verb = *app.add_subcommand(
      "goodput", "Measure what stacks make of simulated paths, in virtual time");
  verb.add_option("TARGET", goodput.targets,
                  "Targets in virtual time, each with knobs of its own if wanted:\n"
                  "reference, or 'reference[like=linux,tcp_sack=0]'")
      ->required()
      ->expected(1, 16);
  verb.add_option("--set", goodput.knobs, "A knob of all of them; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  verb.add_option("--rate", goodput.rates, "Of the bottleneck, in Mbit/s")
      ->delimiter(',')
      ->type_name("N,...")
      ->check(CLI::Range(1u, 10'000u))
      ->capture_default_str();
  verb.add_option("--round-trip", goodput.round_trips, "Without queues, in milliseconds")
      ->delimiter(',')
      ->type_name("N,...")
      ->check(CLI::Range(1u, 10'000u))
      ->capture_default_str();
  verb.add_option("--loss", goodput.losses, "Of frames with data, in percent")
      ->delimiter(',')
      ->type_name("N,...")
      ->capture_default_str();
  verb.add_option("--seconds", goodput.seconds,
                  "What a transfer takes if nothing but the rate counts")
      ->type_name("N")
      ->check(CLI::Range(1u, 3'600u))
      ->capture_default_str();
  verb.add_option("--seeds", goodput.seeds, "So many runs of each, of which the median counts")
      ->type_name("N")
      ->check(CLI::Range(1u, 1'000u))
      ->capture_default_str();
  verb.add_flag("--all", goodput.all, "Reordering and the loss of tails, too");
  verb.add_option("--json", goodput.json, "Write the figures as JSON; - for standard output")
      ->type_name("FILE");
  refuse_empty_values(verb);
  verb.footer(
      "The target sends, the reference stack receives, with a window larger than any path.\n"
      "docs/simulation.md tells more.\n"
      "Exit status: 0 it was measured, 1 a target failed, 2 usage,\n"
      "3 a target could not be used, or an output not be written, 130 interrupted.");
}

void add_fuzz(CLI::App& app, FuzzArguments& fuzz) {
  CLI::App& verb = *app.add_subcommand(
      "fuzz", "Look for traces of packets, calls and time in which a stack breaks a rule");
  verb.add_option("--target", fuzz.target, "The stack, in virtual time")
      ->type_name("TARGET")
      ->capture_default_str();
  verb.add_option("--set", fuzz.knobs, "A knob of the stack; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  CLI::Option* const time = verb.add_option("--time", fuzz.time, "How long to look")
                                ->type_name("30s|10m|2h")
                                ->capture_default_str();
  verb.add_option("--batches", fuzz.batches, "Look through so many batches of traces, however long")
      ->type_name("N")
      ->check(CLI::Range(1u, 1'000'000u))
      ->excludes(time);
  verb.add_option("-j,--jobs", fuzz.jobs, "Batches at a time. Default: one for each processor")
      ->type_name("N")
      ->check(CLI::Range(1u, 256u));
  verb.add_option("--seed", fuzz.seed, "Seed of everything that is drawn. Default: 0x7f3a");
  verb.add_option("-o,--output", fuzz.output, "A folder for what is found")->type_name("DIR");
  verb.add_option("--replay", fuzz.replay, "Play one trace, and tell what happens")
      ->type_name("FILE.trace")
      ->excludes(time);
  verb.add_option("--timeout", fuzz.timeout_s, "Wall time that one batch may take, in seconds")
      ->type_name("N")
      ->check(CLI::Range(1u, 86'400u))
      ->capture_default_str();
  refuse_empty_values(verb);
  verb.footer(
      "Examples:\n"
      "  packetwright fuzz --target lwip --time 10m -o found\n"
      "  packetwright fuzz --target lwip --replay found/acknowledges_nothing.trace\n\n"
      "docs/fuzzing.md tells which rules there are.\n"
      "Exit status: 0 no rule was broken, 1 one was, 2 usage,\n"
      "3 the target could not be used, or an output not be written, 130 interrupted.");
}

void add_faults(CLI::App& app, FaultsArguments& faults) {
  CLI::App& verb = *app.add_subcommand(
      "faults", "Run the suite against the reference stack with one planted fault after the other");
  verb.add_option("FAULT", faults.faults,
                  "Faults: names, areas (tcp.rto), globs. Default: all (see --list)");
  verb.add_option(
          "-k", faults.keyword,
          "Only faults whose name or description has these words: EXPR with and, or, not, ()")
      ->type_name("EXPR");
  verb.add_option("--cases", faults.cases.paths, "Only these cases: ids, folders, globs")
      ->allow_extra_args(false)
      ->type_name("CASE")
      ->delimiter(',');
  verb.add_option("--conformance", faults.cases.conformance, "The conformance folder")
      ->type_name("DIR")
      ->envname("PACKETWRIGHT_CONFORMANCE");
  verb.add_flag("--list", faults.list, "Tell which faults there are, and run nothing");
  verb.add_flag("--all", faults.all,
                "Run every case against every fault, and tell which case alone shows a fault and "
                "which show none");
  verb.add_option("--at-least", faults.at_least,
                  "Status 0 if so many percent of the faults are shown, whatever else survives")
      ->type_name("PERCENT")
      ->check(CLI::Range(0u, 100u));
  verb.add_option("--shard", faults.shard, "The I-th of N shares of the faults")->type_name("I/N");
  verb.add_option("-j,--jobs", faults.jobs, "Faults at a time. Default: as many as processors")
      ->type_name("N")
      ->check(CLI::Range(1u, 256u));
  verb.add_option("--timeout", faults.timeout_s, "Seconds after which a case hangs")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CLI::Range(1u, 86400u));
  verb.add_option("--seed", faults.seed, "Seed of everything that is drawn. Default: 0x7f3a")
      ->type_name("NUMBER");
  verb.add_option("--json", faults.json, "Write the results as JSON; - for standard output")
      ->type_name("FILE");
  verb.add_option("--markdown", faults.markdown,
                  "Write them as tables in Markdown; - for standard output")
      ->type_name("FILE");
  refuse_empty_values(verb);
  verb.footer(
      "Examples:\n"
      "  ./pw faults tcp.rto                  builds what is needed, and runs some\n"
      "  packetwright-faults faults --all --markdown faults.md\n"
      "  packetwright-faults run tcp/retransmission --target faulty:tcp.rto.not_doubled\n"
      "                                       what one fault looks like\n\n"
      "docs/faults.md tells more.\n"
      "Exit status: 0 each fault was shown, or is known not to show, 1 otherwise, 2 usage,\n"
      "3 there are no faults here, or an output could not be written, 130 interrupted.");
}

void add_sweep(CLI::App& app, SweepArguments& sweep) {
  CLI::App& verb = *app.add_subcommand(
      "sweep", "Try every state with every kind of segment and boundary value, by a model");
  verb.add_option("--target", sweep.target,
                  "The stack under test, in virtual time (see: packetwright targets)")
      ->type_name("NAME")
      ->capture_default_str();
  verb.add_option("--state", sweep.states,
                  "Only this state, or this prelude that leads to one; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME");
  verb.add_option("--kind", sweep.kinds,
                  "Only this kind of segment, 'RST,ACK' say; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FLAGS");
  verb.add_option("--deviations", sweep.deviations,
                  "In how many fields at once a segment may deviate from a normal one")
      ->type_name("N")
      ->check(CLI::Range(0u, 2u))
      ->capture_default_str();
  verb.add_option("--set", sweep.knobs, "A knob of the target; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  verb.add_option("--choices", sweep.choices,
                  "What the target does where the RFCs leave a choice.\n"
                  "Default: conformance/choices/TARGET.toml, if there is one")
      ->type_name("FILE");
  verb.add_option("--seed", sweep.seed, "Seed of everything that is drawn. Default: 0x7f3a")
      ->type_name("NUMBER");
  verb.add_option("-j,--jobs", sweep.jobs, "So many at a time. Default: one for each processor")
      ->type_name("N")
      ->check(CLI::Range(1u, 1'000u));
  verb.add_option("--conformance", sweep.conformance, "The conformance folder")
      ->type_name("DIR")
      ->envname("PACKETWRIGHT_CONFORMANCE");
  verb.add_option("-o,--output", sweep.output,
                  "Write the smallest script of each cell that deviates to this folder")
      ->type_name("DIR");
  verb.add_option("--json", sweep.json, "Write the table as JSON; - for standard output")
      ->type_name("FILE");
  verb.add_option("--markdown", sweep.markdown,
                  "Write it as tables in Markdown; - for standard output")
      ->type_name("FILE");
  verb.add_option("--color", sweep.colour, "Colours: auto, always, never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  refuse_empty_values(verb);
  verb.footer(
      "Examples:\n"
      "  packetwright sweep                                  everything, the reference stack\n"
      "  packetwright sweep --target lwip -o found           lwIP, and scripts that repeat it\n"
      "  packetwright sweep --state TIME-WAIT --kind SYN     one cell of the table\n\n"
      "docs/sweep.md tells what is tried and what the model is.\n"
      "Exit status: 0 all as the model says, 1 something deviates, 2 usage,\n"
      "3 the target could not be used, or an output not be written, 130 interrupted.");
}

void add_explain(CLI::App& app, ExplainArguments& explain) {
  CLI::App& verb = *app.add_subcommand(
      "explain", "Tell what a requirement is, which cases test it, and who fails them");
  verb.add_option("REQUIREMENT", explain.requirements, "Ids of the catalogue, or globs over ids")
      ->required();
  verb.add_option("--conformance", explain.conformance, "The conformance folder")
      ->type_name("DIR")
      ->envname("PACKETWRIGHT_CONFORMANCE");
  verb.add_flag("--json", explain.json, "As a JSON list");
  refuse_empty_values(verb);
  verb.footer(
      "Examples:\n"
      "  packetwright explain RFC9293-MUST-13\n"
      "  packetwright explain 'RFC5961-*'\n\n"
      "docs/rfc/coverage.md has all of them in tables.");
}

// Every option of the chosen verb and every verb, for suggestions.
std::vector<std::string> known_words(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* const verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!verb->parsed()) continue;
    for (const CLI::Option* const option : verb->get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  }
  if (words.empty()) {
    for (const CLI::App* const verb : app.get_subcommands([](const CLI::App*) { return true; })) {
      words.push_back(verb->get_name());
    }
  }
  return words;
}

std::string complaint(const CLI::App& app, const CLI::ParseError& error,
                      const std::vector<std::string>& words) {
  std::string what = error.what();
  // The library names all words it does not know; the first is the one to help with.
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    std::string unknown = app.remaining(true).empty() ? std::string{} : app.remaining(true).front();
    unknown = unknown.substr(0, unknown.find('='));
    const bool option = unknown.starts_with('-');
    what = (option ? "unknown option " : "unknown word ") + unknown +
           runner::did_you_mean(unknown, known_words(app));
  } else if (app.get_subcommands().empty() && !words.empty()) {
    const bool option = words.front().starts_with('-');
    what =
        (option ? "unknown option " : "unknown command ") + words.front() +
        runner::did_you_mean(words.front(), option ? std::vector<std::string>{"--help", "--version"}
                                                   : known_words(app));
  }
  std::string verb = "packetwright";
  if (!app.get_subcommands().empty()) verb += " " + app.get_subcommands().front()->get_name();
  return verb + ": " + what + "\nTry: " + verb + " --help\n";
}

}  // namespace

Result<Arguments, EarlyEnd> read_command_line(std::vector<std::string> words) {
  RunArguments run;
  ListArguments list;
  FmtArguments fmt;
  LintArguments lint;
  ImportArguments import;
  ReplayArguments replay;
  CompareArguments compare;
  GoodputArguments goodput;
  FuzzArguments fuzz;
  FaultsArguments faults;
  SweepArguments sweep;
  ExplainArguments explain;
  TargetsArguments targets;
  CLI::App app("Conformance tests for any TCP/IP stack", "packetwright");
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default(false);
  bool version = false;
  app.add_flag("--version", version, "Print the version");
  add_run(app, run);
  add_list(app, list);
  add_fmt(app, fmt);
  add_lint(app, lint);
  add_import(app, import);
  add_replay(app, replay);
  add_compare(app, compare);
  add_goodput(app, goodput);
  add_fuzz(app, fuzz);
  add_faults(app, faults);
  add_sweep(app, sweep);
  add_explain(app, explain);
  CLI::App& targets_verb = *app.add_subcommand(
      "targets", "List the stacks that can be tested here, and what is missing");
  targets_verb.add_flag("--json", targets.json, "As a JSON list");
  targets_verb
      .add_option("--check", targets.check,
                  "Try whether this target keeps to the contract (plugin:FILE.so, agent:COMMAND)")
      ->type_name("TARGET")
      ->excludes("--json");
  // Read elsewhere, in packetdrill's own way; here it is only listed.
  app.add_subcommand("packetdrill", "Run scripts as packetdrill does: same options, same status");
  app.add_subcommand("version", "Print the version, the commit and the compiler");
  app.footer(
      "Start with:\n"
      "  packetwright run                      the whole suite against the reference stack\n"
      "  packetwright run tcp --target linux   the TCP cases against the running kernel\n"
      "  packetwright list -k 'rst and not syn'\n"
      "  packetwright packetdrill SCRIPT.pkt   a script of packetdrill's, as packetdrill runs it");

  if (words.empty()) return Err{EarlyEnd{ExitCode::ok, app.help()}};
  if (words.size() == 1 && words.front() == "--version") return Arguments{VersionArguments{}};
  try {
    // The library takes the words last first.
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    return Err{
        EarlyEnd{ExitCode::ok, chosen.empty() ? app.help() : chosen.front()->help(app.get_name())}};
  } catch (const CLI::ParseError& error) {
    return Err{EarlyEnd{ExitCode::usage, complaint(app, error, words)}};
  }
  if (app.got_subcommand("run")) return Arguments{std::move(run)};
  if (app.got_subcommand("list")) return Arguments{std::move(list)};
  if (app.got_subcommand("fmt")) return Arguments{std::move(fmt)};
  if (app.got_subcommand("lint")) return Arguments{std::move(lint)};
  if (app.got_subcommand("import")) return Arguments{std::move(import)};
  if (app.got_subcommand("replay")) return Arguments{std::move(replay)};
  if (app.got_subcommand("compare")) return Arguments{std::move(compare)};
  if (app.got_subcommand("goodput")) return Arguments{std::move(goodput)};
  if (app.got_subcommand("fuzz")) return Arguments{std::move(fuzz)};
  if (app.got_subcommand("faults")) return Arguments{std::move(faults)};
  if (app.got_subcommand("sweep")) return Arguments{std::move(sweep)};
  if (app.got_subcommand("explain")) return Arguments{std::move(explain)};
  if (app.got_subcommand("targets")) return Arguments{targets};
  return Arguments{VersionArguments{}};
}

}  // namespace packetwright::cli
