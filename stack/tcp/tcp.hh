// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/tcp/actions.hh"
#include "stack/tcp/config.hh"
#include "stack/tcp/connection.hh"
#include "stack/tcp/connection_table.hh"
#include "stack/tcp/icmp_error.hh"
#include "stack/tcp/listener.hh"
#include "stack/tcp/ports.hh"
#include "stack/tcp/segment.hh"
#include "stack/tcp/shared.hh"
#include "stack/tcp/status.hh"
#include "stack/tcp/syn_cookie.hh"
#include "stack/tcp/tcp_error.hh"
#include "stack/tcp/timer_queue.hh"

namespace packetwright::tcp {

// An active OPEN (RFC 9293, 3.9.1.1).
struct ActiveOpen {
  IpAddress local_address = {};  // chosen by IP beforehand when the user did not (MUST-44)
  std::uint16_t local_port = 0;  // 0: an ephemeral port is drawn
  Endpoint remote = {};
  Path path = {};
  ConnectionOptions options = {};
  // RFC 7413: with a cookie of the server at hand, the SYN carries as much of `text` as fits;
  // without, it asks for one and carries none. Status::send_queue says how much was taken.
  bool fast_open = false;
  Bytes text = {};
  // The user has more to write, and waits for the handshake to do so.
  bool waits = false;
};

// A passive OPEN.
struct PassiveOpen {
  // The unspecified address of a family: any local address of it (RFC 9293, 3.9.1.1).
  Endpoint local = {};
  bool both_families = false;      // local is the unspecified IPv6 address, and IPv4 is taken too
  std::size_t backlog = 1;         // connections that may wait for accept(); 0 counts as 1
  ConnectionOptions options = {};  // inherited by what it accepts
  // RFC 7413: connections by Fast Open that may be in SYN-RECEIVED together; 0: none, it is off.
  std::uint32_t fast_open_queue = 0;
  // A connection is not shown to accept() before it has brought text, or this time is over.
  Duration defer_accept{0};
};

struct ReceiveFlags {
  bool peek = false;  // leave the octets in the queue
};

struct ReceiveResult {
  std::size_t octets = 0;      // taken; 0 without end_of_stream: nothing there yet
  bool end_of_stream = false;  // FIN was reached: there will never be more
};

enum class CloseMode : std::uint8_t {
  half,  // no more to send; the user goes on receiving (CLOSE of RFC 9293, shutdown of sockets)
  full,  // nobody will receive either: unread text, or text that still comes, draws a RST (SHLD-3)
};

// The TCP of one host (RFC 9293): all connections and listeners, the ports, the initial sequence
// numbers, and the answer to segments that belong to nobody. Sans-IO: it is told what arrived and
// what time it is, and appends what shall be done to Actions. `now` never goes back.
//
// Nothing that is decided while segments arrive is sent before flush(): a driver may feed several
// segments and flush once, so that one ACK covers them (MUST-58, MUST-59). User calls and
// on_deadline() flush by themselves.
class Tcp {
 public:
  // `rng` draws keys, ports and initial sequence numbers: the same seed gives the same segments.
  Tcp(const TcpConfig& config, Rng rng);
  ~Tcp();
  Tcp(const Tcp&) = delete;
  Tcp& operator=(const Tcp&) = delete;

  // --- from below

  // SEGMENT ARRIVES (3.10.7). The caller has verified checksum and lengths, and that both addresses
  // are unicast (MUST-57, MUST-63). `path` counts only if wants_path().
  void on_segment(Instant now, const Segment& seg, const Path& path, Actions& act);
  // False: on_segment() will not look at the path of this one. It makes no connection, and none has
  // a narrow path that may have become wider.
  [[nodiscard]] bool wants_path(Instant now, const Segment& seg) const noexcept {
    return seg.syn || now < cookies_until_ || shared_.narrow_paths > 0;
  }
  // Sends what the segments since the last flush() have caused.
  void flush(Instant now, Actions& act);
  // An ICMP error that quotes a segment of ours (3.9.2.2; RFC 5927). What does not match a
  // connection, or quotes a sequence number that is not in flight, is dropped with a reason.
  void on_icmp_error(Instant now, const IcmpError& error, Actions& act);

  // --- time

  // When on_deadline() wants to be called next; nullopt: nothing is pending.
  [[nodiscard]] Deadline next_deadline() const;
  // Runs every timer that is due (3.10.8).
  void on_deadline(Instant now, Actions& act);

  // --- user calls (3.10.1 to 3.10.6). A connection is held by its user from open() or accept()
  // until release(); so long its id stays good, even when the connection is CLOSED.

