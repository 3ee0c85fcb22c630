// SPDX-License-Identifier: Apache-2.0
#include "harness/contract/contract.hh"

#include <cstring>
#include <numeric>
#include <utility>

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

TrialResult post_mortem(const isolation::JobReport& job) {
  std::string text;
  switch (job.end) {
    case isolation::JobEnd::hung: text = "it did not end within 20 s"; break;
    case isolation::JobEnd::lost: text = "it ended the process with status 0"; break;
    case isolation::JobEnd::out_of_memory: text = "it took too much memory"; break;
    case isolation::JobEnd::flooded: text = "it wrote too much output"; break;
    case isolation::JobEnd::done:
    case isolation::JobEnd::crashed:
      text = job.death.signal != 0 ? strsignal(job.death.signal) : "it ended the process";
      break;
  }
  if (!job.death.log.empty()) text += ": " + job.death.log.substr(0, job.death.log.find('\n'));
  return broken(text);
}

TrialResult run(const Trial& trial, const Opener& open, std::span<const std::string> known) {
  auto opened = open();
  if (!opened) return broken(opened.error());
  targets::Target& target = **opened;
  TrialResult result = trial.run(target, known);
  // Whatever the trial made of it, this came first.
  if (const auto death = target.death()) return broken(death->log);
  return result;
}

}  // namespace

std::vector<Finding> check(const Opener& open, std::span<const std::string> known) {
  const std::span<const Trial> trials = all_trials();
  std::vector<Finding> findings;
  for (const Trial& trial : trials) findings.push_back({trial.name, State::broken, "not tried"});
  std::vector<std::size_t> jobs(trials.size());
  std::iota(jobs.begin(), jobs.end(), std::size_t{0});
  isolation::PoolOptions options;
  options.limits.job_timeout = kLimit;
  const isolation::PoolOutcome outcome = isolation::run_jobs(
      options, jobs,
      [&](std::size_t job, isolation::Journal&) { return packed(run(trials[job], open, known)); },
      [&](const isolation::JobReport& job) {
        const TrialResult result =
            job.end == isolation::JobEnd::done ? unpacked(job.result) : post_mortem(job);
        findings[job.job].state = result.state;
        findings[job.job].detail = result.detail;
        return true;
      });
  if (!outcome.error.empty()) findings.push_back({"trials", State::broken, outcome.error});
  return findings;
}

}  // namespace packetwright::contract
