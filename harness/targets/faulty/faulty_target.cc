// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/faulty/faulty_target.hh"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <unistd.h>

namespace packetwright::faulty {
namespace {

using targets::CallResult;

constexpr std::string_view kFaults[] = {
    "abort",  "assertion", "exception",  "segfault",    "overflow",     "exit_0",
    "exit_3", "hang",      "memory",     "output",      "child",        "close_descriptors",
    "dies",   "frames",    "huge_frame", "empty_frame", "back_in_time", "stopped_clock",
    "deaf",   "stale",     "leak",       "no_reset",
};

[[noreturn]] void fail_assertion() {
  std::fputs("tcp_input.c:120: assertion failed: snd_una <= snd_nxt\n", stderr);
  std::abort();
}

[[noreturn]] void loop_for_ever() {
  volatile bool for_ever = true;
  while (for_ever) {
  }
  std::abort();
}

[[noreturn]] void take_memory() {
  std::vector<Buffer> hoard;
  while (true) hoard.emplace_back(std::size_t{1} << 20, 0x55);
}

[[noreturn]] void print_for_ever() {
  while (true) std::puts("tcp_input: unexpected segment, this is printed for every one of them");
}

void read_nowhere() {
  int* volatile nowhere = nullptr;
  const int value = *nowhere;  // NOLINT(clang-analyzer-core.NullDereference): the fault itself
  std::printf("%d\n", value);
}

// One octet too far, in a block of its own: what a sanitizer is for.
void read_beyond() {
  const auto block = std::make_unique<std::uint8_t[]>(20);
  volatile std::size_t size = 20;
  std::printf("%d\n", block[size]);
}

void leave_a_child() {
  if (fork() != 0) return;
  alarm(60);  // should nobody end it
  while (true) pause();
}

void keep_memory() {
  static std::vector<Buffer> kept;
  kept.emplace_back(std::size_t{8} << 20, 0x55);
}

}  // namespace

FaultyTarget::FaultyTarget() : traits_(sound_.traits()) {
  traits_.name = "faulty";
}

bool FaultyTarget::knows(std::string_view fault) {
  return std::find(std::begin(kFaults), std::end(kFaults), fault) != std::end(kFaults);
}

Result<void, targets::ResetError> FaultyTarget::reset(const targets::Config& config) {
  targets::Config rest = config;
  const auto knob = rest.knobs.find("fault");
  fault_ = knob == rest.knobs.end() ? std::string{} : knob->second;
  if (knob != rest.knobs.end()) rest.knobs.erase(knob);
  if (!fault_.empty() && !knows(fault_)) return Err{"there is no fault \"" + fault_ + "\""};
  if (is("no_reset")) return Err{std::string{"the device is busy"}};
  struck_ = false;
  deaf_ = is("stale");
  return sound_.reset(rest);
}

Result<void, targets::ResetError> FaultyTarget::reset_strongly(const targets::Config& config) {
  auto done = reset(config);
  deaf_ = false;
  return done;
}

void FaultyTarget::strike() {
  struck_ = true;
  if (is("abort")) std::abort();
  if (is("assertion")) fail_assertion();
  if (is("exception")) throw std::runtime_error("no route to the segment");
  if (is("segfault")) read_nowhere();
  if (is("overflow")) read_beyond();
  if (is("exit_0")) std::exit(0);
  if (is("exit_3")) std::exit(3);
  if (is("hang")) loop_for_ever();
  if (is("memory")) take_memory();
  if (is("output")) print_for_ever();
  if (is("child")) leave_a_child();
  if (is("leak")) keep_memory();
  if (is("close_descriptors")) {
    for (int fd = 3; fd < 1024; ++fd) ::close(fd);
  }
}

void FaultyTarget::inject(Bytes frame) {
  if (!struck_) strike();
  if (!deaf_) sound_.inject(frame);
}

void FaultyTarget::drain(std::vector<targets::SentFrame>& out) {
  sound_.drain(out);
  if (!struck_) return;
  if (is("huge_frame")) out.push_back({now(), Buffer(100'000, 0x45)});
  if (is("empty_frame")) out.push_back({now(), {}});
  if (is("huge_frame") || is("empty_frame")) fault_.clear();  // one is enough
  if (is("frames")) out.insert(out.end(), 100, {now(), Buffer(60, 0xff)});
}

Instant FaultyTarget::now() const {
  return is("back_in_time") && struck_ ? sound_.now() - 1s : sound_.now();
}

void FaultyTarget::advance_to(Instant until, bool stop_on_frame) {
  if (is("stopped_clock") && struck_) return;
  sound_.advance_to(until, stop_on_frame);
}

std::optional<targets::Death> FaultyTarget::death() const {
  if (!is("dies") || !struck_) return std::nullopt;
  return targets::Death{SIGSEGV, "stackd: segmentation fault in tcp_input\n"};
}

CallResult<targets::Fd> FaultyTarget::accept(targets::Fd fd, Endpoint* peer) {
  auto accepted = sound_.accept(fd, peer);
  if (is("deaf") && accepted.ok()) deaf_ = true;
  return accepted;
}

}  // namespace packetwright::faulty
