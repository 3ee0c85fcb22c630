/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packetwright_target.h, version 1: the interface that a TCP/IP stack implements in order to be
 * tested by packetwright as the target "plugin:FILE.so". Plain C99, no dependency. docs/plugins.md
 * is a guide; examples/plugin is a small stack with everything; `packetwright targets --check
 * plugin:FILE.so` says whether a plug-in keeps to what is written here.
 *
 * A plug-in is a shared object that exports one function:
 *
 *     const struct pw_target *packetwright_target(void);
 *
 * The world of a stack. It is one host on one link. At the other end of the link the harness plays
 * every other host there is: the gateway and whoever is behind it. The stack neither waits nor
 * sleeps: time is a number that the harness gives it (or, with PW_REAL_TIME, a real clock).
 *
 * Quiescence. A function returns when the stack has nothing more to do at this instant. What it
 * sent on the way has been given to pw_host.send() by then. "It sent nothing" is then a fact: the
 * harness does not wait for what may still come.
 *
 * Threads. One thread calls the stack. The functions of pw_host may be called while a function of
 * the plug-in is running, and from the thread that it runs in, and not otherwise.
 *
 * Memory. Whatever a pointer of the harness points to is the harness's, and is valid until the call
 * returns; a frame or buffer ends at the end of what may be touched at all, so an access beyond it
 * ends the process. Whatever a pointer of the plug-in points to stays the plug-in's. Texts end with
 * a zero.
 *
 * Results. Functions that return int or int64_t return 0 or more if they succeeded; else minus an
 * errno of <errno.h>: -EAGAIN (nothing yet; the harness asks again after a frame or a timer),
 * -EINPROGRESS, -ECONNREFUSED ... as the socket interface of POSIX has them. -ENOTSUP: the stack
 * does not have this call, or the call does not have this argument; the case is then UNSUPPORTED
 * and neither passed nor failed.
 *
 * Versions. What a later version of the harness adds stands at the end of the structs, and `size`
 * says how much of a struct its maker knows. Members beyond it count as zero.
 */
#ifndef PACKETWRIGHT_TARGET_H
#define PACKETWRIGHT_TARGET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PACKETWRIGHT_TARGET_VERSION 1

/* --- addresses, in network byte order */

enum pw_family { PW_NONE = 0, PW_IPV4 = 4, PW_IPV6 = 6 };

struct pw_address {
  uint8_t family;     /* enum pw_family; PW_NONE: there is none */
  uint8_t octets[16]; /* of IPv4 the first four */
};

struct pw_prefix {
  struct pw_address address;
  uint8_t length; /* bits */
};

/* PW_NONE with a port: any address. */
struct pw_endpoint {
  struct pw_address address;
  uint16_t port; /* in the byte order of the host */
};

/* --- what the stack must look like from the wire */

struct pw_knob {
  const char* name;
  const char* value;
};

struct pw_config {
  uint32_t size;
  uint64_t seed; /* of everything that is random; the same seed, the same octets */
  struct pw_prefix local4, local6;
  struct pw_address gateway4, gateway6; /* on the link */
  struct pw_address peer4, peer6;       /* off the link, behind the gateway */
  uint8_t mac[6];                       /* of the stack; the stack finds out the others */
  uint16_t mtu;                         /* octets of an IP packet */
  const struct pw_knob* knobs;          /* what a case sets: `//: set NAME VALUE` */
  size_t knob_count;
};

/* --- what the harness does for the stack */

struct pw_host {
  uint32_t size;
  void* context; /* goes into every call */
  /* A frame leaves the stack. It is copied before send() returns. At most 65,549 octets. */
  void (*send)(void* context, const uint8_t* frame, size_t count);
  /* A line for the log of the case. */
  void (*log)(void* context, const char* line);
};

/* --- sockets */

enum pw_type { PW_STREAM = 1, PW_DATAGRAM = 2, PW_RAW = 3 };
enum pw_protocol { PW_ANY = 0, PW_ICMP = 1, PW_TCP = 6, PW_UDP = 17, PW_ICMPV6 = 58 };
enum pw_how { PW_SHUT_READ = 0, PW_SHUT_WRITE = 1, PW_SHUT_BOTH = 2 };

/* Of read() and write(). PW_OUT_OF_BAND also in what read() says of the octets. */
enum pw_flag {
  PW_PEEK = 1,
  PW_OUT_OF_BAND = 2, /* urgent data */
  PW_MORE = 4,        /* more follows: an incomplete segment may wait for it */
  PW_FAST_OPEN = 8    /* connects a stream to `to` first, with the data in the SYN */
};

