// SPDX-License-Identifier: Apache-2.0

// Any octets of an agent are an answer to so many operations or an error with its place, nothing is
// read beyond them, and what an answer holds lies inside it.

#include <cstddef>
#include <cstdint>
#include <variant>

#include "harness/targets/agent/message.hh"
#include "stack/base/assert.hh"

using namespace packetwright;

namespace {

void read_every_way(Bytes more) {
  if (const auto hello = agent::read_hello(more)) {
    PW_ASSERT(hello->name.find('\0') == std::string::npos);
    PW_ASSERT(hello->name.size() + hello->stack_version.size() + hello->capabilities.size() <
              more.size());
  }
  if (const auto status = agent::read_tcp_status(more)) {
    PW_ASSERT(status->counters.size() * 10 + 3 <= more.size());
  }
  if (const auto addresses = agent::read_addresses(more)) {
    PW_ASSERT(addresses->size() * 17 == more.size());
  }
}

}  // namespace

// The first octet says how many operations there were.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t operations = data[0];
  const Buffer message(data + 1, data + size);  // of exactly its size
  const auto events = agent::decode_answer(message, operations);
  if (!events) {
    PW_ASSERT(!events.error().empty());
    return 0;
  }
  std::size_t results = 0, octets = 0;
  for (const agent::Event& event : *events) {
    octets += 5;
    if (const auto* frame = std::get_if<agent::FrameSent>(&event))
      octets += 8 + frame->octets.size();
    if (const auto* line = std::get_if<agent::LogLine>(&event)) octets += line->text.size();
    if (std::holds_alternative<agent::Clock>(event)) octets += 16;
    if (const auto* result = std::get_if<agent::OperationResult>(&event)) {
      octets += 8 + result->more.size();
      ++results;
      read_every_way(result->more);
    }
  }
  PW_ASSERT(results == operations);
  PW_ASSERT(octets == message.size());
  return 0;
}
