// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "harness/cli/disk.hh"
#include "harness/cli/fuzz_story.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/verbs.hh"
#include "harness/report/document.hh"
#include "harness/report/paint.hh"
#include "harness/targets/isolation/pool.hh"
#include "harness/trace/campaign.hh"
#include "harness/trace/codec.hh"
#include "harness/trace/minimize.hh"
#include "harness/trace/text.hh"

namespace packetwright::cli {
namespace {

using report::Json;

// More batches than anybody waits for.
constexpr std::size_t kMostBatches = 1'000'000;
constexpr std::size_t kTracesOfBatch = 500;
// Wall time of one trace alone, beyond which the stack hangs.
constexpr Duration kOneTrace = 5s;
constexpr std::size_t kMostTraceOctets =
    trace::kPreambleSize + trace::kMaxEvents * trace::kEventSize;

// "30s", "10m", "2h"; a number alone is seconds.
Result<std::chrono::seconds, EarlyEnd> time_from(std::string_view text) {
  std::uint32_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit{rest, static_cast<std::size_t>(text.data() + text.size() - rest)};
  const std::uint32_t factor = unit.empty() || unit == "s" ? 1
                               : unit == "m"               ? 60
                               : unit == "h"               ? 3'600
                                                           : 0;
  if (error != std::errc{} || factor == 0 || number == 0 || number > 1'000'000) {
    return Err{usage("--time " + std::string{text} + ": expected a time like 30s, 10m or 2h")};
  }
  return std::chrono::seconds{std::uint64_t{number} * factor};
}

// A broken rule with the shortest trace that is known to break it.
struct Known {
  trace::Finding finding;
  trace::Trace trace;
  std::size_t times = 1;
  std::string name;  // of its files
};

// What a worker says of a batch, or of one trace.
Buffer encoded(const trace::BatchOutcome& outcome) {
  Json found = Json::array();
  for (const trace::Found& one : outcome.found) {
    found.push_back({static_cast<int>(one.finding.rule), one.finding.what,
                     Json::binary(trace::encode(one.trace))});
  }
  Json out{{"played", outcome.played},
           {"reached", outcome.reached.to_string()},
           {"found", std::move(found)}};
  if (outcome.next) out["next"] = Json::binary(trace::encode(*outcome.next));
  return Json::to_cbor(out);
}
trace::BatchOutcome decoded(const Buffer& octets) {
  const Json in = Json::from_cbor(octets);
  trace::BatchOutcome out;
  out.played = in.at("played").get<std::size_t>();
  out.reached = trace::Reached{in.at("reached").get<std::string>()};
  for (const Json& one : in.at("found")) {
    out.found.push_back({{static_cast<trace::Rule>(one.at(0).get<int>()), one.at(1)},
                         trace::decode(one.at(2).get_binary())});
  }
  if (in.contains("next")) out.next = trace::decode(in.at("next").get_binary());
  return out;
}

class Fuzz {
 public:
  explicit Fuzz(const FuzzArguments& arguments) : arguments_(arguments) {}

  VerbResult act() {
    if (auto step = prepare(); !step) return Err{step.error()};
    if (!arguments_.replay.empty()) return replay();
    if (auto step = look(); !step) return Err{step.error()};
    for (Known& one : known_) {
      if (auto step = minimize(one); !step) return Err{step.error()};
      if (auto step = tell(one); !step) return Err{step.error()};
    }
    std::cout << played_ << " traces, " << reached_.count() << " behaviours reached, "
              << known_.size() << (known_.size() == 1 ? " finding\n" : " findings\n");
    if (interrupted_) return ExitCode::interrupted;
    return known_.empty() ? ExitCode::ok : ExitCode::fell_short;
  }

 private:
  Result<void, EarlyEnd> prepare() {
    const auto seed = seed_from(arguments_.seed);
    if (!seed) return Err{seed.error()};
    seed_ = *seed;
    const auto time = time_from(arguments_.time);
    if (!time) return Err{time.error()};
    time_ = *time;
    for (const std::string& text : arguments_.knobs) {
      auto knob = knob_from(text);
      if (!knob) return Err{knob.error()};
      knobs_.insert_or_assign(knob->first, knob->second);
    }
    const auto found = find_target(arguments_.target);
    if (!found) return Err{found.error()};
    if (found->traits.clock != targets::ClockKind::virtual_time) {
      return Err{usage("target " + arguments_.target +
                       " has a clock of its own; traces need one in virtual time")};
    }
    traits_ = found->traits;
    return {};
  }

