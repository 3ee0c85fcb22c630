// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/trace.hh"

#include <utility>

namespace packetwright::engine {

void Trace::begin_event(const script::Location& where) {
  where_ = where;
  if (observer_ != nullptr) observer_->on_event(where);
}

void Trace::mix(std::uint64_t value) noexcept {
  for (int i = 0; i < 8; ++i) {
    hash_ = (hash_ ^ ((value >> (8 * i)) & 0xff)) * 0x100000001b3;
  }
}

void Trace::mix(Bytes octets) noexcept {
  mix(octets.size());
  for (const std::uint8_t octet : octets) hash_ = (hash_ ^ octet) * 0x100000001b3;
}

void Trace::place(HistoryEntry& entry, const script::Location& where) const {
  entry.line = where.line;
  entry.prelude = prelude_of(script_, where);
}

void Trace::add(HistoryEntry entry) {
  mix(static_cast<std::uint64_t>(entry.kind));
  mix(static_cast<std::uint64_t>(nanos(entry.at)));
  mix(entry.octets);
  if (entry.kind == HistoryEntry::Kind::call) {
    // A frame's text is only a way to show its octets; a call's text is its result.
    mix(Bytes{reinterpret_cast<const std::uint8_t*>(entry.text.data()), entry.text.size()});
  }
  outcome_.history.push_back(std::move(entry));
  if (observer_ != nullptr) observer_->on_entry(outcome_.history.back());
}

std::size_t Trace::frame(HistoryEntry::Kind kind, Instant at, const script::Location& where,
                         Bytes octets, bool ethernet, std::string text) {
  HistoryEntry entry;
  entry.kind = kind;
  entry.at = at;
  place(entry, where);
  entry.text = std::move(text);
  entry.octets.assign(octets.begin(), octets.end());
  entry.ethernet = ethernet;
  if (kind == HistoryEntry::Kind::frame_in) {
    ++outcome_.frames_in;
  } else {
    ++outcome_.frames_out;
  }
  add(std::move(entry));
  return outcome_.history.size() - 1;
}

void Trace::call(Instant at, const script::Location& where, std::string text) {
  HistoryEntry entry;
  entry.kind = HistoryEntry::Kind::call;
  entry.at = at;
  place(entry, where);
  entry.text = std::move(text);
  add(std::move(entry));
}

void Trace::note(Instant at, std::string text) {
  HistoryEntry entry;
  entry.at = at;
  place(entry, where_);
  entry.text = std::move(text);
  add(std::move(entry));
}

void Trace::describe(std::size_t index, const script::Location& where, std::string text) {
  place(outcome_.history[index], where);
  outcome_.history[index].text = std::move(text);
}

std::uint64_t Trace::finish() {
  mix(static_cast<std::uint64_t>(outcome_.status));
  return hash_;
}

}  // namespace packetwright::engine
