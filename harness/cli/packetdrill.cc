// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/packetdrill.hh"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>

#include "harness/cli/disk.hh"
#include "harness/engine/engine.hh"
#include "harness/engine/given_option.hh"
#include "harness/engine/settings.hh"
#include "harness/report/document.hh"
#include "harness/report/failure_text.hh"
#include "harness/runner/judge.hh"
#include "harness/runner/text.hh"
#include "harness/script/expand.hh"
#include "harness/script/parser.hh"
#include "harness/script/printer.hh"
#include "harness/targets/registry.hh"

namespace packetwright::cli {
namespace {

using runner::CaseResult;
using runner::Verdict;

void complain(const std::string& text) {
  std::cerr << text << (text.ends_with('\n') ? "" : "\n");
}

// "FILE:LINE: what": where editors look for it.
std::string headline(const CaseResult& result) {
  std::string line = result.path;
  std::uint32_t number = result.line;
  if (!result.mismatches.empty() && !result.mismatches.front().file.empty()) {
    line = result.mismatches.front().file;
    number = result.mismatches.front().line;
  }
  if (number != 0) line += ":" + std::to_string(number);
  line += ": ";
  if (result.verdict != Verdict::fail) line += std::string(runner::name_of(result.verdict)) + ": ";
  return line + result.cause;
}

// One invocation: the scripts in their order, until one does not hold.
class Packetdrill {
 public:
  explicit Packetdrill(const PacketdrillArguments& arguments) : arguments_(arguments) {}

  bool run_all() {
    return std::all_of(arguments_.paths.begin(), arguments_.paths.end(),
                       [this](const std::string& path) { return run(path); });
  }

 private:
  bool run(const std::string& path) {
    auto text = read_file(path, kMaxScript);
    if (!text) {
      complain(path + ": " + text.error());
      return false;
    }
    script::ParseOptions how;
    how.defines = arguments_.defines;
    const script::ParseResult parsed = script::parse({path, std::move(text).value()}, how);
    if (!check(parsed)) return false;
    const auto no_preludes = [](std::string_view) -> Result<script::Source, std::string> {
      return Err{std::string("packetdrill has no preludes")};
    };
    const script::ParseResult concrete = script::expand(parsed.script, {}, no_preludes);
    if (!check(concrete)) return false;

    engine::RunOptions options;
    options.mode = engine::Mode::packetdrill;
    options.variant = variant_of(parsed.script);
    options.options = arguments_.options;
    options.slow = true;
    if (arguments_.dry_run) return check_options(concrete.script, options);
    return run(path, concrete.script, options);
  }

  static bool check(const script::ParseResult& result) {
    for (const script::Diagnostic& diagnostic : result.diagnostics) {
      if (diagnostic.severity == script::Severity::error) complain(script::render(diagnostic));
    }
    return result.ok();
  }

  // The command line decides, then the script, then what its text is bound to.
  [[nodiscard]] engine::Variant variant_of(const script::Script& script) const {
    std::optional<engine::Variant> variant;
    for (const auto& [name, value] : arguments_.options) {
      if (name == "ip_version") variant = script::variant_of(value);
    }
    if (variant) return *variant;
    const auto possible = script::variants(script);
    return possible.empty() ? engine::Variant::ipv4 : possible.front();
  }

  static bool check_options(const script::Script& script, const engine::RunOptions& options) {
    const auto settings = engine::settings_of(script, options, {});
    if (settings.ok()) return true;
    const engine::SettingsError& error = settings.error();
    // What cannot be run can be read; only PSP is refused here by packetdrill too.
    const bool psp = !engine::given_option(script, options, "psp_udp_port").empty();
    if (error.unsupported && !psp) return true;
    std::string place = script.files.front();
    if (error.line != 0) place += ":" + std::to_string(error.line);
    complain(place + ": " + (error.unsupported ? "unsupported: " : "") + error.reason);
    return false;
  }

  // packetdrill's device is a tunnel; an Ethernet pair does for scripts that do not know its name.
  bool open_target() {
    if (target_ != nullptr) return true;
    std::vector<std::string> names{"linux-tun", "linux"};
    if (!arguments_.so_filename.empty()) {
      std::string name = "packetdrill-so:" + arguments_.so_filename;
      if (!arguments_.so_flags.empty()) name += "," + arguments_.so_flags;
      names = {name};
    }
    std::string why;
    for (const std::string& name : names) {
      auto opened = targets::open(name);
      if (opened) {
        target_ = std::move(opened).value();
        return true;
      }
      why += "\n  " + name + ": " + opened.error();
    }
    complain("packetwright packetdrill: no stack can be used here" + why);
    return false;
  }

  bool run(const std::string& path, const script::Script& script, engine::RunOptions options) {
    if (!open_target()) return false;
    CaseResult result;
    result.path = path;
    result.id = path;
    result.target = target_->traits().name;
    result.variant = options.variant;
    const auto run_once = [&](bool strong_reset) {
      options.run_number = runs_++;
      options.strong_reset = strong_reset;
      return engine::run(script, options, *target_);
    };
    engine::Outcome outcome = run_once(false);
    if (outcome.doubt != engine::Doubt::none) {
      outcome = runner::attempt_alone(run_once, runner::Level::must, {outcome}).outcome;
    }
    // packetdrill asks neither whether the stack is alive at the end nor whether the script said
    // anything to it: what passed has passed.
    const bool good = outcome.status == engine::Status::passed;
    if (arguments_.verbose) {
      for (const engine::HistoryEntry& entry : outcome.history) {
        std::cout << script::print_duration(entry.at.time_since_epoch()) << ' ' << entry.text
                  << '\n';
      }
    }
    if (good) return true;
    const runner::Judgement judgement = runner::judge(outcome, runner::Level::must);
    result.verdict = judgement.verdict;
    result.cause = judgement.cause;
    result.symptom = judgement.symptom;
    result.line = outcome.reason_line;
    result.mismatches = std::move(outcome.mismatches);
    result.history = std::move(outcome.history);
    result.replay = "packetwright packetdrill";
    for (const std::string& word : arguments_.words) {
      result.replay += " " + runner::shell_word(word);
    }
    complain(headline(result));
    result.cause.clear();  // it is said
    const report::Json document = report::to_json(result);
    for (const std::string& line :
         report::failure_lines(document, {100, !arguments_.verbose}, report::Paint(false))) {
      complain(line);
    }
    return false;
  }

  const PacketdrillArguments& arguments_;
  std::unique_ptr<targets::Target> target_;
  std::uint32_t runs_ = 0;
};

}  // namespace

ExitCode packetdrill(const PacketdrillArguments& arguments) {
  return Packetdrill(arguments).run_all() ? ExitCode::ok : ExitCode::fell_short;
}

}  // namespace packetwright::cli
