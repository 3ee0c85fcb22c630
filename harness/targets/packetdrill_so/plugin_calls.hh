// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/targets/guarded_memory.hh"
#include "harness/targets/linux/system_calls.hh"
#include "harness/targets/packetdrill_so/plugin.hh"
#include "harness/targets/target.hh"

namespace packetwright::packetdrill_so {

// The calls of a plug-in, each answer checked before anybody believes it. A slot that is null
// answers ENOTSUP. What an answer breaks of the interface is remembered as a fault: from then on
// nothing that the plug-in says means anything.
class PluginCalls final : public linux_stack::SystemCalls {
 public:
  explicit PluginCalls(Plugin& plugin) : plugin_(plugin) {}

  // Whether the plug-in has the call of that name.
  [[nodiscard]] bool has(std::string_view call) const;
  // How it broke the interface; nullopt: not yet.
  [[nodiscard]] const std::optional<std::string>& fault() const noexcept { return fault_; }
  void fault(std::string what);
  // Another stack begins; there are no descriptors and no faults.
  void forget_all();
  // How many calls were made that may have changed something.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  // A descriptor that the stack gave out, and its domain.
  void adopt(int fd, targets::Domain domain) { domains_[fd] = domain; }
  void forget(int fd) { domains_.erase(fd); }
  [[nodiscard]] bool owns(int fd) const { return domains_.contains(fd); }
  [[nodiscard]] const std::map<int, targets::Domain>& descriptors() const { return domains_; }

  // 0, or -1: it was refused.
  int netdev_send(Bytes packet);
  // The oldest packet, valid until the next call, and when it was sent, microseconds of the
  // plug-in's clock; nullopt: there is none.
  struct Taken {
    Bytes packet;
    long long time_us;
  };
  [[nodiscard]] std::optional<Taken> netdev_receive();
  // May take packets from the stack that have no addresses of theirs.
  ssize_t recvfrom(int fd, void* octets, std::size_t count, int flags, sockaddr* from,
                   socklen_t* size);

  [[nodiscard]] targets::Domain domain_of(int fd) override;
  int socket(int domain, int type, int protocol) override;
  int bind(int fd, const sockaddr* address, socklen_t size) override;
  int listen(int fd, int backlog) override;
  int accept4(int fd, sockaddr* address, socklen_t* size, int flags) override;
  int connect(int fd, const sockaddr* address, socklen_t size) override;
  int shutdown(int fd, int how) override;
  int close(int fd) override;

  ssize_t read(int fd, void* octets, std::size_t count) override;
  ssize_t readv(int fd, const iovec* parts, int count) override;
  ssize_t recv(int fd, void* octets, std::size_t count, int flags) override;
  ssize_t recvmsg(int fd, msghdr* message, int flags) override;
  ssize_t write(int fd, const void* octets, std::size_t count) override;
  ssize_t writev(int fd, const iovec* parts, int count) override;
  ssize_t sendto(int fd, const void* octets, std::size_t count, int flags, const sockaddr* to,
                 socklen_t size) override;
  ssize_t sendmsg(int fd, const msghdr* message, int flags) override;

  int getsockopt(int fd, int level, int option, void* value, socklen_t* size) override;
  int setsockopt(int fd, int level, int option, const void* value, socklen_t size) override;
  int ioctl(int fd, unsigned long request, void* value) override;
  int fcntl(int fd, int command, int number) override;

  int poll(pollfd* polled, nfds_t count, int timeout) override;
  int epoll_create(int size) override;
  int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) override;
  int epoll_wait(int epoll, epoll_event* events, int most, int timeout) override;
  int pipe(int* ends) override;
  ssize_t splice(int in, loff_t* in_offset, int out, loff_t* out_offset, std::size_t count,
                 unsigned flags) override;

 private:
  [[nodiscard]] const packetdrill_interface& slots() const noexcept { return plugin_.slots(); }
  // Makes a call and checks that its result is -1 or 0 to `most`. -1 without an errno is EIO.
  template <class Function, class... Arguments>
  std::int64_t call(const char* name, std::int64_t most, Function slot, Arguments... arguments);
  void check_messages(const msghdr& message, std::size_t name_room, std::size_t control_room);

  Plugin& plugin_;
  targets::GuardedMemory memory_;  // what one call reads or writes
  targets::GuardedMemory beside_;  // and its second buffer
  std::map<int, targets::Domain> domains_;
  std::optional<std::string> fault_;
  std::uint64_t count_ = 0;
};

}  // namespace packetwright::packetdrill_so
