// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/outcome.hh"

#include <algorithm>

namespace packetwright::engine {
namespace {

// Without the time in front: `+0.000 > . ack 1` is `> . ack 1`.
std::string_view without_time(std::string_view text) {
  // A frame that came too early has a time with a minus.
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const bool timed = text.starts_with('+') || text.starts_with('*') ||
                     (text.size() > sign && text[sign] >= '0' && text[sign] <= '9');
  if (!timed) return text;
  const std::size_t space = text.find(' ');
  return space == std::string_view::npos ? text : text.substr(space + 1);
}

}  // namespace

std::string symptom_of(const Mismatch& mismatch) {
  std::string symptom = "expected ";
  symptom += without_time(mismatch.expected);
  symptom += ", got ";
  symptom += without_time(mismatch.actual);
  return symptom;
}

bool may_differ_only_in_time(const Outcome& outcome) noexcept {
  const auto only_time = [](const Mismatch& mismatch) {
    if (mismatch.fields.size() != 1) return false;
    const std::string& name = mismatch.fields.front().name;
    return name == "time" || name == kCodeField;
  };
  return outcome.status == Status::failed && !outcome.mismatches.empty() &&
         std::all_of(outcome.mismatches.begin(), outcome.mismatches.end(), only_time);
}

std::string prelude_of(const script::Script& script, const script::Location& where) {
  return where.file == 0 || where.line == 0 ? std::string() : std::string(script.file_of(where));
}

std::string_view name_of(Status status) noexcept {
  switch (status) {
    case Status::passed: return "passed";
    case Status::failed: return "failed";
    case Status::unsupported: return "unsupported";
    case Status::died: return "died";
    case Status::error: return "error";
  }
  return "?";
}

std::string_view name_of(Fault fault) noexcept {
  switch (fault) {
    case Fault::none: return "none";
    case Fault::script: return "script";
    case Fault::target: return "target";
  }
  return "?";
}

std::string_view name_of(Alive alive) noexcept {
  switch (alive) {
    case Alive::not_checked: return "not_checked";
    case Alive::yes: return "yes";
    case Alive::no: return "no";
  }
  return "?";
}

}  // namespace packetwright::engine
