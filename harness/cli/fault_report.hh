// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/fault_survey.hh"
#include "harness/report/document.hh"
#include "harness/runner/plan.hh"

namespace packetwright::cli {

// The faults of one area: the name up to its last dot.
struct AreaCount {
  std::size_t faults = 0, killed = 0, explained = 0;  // explained: survivors that are to survive
};

// What a survey says, put together.
struct FaultReport {
  std::vector<FaultResult> results;
  std::map<std::string, AreaCount> areas;
  AreaCount total;
  bool all = false;  // every run met every fault, so that what follows is known
  // By the id of a case: the faults that no other case shows.
  std::map<std::string, std::vector<std::string>> alone;
  std::map<std::string, std::size_t> shown_by;  // by the id of a case: how many faults it shows
  std::span<const runner::PlannedRun> runs;

  // Survivors without an explanation, and faults that are shown although one says that they cannot
  // be.
  [[nodiscard]] bool as_expected() const;
};

[[nodiscard]] std::string_view area_of(std::string_view fault);

// The runs must outlive the report.
[[nodiscard]] FaultReport report_of(std::vector<FaultResult> results,
                                    std::span<const runner::PlannedRun> runs, bool all);

void write_text(std::ostream& out, const FaultReport& report);
void write_markdown(std::ostream& out, const FaultReport& report);
[[nodiscard]] report::Json to_json(const FaultReport& report);

}  // namespace packetwright::cli
