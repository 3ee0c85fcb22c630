// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/fault_report.hh"

#include <algorithm>
#include <iomanip>
#include <set>
#include <utility>

#include "harness/runner/text.hh"

namespace packetwright::cli {
namespace {

using report::Json;

const std::string& case_of(const FaultReport& report, const Kill& kill) {
  return report.runs[kill.run].of->id;
}

// In tenths of a percent, rounded down: what is not all shall not look like all.
std::string percent(const AreaCount& count) {
  const std::size_t tenths = count.faults == 0 ? 1000 : count.killed * 1000 / count.faults;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

bool survived(const FaultResult& result) {
  return result.kills.empty();
}

// Why a survivor is one, as far as the table knows.
std::string reason_of(const FaultResult& result) {
  return result.fault->survives.empty() ? std::string{"not explained"}
                                        : std::string{result.fault->survives};
}

// The ids of the cases that a report is about, in the order of reports.
std::vector<std::string> cases_of(const FaultReport& report) {
  std::vector<std::string> ids;
  for (const runner::PlannedRun& run : report.runs) {
    if (ids.empty() || ids.back() != run.of->id) ids.push_back(run.of->id);
  }
  return ids;
}

std::vector<std::string> idle_cases(const FaultReport& report) {
  std::vector<std::string> ids = cases_of(report);
  std::erase_if(ids, [&](const std::string& id) { return report.shown_by.contains(id); });
  return ids;
}

}  // namespace

std::string_view area_of(std::string_view fault) {
  return fault.substr(0, fault.rfind('.'));
}

bool FaultReport::as_expected() const {
  return std::all_of(results.begin(), results.end(), [](const FaultResult& result) {
    return survived(result) != result.fault->survives.empty();
  });
}

FaultReport report_of(std::vector<FaultResult> results, std::span<const runner::PlannedRun> runs,
                      bool all) {
  FaultReport report;
  report.results = std::move(results);
  report.runs = runs;
  report.all = all;
  for (const FaultResult& result : report.results) {
    for (AreaCount* const count :
         {&report.areas[std::string{area_of(result.fault->name)}], &report.total}) {
      ++count->faults;
      count->killed += survived(result) ? 0 : 1;
      count->explained += survived(result) && !result.fault->survives.empty() ? 1 : 0;
    }
    std::set<std::string> by;
    for (const Kill& kill : result.kills) by.insert(case_of(report, kill));
    for (const std::string& id : by) ++report.shown_by[id];
    if (all && by.size() == 1) report.alone[*by.begin()].emplace_back(result.fault->name);
  }
  return report;
}

void write_text(std::ostream& out, const FaultReport& report) {
  std::size_t width = 0;
  for (const auto& [area, count] : report.areas) width = std::max(width, area.size());
  for (const auto& [area, count] : report.areas) {
    out << std::left << std::setw(static_cast<int>(width)) << area << "  " << std::right
        << std::setw(4) << count.killed << " of " << count.faults << '\n';
    for (const FaultResult& result : report.results) {
      if (area_of(result.fault->name) != area) continue;
      if (survived(result)) {
        out << "  x " << result.fault->name << ": " << result.fault->what << "\n      breaks "
            << result.fault->breaks << "; survives: " << reason_of(result) << '\n';
      } else if (!result.fault->survives.empty()) {
        out << "  ! " << result.fault->name << " is said to survive and is shown by "
            << case_of(report, result.kills.front()) << '\n';
      }
    }
  }
  if (report.all) {
    out << "\nCases that alone show a fault:\n";
    for (const auto& [id, faults] : report.alone) {
      out << "  " << id << ": " << runner::join(faults, ", ") << '\n';
    }
    out << "\nCases that show no fault:\n";
    for (const std::string& id : idle_cases(report)) out << "  " << id << '\n';
  }
  const std::size_t survivors = report.total.faults - report.total.killed;
  out << '\n'
      << percent(report.total) << " of " << report.total.faults << " faults are shown\n"
      << report.total.killed << " killed, " << survivors << " survived, " << report.total.explained
      << " of them explained\n";
}

void write_markdown(std::ostream& out, const FaultReport& report) {
  out << "| area | faults | killed | survive |\n|---|---:|---:|---:|\n";
  for (const auto& [area, count] : report.areas) {
    out << "| " << area << " | " << count.faults << " | " << count.killed << " | "
        << count.faults - count.killed << " |\n";
  }
  out << "| **all** | **" << report.total.faults << "** | **" << report.total.killed << "** ("
      << percent(report.total) << ") | **" << report.total.faults - report.total.killed
      << "** |\n\n";
  out << "Survivors:\n\n| fault | what is wrong | why it survives |\n|---|---|---|\n";
  for (const FaultResult& result : report.results) {
    if (!survived(result)) continue;
    out << "| `" << result.fault->name << "` | " << result.fault->what << " | " << reason_of(result)
        << " |\n";
  }
  if (!report.all) return;
  std::size_t faults_alone = 0;
  for (const auto& [id, faults] : report.alone) faults_alone += faults.size();
  out << '\n'
      << report.alone.size() << " cases show " << faults_alone
      << " faults that no other case shows; ";
  const std::vector<std::string> idle = idle_cases(report);
  out << idle.size() << " of " << cases_of(report).size() << " cases show no fault.\n";
}

Json to_json(const FaultReport& report) {
  Json faults = Json::array();
  for (const FaultResult& result : report.results) {
    Json by = Json::array();
    for (const Kill& kill : result.kills) {
      const runner::PlannedRun& run = report.runs[kill.run];
      by.push_back({{"case", full_name(runner::blank_result(run, ""))},
                    {"verdict", runner::name_of(kill.verdict)}});
    }
    faults.push_back({{"name", result.fault->name},
                      {"breaks", runner::split(result.fault->breaks, ' ')},
                      {"what", result.fault->what},
                      {"source", result.fault->source},
                      {"survives", result.fault->survives},
                      {"killed", !survived(result)},
                      {"by", std::move(by)}});
  }
  Json document = {{"schema", 1},
                   {"all", report.all},
                   {"summary",
                    {{"faults", report.total.faults},
                     {"killed", report.total.killed},
                     {"survived", report.total.faults - report.total.killed},
                     {"explained", report.total.explained}}},
                   {"faults", std::move(faults)}};
  if (report.all) {
    document["alone"] = report.alone;
    document["idle_cases"] = idle_cases(report);
  }
  return document;
}

}  // namespace packetwright::cli
