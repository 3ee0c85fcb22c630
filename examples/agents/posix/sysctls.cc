// SPDX-License-Identifier: Apache-2.0
#include "sysctls.hh"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace posix_agent {
namespace {

// Empty: there is none.
std::string path_of(std::string_view name) {
  // A word, or words with dots between; nothing that could lead elsewhere.
  const bool harmless = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
  if (!harmless || name.empty() || name.find("..") != std::string_view::npos) return {};
  if (name.substr(0, 4) == "net.") {
    std::string path = "/proc/sys/" + std::string{name};
    std::replace(path.begin(), path.end(), '.', '/');
    return access(path.c_str(), F_OK) == 0 ? path : std::string{};
  }
  for (const char* folder : {"/proc/sys/net/ipv4/", "/proc/sys/net/core/", "/proc/sys/net/ipv6/"}) {
    std::string path = folder + std::string{name};
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return {};
}

int write_file(const std::string& path, std::string_view value) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return -ENOTSUP;
  const ssize_t put = write(file, value.data(), value.size());
  // A congestion control that is not built in is ENOENT, or EPERM.
  const int result = put >= 0 ? 0 : errno == EINVAL ? -EINVAL : -ENOTSUP;
  close(file);
  return result;
}

std::string read_file(const std::string& path) {
  char text[4096];
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t got = file < 0 ? -1 : read(file, text, sizeof text);
  if (file >= 0) close(file);
  return {text, static_cast<std::size_t>(got > 0 ? got : 0)};
}

}  // namespace

int Sysctls::set(std::string_view name, std::string_view value) {
  const std::string path = path_of(name);
  return path.empty() ? -ENOTSUP : write_file(path, value);
}

int Sysctls::set_for_now(std::string_view name, std::string_view value) {
  const std::string path = path_of(name);
  if (path.empty()) return -ENOTSUP;
  before_.emplace(path, read_file(path));
  return write_file(path, value);
}

void Sysctls::restore() {
  for (const auto& [path, value] : before_) write_file(path, value);
  before_.clear();
}

}  // namespace posix_agent
