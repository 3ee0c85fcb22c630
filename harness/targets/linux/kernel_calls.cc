// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/kernel_calls.hh"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace packetwright::linux_stack {

targets::Domain KernelCalls::domain_of(int fd) {
  int family = AF_INET;
  socklen_t size = sizeof family;
  ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family == AF_INET6 ? targets::Domain::inet6 : targets::Domain::inet;
}

int KernelCalls::socket(int domain, int type, int protocol) {
  return ::socket(domain, type | SOCK_CLOEXEC, protocol);
}
int KernelCalls::bind(int fd, const sockaddr* address, socklen_t size) {
  return ::bind(fd, address, size);
}
int KernelCalls::listen(int fd, int backlog) {
  return ::listen(fd, backlog);
}
int KernelCalls::accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  return ::accept4(fd, address, size, flags | SOCK_CLOEXEC);
}
int KernelCalls::connect(int fd, const sockaddr* address, socklen_t size) {
  return ::connect(fd, address, size);
}
int KernelCalls::shutdown(int fd, int how) {
  return ::shutdown(fd, how);
}
int KernelCalls::close(int fd) {
  return ::close(fd);
}

ssize_t KernelCalls::read(int fd, void* octets, std::size_t count) {
  return ::read(fd, octets, count);
}
ssize_t KernelCalls::readv(int fd, const iovec* parts, int count) {
  return ::readv(fd, parts, count);
}
ssize_t KernelCalls::recv(int fd, void* octets, std::size_t count, int flags) {
  return ::recv(fd, octets, count, flags);
}
ssize_t KernelCalls::recvmsg(int fd, msghdr* message, int flags) {
  return ::recvmsg(fd, message, flags);
}
ssize_t KernelCalls::write(int fd, const void* octets, std::size_t count) {
  return ::write(fd, octets, count);
}
ssize_t KernelCalls::writev(int fd, const iovec* parts, int count) {
  return ::writev(fd, parts, count);
}
ssize_t KernelCalls::sendto(int fd, const void* octets, std::size_t count, int flags,
                            const sockaddr* to, socklen_t size) {
  return ::sendto(fd, octets, count, flags, to, size);
}
ssize_t KernelCalls::sendmsg(int fd, const msghdr* message, int flags) {
  return ::sendmsg(fd, message, flags);
}

int KernelCalls::getsockopt(int fd, int level, int option, void* value, socklen_t* size) {
  return ::getsockopt(fd, level, option, value, size);
}
int KernelCalls::setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
  return ::setsockopt(fd, level, option, value, size);
}
int KernelCalls::ioctl(int fd, unsigned long request, void* value) {
  return ::ioctl(fd, request, value);
}
int KernelCalls::fcntl(int fd, int command, int number) {
  return ::fcntl(fd, command, number);
}

int KernelCalls::poll(pollfd* polled, nfds_t count, int timeout) {
  return ::poll(polled, count, timeout);
}
int KernelCalls::epoll_create(int size) {
  return ::epoll_create(size);
}
int KernelCalls::epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  return ::epoll_ctl(epoll, operation, fd, event);
}
int KernelCalls::epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  return ::epoll_wait(epoll, events, most, timeout);
}
int KernelCalls::pipe(int* ends) {
  return ::pipe2(ends, O_CLOEXEC);
}
ssize_t KernelCalls::splice(int in, loff_t* in_offset, int out, loff_t* out_offset,
                            std::size_t count, unsigned flags) {
  return ::splice(in, in_offset, out, out_offset, count, flags);
}

}  // namespace packetwright::linux_stack
