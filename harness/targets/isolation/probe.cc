// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/probe.hh"

#include <array>
#include <iterator>
#include <sstream>
#include <utility>

#include "harness/targets/isolation/pool.hh"

namespace packetwright::isolation {
namespace {

constexpr Duration kLimit = std::chrono::seconds{20};

// Lines whose first letter tells what they are: k(ind of clock), e(thernet), t(ick), s(lack),
// N(ame), m(edium), v(ersion), c(apability), n(ote), or r(eason) why it cannot be used, which goes
// on to the end.
std::string report(const targets::Traits& traits) {
  std::string text = traits.clock == targets::ClockKind::virtual_time ? "kv\n" : "kr\n";
  text += traits.ethernet ? "e1\n" : "e0\n";
  text += "t" + std::to_string(traits.tick.count()) + "\n";
  text += "s" + std::to_string(traits.slack.count()) + "\n";
  text += "N" + traits.name + "\nm" + traits.medium + "\nv" + traits.version + "\n";
  for (const std::string& capability : traits.capabilities) text += "c" + capability + "\n";
  for (const std::string& note : traits.notes) text += "n" + note + "\n";
  return text;
}

Result<targets::Traits, std::string> read_report(const Buffer& octets) {
  targets::Traits traits;
  std::istringstream lines{std::string{octets.begin(), octets.end()}};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    std::string value = line.substr(1);
    switch (line[0]) {
      case 'k':
        traits.clock =
            value == "v" ? targets::ClockKind::virtual_time : targets::ClockKind::real_time;
        break;
      case 'e': traits.ethernet = value == "1"; break;
      case 't': traits.tick = Duration{std::stoll(value)}; break;
      case 's': traits.slack = Duration{std::stoll(value)}; break;
      case 'N': traits.name = std::move(value); break;
      case 'm': traits.medium = std::move(value); break;
      case 'v': traits.version = std::move(value); break;
      case 'c': traits.capabilities.push_back(std::move(value)); break;
      case 'n': traits.notes.push_back(std::move(value)); break;
      default: {
        value.append("\n").append(std::istreambuf_iterator<char>{lines}, {});
        value.erase(value.find_last_not_of('\n') + 1);
        return Err{std::move(value)};
      }
    }
  }
  return traits;
}

}  // namespace

Result<targets::Traits, std::string> probe(
    const std::function<Result<std::unique_ptr<targets::Target>, std::string>()>& open) {
  PoolOptions options;
  options.limits.job_timeout = kLimit;
  const std::array<std::size_t, 1> jobs{0};
  Result<targets::Traits, std::string> result = Err{std::string{"it was not tried"}};
  const PoolOutcome outcome = run_jobs(
      options, jobs,
      [&](std::size_t, Journal&) -> Buffer {
        const auto opened = open();
        const std::string text = opened ? report((*opened)->traits()) : "r" + opened.error() + "\n";
        return {text.begin(), text.end()};
      },
      [&](JobReport job) {
        result = job.end == JobEnd::done
                     ? read_report(job.result)
                     : Result<targets::Traits, std::string>{
                           Err{"loading and trying it " + how_it_ended(job, kLimit)}};
        return true;
      });
  if (!outcome.error.empty()) return Err{outcome.error};
  return result;
}

}  // namespace packetwright::isolation
