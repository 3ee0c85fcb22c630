// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/command.hh"

#include <csignal>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "harness/cli/command_line.hh"
#include "harness/cli/packetdrill.hh"
#include "harness/cli/verbs.hh"

namespace packetwright::cli {
namespace {

struct Dispatch {
  VerbResult operator()(const RunArguments& arguments) const { return run(arguments); }
  VerbResult operator()(const ListArguments& arguments) const { return list(arguments); }
  VerbResult operator()(const FmtArguments& arguments) const { return fmt(arguments); }
  VerbResult operator()(const LintArguments& arguments) const { return lint(arguments); }
  VerbResult operator()(const ImportArguments& arguments) const { return import(arguments); }
  VerbResult operator()(const ReplayArguments& arguments) const { return replay(arguments); }
  VerbResult operator()(const CompareArguments& arguments) const { return compare(arguments); }
  VerbResult operator()(const GoodputArguments& arguments) const { return goodput(arguments); }
  VerbResult operator()(const FuzzArguments& arguments) const { return fuzz(arguments); }
  VerbResult operator()(const FaultsArguments& arguments) const { return faults(arguments, table); }
  VerbResult operator()(const SweepArguments& arguments) const { return sweep(arguments); }
  VerbResult operator()(const ExplainArguments& arguments) const { return explain(arguments); }
  VerbResult operator()(const TargetsArguments& arguments) const { return targets(arguments); }
  VerbResult operator()(const VersionArguments& arguments) const { return version(arguments); }

  std::span<const faulty::Fault> table;
};

// The next file that is opened would be given the number of a standard descriptor that the caller
// closed, and what is meant for a person would land in it. So the numbers are taken, by what cannot
// be read or written: whoever tries is told.
void occupy_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

ExitCode tell(const EarlyEnd& end) {
  (end.code == ExitCode::ok ? std::cout : std::cerr) << end.text;
  return end.code;
}

ExitCode act(std::vector<std::string> words, std::span<const faulty::Fault> faults) {
  // As with git and cargo, `help run` is `run --help`.
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  if (!words.empty() && words.front() == "packetdrill") {
    const auto arguments = read_packetdrill_words({words.begin() + 1, words.end()});
    return arguments ? packetdrill(*arguments) : tell(arguments.error());
  }
  const auto arguments = read_command_line(words);
  if (!arguments) return tell(arguments.error());
  const VerbResult ended = std::visit(Dispatch{faults}, *arguments);
  return ended ? *ended : tell(ended.error());
}

}  // namespace

int command(int argc, char** argv, std::span<const faulty::Fault> faults) {
  occupy_standard_descriptors();
  // A limit on the size of files (ulimit -f) is an error of the write, not the end of the run.
  std::signal(SIGXFSZ, SIG_IGN);
  std::ios::sync_with_stdio(false);
  ExitCode code = ExitCode::environment;
  try {
    code = act(std::vector<std::string>(argv + 1, argv + argc), faults);
  } catch (const std::bad_alloc&) {
    std::cerr << "packetwright: out of memory\n";
  } catch (const std::exception& error) {
    std::cerr << "packetwright: internal error: " << error.what() << '\n';
  }
  // What was printed may not have arrived: a full disk behind a redirection, say.
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "packetwright: cannot write to standard output\n";
    if (code == ExitCode::ok || code == ExitCode::fell_short) code = ExitCode::environment;
  }
  return static_cast<int>(code);
}

}  // namespace packetwright::cli
