// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/resolver/etc.hh"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "harness/targets/linux/unique_fd.hh"

namespace packetwright::resolver {
namespace {

using linux_stack::UniqueFd;

constexpr const char* kResolvConf = "/etc/resolv.conf";
constexpr const char* kNscd = "/var/run/nscd";
constexpr std::string_view kHostName = "host";
// Where the files are made that are then put over those of /etc. It is as it was afterwards.
constexpr const char* kWorkshop = "/tmp";

struct File {
  const char* path;
  std::string_view text;
};
constexpr std::array<File, 4> kFiles = {{
    {kResolvConf, ""},
    {"/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: dns\n"},
    {"/etc/hosts", ""},
    {"/etc/gai.conf", ""},
}};

// This process, or one that it was forked from, is in such a namespace.
bool g_entered = false;

std::string failed(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

bool write_file(const char* path, std::string_view text) {
  const UniqueFd file{::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// A file or folder over another one. What is not there needs none: it is found by nobody.
Result<void, std::string> cover(const char* path, const char* with) {
  if (mount(with, path, nullptr, MS_BIND, nullptr) == 0) return {};
  if (errno == ENOENT && path != kResolvConf) return {};
  return Err{failed(std::string{path} + " could not be covered by another")};
}

Result<void, std::string> cover_files() {
  for (const File& file : kFiles) {
    const std::string made = std::string{kWorkshop} + "/file";
    if (!write_file(made.c_str(), file.text)) return Err{failed(made)};
    if (auto covered = cover(file.path, made.c_str()); !covered) return covered;
    // The mount keeps it.
    ::unlink(made.c_str());
  }
  if (access(kNscd, F_OK) != 0) return {};
  return cover(kNscd, kWorkshop);
}

}  // namespace

Result<Etc, std::string> Etc::enter() {
  if (g_entered) return Etc{};
  if (unshare(CLONE_NEWNS | CLONE_NEWUTS) != 0) {
    return Err{failed("a mount namespace cannot be made")};
  }
  if (sethostname(kHostName.data(), kHostName.size()) != 0) return Err{failed("sethostname")};
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Err{failed("the mounts could not be made private")};
  }
  if (mount("packetwright", kWorkshop, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0) {
    return Err{failed("a tmpfs cannot be mounted")};
  }
  const auto covered = cover_files();
  umount2(kWorkshop, MNT_DETACH);
  if (!covered) return Err{covered.error()};
  g_entered = true;
  return Etc{};
}

Result<void, std::string> Etc::set_resolv_conf(const std::string& text) {
  if (text == text_) return {};
  if (!write_file(kResolvConf, text)) return Err{failed(kResolvConf)};
  text_ = text;
  return {};
}

}  // namespace packetwright::resolver
