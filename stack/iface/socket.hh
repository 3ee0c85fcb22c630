// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/iface/descriptor_table.hh"
#include "stack/iface/errno.hh"

// The words of the socket calls. They mean what POSIX and the BSD sockets mean by them.
namespace packetwright::iface {

template <class T>
using SocketResult = Result<T, Errno>;

enum class Domain : std::uint8_t { inet, inet6 };
enum class SocketType : std::uint8_t { stream, datagram };
// `any` is TCP for streams and UDP for datagrams. A datagram socket of icmp or icmpv6 sends Echo
// Requests and receives the replies to them.
enum class Protocol : std::uint8_t { any, tcp, udp, icmp, icmpv6 };
enum class ShutdownHow : std::uint8_t { read, write, both };

enum class SocketOption : std::uint8_t {
  so_error,  // reading clears it; the value is the number of an Errno plus one, or 0
  so_reuseaddr,
  so_keepalive,
  so_linger,  // seconds, or -1 for off
  so_sndbuf,
  so_rcvbuf,
  so_oobinline,
  so_broadcast,
  ip_ttl,
  ip_tos,
  ip_recverr,
  ip_mtu,
  // 0 never, 1 if it fits, 2 always: set the DF flag. 3: always, and send what the link takes
  // whatever is known of the path.
  ip_mtu_discover,
  ipv6_v6only,
  ipv6_unicast_hops,
  ipv6_tclass,
  tcp_nodelay,
  tcp_maxseg,
  tcp_cork,
  tcp_keepidle,   // seconds
  tcp_keepintvl,  // seconds
  tcp_keepcnt,
  tcp_user_timeout,  // milliseconds; 0: as configured
  tcp_quickack,
  tcp_syncnt,
  tcp_window_clamp,
  tcp_fastopen,          // listeners: connections by Fast Open that may be half open; 0: off
  tcp_defer_accept,      // seconds that accept() may be kept waiting for the first data; 0: off
  tcp_fastopen_connect,  // connect() waits for the first write, if that can go with the SYN
};

// What poll() says.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool urgent = false;
  bool hang_up = false;      // both directions are over
  bool error = false;        // so_error has something to tell
  bool peer_closed = false;  // the peer, or shutdown(), has ended what can be read

  friend bool operator==(const Readiness&, const Readiness&) = default;
};

struct ReadFlags {
  bool peek = false;         // leave it in the queue
  bool out_of_band = false;  // the urgent octet
};
struct WriteFlags {
  bool out_of_band = false;  // the last octet is urgent
  bool more = false;         // more follows: wait with a short segment
  // Connects first, if need be to where the datagram would go, and lets the SYN carry what fits
  // (RFC 7413). einprogress: nothing was taken, because no cookie of the server is known yet.
  bool fast_open = false;
  bool record_end = false;  // no segment has these data and what is written afterwards
  bool waits = false;       // the caller will wait until everything is taken
  bool no_family = false;   // the destination that is given is of no address family (AF_UNSPEC)
};

// What a read brought. A stream that has ended, and a datagram without data, bring no octets.
struct ReadResult {
  Buffer octets;
  std::optional<Endpoint> from;  // datagrams
  std::optional<Endpoint> to;    // datagrams: the specific destination (RFC 1122, 4.1.3.5)
  bool truncated = false;        // the datagram was longer than the limit; the rest is gone
  bool out_of_band = false;
  Buffer ip_options;  // datagrams over IPv4: as they arrived, Record Route and Timestamp filled in
};

// An entry of a socket's error queue: an ICMP error about something that it sent.
struct SocketError {
  Errno error{};
  std::uint8_t icmp_type = 0, icmp_code = 0;
  std::uint32_t info = 0;  // the next hop's MTU where something was too big, else 0
  IpAddress offender;      // who sent the message; unspecified: this host itself
  Endpoint destination;    // where what was sent should have gone; port 0 for Echo Requests
  Buffer octets;           // datagrams: as much of the data as the message quotes
};

}  // namespace packetwright::iface
