// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/sysctls.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "harness/targets/linux/unique_fd.hh"

namespace packetwright::linux_stack {
namespace {

// Where bare names are looked for, in this order.
constexpr std::string_view kFolders[] = {"/proc/sys/net/ipv4/", "/proc/sys/net/core/",
                                         "/proc/sys/net/ipv6/"};

// Tabs and runs of blanks read as one blank, as between the three values of tcp_rmem.
std::string tidy(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::optional<std::string> path_of(std::string_view name) {
  // A name is a word or a dotted path below net; nothing that could lead elsewhere.
  const bool harmless = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
  if (!harmless || name.find("..") != std::string_view::npos) return std::nullopt;
  if (name.starts_with("net.")) {
    std::string path = "/proc/sys/" + std::string{name};
    std::replace(path.begin(), path.end(), '.', '/');
    return ::access(path.c_str(), F_OK) == 0 ? std::optional{path} : std::nullopt;
  }
  for (const std::string_view folder : kFolders) {
    std::string path = std::string{folder} + std::string{name};
    if (name.find('.') == std::string_view::npos && ::access(path.c_str(), F_OK) == 0) return path;
  }
  return std::nullopt;
}

// From errno. No permission, or a congestion control that is not built in, is this machine's
// doing; a value out of range is whoever's who asked for it.
SysctlError failure(const std::string& what) {
  const int error = errno;
  return {what + ": " + std::strerror(error), error == EPERM || error == EACCES || error == ENOENT};
}

SysctlError no_such_setting(std::string_view name) {
  return {"this kernel has no setting \"" + std::string{name} + "\""};
}

Result<std::string, SysctlError> read_path(const std::string& path) {
  const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 4096> text{};
  const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
  if (got < 0) return Err{failure(path)};
  return tidy({text.data(), static_cast<std::size_t>(got)});
}

Result<void, SysctlError> write_path(const std::string& path, std::string_view value) {
  {
    const UniqueFd file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!file || ::write(file.get(), value.data(), value.size()) < 0) {
      return Err{failure(path + " = " + std::string{value})};
    }
  }
  const Result<std::string, SysctlError> now = read_path(path);
  if (!now) return Err{now.error()};
  if (*now != tidy(value)) {
    return Err{
        SysctlError{path + ": wrote \"" + std::string{value} + "\", reads \"" + *now + "\""}};
  }
  return {};
}

}  // namespace

Result<void, SysctlError> Sysctls::set(std::string_view name, std::string_view value) {
  const std::optional<std::string> path = path_of(name);
  if (!path) return Err{no_such_setting(name)};
  return write_path(*path, value);
}

Result<void, SysctlError> Sysctls::set_for_now(std::string_view name, std::string_view value) {
  const std::optional<std::string> path = path_of(name);
  if (!path) return Err{no_such_setting(name)};
  const Result<std::string, SysctlError> before = read_path(*path);
  if (!before) return Err{before.error()};
  before_.emplace(*path, *before);
  return write_path(*path, value);
}

bool Sysctls::restore() {
  bool all = true;
  for (const auto& [path, value] : before_) all = write_path(path, value).ok() && all;
  before_.clear();
  return all;
}

Result<std::string, SysctlError> Sysctls::get(std::string_view name) {
  const std::optional<std::string> path = path_of(name);
  if (!path) return Err{no_such_setting(name)};
  return read_path(*path);
}

}  // namespace packetwright::linux_stack
