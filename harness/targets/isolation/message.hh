// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stack/base/bytes.hh"

namespace packetwright::isolation {

// What a worker says to the process that made it. Orders in the other direction are bare job
// numbers.
struct Message {
  enum class Kind : std::uint32_t {
    ready,        // init succeeded
    init_failed,  // `output` says why
    done,         // a job's work returned
    retiring,     // it wants to be replaced; it takes no more jobs
  };
  Kind kind = Kind::ready;
  std::uint32_t line = 0;
  std::uint64_t job = 0;
  std::int64_t wall_us = 0;
  Buffer result;
  std::string output;
};

// Appends the message to `out`.
void encode(const Message& message, Buffer& out);
// Takes the first message off `in`; nullopt: it is not all there yet. Both ends are one program on
// one machine, so nothing is checked.
[[nodiscard]] std::optional<Message> decode(Buffer& in);

}  // namespace packetwright::isolation
