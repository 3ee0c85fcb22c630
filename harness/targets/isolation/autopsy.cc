// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/autopsy.hh"

#include <csignal>
#include <cstring>
#include <string_view>

#include <sys/wait.h>

namespace packetwright::isolation {
namespace {

// What allocators say when there is no more: the C++ library's exception, and AddressSanitizer.
constexpr std::string_view kOutOfMemoryWords[] = {
    "std::bad_alloc",
    "AddressSanitizer: out of memory",
    "AddressSanitizer: requested allocation size",
    "AddressSanitizer: allocation-size-too-big",
    "AddressSanitizer: hard rss limit exhausted",
};

constexpr std::string_view kDeaf = "closed the descriptors that the harness talks through";

bool says_out_of_memory(const std::string& output) {
  for (const std::string_view words : kOutOfMemoryWords) {
    if (output.find(words) != std::string::npos) return true;
  }
  return false;
}

std::string mebibytes(std::size_t octets) {
  return std::to_string(octets >> 20) + " MiB";
}

std::string seconds(Duration time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  return std::to_string(ms / 1000) + "." + fraction + " s";
}

std::string cause_of_kill(JobEnd end, const Limits& limits) {
  switch (end) {
    case JobEnd::hung: return "still running after " + seconds(limits.job_timeout);
    case JobEnd::out_of_memory: return "took more than " + mebibytes(limits.memory_bytes);
    case JobEnd::flooded: return "wrote more than " + mebibytes(limits.output_bytes) + " of output";
    case JobEnd::crashed: return std::string{kDeaf};
    case JobEnd::done:
    case JobEnd::lost: break;
  }
  return "ended by the harness";
}

std::string cause_of_signal(int signal) {
  std::string cause = "killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  if (signal == SIGKILL) cause += ", not by the harness; the kernel does that when memory runs out";
  return cause;
}

}  // namespace

Autopsy examine(int wait_status, std::optional<JobEnd> killed_for, const Limits& limits,
                const std::string& output) {
  Autopsy found;
  std::string cause;
  if (killed_for) {
    found.end = *killed_for;
    cause = cause_of_kill(*killed_for, limits);
  } else if (WIFSIGNALED(wait_status)) {
    found.death.signal = WTERMSIG(wait_status);
    found.end = found.death.signal == SIGXFSZ ? JobEnd::flooded : JobEnd::crashed;
    cause = cause_of_signal(found.death.signal);
  } else {
    const int status = WEXITSTATUS(wait_status);
    found.end = status == 0 ? JobEnd::lost : JobEnd::crashed;
    cause = status == kDeafWorker ? std::string{kDeaf}
                                  : "left with exit status " + std::to_string(status);
  }
  if (found.end == JobEnd::crashed && says_out_of_memory(output)) {
    found.end = JobEnd::out_of_memory;
  }
  found.death.log = output.empty() ? cause : cause + "\n" + output;
  return found;
}

}  // namespace packetwright::isolation
