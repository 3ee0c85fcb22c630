// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "harness/cli/command_line.hh"
#include "harness/cli/packetdrill.hh"
#include "harness/cli/verbs.hh"

namespace packetwright::cli {
namespace {

struct Dispatch {
  ExitCode operator()(const RunArguments& arguments) const { return run(arguments); }
  ExitCode operator()(const ListArguments& arguments) const { return list(arguments); }
  ExitCode operator()(const FmtArguments& arguments) const { return fmt(arguments); }
  ExitCode operator()(const LintArguments& arguments) const { return lint(arguments); }
  ExitCode operator()(const TargetsArguments& arguments) const { return targets(arguments); }
  ExitCode operator()(const VersionArguments& arguments) const { return version(arguments); }
};

ExitCode tell(const EarlyEnd& end) {
  (end.code == ExitCode::ok ? std::cout : std::cerr) << end.text;
  return end.code;
}

ExitCode act(const std::vector<std::string>& words) {
  if (!words.empty() && words.front() == "packetdrill") {
    const auto arguments = read_packetdrill_words({words.begin() + 1, words.end()});
    return arguments ? packetdrill(*arguments) : tell(arguments.error());
  }
  const auto arguments = read_command_line(words);
  if (arguments) return std::visit(Dispatch{}, *arguments);
  return tell(arguments.error());
}

}  // namespace
}  // namespace packetwright::cli

int main(int argc, char** argv) {
  using packetwright::cli::ExitCode;
  std::ios::sync_with_stdio(false);
  ExitCode code = packetwright::cli::act(std::vector<std::string>(argv + 1, argv + argc));
  // What was printed may not have arrived: a full disk behind a redirection, say.
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "packetwright: cannot write to standard output\n";
    if (code == ExitCode::ok || code == ExitCode::fell_short) code = ExitCode::environment;
  }
  return static_cast<int>(code);
}
