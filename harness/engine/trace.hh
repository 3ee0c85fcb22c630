// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/engine/engine.hh"
#include "harness/script/tree.hh"

namespace packetwright::engine {

// Keeps the history of a run and its fingerprint, and tells the observer.
class Trace {
 public:
  Trace(const script::Script& script, Outcome& outcome, Observer* observer) noexcept
      : script_(script), outcome_(outcome), observer_(observer) {}

  void begin_event(const script::Location& where);
  void waits(bool waits) {
    if (observer_ != nullptr) observer_->on_wait(waits);
  }
  // Where the event stands that is being run.
  [[nodiscard]] const script::Location& where() const noexcept { return where_; }

  // `kind` is frame_in or frame_out. The index stays good for describe().
  std::size_t frame(HistoryEntry::Kind kind, Instant at, const script::Location& where,
                    Bytes octets, bool ethernet, std::string text);
  void call(Instant at, const script::Location& where, std::string text);
  void note(Instant at, std::string text);
  // A frame is better understood once it was matched.
  void describe(std::size_t index, const script::Location& where, std::string text);

  // FNV-1a over what happened, when, and how it ended. Equal runs have equal hashes; it is no
  // secret and no proof.
  [[nodiscard]] std::uint64_t finish();

 private:
  void mix(std::uint64_t value) noexcept;
  void mix(Bytes octets) noexcept;
  void place(HistoryEntry& entry, const script::Location& where) const;
  void add(HistoryEntry entry);

  const script::Script& script_;
  Outcome& outcome_;
  Observer* observer_;
  script::Location where_;
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace packetwright::engine
