// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/cli/command_line.hh"
#include "harness/import/import.hh"
#include "stack/base/result.hh"

namespace packetwright::cli {

// The conversation that the user chose.
struct ChosenConversation {
  import::Conversation conversation;
  import::Side side = import::Side::server;
  std::string capture_name;  // without folders
};

// Reads the capture and finds the conversation; what is left out of it is told on standard error.
// An end of the command: there is no such conversation, several and none was chosen, or only the
// list was asked for.
[[nodiscard]] Result<ChosenConversation, EarlyEnd> choose_conversation(
    const ConversationArguments& arguments);

}  // namespace packetwright::cli
