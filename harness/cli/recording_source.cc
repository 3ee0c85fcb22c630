// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/recording_source.hh"

#include <filesystem>
#include <iostream>
#include <utility>

#include "harness/cli/disk.hh"

namespace packetwright::cli {
namespace {

constexpr std::size_t kMaxCapture = std::size_t{256} << 20;

std::string list_of(const import::Recording& recording) {
  std::string out;
  for (std::size_t i = 0; i < recording.conversations.size(); ++i) {
    out += std::to_string(i + 1) + "  " + import::summary_of(recording.conversations[i]) + "\n";
  }
  return out;
}

}  // namespace

Result<ChosenConversation, EarlyEnd> choose_conversation(const ConversationArguments& arguments) {
  const auto octets = read_file(arguments.capture, kMaxCapture);
  if (!octets) return Err{usage(arguments.capture + ": " + octets.error())};
  const Bytes capture{reinterpret_cast<const std::uint8_t*>(octets->data()), octets->size()};
  auto recording = import::read_recording(capture);
  if (!recording) return Err{usage(arguments.capture + ": " + recording.error())};
  for (const std::string& remark : recording->remarks) {
    std::cerr << "packetwright: " << arguments.capture << ": " << remark << '\n';
  }
  const std::size_t count = recording->conversations.size();
  if (arguments.list) return Err{EarlyEnd{ExitCode::ok, list_of(*recording)}};
  if (count == 0) return Err{usage(arguments.capture + ": no TCP or UDP conversation in it")};
  if (arguments.number == 0 && count > 1) {
    return Err{usage(arguments.capture + ": " + std::to_string(count) +
                     " conversations; choose one with --conversation N:\n" + list_of(*recording))};
  }
  if (arguments.number > count) {
    return Err{usage("--conversation " + std::to_string(arguments.number) + ": there are " +
                     std::to_string(count) + " conversations")};
  }
  ChosenConversation chosen;
  chosen.conversation =
      std::move(recording->conversations[arguments.number == 0 ? 0 : arguments.number - 1]);
  const auto side = import::side_from(arguments.side, chosen.conversation);
  if (!side) return Err{usage("--side " + arguments.side + ": " + side.error())};
  chosen.side = *side;
  chosen.capture_name = std::filesystem::path(arguments.capture).filename().string();
  return chosen;
}

}  // namespace packetwright::cli
