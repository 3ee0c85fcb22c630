// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/cli/command_line.hh"
#include "harness/cli/exit_code.hh"
#include "stack/base/result.hh"

// `packetwright packetdrill`: the words, the silence and the exit status of packetdrill.
namespace packetwright::cli {

struct PacketdrillArguments {
  std::vector<std::pair<std::string, std::string>> options;  // by name, in their order
  std::map<std::string, std::string> defines;
  std::vector<std::string> paths;
  std::string so_filename, so_flags;
  bool dry_run = false, verbose = false;
  std::vector<std::string> words;  // all of them, for the line that repeats a failure
};

// Reads the words behind `packetdrill`.
[[nodiscard]] Result<PacketdrillArguments, EarlyEnd> read_packetdrill_words(
    std::vector<std::string> words);

// Runs the scripts in their order until one does not hold: 0 all of them do, else 1.
[[nodiscard]] ExitCode packetdrill(const PacketdrillArguments& arguments);

}  // namespace packetwright::cli
