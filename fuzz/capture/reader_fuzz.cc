// SPDX-License-Identifier: Apache-2.0

// Any octets give packets or an error, and no packet has an octet that the file has not; whatever
// conversations are in them give a script that is read back in the same layout, from either end,
// or a reason why there is none.

#include <cstddef>
#include <cstdint>

#include "harness/capture/reader.hh"
#include "harness/import/import.hh"
#include "harness/script/parser.hh"
#include "harness/script/printer.hh"
#include "stack/base/assert.hh"

using namespace packetwright;

namespace {

void check_script(const import::Conversation& conversation, import::Side side,
                  import::Payload payload) {
  import::ImportOptions options;
  options.side = side;
  options.payload = payload;
  options.windows = payload == import::Payload::keep;
  const auto imported = import::import(conversation, options);
  if (!imported) {
    PW_ASSERT(!imported.error().empty());
    return;
  }
  const script::ParseResult parsed = script::parse({"input", imported->text});
  PW_ASSERT(parsed.ok());
  PW_ASSERT(parsed.script.events.size() == imported->frames.size());
  PW_ASSERT(script::print(parsed.script) == imported->text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes file{data, size};
  const auto read = capture::read_all(file);
  if (!read) return 0;
  std::size_t kept = 0;
  for (const capture::Packet& packet : read->packets) {
    PW_ASSERT(packet.interface < read->interfaces.size());
    kept += packet.octets.size();
  }
  PW_ASSERT(kept <= size);
  const auto recording = import::read_recording(file);
  PW_ASSERT(recording.ok());
  for (const import::Conversation& conversation : recording->conversations) {
    PW_ASSERT(!import::summary_of(conversation).empty());
    check_script(conversation, import::Side::client, import::Payload::keep);
    check_script(conversation, import::Side::server, import::Payload::length);
  }
  return 0;
}
