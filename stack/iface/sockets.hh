// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stack/base/instant.hh"
#include "stack/base/rng.hh"
#include "stack/iface/datagram_socket.hh"
#include "stack/iface/descriptor_table.hh"
#include "stack/iface/network.hh"
#include "stack/iface/ping_socket.hh"
#include "stack/iface/socket.hh"
#include "stack/iface/stream_socket.hh"

namespace packetwright::iface {

// The socket calls: the table of descriptors, what is common to all kinds of sockets, and the way
// to the kind that a descriptor stands for. Nothing blocks: eagain says that a call would have to
// wait. The calls are documented in stack.hh, where applications find them.
class Sockets final : public NetworkUser {
 public:
  // `network` outlives this object and is not used before the first call.
  Sockets(Network& network, const StackConfig& config);
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  [[nodiscard]] SocketResult<Descriptor> socket(Domain domain, SocketType type, Protocol protocol);
  [[nodiscard]] SocketResult<void> bind(Descriptor descriptor, const Endpoint& local);
  [[nodiscard]] SocketResult<void> listen(Descriptor descriptor, int backlog);
  [[nodiscard]] SocketResult<Descriptor> accept(Descriptor descriptor, Endpoint* peer);
  [[nodiscard]] SocketResult<void> connect(Instant now, Descriptor descriptor,
                                           const Endpoint& remote);
  [[nodiscard]] SocketResult<ReadResult> read(Instant now, Descriptor descriptor, std::size_t limit,
                                              const ReadFlags& flags);
  [[nodiscard]] SocketResult<std::size_t> read_into(Instant now, Descriptor descriptor,
                                                    MutableBytes into);
  [[nodiscard]] SocketResult<std::size_t> write(Instant now, Descriptor descriptor, Bytes octets,
                                                const WriteFlags& flags, const Endpoint* to);
  [[nodiscard]] SocketResult<void> shutdown(Instant now, Descriptor descriptor, ShutdownHow how);
  [[nodiscard]] SocketResult<void> close(Instant now, Descriptor descriptor);
  [[nodiscard]] SocketResult<void> abort(Instant now, Descriptor descriptor);
  [[nodiscard]] SocketResult<void> set_option(Instant now, Descriptor descriptor,
                                              SocketOption option, std::int64_t value);
  [[nodiscard]] SocketResult<std::int64_t> get_option(Instant now, Descriptor descriptor,
                                                      SocketOption option);
  [[nodiscard]] SocketResult<void> set_congestion_control(Instant now, Descriptor descriptor,
                                                          std::string_view name);
  [[nodiscard]] SocketResult<std::string_view> congestion_control(Descriptor descriptor) const;
  [[nodiscard]] SocketResult<void> set_ip_options(Descriptor descriptor, Bytes options);
  [[nodiscard]] SocketResult<void> join_group(Instant now, Descriptor descriptor,
                                              const IpAddress& group);
  [[nodiscard]] SocketResult<void> leave_group(Instant now, Descriptor descriptor,
                                               const IpAddress& group);
  [[nodiscard]] SocketResult<SocketError> read_error(Descriptor descriptor);
  [[nodiscard]] SocketResult<bool> at_mark(Descriptor descriptor) const;
  [[nodiscard]] SocketResult<Readiness> poll(Descriptor descriptor) const;
  [[nodiscard]] SocketResult<Endpoint> local_endpoint(Descriptor descriptor) const;
  [[nodiscard]] SocketResult<Endpoint> remote_endpoint(Descriptor descriptor) const;
  [[nodiscard]] SocketResult<tcp::Status> tcp_status(Descriptor descriptor) const;
  [[nodiscard]] SocketResult<void> set_isn(Descriptor descriptor, std::uint32_t isn);
  [[nodiscard]] std::string netstat(Instant now) const;  // netstat.cc
  [[nodiscard]] std::size_t memory() const noexcept {
    return table_.memory() + by_connection_.capacity() * sizeof(Descriptor);
  }

  void on_tcp_event(const tcp::Event& event) override;
  void on_echo_reply(const IpAddress& source, const IpAddress& destination,
                     const icmp::EchoReply& reply) override;
  bool on_echo_error(const icmp::ErrorReport& report, std::uint16_t identifier) override;
  void on_error_report(const icmp::ErrorReport& report) override;

 private:
  using Socket = std::variant<StreamSocket, DatagramSocket, PingSocket>;
  static constexpr Descriptor kNobody = -1;

  [[nodiscard]] static const SocketSettings& settings_of(const Socket& socket);
  // An endpoint that the application gave, as the protocols use it: eafnosupport if the socket does
  // not speak its family.
  [[nodiscard]] static SocketResult<Endpoint> accept_endpoint(const Socket& socket,
                                                              const Endpoint& endpoint);
  [[nodiscard]] SocketResult<void> bind_stream(StreamSocket& socket, Endpoint local);
  [[nodiscard]] SocketResult<void> bind_ping(PingSocket& socket, const Endpoint& local);
  [[nodiscard]] bool stream_port_is_free(const StreamSocket& socket, const Endpoint& local) const;
  [[nodiscard]] std::optional<std::uint16_t> free_identifier();
  void remember(Descriptor descriptor, tcp::ConnectionId connection);
  // nullptr: no socket has it.
  [[nodiscard]] const StreamSocket* holder_of(tcp::ConnectionId connection) const noexcept;
  [[nodiscard]] bool has_sent(const Socket& socket, const icmp::ErrorReport& report) const;
  [[nodiscard]] SocketResult<Readiness> poll_kind(Descriptor descriptor) const;

  Network& network_;
  Rng rng_;
  DescriptorTable<Socket> table_;
  std::vector<Descriptor> by_connection_;  // by ConnectionId::slot; kNobody: no socket has it
  // Of sockets that asked for it (IP_RECVERR): oldest first, never empty.
  std::map<Descriptor, std::deque<SocketError>> error_queues_;
};

}  // namespace packetwright::iface
