/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PW_PACKETDRILL_INTERFACE_H
#define PW_PACKETDRILL_INTERFACE_H

#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

/*
 * The binary interface through which packetdrill reaches a stack that lives in a shared object
 * (its option --so_filename): a table of functions, of which a plug-in fills in what it has. The
 * order and the types of the slots are the interface; it has no version, no size and no way to ask
 * what a stack can do. C99 and C++.
 *
 * Calls mean what POSIX means by them: -1 with errno set is an error. The first argument is
 * `userdata`, which belongs to the plug-in. A slot that is null is a call that the stack lacks.
 */

#define PW_PLUGIN_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

struct packetdrill_interface {
  void* userdata;
  void (*free)(void* userdata); /* the end of everything that init made */

  int (*socket)(void* userdata, int domain, int type, int protocol);
  int (*bind)(void* userdata, int fd, const struct sockaddr* address, socklen_t size);
  int (*listen)(void* userdata, int fd, int backlog);
  int (*accept)(void* userdata, int fd, struct sockaddr* address, socklen_t* size);
  int (*connect)(void* userdata, int fd, const struct sockaddr* address, socklen_t size);

  ssize_t (*read)(void* userdata, int fd, void* octets, size_t count);
  ssize_t (*readv)(void* userdata, int fd, const struct iovec* parts, int count);
  ssize_t (*recv)(void* userdata, int fd, void* octets, size_t count, int flags);
  ssize_t (*recvfrom)(void* userdata, int fd, void* octets, size_t count, int flags,
                      struct sockaddr* from, socklen_t* size);
  ssize_t (*recvmsg)(void* userdata, int fd, struct msghdr* message, int flags);
  ssize_t (*write)(void* userdata, int fd, const void* octets, size_t count);
  ssize_t (*writev)(void* userdata, int fd, const struct iovec* parts, int count);
  ssize_t (*send)(void* userdata, int fd, const void* octets, size_t count, int flags);
  ssize_t (*sendto)(void* userdata, int fd, const void* octets, size_t count, int flags,
                    const struct sockaddr* to, socklen_t size);
  ssize_t (*sendmsg)(void* userdata, int fd, const struct msghdr* message, int flags);

  int (*fcntl)(void* userdata, int fd, int command, ...);
  int (*ioctl)(void* userdata, int fd, unsigned long request, ...);
  int (*close)(void* userdata, int fd);
  int (*shutdown)(void* userdata, int fd, int how);
  int (*getsockopt)(void* userdata, int fd, int level, int option, void* value, socklen_t* size);
  int (*setsockopt)(void* userdata, int fd, int level, int option, const void* value,
                    socklen_t size);
  int (*poll)(void* userdata, struct pollfd* polled, nfds_t count, int timeout_ms);

  /* One IP packet to the stack. 0, or -1. */
  int (*netdev_send)(void* userdata, const void* packet, size_t count);
  /* The oldest IP packet that the stack has sent and nobody has taken. *count: the room, and then
   * the octets written. -1 says that there is none, and packetwright takes *count == 0 for the
   * same; packetdrill takes it for a broken packet. *time_us: when it was sent, by gettimeofday().
   * It must not wait. */
  int (*netdev_receive)(void* userdata, void* packet, size_t* count, long long* time_us);

  /* The stack's clock, and waiting by it. */
  int (*usleep)(void* userdata, useconds_t microseconds);
  int (*gettimeofday)(void* userdata, struct timeval* now, struct timezone* unused);

  int (*epoll_create)(void* userdata, int size);
  int (*epoll_ctl)(void* userdata, int epoll, int operation, int fd, struct epoll_event* event);
  int (*epoll_wait)(void* userdata, int epoll, struct epoll_event* events, int most,
                    int timeout_ms);
  int (*pipe)(void* userdata, int ends[2]);
  int (*splice)(void* userdata, int in, loff_t* in_offset, int out, loff_t* out_offset,
                size_t count, unsigned int flags);
};

/* What the shared object exports under this name. `flags` is text for the plug-in; the table
 * arrives zeroed. */
typedef void (*packetdrill_interface_init_t)(const char* flags,
                                             struct packetdrill_interface* interface);
PW_PLUGIN_EXPORT void packetdrill_interface_init(const char* flags,
                                                 struct packetdrill_interface* interface);

/*
 * An addition of packetwright that packetdrill does not look for. A shared object may also export
 * this: when the stack will next do something by itself, as a time of gettimeofday() in
 * microseconds. 0; or -1: not until a call or a packet. With it a virtual clock jumps from one
 * event to the next; without it, it is moved on a millisecond at a time wherever a packet may come.
 */
typedef int (*packetwright_next_timer_t)(void* userdata, long long* time_us);
PW_PLUGIN_EXPORT int packetwright_next_timer(void* userdata, long long* time_us);

#ifdef __cplusplus
}
#endif

#endif /* PW_PACKETDRILL_INTERFACE_H */
