// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/iface/memory_use.hh"
#include "stack/iface/network.hh"
#include "stack/iface/socket.hh"
#include "stack/iface/sockets.hh"
#include "stack/iface/stack_config.hh"
#include "stack/iface/trace.hh"

namespace packetwright::iface {

// A whole TCP/IP host behind one Ethernet interface: frames and time go in, frames come out, and
// applications use sockets. It reads no clock, starts no thread and keeps no state outside of
// itself; the same configuration and the same calls give the same frames, octet for octet.
//
//   Stack stack{config};
//   stack.on_frame(now, frame);                      // a frame arrived
//   while (stack.next_tx(buffer)) transmit(buffer);  // what the stack has to say
//   if (stack.next_deadline() <= now) stack.on_deadline(now);
//
// `now` never goes back. After every call that takes it, drain next_tx() and ask next_deadline()
// again. Time begins at Instant{}, when the stack is made; addresses may be probed for then, so
// drain it before the first call too.
class Stack {
 public:
  explicit Stack(const StackConfig& config);
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  // --- the link

  // A frame from the wire, without preamble and checksum; any octets at all.
  void on_frame(Instant now, Bytes frame);
  // The next frame for the wire, in order, in place of what `frame` held; the memory is swapped, so
  // handing in the same buffer again and again costs no allocation. False: there is none.
  [[nodiscard]] bool next_tx(Buffer& frame);
  // The cable was pulled out, or plugged in again; it is in when the stack is made. Without a link
  // nothing arrives, and what is sent is lost: connections live on by their timers. When it comes
  // back the hosts on it may be others: neighbours are forgotten, and our addresses are claimed
  // anew (RFC 5227, 2.1; RFC 4862, 5.4), so that they may be out of use until nobody else turned
  // out to have them.
  void set_link(Instant now, bool up);

  // --- time

  // Call at or after next_deadline(); earlier calls do nothing.
  void on_deadline(Instant now);
  // nullopt: nothing will happen until a frame or a call comes.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  // --- sockets: POSIX semantics, never blocking. ebadf: no such descriptor. eagain: it would have
  // to wait; ask again after a frame or a deadline.

  // The lowest free descriptor. emfile: StackConfig::max_sockets are open.
  [[nodiscard]] SocketResult<Descriptor> socket(Domain domain, SocketType type,
                                                Protocol protocol = Protocol::any);
  // Port 0: any free one. eaddrinuse; eaddrnotavail: the address is not ours; einval: bound
  // already.
  [[nodiscard]] SocketResult<void> bind(Descriptor descriptor, const Endpoint& local);
  // backlog: connections that may wait for accept().
  [[nodiscard]] SocketResult<void> listen(Descriptor descriptor, int backlog);
  // `peer`: whom the connection is with; may be null.
  [[nodiscard]] SocketResult<Descriptor> accept(Instant now, Descriptor descriptor,
                                                Endpoint* peer = nullptr);
  // einprogress: a SYN is on its way. The socket becomes writable when the outcome is known, and
  // so_error, or a second connect(), tells it. Datagram sockets are connected at once.
  [[nodiscard]] SocketResult<void> connect(Instant now, Descriptor descriptor,
                                           const Endpoint& remote);
  // At most `limit` octets, or one datagram cut to them.
  [[nodiscard]] SocketResult<ReadResult> read(Instant now, Descriptor descriptor, std::size_t limit,
                                              const ReadFlags& flags = {});
  // The same of a stream, into memory of the caller: how many octets there were, of a stream that
  // has ended 0. eopnotsupp: not a stream.
  [[nodiscard]] SocketResult<std::size_t> read_into(Instant now, Descriptor descriptor,
                                                    MutableBytes into);
  // How many octets were taken; a stream may take fewer than were given. `to`: of datagrams.
  [[nodiscard]] SocketResult<std::size_t> write(Instant now, Descriptor descriptor, Bytes octets,
                                                const WriteFlags& flags = {},
                                                const Endpoint* to = nullptr);
  [[nodiscard]] SocketResult<void> shutdown(Instant now, Descriptor descriptor, ShutdownHow how);
  // The descriptor is free again at once. A connection goes on by itself until all that was written
  // has arrived; unread data, or so_linger 0, make the peer see a reset instead.
  [[nodiscard]] SocketResult<void> close(Instant now, Descriptor descriptor);
  // ABORT of RFC 9293, 3.10.5: a reset in any case.
  [[nodiscard]] SocketResult<void> abort(Instant now, Descriptor descriptor);
  // enoprotoopt: this kind of socket has no such option. einval: a value out of range.
  [[nodiscard]] SocketResult<void> set_option(Instant now, Descriptor descriptor,
                                              SocketOption option, std::int64_t value);
  [[nodiscard]] SocketResult<std::int64_t> get_option(Instant now, Descriptor descriptor,
                                                      SocketOption option);
  // TCP_CONGESTION: "reno" or "cubic", from now on, and for the connections that a listener accepts
  // from now on. enoent: there is none of that name. enoprotoopt: no TCP socket.
  [[nodiscard]] SocketResult<void> set_congestion_control(Instant now, Descriptor descriptor,
                                                          std::string_view name);
  [[nodiscard]] SocketResult<std::string_view> congestion_control(Descriptor descriptor) const;
  // The IPv4 options of every datagram that a UDP socket sends from now on (RFC 1122, 4.1.3.2), at
  // most 40 octets; none: empty. einval: malformed, or two source routes.
  [[nodiscard]] SocketResult<void> set_ip_options(Descriptor descriptor, Bytes options);
  // A UDP socket listens to a multicast group of a family that it speaks, until it leaves or is
  // closed (IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP); routers are told. einval: no group; eaddrinuse: it
  // is in it; eaddrnotavail: it is not; enobufs: it is in 20 groups.
  [[nodiscard]] SocketResult<void> join_group(Instant now, Descriptor descriptor,
                                              const IpAddress& group);
  [[nodiscard]] SocketResult<void> leave_group(Instant now, Descriptor descriptor,
                                               const IpAddress& group);
  // The oldest error of the socket's error queue (MSG_ERRQUEUE), once, if ip_recverr is set; at
  // most 16 are kept. eagain: there is none.
  [[nodiscard]] SocketResult<SocketError> read_error(Descriptor descriptor);
  // Whether the next octet that a stream reads is the urgent one: SIOCATMARK, sockatmark().
  [[nodiscard]] SocketResult<bool> at_mark(Descriptor descriptor) const;
  [[nodiscard]] SocketResult<Readiness> poll(Descriptor descriptor) const;
  // Unspecified address and port 0: not bound yet. IPv6 sockets see IPv4 addresses mapped.
  [[nodiscard]] SocketResult<Endpoint> local_endpoint(Descriptor descriptor) const;
  // enotconn: there is none.
  [[nodiscard]] SocketResult<Endpoint> remote_endpoint(Descriptor descriptor) const;

