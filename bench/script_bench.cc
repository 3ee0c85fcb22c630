// SPDX-License-Identifier: Apache-2.0

// How fast scripts are read: a case of ours, its expansion with a prelude, and each script of a
// checkout of google/packetdrill if PACKETDRILL_CHECKOUT names one. The aim is less than a
// millisecond for a script.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "harness/script/expand.hh"
#include "harness/script/parser.hh"
#include "harness/script/printer.hh"

namespace {

using namespace packetwright;
using namespace packetwright::script;
namespace fs = std::filesystem;

constexpr const char* kCase = R"(// Segments are as long as the MSS option of the peer allows.
//: cites RFC9293-MUST-16
for $mss in 536, 1000, 1460
use established with $mss=${mss}

+0     setsockopt(4, IPPROTO_TCP, TCP_NODELAY, [1], 4) = 0
+0     write(4, ..., ${2*mss}) = ${2*mss}
+0     > . 1:${1+mss}(${mss}) ack 1
+0     > P. ${1+mss}:${1+2*mss}(${mss}) ack 1
+0     < . 1:1(0) ack ${1+2*mss} win 65535
+0     = state(4) ESTABLISHED
)";
constexpr const char* kPrelude = R"(default $mss = 1460
default $win = 65535
+0     socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0     bind(3, ..., ...) = 0
+0     listen(3, 10) = 0
+0     < S 0:0(0) win ${win} <mss ${mss}>
+0     > S. 0:0(0) ack 1 <...>
+0     < . 1:1(0) ack 1 win ${win}
+0     accept(3, ..., ...) = 4
)";

void parse_case(benchmark::State& state) {
  const Source source{"case.pkt", kCase};
  for (auto _ : state) benchmark::DoNotOptimize(parse(source));
}
BENCHMARK(parse_case);

void expand_case(benchmark::State& state) {
  const Script script = parse({"case.pkt", kCase}).script;
  const auto values = combinations(script).front().values;
  const PreludeLoader loader = [](std::string_view) -> Result<Source, std::string> {
    return Source{"established.pkt", kPrelude};
  };
  for (auto _ : state) benchmark::DoNotOptimize(expand(script, values, loader));
}
BENCHMARK(expand_case);

void print_case(benchmark::State& state) {
  const Script script = parse({"case.pkt", kCase}).script;
  for (auto _ : state) benchmark::DoNotOptimize(print(script));
}
BENCHMARK(print_case);

std::vector<Source> packetdrill_scripts() {
  std::vector<Source> scripts;
  const char* root = std::getenv("PACKETDRILL_CHECKOUT");
  if (root == nullptr) return scripts;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".pkt") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    scripts.push_back({entry.path().string(), text.str()});
  }
  return scripts;
}

// One iteration reads them all; `per_script` is what one of them takes.
void parse_packetdrill(benchmark::State& state) {
  const std::vector<Source> scripts = packetdrill_scripts();
  if (scripts.empty()) {
    state.SkipWithError("PACKETDRILL_CHECKOUT names no checkout");
    return;
  }
  for (auto _ : state) {
    for (const Source& source : scripts) benchmark::DoNotOptimize(parse(source));
  }
  state.counters["per_script"] = benchmark::Counter(
      static_cast<double>(scripts.size()),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(parse_packetdrill)->Unit(benchmark::kMillisecond);

}  // namespace
