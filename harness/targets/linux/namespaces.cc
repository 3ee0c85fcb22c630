// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/namespaces.hh"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace packetwright::linux_stack {
namespace {

// The namespace in which all others are made, so that they inherit its settings for children. It
// holds no stack itself.
UniqueFd g_nursery;
int g_entered = -1;  // the handle of the namespace that the process is in

// Enough for any script, and a thousand times fewer than a large machine's default: walking the
// table of connections, which every reset does, takes time by its size.
constexpr std::string_view kConnectionBuckets = "256";

bool write_file(const char* path, std::string_view text) {
  const UniqueFd file{::open(path, O_WRONLY | O_CLOEXEC)};
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// The number in a file of /proc, or -1.
long number_in(const char* path) {
  const UniqueFd file{::open(path, O_RDONLY | O_CLOEXEC)};
  char text[32] = {};
  if (!file || ::read(file.get(), text, sizeof text - 1) <= 0) return -1;
  return std::strtol(text, nullptr, 10);
}

std::string why_no_user_namespace(int error) {
  std::string why = "user namespaces are not permitted: ";
  why += std::strerror(error);
  if (number_in("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
    return why + " (sysctl kernel.unprivileged_userns_clone is 0; set it to 1, or run as root)";
  }
  if (number_in("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1) {
    return why +
           " (sysctl kernel.apparmor_restrict_unprivileged_userns is 1; set it to 0, or run "
           "as root)";
  }
  if (number_in("/proc/sys/user/max_user_namespaces") == 0) {
    return why + " (sysctl user.max_user_namespaces is 0; raise it, or run as root)";
  }
  if (error == EINVAL) return why + " (the process has more than one thread)";
  return why +
         " (a container's seccomp filter may forbid it; run as root, or with "
         "--security-opt seccomp=unconfined)";
}

std::string why_no_network_namespace(int error) {
  std::string why = "network namespaces are not available: ";
  why += std::strerror(error);
  if (error == ENOSPC) return why + " (sysctl user.max_net_namespaces is reached; raise it)";
  if (error == EINVAL) return why + " (the kernel is built without them: CONFIG_NET_NS)";
  return why;
}

Result<void, std::string> make_nursery() {
  if (g_nursery) return {};
  const auto user = static_cast<unsigned long>(geteuid());
  const auto group = static_cast<unsigned long>(getegid());
  if (unshare(CLONE_NEWNET) != 0) {
    // Not allowed as we are; as root of a user namespace of our own we may be.
    if (errno != EPERM) return Err{why_no_network_namespace(errno)};
    if (unshare(CLONE_NEWUSER) != 0) return Err{why_no_user_namespace(errno)};
    write_file("/proc/self/setgroups", "deny");
    if (!write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") ||
        !write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1")) {
      return Err{std::string{"the user namespace could not be given its root user: "} +
                 std::strerror(errno)};
    }
    if (unshare(CLONE_NEWNET) != 0) {
      return Err{"even inside a user namespace " + why_no_network_namespace(errno)};
    }
  }
  g_nursery = UniqueFd{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
  if (!g_nursery) {
    return Err{std::string{"/proc/self/ns/net: "} + std::strerror(errno) + " (is /proc mounted?)"};
  }
  write_file("/proc/sys/net/ipv4/tcp_child_ehash_entries", kConnectionBuckets);
  return {};
}

}  // namespace

Result<NetworkNamespace, std::string> NetworkNamespace::create() {
  const Result<void, std::string> nursery = make_nursery();
  if (!nursery) return Err{nursery.error()};
  g_entered = -1;
  if (setns(g_nursery.get(), CLONE_NEWNET) != 0 || unshare(CLONE_NEWNET) != 0) {
    return Err{why_no_network_namespace(errno)};
  }
  UniqueFd handle{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
  if (!handle) return Err{std::string{"/proc/self/ns/net: "} + std::strerror(errno)};
  return NetworkNamespace{std::move(handle)};
}

void NetworkNamespace::enter() const {
  if (g_entered == handle_.get()) return;
  // It cannot fail: the handle is ours, and so is the right to use it.
  static_cast<void>(setns(handle_.get(), CLONE_NEWNET));
  g_entered = handle_.get();
}

}  // namespace packetwright::linux_stack
