// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/run_report.hh"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "harness/cli/disk.hh"
#include "harness/cli/terminal.hh"
#include "harness/cli/version.hh"
#include "harness/report/capture_file.hh"
#include "harness/report/junit.hh"
#include "harness/report/tap.hh"
#include "harness/runner/case.hh"

namespace packetwright::cli {
namespace {

namespace fs = std::filesystem;
using report::Json;

constexpr std::string_view kStdout = "-";

constexpr std::pair<const char*, std::string RunArguments::*> kOutputs[] = {
    {"--json", &RunArguments::json},
    {"--junit", &RunArguments::junit},
    {"--tap", &RunArguments::tap}};

// Whether a file could be made or replaced there; an error says why not.
Result<void, std::string> check_writable(const std::string& path) {
  if (path.empty() || path == kStdout) return {};
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return Err{path + ": is a folder"};
  }
  const fs::path folder = fs::path(path).parent_path();
  const std::string place = is_replaceable(path) ? (folder.empty() ? "." : folder.string()) : path;
  if (::access(place.c_str(), W_OK) != 0) {
    return Err{path + ": " + std::strerror(errno)};
  }
  return {};
}

// What was resumed takes the places that it would have had in one run; runs of one case keep their
// order.
Json in_report_order(std::vector<Json> cases) {
  std::vector<std::pair<std::string, std::size_t>> order;
  for (const Json& one : cases) order.emplace_back(one.value("id", ""), order.size());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first == b.first ? a.second < b.second : runner::in_report_order(a.first, b.first);
  });
  Json out = Json::array();
  for (const auto& [id, place] : order) out.push_back(std::move(cases[place]));
  return out;
}

std::ostream& console_stream(const RunArguments& arguments) {
  const bool taken =
      arguments.json == kStdout || arguments.junit == kStdout || arguments.tap == kStdout;
  return taken ? std::cerr : std::cout;
}

report::ConsoleOptions options_of(const RunArguments& arguments) {
  const int fd = &console_stream(arguments) == &std::cerr ? STDERR_FILENO : STDOUT_FILENO;
  report::ConsoleOptions options = console_options(arguments.colour, arguments.progress, fd);
  options.verbosity = arguments.verbosity;
  options.strict = arguments.strict;
  return options;
}

}  // namespace

RunReport::RunReport(const RunArguments& arguments, Json head, std::vector<Json> resumed)
    : arguments_(arguments),
      head_(std::move(head)),
      resumed_(std::move(resumed)),
      console_(console_stream(arguments), options_of(arguments)) {}

Result<void, std::string> RunReport::open() {
  for (const auto& [option, path] : kOutputs) {
    if (auto checked = check_writable(arguments_.*path); !checked) {
      return Err{std::string(option) + " " + checked.error()};
    }
  }
  if (!arguments_.pcap.empty()) {
    std::error_code error;
    fs::create_directories(arguments_.pcap, error);
    if (!error && ::access(arguments_.pcap.c_str(), W_OK) != 0) {
      error = std::error_code(errno, std::generic_category());
    }
    if (error) return Err{"--pcap " + arguments_.pcap + ": " + error.message()};
  }
  // Whoever reads the console may go away, as `head` does; what is written to files is still
  // wanted.
  const bool files = std::any_of(std::begin(kOutputs), std::end(kOutputs), [&](const auto& output) {
    const std::string& path = arguments_.*output.second;
    return !path.empty() && path != kStdout;
  });
  if (files || !arguments_.pcap.empty()) std::signal(SIGPIPE, SIG_IGN);
  return open_json();
}

