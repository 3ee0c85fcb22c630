// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/reassembly.hh"

#include <array>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "harness/targets/linux/unique_fd.hh"

namespace packetwright::linux_stack {
namespace {

// The number behind `key` in a file of a few lines. Without the file or the key: 0, for a kernel
// that does not have the protocol.
long count_in(const char* path, std::string_view key) {
  const UniqueFd file{::open(path, O_RDONLY | O_CLOEXEC)};
  std::array<char, 1024> text{};
  if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0) return 0;
  const std::string_view all{text.data()};
  const std::size_t at = all.find(key);
  return at == std::string_view::npos ? 0 : std::strtol(text.data() + at + key.size(), nullptr, 10);
}

}  // namespace

bool waits_for_fragments() {
  return count_in("/proc/thread-self/net/sockstat", "FRAG: inuse ") != 0 ||
         count_in("/proc/thread-self/net/sockstat6", "FRAG6: inuse ") != 0;
}

}  // namespace packetwright::linux_stack