  // Active OPEN. Errors: remote_unspecified, connection_already_exists (the four-tuple is in use),
  // insufficient_resources (no port, or too many connections).
  [[nodiscard]] Result<ConnectionId, TcpError> open(Instant now, const ActiveOpen& open,
                                                    Actions& act);
  // Passive OPEN. connection_already_exists: something listens there.
  [[nodiscard]] Result<ListenerId, TcpError> listen(const PassiveOpen& open);
  // The longest waiting connection of a listener, which the caller then holds; nullopt: none.
  [[nodiscard]] std::optional<ConnectionId> accept(ListenerId listener);
  // CLOSE in LISTEN: embryos are forgotten, connections nobody accepted are reset.
  void close_listener(Instant now, ListenerId listener, Actions& act);
  // How many connections wait in accept().
  [[nodiscard]] std::size_t pending(ListenerId listener) const;
  void set_backlog(ListenerId listener, std::size_t backlog);
  void set_fast_open(ListenerId listener, std::uint32_t queue);
  void set_defer_accept(ListenerId listener, Duration time);
  [[nodiscard]] std::optional<Endpoint> local_endpoint(ListenerId listener) const;
  // Options for connections that this listener accepts from now on.
  void set_options(ListenerId listener, const ConnectionOptions& options);

  // SEND: how many octets were taken, at least one of a text that is not empty. Errors:
  // insufficient_resources (the buffer is full: wait for `writable`), connection_closing,
  // connection_does_not_exist, or how the connection failed.
  [[nodiscard]] Result<std::size_t, TcpError> send(Instant now, ConnectionId id, Bytes text,
                                                   SendFlags flags, Actions& act);
  // RECEIVE: text in order. Stops before the last urgent octet, so that a reader can find it with
  // at_urgent_mark() (RFC 6093, 3.1). Errors: connection_does_not_exist, or how the connection
  // failed.
  [[nodiscard]] Result<ReceiveResult, TcpError> receive(Instant now, ConnectionId id,
                                                        MutableBytes into, ReceiveFlags flags,
                                                        Actions& act);
  // The octet before the urgent pointer, once (peek: without taking it). nullopt: there is no
  // urgent text, it was taken, or it has not arrived yet. Unless options().oob_inline, receive()
  // leaves it out.
  [[nodiscard]] std::optional<std::uint8_t> receive_urgent(ConnectionId id, bool peek);
  // Octets from the reader's position to the urgent pointer, 0 when there is none ahead (MUST-33).
  [[nodiscard]] std::uint32_t urgent_ahead(ConnectionId id) const;
  // The reader stands at the urgent mark (sockatmark()).
  [[nodiscard]] bool at_urgent_mark(ConnectionId id) const;
  // CLOSE. With `full` the caller gives the connection up as by release().
  [[nodiscard]] Result<void, TcpError> close(Instant now, ConnectionId id, CloseMode mode,
                                             Actions& act);
  // ABORT: RST where the RFC wants one, then CLOSED. The caller still has to release().
  [[nodiscard]] Result<void, TcpError> abort(Instant now, ConnectionId id, Actions& act);
  // The user forgets the connection, which is closed in full unless it is CLOSED already; what is
  // left of it finishes by itself, unseen.
  void release(Instant now, ConnectionId id, Actions& act);
  // STATUS.
  [[nodiscard]] Result<Status, TcpError> status(ConnectionId id) const;

  // --- sockets want more

  [[nodiscard]] Readiness readiness(ConnectionId id) const;
  // CLOSED also of what does not exist.
  [[nodiscard]] State state(ConnectionId id) const;
  // Octets that RECEIVE could take.
  [[nodiscard]] std::size_t unread(ConnectionId id) const;
  [[nodiscard]] Result<Endpoint, TcpError> local_endpoint(ConnectionId id) const;
  [[nodiscard]] Result<Endpoint, TcpError> remote_endpoint(ConnectionId id) const;
  // How the connection ended, if it failed.
  [[nodiscard]] std::optional<TcpError> failure(ConnectionId id) const;
  [[nodiscard]] ConnectionOptions options(ConnectionId id) const;
  // Takes effect at once where that makes sense (nodelay and cork may send, keep-alive starts).
  void set_options(Instant now, ConnectionId id, const ConnectionOptions& options, Actions& act);
  // Sends what waits for more to join it: cork and the Nagle algorithm hold it back no longer.
  void push(Instant now, ConnectionId id, Actions& act);
  // Sends an ACK now if one is owed.
  void quick_ack(Instant now, ConnectionId id, Actions& act);

  // An active OPEN with `fast_open` would send text in its SYN.
  [[nodiscard]] bool may_fast_open(Instant now, const IpAddress& local,
                                   const Endpoint& remote) const;

