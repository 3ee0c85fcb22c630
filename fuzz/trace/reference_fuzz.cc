// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "harness/targets/reference/reference_target.hh"
#include "harness/trace/codec.hh"
#include "harness/trace/mutate.hh"
#include "harness/trace/player.hh"
#include "stack/base/siphash.hh"

// Traces against the reference stack: no rule of the oracles is broken, and the same trace is the
// same run.
using namespace packetwright;

namespace {

// Which states met which events counts as coverage, as edges do.
[[gnu::section("__libfuzzer_extra_counters")]] std::uint8_t reached[trace::Reached{}.size()];

trace::Outcome play(const trace::Trace& trace) {
  static reference::ReferenceTarget target;
  return trace::Player{target}.play(trace, {.keep_reached = true}).value();
}

std::size_t store(const trace::Trace& trace, std::uint8_t* data, std::size_t limit) {
  const Buffer octets = trace::encode(trace);
  // Events that do not fit are left out.
  const std::size_t size = std::min(octets.size(), limit);
  std::copy_n(octets.begin(), size, data);
  return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input{data, size};
  const trace::Trace trace = trace::decode(input);
  const trace::Outcome outcome = play(trace);
  for (std::size_t i = 0; i < outcome.reached.size(); ++i) reached[i] = outcome.reached.test(i);
  for (const trace::Finding& one : outcome.findings) {
    std::fprintf(stderr, "%s: %s\n", trace::name_of(one.rule).data(), one.what.c_str());
  }
  if (!outcome.findings.empty()) std::abort();
  // One of eight runs twice: all of a campaign's inputs would cost half its speed.
  if (siphash24({}, input) % 8 == 0 && play(trace).hash != outcome.hash) {
    std::fputs("a repeat differs\n", stderr);
    std::abort();
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t limit, unsigned int seed) {
  trace::Trace trace = trace::decode({data, size});
  Rng rng{seed};
  trace::mutate(trace, rng);
  return store(trace, data, limit);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size,
                                                 std::uint8_t* out, std::size_t limit,
                                                 unsigned int seed) {
  Rng rng{seed};
  return store(
      trace::cross(trace::decode({one, one_size}), trace::decode({other, other_size}), rng), out,
      limit);
}
