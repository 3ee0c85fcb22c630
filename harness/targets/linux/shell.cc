// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/shell.hh"

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include <poll.h>

#include "harness/targets/linux/output_tail.hh"
#include "harness/targets/linux/time_limit.hh"

namespace packetwright::linux_stack {

using ShellOutcome = targets::PosixCalls::ShellOutcome;

Result<ShellOutcome, std::string> Shell::run(std::string_view command, Duration limit) {
  auto output = OutputTail::open();
  if (!output) return Err{output.error()};
  auto warden = Warden::start(command, {-1, output->writing(), output->reading()});
  if (!warden) return Err{warden.error()};
  output->close_writing();

  const TimeLimit until{limit};
  std::optional<int> status;
  while (!(status = warden->status()) && !until.passed()) {
    // What runs in the background may hold the pipe for ever, so its end is not what counts.
    std::array<pollfd, 2> both{{{output->reading(), POLLIN, 0}, {warden->fd(), POLLIN, 0}}};
    poll(both.data(), both.size(), until.left_ms());
    output->read_some();
  }
  ShellOutcome outcome;
  outcome.status = status.value_or(kStatusOfKilled);
  outcome.timed_out = !status;
  while (output->read_some() && !until.passed()) {
  }
  if (status && warden->left_something()) {
    warden->keep_output();
    left_.push_back(std::move(*warden));
  } else {
    warden->end();  // and with it whatever still writes
    while (output->read_some() && !until.passed()) {
    }
  }
  outcome.output = output->take();
  return outcome;
}

std::string Shell::end_all() {
  std::string said;
  for (Warden& left : left_) said += left.kept_output();
  left_.clear();
  return said;
}

}  // namespace packetwright::linux_stack