  // --- names: a stub resolver (RFC 1034, 5.3.1), beside the sockets and without blocking

  // Begins to look up the addresses of `name`, nullopt: of both families; then take_resolved().
  [[nodiscard]] Result<dns::QueryId, dns::DnsError> resolve(Instant now, std::string_view name,
                                                            std::optional<Family> family);
  // The same for the names of an address.
  [[nodiscard]] Result<dns::QueryId, dns::DnsError> resolve_address(Instant now,
                                                                    const IpAddress& address);
  // The look-up is of no interest any more; its result is not to be taken.
  void cancel_resolve(dns::QueryId query);
  // The result, once; nullopt: not yet, or it was taken. Addresses are in the order in which they
  // are to be tried: RFC 6724, 6, by what this host has to send from now.
  [[nodiscard]] std::optional<Result<dns::Answer, dns::DnsError>> take_resolved(Instant now,
                                                                                dns::QueryId query);
  // The servers for look-ups that begin from now on, most preferred first. Those that routers offer
  // (RFC 8106) come behind them.
  void set_dns_servers(std::vector<Endpoint> servers);

  // --- to look inside

  // STATUS of RFC 9293, 3.10.6. eopnotsupp: not a stream.
  [[nodiscard]] SocketResult<tcp::Status> tcp_status(Descriptor descriptor) const;
  // The initial sequence number of the next connection; for tests. eisconn: it has begun.
  [[nodiscard]] SocketResult<void> set_isn(Descriptor descriptor, std::uint32_t isn);
  // A line for each socket and each connection that outlived its socket, after a line of headings.
  [[nodiscard]] std::string netstat(Instant now) const;
  // How often something that arrived went no further, and why.
  [[nodiscard]] const DropCounters& drops() const noexcept;
  // What the stack holds in memory at this moment. Counts one by one: for listings and tests.
  [[nodiscard]] MemoryUse memory() const;
  // --- to change, while it runs, what StackConfig::tcp was

  // As tcp::Tcp has them.
  void set_tcp_config(const tcp::TcpConfig& config) { network_.tcp().set_config(config); }
  void forget_peers() { network_.tcp().forget_peers(); }

  // Called for every frame and every drop from now on; an empty hook ends it.
  void set_trace(TraceHook hook);
  // The protocols, read only: the neighbour cache, addresses.
  [[nodiscard]] const Network& network() const noexcept { return network_; }

 private:
  Network network_;
  Sockets sockets_;
};

}  // namespace packetwright::iface