/* What poll() says. */
enum pw_ready { PW_READABLE = 1, PW_WRITABLE = 2, PW_URGENT = 4, PW_HANG_UP = 8, PW_ERROR = 16 };

/* Values are numbers. What has no unit here is 0 or 1. */
enum pw_option {
  PW_SO_ERROR = 0, /* an errno, or 0; reading clears it */
  PW_SO_REUSEADDR = 1,
  PW_SO_KEEPALIVE = 2,
  PW_SO_LINGER = 3, /* seconds, or -1 for off */
  PW_SO_SNDBUF = 4, /* octets */
  PW_SO_RCVBUF = 5, /* octets */
  PW_SO_OOBINLINE = 6,
  PW_SO_BROADCAST = 7,
  PW_IP_TTL = 8,
  PW_IP_TOS = 9, /* the whole octet */
  PW_IP_RECVERR = 10,
  PW_IP_MTU = 11,          /* octets; can only be read */
  PW_IP_MTU_DISCOVER = 12, /* as on Linux: 0 never, 1 when it pleases, 2 always, 3 probing */
  PW_IPV6_V6ONLY = 13,
  PW_IPV6_UNICAST_HOPS = 14,
  PW_IPV6_TCLASS = 15,
  PW_TCP_NODELAY = 16,
  PW_TCP_MAXSEG = 17, /* octets */
  PW_TCP_CORK = 18,
  PW_TCP_KEEPIDLE = 19,     /* seconds */
  PW_TCP_KEEPINTVL = 20,    /* seconds */
  PW_TCP_KEEPCNT = 21,      /* probes */
  PW_TCP_USER_TIMEOUT = 22, /* milliseconds */
  PW_TCP_QUICKACK = 23,
  PW_TCP_SYNCNT = 24,       /* retransmissions */
  PW_TCP_WINDOW_CLAMP = 25, /* octets */
  PW_TCP_FASTOPEN = 26,     /* connections that may wait */
  PW_TCP_FASTOPEN_CONNECT = 27,
  PW_TCP_DEFER_ACCEPT = 28 /* seconds */
};

/* The states of RFC 9293, 3.3.2. */
enum pw_tcp_state {
  PW_LISTEN = 1,
  PW_SYN_SENT = 2,
  PW_SYN_RECEIVED = 3,
  PW_ESTABLISHED = 4,
  PW_FIN_WAIT_1 = 5,
  PW_FIN_WAIT_2 = 6,
  PW_CLOSE_WAIT = 7,
  PW_CLOSING = 8,
  PW_LAST_ACK = 9,
  PW_TIME_WAIT = 10,
  PW_CLOSED = 11
};

#define PW_MAX_COUNTERS 32

struct pw_counter {
  const char* name; /* as docs/targets.md lists them: "cwnd", "srtt_us" ... */
  int64_t value;
};

struct pw_tcp_status {
  uint8_t state; /* enum pw_tcp_state; 0: the stack cannot say */
  uint32_t counter_count;
  struct pw_counter counters[PW_MAX_COUNTERS];
};

/* --- the stack */

enum pw_target_flag {
  PW_ETHERNET = 1,  /* frames are Ethernet frames without the check sequence; else IP packets */
  PW_REAL_TIME = 2, /* the stack has a clock of its own, which cannot be made to jump */
  PW_ONE_LIFE = 4   /* create() works once: for the next life the shared object is loaded anew */
};

#define PW_NEVER UINT64_MAX

struct pw_target {
  uint32_t version; /* PACKETWRIGHT_TARGET_VERSION */
  uint32_t size;    /* sizeof(struct pw_target) */

  const char* name;          /* "lwip"; goes into every verdict */
  const char* stack_version; /* "2.2.1" */
  const char* capabilities;  /* words of docs/targets.md with blanks between: "ipv4 tcp sack" */
  uint32_t flags;            /* enum pw_target_flag, added up */
  uint64_t tick_ns;          /* granularity of the timers; 0: exact */
  uint64_t slack_ns;         /* PW_REAL_TIME: by how much it may be late */

  /* A life of the stack: 1 to 3 are required. */

