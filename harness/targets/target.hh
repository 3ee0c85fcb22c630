// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"

// The one interface that every stack under test implements. It depends on stack/base alone.
namespace packetwright::targets {

enum class ClockKind : std::uint8_t { virtual_time, real_time };

// What a target is and what it can do. A case that needs a capability that is missing is
// UNSUPPORTED, never failed. docs/targets.md lists the names in use.
struct Traits {
  std::string name;     // "reference", "linux"
  std::string version;  // of the stack: "0.1.0", "6.18.44"
  std::string medium;   // how frames travel: "memory", "veth", "tun"
  ClockKind clock = ClockKind::virtual_time;
  bool ethernet = true;                   // frames are Ethernet; else bare IP packets
  Duration tick{0};                       // granularity of the stack's timers
  Duration slack{0};                      // extra tolerance that a real clock needs; else 0
  std::vector<std::string> capabilities;  // sorted: "arp", "ipv4", "sack", "tcp_state", ...
  std::vector<std::string> notes;  // what could not be arranged as it should be, for the report

  [[nodiscard]] bool has(std::string_view capability) const;
};

// What the stack under test must look like from the wire. Both addresses of a family are on one
// link; nothing else is.
struct Config {
  std::uint64_t seed = 1;
  Prefix local4{IpAddress::v4(192, 168, 0, 1), 16};
  IpAddress peer4 = IpAddress::v4(192, 0, 2, 1);  // off link, behind gateway4
  IpAddress gateway4 = IpAddress::v4(192, 168, 0, 2);
  Prefix local6;
  IpAddress peer6;
  IpAddress gateway6;
  MacAddress local_mac{{0x02, 0x50, 0x57, 0, 0, 1}};
  MacAddress peer_mac{{0x02, 0x50, 0x57, 0, 0, 2}};  // of the peer and of the gateway
  std::uint16_t mtu = 1500;
  std::map<std::string, std::string> knobs;  // stack specific, from `//: set NAME VALUE`
};

// Why a target cannot be as a Config wants it.
struct ResetError {
  ResetError(std::string why) : reason(std::move(why)) {}
  ResetError(std::string why, bool is_unsupported)
      : reason(std::move(why)), unsupported(is_unsupported) {}

  std::string reason;        // "/dev/net/tun: permission denied"
  bool unsupported = false;  // the machine does not allow it: the case is UNSUPPORTED, not an ERROR
};

struct SentFrame {
  Instant at;     // when the stack sent it
  Buffer octets;  // one Ethernet frame, or one IP packet (Traits::ethernet)
};

// A call's value, or the errno of <cerrno> with which it failed. ENOTSUP: this target does not have
// the call or the option, and the case is UNSUPPORTED.
template <class T>
using CallResult = Result<T, int>;

using Fd = int;  // the target's own handle, >= 0

enum class Domain : std::uint8_t { inet, inet6 };
enum class SocketType : std::uint8_t { stream, datagram, raw };
enum class Protocol : std::uint8_t { any, tcp, udp, icmp, icmpv6 };
enum class ShutdownHow : std::uint8_t { read, write, both };

// The socket options that the core knows by name. Everything else goes through PosixCalls.
enum class Option : std::uint8_t {
  so_error,  // reading clears it
  so_reuseaddr,
  so_keepalive,
  so_linger,  // linger: seconds, or -1 for off
  so_sndbuf,
  so_rcvbuf,
  so_oobinline,
  so_broadcast,
  ip_ttl,
  ip_tos,
  ip_recverr,
  ip_mtu,
  ip_mtu_discover,
  ipv6_v6only,
  ipv6_unicast_hops,
  ipv6_tclass,
  tcp_nodelay,
  tcp_maxseg,
  tcp_cork,
  tcp_keepidle,
  tcp_keepintvl,
  tcp_keepcnt,       // seconds, count
  tcp_user_timeout,  // milliseconds
  tcp_quickack,
  tcp_syncnt,
  tcp_window_clamp,
  tcp_fastopen,
  tcp_fastopen_connect,
  tcp_defer_accept,  // seconds
};

// Bits of what poll() says; POLLIN and so on by other names, the same on every system.
struct Readiness {
  bool readable = false, writable = false, urgent = false, hang_up = false, error = false;
  bool peer_closed = false;  // POLLRDHUP; a target that cannot tell says no
};

struct Received {
  Buffer octets;                 // empty with ok: end of stream, or an empty datagram
  std::optional<Endpoint> from;  // datagrams only
  bool out_of_band = false;
};

enum class TcpState : std::uint8_t {
  listen,
  syn_sent,
  syn_received,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  time_wait,
  closed,
};

// What a target can tell of a connection; nullopt: it cannot say.
struct TcpStatus {
  std::optional<TcpState> state;
  std::map<std::string, std::int64_t> counters;  // "cwnd" (segments), "srtt_us", "unacked", ...
};

struct ReadFlags {
  bool peek = false, out_of_band = false;
};
struct WriteFlags {
  bool out_of_band = false, more = false, no_signal = true;
  // Connects a stream to `to` first, with data in the SYN. EINPROGRESS: none was taken.
  bool fast_open = false;
  bool record_end = false;  // MSG_EOR; behind the capability `msg_eor`
  bool waits = false;      // the caller asks again until everything is taken, as a call that blocks
  bool no_family = false;  // the destination is AF_UNSPEC; behind the capability `af_unspec`
};

// How a stack died.
struct Death {
  int signal = 0;
  std::string log;  // sanitizer report, panic, last words
  // It left because it does not have what it was asked for: the case is UNSUPPORTED, not a crash.
  bool unsupported = false;
};

class PosixCalls;

// One stack. Single-threaded. Nothing blocks except advance_to() on a real clock; each call returns
// when the stack has nothing more to do at this instant (quiescence), and whatever it sent is then
// in drain(). "It sent nothing" is therefore a fact and not a time-out.
class Target {
 public:
  virtual ~Target() = default;

