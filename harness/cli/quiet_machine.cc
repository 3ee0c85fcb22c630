// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/quiet_machine.hh"

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace packetwright::cli {

std::shared_ptr<void> wait_for_quiet_machine() {
  constexpr int kTries = 3000;
  constexpr std::chrono::milliseconds kPause{20};
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) return nullptr;
  const std::string name = folder / ("packetwright-" + std::to_string(getuid()) + ".alone");
  const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return nullptr;
  for (int i = 0; i < kTries; ++i) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
      // Workers have copies of the descriptor, so that closing it would not do.
      return {nullptr, [fd](void*) {
                ::flock(fd, LOCK_UN);
                ::close(fd);
              }};
    }
    std::this_thread::sleep_for(kPause);
  }
  ::close(fd);
  return nullptr;
}

}  // namespace packetwright::cli
