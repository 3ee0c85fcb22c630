// SPDX-License-Identifier: Apache-2.0
#include "stream.hh"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

namespace posix_agent {
namespace {

constexpr std::size_t kLargestMessage = std::size_t{16} << 20;
constexpr std::size_t kLengthSize = 4;
// A device may need memory for the whole of a call.
constexpr std::size_t kMostAtOnce = std::size_t{64} << 10;

}  // namespace

Stream Stream::on_device(const char* path) {
  const int device = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (device < 0) {
    std::perror(path);
    std::exit(1);
  }
  // A sound device of user-mode Linux gives what it is asked to the host, with room for eight
  // octets of answer: it cannot be asked whether it is a terminal.
  struct stat what{};
  constexpr unsigned int kSound = 14;
  termios settings{};
  if (fstat(device, &what) == 0 && major(what.st_rdev) != kSound &&
      tcgetattr(device, &settings) == 0) {
    cfmakeraw(&settings);
    tcsetattr(device, TCSANOW, &settings);
  }
  return {device, device};
}

bool Stream::write_all(Bytes octets) const {
  while (!octets.empty()) {
    const ssize_t put = ::write(out_, octets.data(), std::min(octets.size(), kMostAtOnce));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

bool Stream::read(Buffer& message) const {
  // Mostly the whole message is there at once, and nothing can be behind it.
  std::size_t have = 0, size = 0;
  do {
    if (message.size() < have + kMostAtOnce) message.resize(have + kMostAtOnce);
    const ssize_t got = ::read(in_, message.data() + have, kMostAtOnce);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
    if (have < kLengthSize) continue;
    size = kLengthSize + Reader{Bytes{message}.first(kLengthSize)}.u32();
    if (size > kLengthSize + kLargestMessage || have > size) return false;
  } while (size == 0 || have < size);
  message.resize(size);
  message.erase(message.begin(), message.begin() + kLengthSize);
  return true;
}

bool Stream::write(Bytes message) const {
  // One write for both: on a device each may be a message of its own.
  Writer whole;
  whole.u32(message.size()).octets(message);
  return write_all(whole.all());
}

}  // namespace posix_agent
