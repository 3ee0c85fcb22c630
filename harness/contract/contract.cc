// SPDX-License-Identifier: Apache-2.0
#include "harness/contract/contract.hh"

#include <numeric>
#include <utility>

#include "harness/contract/scripted_trials.hh"
#include "harness/contract/trials.hh"
#include "harness/targets/isolation/pool.hh"

namespace packetwright::contract {
namespace {

constexpr Duration kLimit = std::chrono::seconds{20};

// A finding on its way out of the worker: a letter for its state, and the detail.
Buffer packed(const TrialResult& result) {
  std::string text(1, result.state == State::kept     ? 'k'
                      : result.state == State::broken ? 'b'
                                                      : 'n');
  text += result.detail;
  return {text.begin(), text.end()};
}

TrialResult unpacked(const Buffer& octets) {
  if (octets.empty()) return broken("it ended without a result");
  const State state = octets[0] == 'k'   ? State::kept
                      : octets[0] == 'b' ? State::broken
                                         : State::not_claimed;
  return {state, std::string{octets.begin() + 1, octets.end()}};
}

// The functions first, then the scripts.
std::string name_of(std::size_t trial) {
  const std::size_t functions = trials().size();
  return trial < functions ? trials()[trial].name : scripted_trials()[trial - functions].name;
}

TrialResult run_trial(std::size_t trial, const Opener& open, std::span<const std::string> known) {
  auto opened = open();
  if (!opened) return broken(opened.error());
  targets::Target& target = **opened;
  const std::size_t functions = trials().size();
  TrialResult result = trial < functions ? trials()[trial].run(target, known)
                                         : run(scripted_trials()[trial - functions], target);
  // Whatever the trial made of it, this came first.
  if (const auto death = target.death()) return broken(death->log);
  return result;
}

}  // namespace

std::vector<Finding> check(const Opener& open, std::span<const std::string> known) {
  std::vector<std::size_t> jobs(trials().size() + scripted_trials().size());
  std::iota(jobs.begin(), jobs.end(), std::size_t{0});
  std::vector<Finding> findings;
  for (const std::size_t job : jobs) findings.push_back({name_of(job), State::broken, "not tried"});
  isolation::PoolOptions options;
  options.limits.job_timeout = kLimit;
  const isolation::PoolOutcome outcome = isolation::run_jobs(
      options, jobs,
      [&](std::size_t job, isolation::Journal&) { return packed(run_trial(job, open, known)); },
      [&](const isolation::JobReport& job) {
        const TrialResult result = job.end == isolation::JobEnd::done
                                       ? unpacked(job.result)
                                       : broken("it " + isolation::how_it_ended(job, kLimit));
        findings[job.job].state = result.state;
        findings[job.job].detail = result.detail;
        return true;
      });
  if (!outcome.error.empty()) findings.push_back({"trials", State::broken, outcome.error});
  return findings;
}

}  // namespace packetwright::contract