  [[nodiscard]] virtual const Traits& traits() const = 0;

  // As new: no sockets, empty caches, the clock at zero.
  [[nodiscard]] virtual Result<void, ResetError> reset(const Config& config) = 0;
  // The same, by the strongest means there is (a new namespace, process, boot).
  [[nodiscard]] virtual Result<void, ResetError> reset_strongly(const Config& config) {
    return reset(config);
  }

  // --- the wire
  // One frame to the stack, any garbage allowed. The octets lie in an allocation of exactly their
  // size, so that a sanitizer sees an over-read of one.
  virtual void inject(Bytes frame) = 0;
  // Appends what the stack sent since the last drain, oldest first.
  virtual void drain(std::vector<SentFrame>& out) = 0;

  // --- time, counted from reset()
  [[nodiscard]] virtual Instant now() const = 0;
  // When the stack will act by itself; nullopt: never, or this target cannot tell.
  [[nodiscard]] virtual std::optional<Instant> next_timer() const { return std::nullopt; }
  // Lets time pass until `until` (a past instant: nothing happens), or until the stack sends a
  // frame if `stop_on_frame`. Virtual clocks jump; real ones wait.
  virtual void advance_to(Instant until, bool stop_on_frame) = 0;

  [[nodiscard]] virtual std::optional<Death> death() const { return std::nullopt; }

  // --- sockets, non-blocking, BSD semantics. EAGAIN: nothing yet, ask again after a frame or a
  // timer.
  [[nodiscard]] virtual CallResult<Fd> socket(Domain, SocketType, Protocol) = 0;
  [[nodiscard]] virtual CallResult<void> bind(Fd, const Endpoint&) = 0;
  [[nodiscard]] virtual CallResult<void> listen(Fd, int backlog) = 0;
  [[nodiscard]] virtual CallResult<Fd> accept(Fd, Endpoint* peer) = 0;
  // EINPROGRESS: on its way; writable when connected, then so_error tells how it went.
  [[nodiscard]] virtual CallResult<void> connect(Fd, const Endpoint&) = 0;
  [[nodiscard]] virtual CallResult<Received> read(Fd, std::size_t limit, ReadFlags flags) = 0;
  // Octets taken, which may be fewer than given. `to`: datagrams of an unconnected socket.
  [[nodiscard]] virtual CallResult<std::size_t> write(Fd, Bytes, WriteFlags flags,
                                                      const Endpoint* to) = 0;
  [[nodiscard]] virtual CallResult<void> shutdown(Fd, ShutdownHow) = 0;
  [[nodiscard]] virtual CallResult<void> close(Fd) = 0;
  [[nodiscard]] virtual CallResult<void> set_option(Fd, Option, std::int64_t value);
  [[nodiscard]] virtual CallResult<std::int64_t> get_option(Fd, Option);
  [[nodiscard]] virtual CallResult<Readiness> poll(Fd) = 0;
  [[nodiscard]] virtual CallResult<Endpoint> local_endpoint(Fd) = 0;
  [[nodiscard]] virtual CallResult<TcpStatus> tcp_status(Fd);
  // The state alone, for those who ask often; nullopt: it cannot say.
  [[nodiscard]] virtual CallResult<std::optional<TcpState>> tcp_state(Fd);

  // --- extras, each behind the capability of its name
  [[nodiscard]] virtual CallResult<void> set_isn(Fd,
                                                 std::uint32_t isn);  // before connect or listen
  // DNS: starts a lookup; then resolved() is EAGAIN until there is an answer.
  [[nodiscard]] virtual CallResult<int> resolve(std::string_view name, Family family,
                                                const Endpoint& server);
  [[nodiscard]] virtual CallResult<std::vector<IpAddress>> resolved(int query);
  // The descriptor table as text, a line a socket, in the style of netstat.
  [[nodiscard]] virtual CallResult<std::string> netstat();
  // Settings by the names of Linux's sysctls, "net.ipv4.tcp_sack": for scripts that make them by
  // commands, where there is no system to run these (capability `sysctls`). An error says why one
  // cannot be had; what is set to what the stack does in any case can be.
  [[nodiscard]] virtual Result<void, std::string> check_sysctl(std::string_view name,
                                                               std::string_view value) const;
  // From now on; before the first event of a script, as if it had been so since reset().
  [[nodiscard]] virtual Result<void, std::string> set_sysctl(std::string_view name,
                                                             std::string_view value);
  // What is remembered of peers beyond connections: cookies, failures.
  virtual void forget_peers() {}

  // The rest of POSIX, for targets that have it; nullptr: none.
  [[nodiscard]] virtual PosixCalls* posix() { return nullptr; }
};

// One that was opened as what it is, as what every target is.
template <class T>
[[nodiscard]] Result<std::unique_ptr<Target>, std::string> as_target(
    Result<std::unique_ptr<T>, std::string> opened) {
  if (!opened) return Err{opened.error()};
  return std::unique_ptr<Target>{std::move(*opened)};
}

}  // namespace packetwright::targets