Result<void, std::string> RunReport::open_json() {
  const std::string& path = arguments_.json;
  if (path.empty() || path == kStdout || !is_replaceable(path)) return {};
  // Begun beside the place and then moved there: a document to resume from is never lost.
  const auto beside = make_beside(path);
  if (!beside) return Err{"--json " + path + ": " + beside.error()};
  json_.open(*beside, std::ios::in | std::ios::out | std::ios::trunc | std::ios::binary);
  writer_.emplace(json_);
  writer_->begin(head_);
  for (const Json& one : resumed_) static_cast<void>(writer_->add(one));
  if (!json_) {
    const std::string why = std::strerror(errno);
    ::unlink(beside->c_str());
    return Err{"--json " + path + ": " + why};
  }
  const auto placed = put_in_place(*beside, path);
  return placed ? placed : Err{"--json " + path + ": " + placed.error()};
}

void RunReport::begin(const std::vector<runner::PlannedRun>& runs) {
  cases_.resize(runs.size());
  std::vector<std::string> ids;
  ids.reserve(runs.size());
  for (const runner::PlannedRun& run : runs) ids.push_back(run.of->id);
  console_.begin(head_, std::move(ids));
}

void RunReport::on_result(std::size_t index, runner::CaseResult result) {
  if (!arguments_.pcap.empty()) write_pcap(result);
  Json one = report::to_json(result);
  if (writer_ && !writer_->add(one)) {
    trouble("--json " + arguments_.json + ": " + std::strerror(errno));
    // What was written before stays, as a whole document.
    json_.close();
    static_cast<void>(rewrite_end(
        arguments_.json, static_cast<std::uintmax_t>(writer_->end_of_cases()), writer_->ending()));
    writer_.reset();
  }
  console_.on_case(index, one, elapsed_ms());
  cases_[index] = std::move(one);
  result.history.clear();
  results_.push_back(std::move(result));
}

void RunReport::write_pcap(runner::CaseResult& result) {
  const bool frames = std::any_of(result.history.begin(), result.history.end(),
                                  [](const auto& entry) { return !entry.octets.empty(); });
  if (result.verdict == runner::Verdict::pass || !frames) return;
  const fs::path path = fs::path(arguments_.pcap) / report::capture_path(result);
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ostringstream capture;
  report::write_capture(capture, result, "packetwright " + version_text());
  const auto written =
      error ? Result<void, std::string>(Err{error.message()}) : write_file(path, capture.str());
  if (written) {
    result.pcap = path.string();
  } else {
    trouble("--pcap " + path.string() + ": " + written.error());
  }
}

bool RunReport::finish(report::RunEnd end) {
  end.wall_ms = elapsed_ms();
  std::vector<Json> all = resumed_;
  for (std::optional<Json>& one : cases_) {
    if (one) all.push_back(std::move(*one));
  }
  const Json document = report::whole_document(head_, in_report_order(std::move(all)), end);
  json_.close();
  write_view(arguments_.json, "--json", report::write_document, document);
  write_view(arguments_.junit, "--junit", report::write_junit, document);
  write_view(arguments_.tap, "--tap", report::write_tap, document);
  console_.end(document);
  for (const std::string& text : troubles_) std::cerr << "packetwright: " << text << '\n';
  return troubles_.empty();
}

void RunReport::write_view(const std::string& path, const char* option,
                           void (*write)(std::ostream&, const Json&), const Json& document) {
  if (path.empty()) return;
  if (path == kStdout) {
    write(std::cout, document);
    return;
  }
  std::ostringstream text;
  write(text, document);
  const auto written = write_file(path, text.str());
  if (!written) trouble(std::string(option) + " " + path + ": " + written.error());
}

void RunReport::trouble(const std::string& what) {
  if (std::find(troubles_.begin(), troubles_.end(), what) == troubles_.end()) {
    troubles_.push_back(what);
  }
}

runner::Tally RunReport::tally() const {
  runner::Tally tally;
  for (const Json& one : resumed_) tally.add(report::verdict_of(one));
  for (const runner::CaseResult& result : results_) tally.add(result.verdict);
  return tally;
}

std::int64_t RunReport::elapsed_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               started_)
      .count();
}

}  // namespace packetwright::cli
