// SPDX-License-Identifier: Apache-2.0
#include "harness/import/import.hh"

#include <iostream>

#include "harness/cli/disk.hh"
#include "harness/cli/recording_source.hh"
#include "harness/cli/verbs.hh"

namespace packetwright::cli {

VerbResult import(const ImportArguments& arguments) {
  const auto chosen = choose_conversation(arguments.conversation);
  if (!chosen) return Err{chosen.error()};
  import::ImportOptions options;
  options.side = chosen->side;
  options.payload = arguments.payload == "length" ? import::Payload::length : import::Payload::keep;
  options.windows = arguments.windows;
  options.capture_name = chosen->capture_name;
  const auto imported = import::import(chosen->conversation, options);
  if (!imported) {
    std::cerr << "packetwright: " << arguments.conversation.capture << ": " << imported.error()
              << '\n';
    return ExitCode::fell_short;
  }
  for (const std::string& remark : imported->remarks) {
    std::cerr << "packetwright: " << remark << '\n';
  }
  if (arguments.output.empty()) {
    std::cout << imported->text;
    return ExitCode::ok;
  }
  if (const auto written = write_file(arguments.output, imported->text); !written) {
    std::cerr << "packetwright: " << arguments.output << ": " << written.error() << '\n';
    return ExitCode::environment;
  }
  return ExitCode::ok;
}

}  // namespace packetwright::cli
