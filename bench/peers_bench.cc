// SPDX-License-Identifier: Apache-2.0

// The reference stack beside other stacks, in one loop: how many connections a second live and die,
// and how fast text gets from one instance to another. Which others there are, CMake said.

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/peers/host.hh"
#include "bench/peers/wire.hh"

namespace {

using namespace packetwright;

constexpr std::size_t kTransfer = 16 * 1024 * 1024;

void life(benchmark::State& state, const peers::Kind& kind) {
  peers::Wire wire{kind};
  for (auto _ : state) wire.life();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void bulk(benchmark::State& state, const peers::Kind& kind) {
  peers::Wire wire{kind};
  wire.open();
  for (auto _ : state) wire.transfer(kTransfer);
  wire.close();
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kTransfer));
}

// The usual lines, and at the end how ours compares with each of the others: medians of all
// repetitions.
class WithRatios final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      times_[run.run_name.function_name].push_back(run.GetAdjustedCPUTime());
    }
  }
  void Finalize() override {
    ConsoleReporter::Finalize();
    for (auto& [name, times] : times_) {
      const std::size_t slash = name.find('/');
      const std::string ours = name.substr(0, slash + 1) + peers::kinds().front().name;
      if (slash == std::string::npos || name == ours || !times_.contains(ours)) continue;
      GetOutputStream() << name.substr(0, slash) << ": packetwright is " << Ratio(times, ours)
                        << " times as fast as " << name.substr(slash + 1) << '\n';
    }
  }

 private:
  static double Median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
  std::string Ratio(const std::vector<double>& theirs, const std::string& ours) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", Median(theirs) / Median(times_[ours]));
    return text;
  }

  std::map<std::string, std::vector<double>> times_;
};

}  // namespace

int main(int argc, char** argv) {
  for (const peers::Kind& kind : peers::kinds()) {
    benchmark::RegisterBenchmark(("life/" + kind.name).c_str(), life, kind);
    benchmark::RegisterBenchmark(("bulk/" + kind.name).c_str(), bulk, kind)
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  WithRatios reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
}