  // --- workers

  using Work = std::function<Buffer(targets::Target&, std::size_t job, isolation::Journal&)>;

  // An error: the target cannot be used.
  Result<void, EarlyEnd> run_jobs(std::size_t jobs, unsigned workers, Duration limit,
                                  const Work& work, const isolation::OnReport& on_report) {
    std::vector<std::size_t> order(jobs);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::unique_ptr<targets::Target> target;  // of the worker
    isolation::PoolOptions options;
    options.workers = workers;
    options.one_by_one = true;
    options.limits.job_timeout = limit;
    options.init = [&]() -> Result<void, std::string> {
      auto opened = targets::open(arguments_.target);
      if (!opened) return Err{opened.error()};
      target = std::move(*opened);
      return {};
    };
    const isolation::PoolOutcome outcome = isolation::run_jobs(
        options, order,
        [&](std::size_t job, isolation::Journal& journal) { return work(*target, job, journal); },
        on_report);
    interrupted_ = interrupted_ || outcome.interrupted;
    if (!outcome.error.empty()) return Err{unusable(outcome.error)};
    if (!problem_.empty()) return Err{unusable(problem_)};
    return {};
  }

  // Of one batch.
  [[nodiscard]] Duration limit() const { return std::chrono::seconds{arguments_.timeout_s}; }
  [[nodiscard]] EarlyEnd unusable(const std::string& why) const {
    return ends(ExitCode::environment,
                "target " + arguments_.target + " cannot be used: " + report::harmless(why));
  }

  // --- the search

  Result<void, EarlyEnd> look() {
    const std::size_t batches = arguments_.batches > 0 ? arguments_.batches : kMostBatches;
    const unsigned workers = arguments_.jobs > 0 ? arguments_.jobs : default_workers(traits_);
    std::vector<std::pair<std::size_t, std::uint32_t>> deaths;  // batch, number of the trace
    std::vector<std::string> causes;
    auto looked = run_jobs(
        batches, workers, limit(),
        [this](targets::Target& target, std::size_t job, isolation::Journal& journal) {
          return batch(target, job, std::nullopt, journal);
        },
        [&](const isolation::JobReport& job) {
          if (job.end == isolation::JobEnd::done) {
            take(job.result);
          } else if (job.line == 0) {
            problem_ = "it " + isolation::how_it_ended(job, limit());
          } else {
            played_ += job.line;
            deaths.emplace_back(job.job, job.line);
            causes.push_back("it " + isolation::how_it_ended(job, limit()));
          }
          tell_progress();
          return problem_.empty() && !time_is_up();
        });
    if (::isatty(STDERR_FILENO) != 0) std::cerr << '\n';
    if (!looked) return looked;
    return find_deaths(deaths, causes);
  }

  Buffer batch(targets::Target& target, std::size_t number, std::optional<std::size_t> until,
               isolation::Journal& journal) const {
    trace::Batch one;
    one.knobs = knobs_;
    one.seed = Rng{seed_}.fork(std::to_string(number)).next();
    one.traces = kTracesOfBatch;
    one.until = until;
    auto outcome = trace::run_batch(target, one, [&](std::uint32_t line) { journal.step(line); });
    if (!outcome) return Json::to_cbor(Json(outcome.error()));
    return encoded(*outcome);
  }

  void take(const Buffer& result) {
    if (const Json told = Json::from_cbor(result); told.is_string()) {
      problem_ = told;
      return;
    }
    trace::BatchOutcome outcome = decoded(result);
    played_ += outcome.played;
    reached_ |= outcome.reached;
    for (trace::Found& one : outcome.found) add(std::move(one.finding), std::move(one.trace));
  }

  // The batch is the same once more up to the trace in which the stack died.
  Result<void, EarlyEnd> find_deaths(
      const std::vector<std::pair<std::size_t, std::uint32_t>>& deaths,
      const std::vector<std::string>& causes) {
    std::vector<std::optional<trace::Trace>> traces(deaths.size());
    auto found = run_jobs(
        deaths.size(), 1, limit(),
        [&](targets::Target& target, std::size_t job, isolation::Journal& journal) {
          return batch(target, deaths[job].first, deaths[job].second - 1, journal);
        },
        [&](const isolation::JobReport& job) {
          if (job.end == isolation::JobEnd::done) traces[job.job] = decoded(job.result).next;
          return true;
        });
    if (!found) return found;
    for (std::size_t i = 0; i < deaths.size(); ++i) {
      // One that does not die in the same place again depends on more than the trace.
      if (traces[i]) add({trace::Rule::crash, causes[i]}, std::move(*traces[i]));
    }
    return {};
  }

