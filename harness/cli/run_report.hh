// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/command_line.hh"
#include "harness/report/console.hh"
#include "harness/report/document.hh"
#include "harness/report/document_writer.hh"
#include "harness/runner/plan.hh"
#include "harness/runner/result.hh"
#include "stack/base/result.hh"

namespace packetwright::cli {

// Everything that a run leaves behind: the console, the JSON document as it grows, captures, and
// the views that are written at the end. Trouble with an output never stops the run.
class RunReport {
 public:
  RunReport(const RunArguments& arguments, report::Json head, std::vector<report::Json> resumed);

  // Before the first case: checks that what is wanted can be written, so that hours of work are not
  // lost to a typing error. The error names the output.
  [[nodiscard]] Result<void, std::string> open();
  // `runs` are those that are still to do.
  void begin(const std::vector<runner::PlannedRun>& runs);
  void on_result(std::size_t index, runner::CaseResult result);
  // Writes the rest. False: an output could not be written; what and why is on standard error.
  [[nodiscard]] bool finish(report::RunEnd end);

  [[nodiscard]] const std::vector<runner::CaseResult>& results() const noexcept { return results_; }
  [[nodiscard]] runner::Tally tally() const;

 private:
  [[nodiscard]] Result<void, std::string> open_json();
  void write_pcap(runner::CaseResult& result);
  void write_view(const std::string& path, const char* option,
                  void (*write)(std::ostream&, const report::Json&), const report::Json& document);
  void trouble(const std::string& what);
  [[nodiscard]] std::int64_t elapsed_ms() const;

  const RunArguments& arguments_;
  report::Json head_;
  std::vector<report::Json> resumed_;
  std::vector<std::optional<report::Json>> cases_;  // by place in the plan
  std::vector<runner::CaseResult> results_;         // as they ended, without histories
  report::Console console_;
  std::fstream json_;  // open while the run goes, if the document is a regular file
  std::optional<report::DocumentWriter> writer_;
  std::vector<std::string> troubles_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace packetwright::cli
