// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/engine/engine.hh"

namespace packetwright::engine {

// Keeps the history of a run and its fingerprint, and tells the observer.
class Trace {
 public:
  Trace(Outcome& outcome, Observer* observer) noexcept : outcome_(outcome), observer_(observer) {}

  void begin_event(std::uint32_t line);
  // The line of the event that is being run.
  [[nodiscard]] std::uint32_t line() const noexcept { return line_; }

  // `kind` is frame_in or frame_out. The index stays good for describe().
  std::size_t frame(HistoryEntry::Kind kind, Instant at, std::uint32_t line, Bytes octets,
                    bool ethernet, std::string text);
  void call(Instant at, std::uint32_t line, std::string text);
  void note(Instant at, std::string text);
  // A frame is better understood once it was matched.
  void describe(std::size_t index, std::uint32_t line, std::string text);

  // FNV-1a over what happened, when, and how it ended. Equal runs have equal hashes; it is no
  // secret and no proof.
  [[nodiscard]] std::uint64_t finish();

 private:
  void mix(std::uint64_t value) noexcept;
  void mix(Bytes octets) noexcept;
  void add(HistoryEntry entry);

  Outcome& outcome_;
  Observer* observer_;
  std::uint32_t line_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace packetwright::engine
