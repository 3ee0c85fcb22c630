// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/trace/oracle.hh"
#include "harness/trace/player.hh"
#include "harness/trace/trace.hh"

// The search for traces in which a stack breaks a rule, in batches that know nothing of one
// another: what one finds depends on its seed and on the stack alone, not on how many run at a
// time.
namespace packetwright::trace {

struct Batch {
  std::map<std::string, std::string> knobs = {};  // of the stack
  std::uint64_t seed = 1;
  std::size_t traces = 1'000;
  // Plays so many, and says which would have been next: the one in which a stack died.
  std::optional<std::size_t> until = std::nullopt;
};

struct Found {
  Finding finding;
  Trace trace;
};

struct BatchOutcome {
  std::size_t played = 0;
  Reached reached;
  std::vector<Found> found;   // the first of each rule
  std::optional<Trace> next;  // if Batch::until asks for it
};

// Begins with lives that a connection may have, and keeps every trace that reaches something new,
// to change it further. `on_trace` is told the number of each before it is played, from 1. An
// error: the target could not be reset.
[[nodiscard]] Result<BatchOutcome, std::string> run_batch(
    targets::Target& target, const Batch& batch,
    const std::function<void(std::uint32_t)>& on_trace);

}  // namespace packetwright::trace
