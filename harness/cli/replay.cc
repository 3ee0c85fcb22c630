// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <unistd.h>

#include "harness/cli/recording_source.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/terminal.hh"
#include "harness/cli/verbs.hh"
#include "harness/engine/engine.hh"
#include "harness/import/import.hh"
#include "harness/report/document.hh"
#include "harness/report/failure_text.hh"
#include "harness/report/paint.hh"
#include "harness/runner/expectations.hh"
#include "harness/runner/runner.hh"
#include "harness/runner/suite.hh"
#include "harness/runner/text.hh"
#include "harness/script/tree.hh"
#include "harness/targets/registry.hh"

namespace packetwright::cli {
namespace {

using runner::Verdict;

// One `packetwright replay`: import, run, and tell what differs in terms of the capture.
class Replay {
 public:
  explicit Replay(const ReplayArguments& arguments) : arguments_(arguments) {}

  Result<ExitCode, EarlyEnd> act() {
    if (auto step = prepare(); !step) return Err{step.error()};
    std::optional<runner::CaseResult> result;
    const auto outcome =
        runner::run_plan(suite_, runs_, runner::Expectations{}, machinery(), options_,
                         [&](std::size_t, runner::CaseResult ended) { result = std::move(ended); });
    if (outcome.interrupted) return ExitCode::interrupted;
    if (!outcome.error.empty() || !result) {
      return Err{ends(ExitCode::environment,
                      "target " + arguments_.target + " cannot be used: " + outcome.error)};
    }
    tell(std::move(*result));
    switch (verdict_) {
      case Verdict::pass: return ExitCode::ok;
      case Verdict::unsupported: return ExitCode::environment;
      default: return ExitCode::fell_short;
    }
  }

 private:
  Result<void, EarlyEnd> prepare() {
    const auto seed = seed_from(arguments_.seed);
    if (!seed) return Err{seed.error()};
    options_.seed = *seed;
    auto chosen = choose_conversation(arguments_.conversation);
    if (!chosen) return Err{chosen.error()};
    chosen_ = std::move(chosen).value();
    auto target = find_target(arguments_.target);
    if (!target) return Err{target.error()};
    import::ImportOptions how;
    how.side = chosen_.side;
    how.windows = arguments_.strict;
    how.capture_name = chosen_.capture_name;
    auto imported = import::import(chosen_.conversation, how);
    if (!imported) {
      return Err{
          ends(ExitCode::fell_short, arguments_.conversation.capture + ": " + imported.error())};
    }
    imported_ = std::move(imported).value();
    for (const std::string& remark : imported_.remarks) {
      std::cerr << "packetwright: " << remark << '\n';
    }
    cases_.push_back(suite_.load_text("replay", arguments_.conversation.capture, imported_.text));
    runner::PlanOptions plan;
    plan.seed = options_.seed;
    auto runs = runner::plan(cases_, target->traits, plan);
    if (!runs || runs->empty()) {
      return Err{ends(ExitCode::environment, "target " + arguments_.target +
                                                 " does not have the IP version of the capture")};
    }
    runs_ = std::move(runs).value();
    options_.target = arguments_.target;
    options_.clock = target->traits.clock;
    options_.slow = arguments_.slow;
    options_.keep_history = arguments_.verbosity > 0;
    return {};
  }

  [[nodiscard]] runner::Machinery machinery() const {
    runner::Machinery machinery = machinery_for(arguments_.target);
    machinery.run_script = [follow = !arguments_.strict](
                               const script::Script& script, const engine::RunOptions& options,
                               targets::Target& target, engine::Observer* observer) {
      engine::RunOptions how = options;
      how.follow = follow;
      return engine::run(script, how, target, observer);
    };
    return machinery;
  }

  // The frame that a line of the script comes of; a line that was made up counts as the frame in
  // front of it.
  [[nodiscard]] std::uint32_t frame_of(std::uint32_t line) const {
    std::uint32_t frame = 0;
    const auto& events = cases_.front().script->events;
    for (std::size_t i = 0; i < events.size() && i < imported_.frames.size(); ++i) {
      if (events[i].where.line > line) break;
      if (imported_.frames[i] != 0) frame = imported_.frames[i];
    }
    return frame;
  }

  void tell(runner::CaseResult result) {
    verdict_ = result.verdict;
    const std::string& capture = arguments_.conversation.capture;
    const std::size_t count = chosen_.conversation.packets.size();
    if (verdict_ == Verdict::pass) {
      std::cout << "as recorded: " << count << (count == 1 ? " packet of " : " packets of ")
                << capture << ", " << arguments_.target << " as the "
                << (chosen_.side == import::Side::client ? "client" : "server") << '\n';
      if (arguments_.verbosity == 0) return;
    }
    for (engine::Mismatch& mismatch : result.mismatches) {
      mismatch.file = capture + " frame " + std::to_string(frame_of(mismatch.line));
      mismatch.line = 0;
    }
    for (engine::HistoryEntry& entry : result.history) entry.line = frame_of(entry.line);
    result.line = result.line == 0 ? 0 : frame_of(result.line);
    result.replay = "packetwright replay " + runner::shell_word(capture) + " --target " +
                    runner::shell_word(arguments_.target) + " --seed " +
                    runner::hex(options_.seed) + " --side " +
                    (chosen_.side == import::Side::client ? "client" : "server");
    if (arguments_.conversation.number != 0) {
      result.replay += " --conversation " + std::to_string(arguments_.conversation.number);
    }
    if (arguments_.strict) result.replay += " --strict";
    if (arguments_.slow) result.replay += " --slow";
    const report::ConsoleOptions console = console_options("auto", "never", STDOUT_FILENO);
    const report::Json one = report::to_json(result);
    const report::FailureStyle style{console.width, arguments_.verbosity > 0};
    for (const std::string& line : report::failure_lines(one, style, report::Paint(false))) {
      std::cout << line << '\n';
    }
  }

  const ReplayArguments& arguments_;
  ChosenConversation chosen_;
  import::Imported imported_;
  const runner::Suite suite_ = runner::Suite::without_folder({});
  std::vector<runner::Case> cases_;
  std::vector<runner::PlannedRun> runs_;
  runner::RunnerOptions options_;
  Verdict verdict_ = Verdict::error;
};

}  // namespace

VerbResult replay(const ReplayArguments& arguments) {
  return Replay(arguments).act();
}

}  // namespace packetwright::cli
