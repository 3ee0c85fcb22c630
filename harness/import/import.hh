// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/import/conversation.hh"
#include "harness/script/tree.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

// Turns a recorded conversation into a script: one end is the stack under test, the other the
// scripted peer. The result depends on the capture and the options alone.
namespace packetwright::import {

// The conversations of a capture, and what stands in it besides.
struct Recording {
  std::vector<Conversation> conversations;
  std::vector<std::string> remarks;  // on frames that are in no conversation, and on damage
};

// An error: not a capture at all.
[[nodiscard]] Result<Recording, std::string> read_recording(Bytes capture);

enum class Side : std::uint8_t { client, server };
enum class Payload : std::uint8_t {
  keep,    // octets as they were, as text where they can be read
  length,  // only how many
};

struct ImportOptions {
  Side side = Side::server;  // which end is the stack under test
  Payload payload = Payload::keep;
  bool windows = false;      // expect the windows that the stack announced
  std::string capture_name;  // for the title of the script
};

struct Imported {
  std::string text;                   // in the canonical layout
  std::vector<std::uint32_t> frames;  // of each event: the frame that it comes of
  std::vector<std::string> remarks;   // what is not as it was recorded; they stand in the text too
};

// An error says why there is no script: what was not captured and cannot be made up, or a script
// that would be larger than one may be.
[[nodiscard]] Result<Imported, std::string> import(const Conversation& conversation,
                                                   const ImportOptions& options);

// The side that the words of a user mean: "client", "server", or the address of an end, with a port
// where both ends have the same. Empty: the host on which the capture was made, else the server.
[[nodiscard]] Result<Side, std::string> side_from(std::string_view text,
                                                  const Conversation& conversation);

}  // namespace packetwright::import
