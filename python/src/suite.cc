// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include "harness/cli/case_source.hh"
#include "harness/cli/command.hh"
#include "harness/cli/disk.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/version.hh"
#include "harness/report/capture_file.hh"
#include "harness/report/document.hh"
#include "harness/report/failure_text.hh"
#include "harness/runner/plan.hh"
#include "harness/runner/runner.hh"
#include "harness/script/parser.hh"
#include "harness/script/printer.hh"
#include "python/src/bindings.hh"
#include "python/src/convert.hh"

namespace packetwright::python {
namespace {

using runner::Case;
using runner::CaseResult;
using runner::PlannedRun;

// What would have ended the command ends the call: with the same words.
[[noreturn]] void raise_end(const cli::EarlyEnd& end) {
  std::string text = end.text;
  constexpr std::string_view kName = "packetwright: ";
  if (text.starts_with(kName)) text.erase(0, kName.size());
  while (text.ends_with('\n')) text.pop_back();
  raise(end.code == cli::ExitCode::environment ? "TargetUnavailable" : "UsageError", text);
}

template <class T>
T value_of(Result<T, cli::EarlyEnd> result) {
  if (!result) raise_end(result.error());
  return std::move(result).value();
}

// A conformance folder, or none, as objects of Python share it.
struct SuiteHandle {
  std::shared_ptr<cli::OpenSuite> open;
};

// Holds its suite, from which the preludes come.
struct CaseHandle {
  std::shared_ptr<cli::OpenSuite> open;
  std::shared_ptr<Case> one;
};

// One run of one case that is still to be done.
struct RunHandle {
  CaseHandle from;
  PlannedRun run;
};

SuiteHandle open_suite(const std::string& folder, const std::string& dialect,
                       const std::vector<std::string>& defines) {
  cli::CaseArguments arguments;
  arguments.conformance = folder;
  arguments.dialect = dialect;
  arguments.defines = defines;
  return {std::make_shared<cli::OpenSuite>(value_of(cli::open_suite(arguments)))};
}

std::vector<CaseHandle> cases(const SuiteHandle& suite, std::vector<std::string> paths,
                              std::vector<std::string> excludes, std::string keyword,
                              std::vector<std::string> requirements,
                              std::vector<std::string> levels) {
  cli::CaseArguments arguments;
  arguments.paths = std::move(paths);
  arguments.excludes = std::move(excludes);
  arguments.keyword = std::move(keyword);
  arguments.requirements = std::move(requirements);
  arguments.levels = std::move(levels);
  cli::SelectedCases selected = value_of(cli::select_cases(*suite.open, arguments, true));
  std::vector<CaseHandle> out;
  for (Case& one : selected.cases) {
    out.push_back({suite.open, std::make_shared<Case>(std::move(one))});
  }
  return out;
}

CaseHandle case_of_text(const SuiteHandle& suite, const std::string& name, std::string text) {
  const std::string id = name.ends_with(".pkt") ? name.substr(0, name.size() - 4) : name;
  Case one = suite.open->suite.load_text(id, name, std::move(text));
  one.outside = true;
  return {suite.open, std::make_shared<Case>(std::move(one))};
}

std::vector<std::string> ids_of(const std::vector<runner::Citation>& cited) {
  std::vector<std::string> out;
  for (const runner::Citation& one : cited) out.push_back(one.id);
  return out;
}

std::string text_of(const CaseHandle& handle) {
  if (!handle.one->script) raise("ScriptError", handle.one->problem);
  return script::print(*handle.one->script);
}

std::vector<RunHandle> plan(const std::vector<CaseHandle>& chosen, const std::string& target,
                            const std::vector<std::string>& variants,
                            const std::vector<std::string>& params, std::uint64_t seed) {
  const targets::TargetInfo info = value_of(cli::find_target(target));
  runner::PlanOptions options;
  options.seed = seed;
  options.params = params;
  for (const std::string& name : variants) {
    const auto variant = script::variant_of(name);
    if (!variant) raise("UsageError", "there is no variant '" + name + "'");
    options.variants.push_back(*variant);
  }
  std::vector<Case> all;
  for (const CaseHandle& one : chosen) all.push_back(*one.one);
  const auto runs = runner::plan(all, info.traits, options);
  if (!runs) raise("UsageError", runs.error());
  std::vector<RunHandle> out;
  for (const PlannedRun& run : *runs) {
    const auto index = static_cast<std::size_t>(run.of - all.data());
    RunHandle handle{chosen[index], run};
    handle.run.of = handle.from.one.get();
    out.push_back(std::move(handle));
  }
  return out;
}

struct RunSettings {
  std::string target = "reference";
  unsigned jobs = 0;
  std::uint64_t seed = runner::kDefaultSeed;
  std::string mode = "auto";
  std::string isolate = "process";
  std::string expectations;
  double timeout = 20;
  std::uint32_t repeat = 1;
  bool slow = false, fail_fast = false, strict = false, keep_history = false;
};

engine::Mode mode_of(const std::string& name) {
  if (name == "strict") return engine::Mode::strict;
  if (name == "packetdrill") return engine::Mode::packetdrill;
  if (name != "auto") raise("UsageError", "mode is auto, strict or packetdrill");
  return engine::Mode::automatic;
}

runner::RunnerOptions options_of(const RunSettings& settings, const targets::TargetInfo& info,
                                 std::size_t runs) {
  runner::RunnerOptions options;
  options.target = settings.target;
  options.clock = info.traits.clock;
  options.workers = settings.jobs > 0 ? settings.jobs : cli::default_workers(info.traits);
  if (info.exclusive) options.workers = 1;
  options.workers = static_cast<unsigned>(
      std::clamp<std::size_t>(runs * settings.repeat, 1, std::max(1u, options.workers)));
  if (settings.isolate != "process" && settings.isolate != "none") {
    raise("UsageError", "isolate is process or none");
  }
  options.isolate =
      settings.isolate == "none" ? isolation::Isolate::none : isolation::Isolate::process;
  options.limits.job_timeout = duration_of(settings.timeout);
  options.mode = mode_of(settings.mode);
  options.slow = settings.slow;
  options.repeat = std::max(1u, settings.repeat);
  options.fail_fast = settings.fail_fast;
  options.strict = settings.strict;
  options.keep_history = settings.keep_history;
  options.seed = settings.seed;
  return options;
}

runner::Expectations expectations_of(const cli::OpenSuite& open, const RunSettings& settings,
                                     targets::ClockKind clock) {
  if (settings.expectations == "none") return {};
  if (settings.expectations.empty()) {
    return value_of(cli::ledger_of(open, settings.target, clock));
  }
  const std::string& name = settings.expectations;
  const auto text = cli::read_file(name, cli::kMaxScript);
  if (!text) raise("UsageError", name + ": " + text.error());
  auto parsed = runner::Expectations::parse({name, *text}, clock, cli::find_ledger(open));
  if (!parsed) raise("UsageError", parsed.error());
  return std::move(*parsed);
}

using OnResult = std::function<void(std::size_t, const CaseResult&)>;

void run(const std::vector<RunHandle>& planned, const RunSettings& settings,
         const OnResult& on_result) {
  if (planned.empty()) return;
  const targets::TargetInfo info = value_of(cli::find_target(settings.target));
  const cli::OpenSuite& open = *planned.front().from.open;
  std::vector<PlannedRun> runs;
  for (const RunHandle& one : planned) {
    if (one.from.open.get() != &open) raise("UsageError", "the cases are of different suites");
    runs.push_back(one.run);
  }
  const runner::RunnerOptions options = options_of(settings, info, runs.size());
  const runner::Expectations expectations = expectations_of(open, settings, info.traits.clock);
  runner::RunnerOutcome outcome;
  {
    const py::gil_scoped_release others_may_run;
    outcome = runner::run_plan(open.suite, runs, expectations, cli::machinery_for(settings.target),
                               options, [&](std::size_t index, CaseResult result) {
                                 const py::gil_scoped_acquire locked;
                                 on_result(index, result);
                               });
  }
  if (outcome.interrupted) {
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    throw py::error_already_set();
  }
  if (!outcome.error.empty()) raise("TargetUnavailable", outcome.error);
}

py::str json_of(const CaseResult& result) {
  return py::str(report::one_line(report::to_json(result)));
}

std::string failure_of(const CaseResult& result, bool history) {
  const report::Json one = report::to_json(result);
  std::string out;
  for (const std::string& line : report::failure_lines(one, {100, history}, report::Paint(false))) {
    if (!out.empty()) out += '\n';
    out += line;
  }
  return out;
}

py::bytes capture_of(const CaseResult& result) {
  std::ostringstream out;
  report::write_capture(out, result, "packetwright " + cli::version_text());
  return py::bytes(out.str());
}

void add_scripts(py::module_& module) {
  using script::Diagnostic;
  py::class_<Diagnostic>(module, "Diagnostic", "One remark about a script.")
      .def_property_readonly(
          "severity",
          [](const Diagnostic& one) {
            return one.severity == script::Severity::error     ? "error"
                   : one.severity == script::Severity::warning ? "warning"
                                                               : "extension";
          },
          "\"error\": it cannot be run; \"warning\"; \"extension\": packetdrill itself would not "
          "accept it.")
      .def_readonly("file", &Diagnostic::file)
      .def_readonly("line", &Diagnostic::line, "From 1; 0: about the file as a whole.")
      .def_readonly("column", &Diagnostic::column, "From 1, in octets.")
      .def_readonly("message", &Diagnostic::message)
      .def_readonly("hint", &Diagnostic::hint)
      .def("__str__", &script::render);
  module.def(
      "check_script",
      [](const std::string& text, const std::string& name) {
        return script::parse({name, text}).diagnostics;
      },
      py::arg("text"), py::arg("name") = "script.pkt",
      "What there is to say about a script, by place; preludes are not looked at.");
}

void add_results(py::module_& module) {
  py::class_<CaseResult>(module, "RawResult",
                         "One run of one case; packetwright.Result is made of it.")
      .def("json", &json_of)
      .def("failure", &failure_of, py::arg("history"))
      .def("name", &runner::full_name)
      .def("capture", &capture_of)
      .def("capture_path", &report::capture_path);
  py::class_<RunSettings>(module, "RunSettings", "How cases are run.")
      .def(py::init<>())
      .def_readwrite("target", &RunSettings::target)
      .def_readwrite("jobs", &RunSettings::jobs, "0: as many as suit the target.")
      .def_readwrite("seed", &RunSettings::seed)
      .def_readwrite("mode", &RunSettings::mode)
      .def_readwrite("isolate", &RunSettings::isolate)
      .def_readwrite("expectations", &RunSettings::expectations)
      .def_readwrite("timeout", &RunSettings::timeout)
      .def_readwrite("repeat", &RunSettings::repeat)
      .def_readwrite("slow", &RunSettings::slow)
      .def_readwrite("fail_fast", &RunSettings::fail_fast)
      .def_readwrite("strict", &RunSettings::strict)
      .def_readwrite("keep_history", &RunSettings::keep_history);
}

int command(std::vector<std::string> words) {
  words.insert(words.begin(), "packetwright");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  const py::gil_scoped_release others_may_run;
  return cli::command(static_cast<int>(pointers.size()), pointers.data());
}

}  // namespace

void add_suite(py::module_& module) {
  add_scripts(module);
  add_results(module);
  py::class_<CaseHandle>(module, "RawCase", "One case; packetwright.Case is made of it.")
      .def_property_readonly("id", [](const CaseHandle& handle) { return handle.one->id; })
      .def_property_readonly("path", [](const CaseHandle& handle) { return handle.one->path; })
      .def_property_readonly("title", [](const CaseHandle& handle) { return handle.one->title; })
      .def_property_readonly(
          "level",
          [](const CaseHandle& handle) { return std::string(runner::name_of(handle.one->level)); })
      .def_property_readonly(
          "requirements", [](const CaseHandle& handle) { return ids_of(handle.one->requirements); })
      .def_property_readonly("needs", [](const CaseHandle& handle) { return handle.one->needs; })
      .def_property_readonly("problem",
                             [](const CaseHandle& handle) { return handle.one->problem; })
      .def("text", &text_of);
  py::class_<RunHandle>(module, "RawRun", "A case over one IP version with one set of parameters.")
      .def_property_readonly("case", [](const RunHandle& handle) { return handle.from; })
      .def_property_readonly(
          "variant",
          [](const RunHandle& handle) { return std::string(script::name_of(handle.run.variant)); })
      .def_property_readonly("params",
                             [](const RunHandle& handle) { return handle.run.combination.name; });
  py::class_<SuiteHandle>(module, "RawSuite", "A conformance folder.")
      .def(py::init(&open_suite), py::arg("folder"), py::arg("dialect"), py::arg("defines"))
      .def_property_readonly("folder",
                             [](const SuiteHandle& suite) { return suite.open->root.string(); })
      .def("cases", &cases, py::arg("paths"), py::arg("excludes"), py::arg("keyword"),
           py::arg("requirements"), py::arg("levels"))
      .def("case_of_text", &case_of_text, py::arg("name"), py::arg("text"));
  module.def("plan", &plan, py::arg("cases"), py::arg("target"), py::arg("variants"),
             py::arg("params"), py::arg("seed"));
  module.def("run_cases", &run, py::arg("runs"), py::arg("settings"), py::arg("on_result"));
  module.attr("DEFAULT_SEED") = runner::kDefaultSeed;
  module.def("version", &cli::version_text, "\"0.1.0 (1a2b3c4d5e6f)\".");
  module.def("command", &command, py::arg("words"),
             "The command packetwright with these words; what it would leave to its caller.");
}

}  // namespace packetwright::python
