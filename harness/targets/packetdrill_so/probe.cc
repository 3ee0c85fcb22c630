// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/probe.hh"

#include <array>
#include <cstring>
#include <sstream>
#include <utility>

#include "harness/targets/isolation/pool.hh"
#include "harness/targets/packetdrill_so/packetdrill_so_target.hh"

namespace packetwright::packetdrill_so {
namespace {

constexpr Duration kLimit = std::chrono::seconds{20};

// Lines whose first letter tells what they are: k(ind of clock), t(ick), c(apability), n(ote),
// v(ersion), or r(eason) why it cannot be used.
Buffer report(std::string_view target) {
  std::string text;
  const auto opened = PacketdrillSoTarget::open(target);
  if (!opened) {
    text = "r" + opened.error() + "\n";
  } else {
    const targets::Traits& traits = (*opened)->traits();
    text = traits.clock == targets::ClockKind::virtual_time ? "kv\n" : "kr\n";
    text += "t" + std::to_string(traits.tick.count()) + "\n";
    text += "v" + traits.version + "\n";
    for (const std::string& capability : traits.capabilities) text += "c" + capability + "\n";
    for (const std::string& note : traits.notes) text += "n" + note + "\n";
  }
  return {text.begin(), text.end()};
}

Result<targets::Traits, std::string> read_report(std::string_view target, const Buffer& octets) {
  targets::Traits traits;
  traits.name = target;
  traits.medium = "memory";
  traits.ethernet = false;
  std::istringstream lines{std::string{octets.begin(), octets.end()}};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    std::string value = line.substr(1);
    switch (line[0]) {
      case 'k':
        traits.clock =
            value == "v" ? targets::ClockKind::virtual_time : targets::ClockKind::real_time;
        break;
      case 't': traits.tick = Duration{std::stoll(value)}; break;
      case 'v': traits.version = std::move(value); break;
      case 'c': traits.capabilities.push_back(std::move(value)); break;
      case 'n': traits.notes.push_back(std::move(value)); break;
      default: return Err{std::move(value)};
    }
  }
  return traits;
}

std::string last_words(const isolation::JobReport& job) {
  std::string text = "loading and trying it ";
  switch (job.end) {
    case isolation::JobEnd::hung: text += "did not end within 20 s"; break;
    case isolation::JobEnd::lost: text += "ended the process with status 0"; break;
    case isolation::JobEnd::out_of_memory: text += "took too much memory"; break;
    case isolation::JobEnd::flooded: text += "wrote too much output"; break;
    case isolation::JobEnd::done:
    case isolation::JobEnd::crashed:
      text += job.death.signal != 0 ? std::string{"ended by "} + strsignal(job.death.signal)
                                    : std::string{"ended the process"};
      break;
  }
  if (!job.death.log.empty()) text += ": " + job.death.log.substr(0, job.death.log.find('\n'));
  return text;
}

}  // namespace

Result<targets::Traits, std::string> probe(std::string_view target) {
  const auto words = words_of(target);
  if (!words) return Err{words.error()};
  isolation::PoolOptions options;
  options.limits.job_timeout = kLimit;
  const std::array<std::size_t, 1> jobs{0};
  Result<targets::Traits, std::string> result = Err{std::string{"it was not tried"}};
  const isolation::PoolOutcome outcome = isolation::run_jobs(
      options, jobs, [&](std::size_t, isolation::Journal&) { return report(target); },
      [&](isolation::JobReport job) {
        result = job.end == isolation::JobEnd::done
                     ? read_report(target, job.result)
                     : Result<targets::Traits, std::string>{Err{last_words(job)}};
        return true;
      });
  if (!outcome.error.empty()) return Err{outcome.error};
  return result;
}

}  // namespace packetwright::packetdrill_so