  /* 1. A new stack, its interface up, its time 0; `*stack` is given to every other function.
   * -ENOTSUP: it does not have one of the knobs, or this machine does not allow what is asked for,
   * and the case is UNSUPPORTED. -EINVAL: a knob cannot have that value. On failure the reason, if
   * there is more to say, goes to `reason`, which has room for `reason_size` octets. `host` is
   * valid until destroy(). */
  int (*create)(const struct pw_config* config, const struct pw_host* host, void** stack,
                char* reason, size_t reason_size);
  /* 2. Nothing of the stack is left, and nothing is sent any more. */
  void (*destroy)(void* stack);
  /* 3. A frame arrives, of any octets and any length. */
  void (*inject)(void* stack, const uint8_t* frame, size_t count);

  /* 4. As new, as after destroy() and create() with the same `host`; quicker. Optional. */
  int (*reset)(void* stack, const struct pw_config* config, char* reason, size_t reason_size);

  /* Time, in nanoseconds since create() or reset(). Required are 7 and 8 with PW_REAL_TIME. Without
   * it 5 is, and 6 or a tick; or, where only the stack itself can move its clock and does not know
   * its next timer, 7 and 8 and not 6: then time passes in wait() alone. */

  /* 5. It is `now_ns`, which is never less than before. Every timer that is due by then runs. The
   * harness goes from timer to timer (6), or without 6 from tick to tick. */
  void (*advance)(void* stack, uint64_t now_ns);
  /* 6. When the stack will act by itself, or PW_NEVER; after advance(), later than now. Optional.
   */
  uint64_t (*next_timer)(void* stack);
  /* 7. The stack's own clock. Also called while another function calls pw_host.send(). */
  uint64_t (*now)(void* stack);
  /* 8. Returns at `until_ns`, or when the stack has sent a frame. The only function in which time
   * passes by itself. */
  void (*wait)(void* stack, uint64_t until_ns);

  /* Sockets, none of which blocks. All are optional; without 9 only cases without sockets run. */

  /* 9. A descriptor, 0 or more. `family`: enum pw_family. */
  int (*socket)(void* stack, int family, int type, int protocol);
  /* 10 */
  int (*bind)(void* stack, int fd, const struct pw_endpoint* local);
  /* 11 */
  int (*listen)(void* stack, int fd, int backlog);
  /* 12. The descriptor of a connection that is there. */
  int (*accept)(void* stack, int fd, struct pw_endpoint* peer);
  /* 13. -EINPROGRESS: on its way; writable when connected, then PW_SO_ERROR says how it went. */
  int (*connect)(void* stack, int fd, const struct pw_endpoint* remote);
  /* 14. The number of octets read, 0 at the end of a stream. Datagrams have a sender. `*flags` says
   * what is asked for, and then what the octets are (enum pw_flag). */
  int64_t (*read)(void* stack, int fd, uint8_t* octets, size_t count, uint32_t* flags,
                  struct pw_endpoint* from);
  /* 15. The number of octets taken, which may be less than `count`. `to`: may be null. */
  int64_t (*write)(void* stack, int fd, const uint8_t* octets, size_t count, uint32_t flags,
                   const struct pw_endpoint* to);
  /* 16. `how`: enum pw_how. */
  int (*shutdown)(void* stack, int fd, int how);
  /* 17. The descriptor is gone; what the protocol still owes the peer goes on. */
  int (*close)(void* stack, int fd);
  /* 18, 19. `option`: enum pw_option. */
  int (*set_option)(void* stack, int fd, int option, int64_t value);
  int (*get_option)(void* stack, int fd, int option, int64_t* value);
  /* 20. The sum of enum pw_ready. */
  int (*poll)(void* stack, int fd);
  /* 21 */
  int (*local_endpoint)(void* stack, int fd, struct pw_endpoint* local);

  /* Extras, each for the capability of its name. All are optional. */

  /* 22. "tcp_state", "tcp_info". The names of the counters stay the plug-in's. */
  int (*tcp_status)(void* stack, int fd, struct pw_tcp_status* status);
  /* 23. "active_isn", "passive_isn": the next initial sequence number, before connect() or
   * listen(). */
  int (*set_isn)(void* stack, int fd, uint32_t isn);
  /* 24. "dns": starts a look-up, and returns its number. */
  int (*resolve)(void* stack, const char* name, int family, const struct pw_endpoint* server);
  /* 25. The number of addresses found, of which at most `most` are written; -EAGAIN: not yet. */
  int (*resolved)(void* stack, int query, struct pw_address* addresses, size_t most);
  /* 26. "netstat": the descriptor table as text; its length, of which at most `size` octets are
   * written, the last of them zero. */
  int64_t (*netstat)(void* stack, char* text, size_t size);
};

/* The one exported function. The struct stays valid and does not change. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const struct pw_target*
packetwright_target(void);

#ifdef __cplusplus
}
#endif

#endif