  void add(trace::Finding finding, trace::Trace trace) {
    const auto same = std::find_if(known_.begin(), known_.end(), [&](const Known& one) {
      return one.finding.rule == finding.rule &&
             (finding.rule != trace::Rule::crash || one.finding.what == finding.what);
    });
    if (same != known_.end()) {
      ++same->times;
      if (trace.events.size() < same->trace.events.size()) {
        same->trace = std::move(trace);
        same->finding = std::move(finding);
      }
      return;
    }
    std::string name{name_of(finding.rule)};
    const auto alike = std::count_if(known_.begin(), known_.end(), [&](const Known& one) {
      return one.finding.rule == finding.rule;
    });
    if (alike > 0) name += "_" + std::to_string(alike + 1);
    known_.push_back({std::move(finding), std::move(trace), 1, std::move(name)});
  }

  [[nodiscard]] bool time_is_up() const {
    return arguments_.batches == 0 && std::chrono::steady_clock::now() - started_ >= time_;
  }

  void tell_progress() const {
    if (::isatty(STDERR_FILENO) == 0) return;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    std::cerr << '\r' << arguments_.target << ": " << played_ << " traces, "
              << static_cast<std::uint64_t>(static_cast<double>(played_) / std::max(seconds, 0.001))
              << "/s, " << reached_.count() << " behaviours, " << known_.size() << " findings "
              << std::flush;
  }

  // --- what was found

  // The rules that one trace breaks; a death is a crash.
  Result<std::vector<trace::Finding>, EarlyEnd> try_out(const trace::Trace& one) {
    std::vector<trace::Finding> findings;
    auto ran = run_jobs(
        1, 1, kOneTrace,
        [&](targets::Target& target, std::size_t, isolation::Journal&) {
          auto outcome = trace::Player{target, knobs_}.play(one, {});
          if (!outcome) return Json::to_cbor(Json(outcome.error()));
          trace::BatchOutcome told;
          for (trace::Finding& finding : outcome->findings) told.found.push_back({finding, {}});
          return encoded(told);
        },
        [&](const isolation::JobReport& job) {
          if (job.end != isolation::JobEnd::done) {
            findings.push_back(
                {trace::Rule::crash, "it " + isolation::how_it_ended(job, kOneTrace)});
            return true;
          }
          if (const Json told = Json::from_cbor(job.result); told.is_string()) {
            problem_ = told;
            return true;
          }
          for (trace::Found& found : decoded(job.result).found) {
            findings.push_back(std::move(found.finding));
          }
          return true;
        });
    if (!ran) return Err{ran.error()};
    return findings;
  }

  Result<void, EarlyEnd> minimize(Known& one) {
    std::optional<EarlyEnd> end;
    const auto holds = [&](const trace::Trace& candidate) {
      if (end || interrupted_) return false;
      auto findings = try_out(candidate);
      if (!findings) {
        end = findings.error();
        return false;
      }
      for (trace::Finding& finding : *findings) {
        if (finding.rule != one.finding.rule) continue;
        one.finding = std::move(finding);
        return true;
      }
      return false;
    };
    if (holds(one.trace)) {
      one.trace = trace::minimized(one.trace, holds);
      // What the last attempt said may be of another trace.
      holds(one.trace);
    } else {
      one.finding.what += " (not again when the trace runs alone)";
    }
    if (end) return Err{*end};
    return {};
  }

  Result<void, EarlyEnd> tell(const Known& one) {
    std::cout << name_of(one.finding.rule) << ": " << report::harmless(one.finding.what) << '\n'
              << "  in " << one.times << (one.times == 1 ? " batch" : " batches") << "; "
              << one.trace.events.size() << " events are enough\n";
    if (arguments_.output.empty()) return {};
    const std::filesystem::path folder{arguments_.output};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const Buffer octets = trace::encode(one.trace);
    const std::filesystem::path file = folder / (one.name + ".trace");
    if (auto written = store(file, {octets.begin(), octets.end()}); !written) return written;
    if (auto told = tell_story(one, folder); !told) return told;
    std::cout << "  replay    packetwright fuzz --target " << arguments_.target;
    for (const auto& [name, value] : knobs_) std::cout << " --set " << name << '=' << value;
    std::cout << " --replay " << file.string() << '\n';
    return {};
  }

