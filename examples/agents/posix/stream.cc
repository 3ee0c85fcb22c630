// SPDX-License-Identifier: Apache-2.0
#include "stream.hh"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace posix_agent {
namespace {

constexpr std::size_t kLargestMessage = std::size_t{16} << 20;

}  // namespace

Stream Stream::on_device(const char* path) {
  const int device = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (device < 0) {
    std::perror(path);
    std::exit(1);
  }
  termios settings{};
  if (tcgetattr(device, &settings) == 0) {
    cfmakeraw(&settings);
    tcsetattr(device, TCSANOW, &settings);
  }
  return {device, device};
}

bool Stream::read_all(std::uint8_t* octets, std::size_t count) const {
  while (count > 0) {
    const ssize_t got = ::read(in_, octets, count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    octets += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

bool Stream::write_all(Bytes octets) const {
  while (!octets.empty()) {
    const ssize_t put = ::write(out_, octets.data(), octets.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

bool Stream::read(Buffer& message) const {
  std::uint8_t length[4];
  if (!read_all(length, sizeof length)) return false;
  const std::size_t size = Reader{length}.u32();
  if (size > kLargestMessage) return false;
  message.resize(size);
  return read_all(message.data(), size);
}

bool Stream::write(Bytes message) const {
  // One write for both: on a device each may be a message of its own.
  Writer whole;
  whole.u32(message.size()).octets(message);
  return write_all(whole.all());
}

}  // namespace posix_agent
