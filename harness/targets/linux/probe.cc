// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/probe.hh"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/linux_target.hh"
#include "harness/targets/linux/unique_fd.hh"

namespace packetwright::linux_stack {
namespace {

// What the child says: lines whose first letter tells what they are: v(ersion), m(edium),
// c(apability), n(ote), or r(eason) why it cannot be used.
std::string report(Medium medium) {
  const auto opened = LinuxTarget::open(medium);
  if (!opened) return "r" + opened.error() + "\n";
  const targets::Traits& traits = (*opened)->traits();
  std::string text = "v" + traits.version + "\nm" + traits.medium + "\n";
  for (const std::string& capability : traits.capabilities) text += "c" + capability + "\n";
  for (const std::string& note : traits.notes) text += "n" + note + "\n";
  return text;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> chunk;
  while (true) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<targets::Traits, std::string> probe(Medium medium) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return Err{std::string{"pipe: "} + std::strerror(errno)};
  const UniqueFd reading{ends[0]};
  UniqueFd writing{ends[1]};
  const pid_t child = fork();
  if (child < 0) return Err{std::string{"fork: "} + std::strerror(errno)};
  if (child == 0) {
    const std::string text = report(medium);
    // A pipe takes this much at once.
    static_cast<void>(!::write(writing.get(), text.data(), text.size()));
    _exit(0);
  }
  writing.reset();
  const std::string text = read_all(reading.get());
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }

  targets::Traits traits;
  traits.name = name_of_target(medium);
  traits.clock = targets::ClockKind::real_time;
  traits.ethernet = medium == Medium::veth;
  std::string reason = "the kernel's stack could not be tried: the process that tried it died";
  bool works = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string value = text.substr(at + 1, end - at - 1);
    switch (text[at]) {
      case 'v': traits.version = value, works = true; break;
      case 'm': traits.medium = value; break;
      case 'c': traits.capabilities.push_back(value); break;
      case 'n': traits.notes.push_back(value); break;
      default: reason = value; break;
    }
    at = end + 1;
  }
  if (!works) return Err{reason};
  return traits;
}

}  // namespace packetwright::linux_stack