  Result<void, EarlyEnd> store(const std::filesystem::path& file, const std::string& text) const {
    if (const auto written = write_file(file, text); !written) {
      return Err{ends(ExitCode::environment, file.string() + ": " + written.error())};
    }
    return {};
  }

  struct Story {
    std::string text, capture;
  };

  Result<void, EarlyEnd> tell_story(const Known& one, const std::filesystem::path& folder) {
    const auto story = story_up_to_death(one.trace);
    if (!story) return Err{story.error()};
    if (auto written = store(folder / (one.name + ".txt"), story->text); !written) return written;
    return store(folder / (one.name + ".pcapng"), story->capture);
  }

  // What the trace does; of one in which the stack dies, what it does before the event that kills.
  Result<Story, EarlyEnd> story_up_to_death(trace::Trace one) {
    const std::size_t events = one.events.size();
    std::string death;
    std::optional<trace::Event> killer;
    for (bool afterwards = true;; afterwards = false) {
      std::optional<Story> story;
      auto ran = run_jobs(
          1, 1, kOneTrace,
          [&](targets::Target& target, std::size_t, isolation::Journal&) {
            const Story told = played_out(target, one, afterwards);
            return Json::to_cbor(
                Json{told.text, Json::binary({told.capture.begin(), told.capture.end()})});
          },
          [&](const isolation::JobReport& job) {
            if (job.end != isolation::JobEnd::done) {
              death = "crash: it " + isolation::how_it_ended(job, kOneTrace) + '\n';
              return true;
            }
            const Json in = Json::from_cbor(job.result);
            const Buffer& octets = in.at(1).get_binary();
            story = {in.at(0).get<std::string>(), {octets.begin(), octets.end()}};
            return true;
          });
      if (!ran) return Err{ran.error()};
      if (story && killer) {
        story->text += "            event " + std::to_string(one.events.size() + 1) + " of " +
                       std::to_string(events) + ", " + trace::text_of(*killer) + '\n';
      }
      if (story) {
        story->text += death;
        return *story;
      }
      if (interrupted_ || (one.events.empty() && !afterwards)) return Story{death, {}};
      // The first attempt may have died in what is tried afterwards.
      if (afterwards) continue;
      killer = one.events.back();
      one.events.pop_back();
    }
  }

  [[nodiscard]] Story played_out(targets::Target& target, const trace::Trace& one,
                                 bool afterwards) const {
    auto outcome = trace::Player{target, knobs_}.play(
        one, {.keep_steps = true, .check_afterwards = afterwards});
    if (!outcome) return {outcome.error() + "\n", {}};
    std::string story = story_of(outcome->steps, traits_.ethernet);
    for (const trace::Finding& finding : outcome->findings) {
      story += std::string{name_of(finding.rule)} + ": " + finding.what + '\n';
    }
    std::ostringstream capture;
    write_steps(capture, outcome->steps, traits_.ethernet, arguments_.target);
    return {std::move(story), capture.str()};
  }

  VerbResult replay() {
    const auto octets = read_file(arguments_.replay, kMostTraceOctets);
    if (!octets) {
      return Err{ends(ExitCode::usage, arguments_.replay + ": " + octets.error())};
    }
    const Buffer copy(octets->begin(), octets->end());
    if (copy.size() < trace::kPreambleSize ||
        (copy.size() - trace::kPreambleSize) % trace::kEventSize != 0) {
      return Err{ends(ExitCode::usage, arguments_.replay + ": no trace has " +
                                           std::to_string(copy.size()) + " octets")};
    }
    const trace::Trace one = trace::decode(copy);
    auto findings = try_out(one);
    if (!findings) return Err{findings.error()};
    const auto story = story_up_to_death(one);
    if (!story) return Err{story.error()};
    if (interrupted_) return ExitCode::interrupted;
    std::cout << report::harmless(story->text);
    return findings->empty() ? ExitCode::ok : ExitCode::fell_short;
  }

  const FuzzArguments& arguments_;
  std::uint64_t seed_ = 0;
  std::chrono::seconds time_{60};
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::map<std::string, std::string> knobs_;
  targets::Traits traits_;
  std::vector<Known> known_;
  std::size_t played_ = 0;
  trace::Reached reached_;
  std::string problem_;  // of the target itself
  bool interrupted_ = false;
};

}  // namespace

VerbResult fuzz(const FuzzArguments& arguments) {
  return Fuzz(arguments).act();
}

}  // namespace packetwright::cli
