// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/system.hh"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace packetwright::isolation {

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::size_t resident_octets(pid_t process) {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/statm", static_cast<int>(process));
  const int fd = ::open(path.data(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  std::array<char, 128> text{};
  const ssize_t got = ::read(fd, text.data(), text.size());
  ::close(fd);
  // "SIZE RESIDENT SHARED ...", in pages.
  const char* const end = text.data() + (got > 0 ? got : 0);
  const char* at = text.data();
  while (at != end && *at != ' ') ++at;
  if (at == end) return 0;
  std::size_t pages = 0;
  std::from_chars(at + 1, end, pages);
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

bool send_all(int socket, const void* octets, std::size_t size) {
  const char* at = static_cast<const char*>(octets);
  while (size > 0) {
    const ssize_t sent = ::send(socket, at, size, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace packetwright::isolation