  // A port that no listener, connection or reservation of this TCP uses (RFC 6056), drawn at
  // random; nullopt: there is none.
  [[nodiscard]] std::optional<std::uint16_t> choose_port();
  // Keeps a port out of choose_port() and open() until as many unreserve_port(): for sockets that
  // are bound and nothing more.
  void reserve_port(std::uint16_t port) { ports_.reserve(port); }
  void unreserve_port(std::uint16_t port) { ports_.unreserve(port); }

  [[nodiscard]] const TcpConfig& config() const noexcept { return shared_.config; }
  // For what begins from now on, and for the timers and limits of what there is. The limits of what
  // is shared by all (challenges, the cache of Fast Open) stay.
  void set_config(const TcpConfig& config);
  // What is known of peers from earlier connections: the cookies of Fast Open, and its failures.
  void forget_peers() { shared_.fast_open_cache.clear(); }
  // Connections that are not CLOSED, embryos included.
  [[nodiscard]] std::size_t connection_count() const noexcept { return table_.size(); }
  // Octets that connections take: their objects, queues, timers and places in tables.
  [[nodiscard]] std::size_t memory() const;
  // Every connection in use, in the order of their slots: for a listing.
  [[nodiscard]] std::vector<ConnectionId> connections() const;

 private:
  // SEGMENT ARRIVES for what has no connection: segment_arrives.cc.
  void arrives_closed(const Segment& seg, Actions& act);
  void arrives_listen(Instant now, const Segment& seg, const Path& path, Listener& listener,
                      Actions& act);
  Verdict listen_1_rst(const Segment& seg, Actions& act);
  Verdict listen_2_ack(Instant now, const Segment& seg, const Path& path, Listener& listener,
                       Actions& act);
  Verdict listen_3_syn(Instant now, const Segment& seg, const Path& path, Listener& listener,
                       Actions& act);
  void listen_4_other(Actions& act);
  // The SYN is answered, and not remembered.
  void send_syn_cookie(Instant now, const Segment& syn, const Path& path, Listener& listener,
                       Actions& act);
  // True when the segment gave back a cookie, and has been dealt with.
  bool take_syn_cookie(Instant now, const Segment& seg, const Path& path, Listener& listener,
                       Actions& act);
  // Whether what would end the handshake of this embryo has to come again later; if so, why.
  [[nodiscard]] std::optional<DropReason> handshake_waits(Instant now, const Connection& embryo,
                                                          const Segment& seg) const;
  // How to open a connection by Fast Open now; nullopt: without.
  [[nodiscard]] std::optional<FastOpenAttempt> fast_open_attempt(Instant now,
                                                                 const IpAddress& local,
                                                                 const Endpoint& remote) const;
  [[nodiscard]] FastOpenGrant fast_open_grant(Instant now, const Segment& syn,
                                              const Listener& listener) const;
  // True when the segment was a SYN to a connection in TIME-WAIT and has been dealt with.
  bool time_wait_syn(Instant now, Connection& old, const Segment& seg, const Path& path,
                     Actions& act);

  [[nodiscard]] Connection* find(ConnectionId id) const;
  // nullptr: there is none between these two.
  [[nodiscard]] Connection* find(const Endpoint& local, const Endpoint& remote) const;
  // nullptr: too many connections. The pair must be free.
  [[nodiscard]] Connection* make_connection(const Endpoint& local, const Endpoint& remote,
                                            const Path& path, const ConnectionOptions& options);
  [[nodiscard]] SeqNum choose_iss(Instant now, const Endpoint& local, const Endpoint& remote,
                                  const ConnectionOptions& options) const;
  void mark_dirty(Connection& connection);
  // After anything has touched a connection: moves it on to accept(), files its timer, and frees
  // what is CLOSED and held by nobody. The connection may be gone afterwards.
  void settle(Connection& connection, Actions& act);
  void leave_embryo(Connection& connection, Actions& act);
  // Puts the connection where accept() finds it.
  void offer(Listener& listener, Connection& connection, Actions& act);
  void bring_back(ConnectionId replaced);
  void free_slot(Connection& connection);

  Shared shared_;
  Rng rng_;
  SipKey isn_key_;
  SynCookies syn_cookies_;
  Instant cookies_until_{};  // the last of Listener::cookies_until
  Ports ports_;
  ConnectionTable table_;  // four-tuple to slot
  std::vector<std::unique_ptr<Connection>> slots_;
  std::vector<std::uint32_t> generations_;  // of each slot: how often it was given away
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::uint32_t> dirty_;  // slots that flush() has to visit
  TimerQueue timers_;
  ListenerTable listeners_;
  // RFC 9293, 3.6.1: while a SYN ends a TIME-WAIT, the ISS has to be above this.
  std::optional<SeqNum> floor_of_iss_;
};

}  // namespace packetwright::tcp
