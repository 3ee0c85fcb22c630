// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/base/instant.hh"
#include "stack/iface/network.hh"
#include "stack/iface/socket.hh"
#include "stack/iface/socket_settings.hh"
#include "stack/tcp/tcp.hh"

namespace packetwright::iface {

// A TCP socket: the BSD way to say OPEN, SEND, RECEIVE, CLOSE, ABORT and STATUS (RFC 9293, 3.9.1).
// It holds what the user chose and which connection or listener that led to; everything that the
// peer can notice is TCP's.
class StreamSocket {
 public:
  explicit StreamSocket(Domain domain);
  // Around a connection that a listener accepted.
  StreamSocket(Network& network, const StreamSocket& listener, tcp::ConnectionId connection);

  // `local`: unmapped, one of ours or unspecified, its port free and not 0.
  void bind(Network& network, const Endpoint& local);
  [[nodiscard]] SocketResult<void> listen(Network& network, int backlog);
  [[nodiscard]] SocketResult<tcp::ConnectionId> accept(Network& network);
  // `remote`: unmapped, of a family that this socket admits.
  [[nodiscard]] SocketResult<void> connect(Instant now, Network& network, const Endpoint& remote);
  [[nodiscard]] SocketResult<ReadResult> read(Instant now, Network& network, std::size_t limit,
                                              const ReadFlags& flags);
  // `limit`: how many octets were asked for, of which `into` has room for those that are there.
  [[nodiscard]] SocketResult<std::size_t> read_into(Instant now, Network& network,
                                                    MutableBytes into, std::size_t limit,
                                                    bool peek);
  // Whether write() with these flags would have to connect first: then fast_open() is to be called.
  [[nodiscard]] bool opens_with_write(const WriteFlags& flags) const noexcept {
    return !has_connection() && !is_listening() && (is_deferred() || flags.fast_open);
  }
  // connect() and write() in one (RFC 7413). `remote`: nullopt is where connect() was told to.
  [[nodiscard]] SocketResult<std::size_t> fast_open(Instant now, Network& network, Bytes octets,
                                                    const std::optional<Endpoint>& remote,
                                                    bool waits);
  [[nodiscard]] SocketResult<std::size_t> write(Instant now, Network& network, Bytes octets,
                                                const WriteFlags& flags);
  [[nodiscard]] SocketResult<void> shutdown(Instant now, Network& network, ShutdownHow how);
  // Close: with unread data, or with a linger time of zero, the peer gets a RST; otherwise what was
  // written is still sent, and the connection ends by itself.
  void close(Instant now, Network& network);

  [[nodiscard]] SocketResult<void> set_option(Instant now, Network& network, SocketOption option,
                                              std::int64_t value);
  [[nodiscard]] SocketResult<std::int64_t> get_option(Instant now, Network& network,
                                                      SocketOption option,
                                                      std::uint8_t default_hop_limit);
  // The reader stands at the urgent mark (SIOCATMARK). enotconn: there is no connection.
  [[nodiscard]] SocketResult<bool> at_mark(const Network& network) const;
  [[nodiscard]] SocketResult<void> set_congestion_control(Instant now, Network& network,
                                                          std::string_view name);
  [[nodiscard]] std::string_view congestion_control(const Network& network) const;
  [[nodiscard]] Readiness poll(const Network& network) const;
  // Unmapped; address and port are 0 as long as there is none.
  [[nodiscard]] Endpoint local_endpoint(const Network& network) const;
  [[nodiscard]] SocketResult<Endpoint> remote_endpoint(const Network& network) const;
  [[nodiscard]] tcp::Status status(const Network& network) const;
  [[nodiscard]] SocketResult<void> set_isn(Network& network, std::uint32_t isn);

  // What TCP told about the connection of this socket.
  void on_event(const tcp::Event& event);

  [[nodiscard]] const SocketSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] bool is_bound() const noexcept { return bound_.has_value(); }
  // What bind() was given.
  [[nodiscard]] const std::optional<Endpoint>& bound() const noexcept { return bound_; }
  // connect() was called, and waits for the first write.
  [[nodiscard]] bool is_deferred() const noexcept { return deferred_.has_value(); }
  [[nodiscard]] bool is_listening() const noexcept { return listener_.value != 0; }
  [[nodiscard]] tcp::ListenerId listener() const noexcept { return listener_; }
  [[nodiscard]] tcp::ConnectionId connection() const noexcept { return connection_; }
  [[nodiscard]] bool has_connection() const noexcept { return connection_.generation != 0; }

 private:
  [[nodiscard]] std::optional<Errno> take_error() noexcept;
  [[nodiscard]] SocketResult<ReadResult> read_urgent(Network& network, bool peek);
  [[nodiscard]] SocketResult<void> set_tcp_option(SocketOption option, std::int64_t value);
  [[nodiscard]] SocketResult<void> set_tcp_option(tcp::ConnectionOptions& options,
                                                  SocketOption option, std::int64_t value);
  [[nodiscard]] std::optional<std::int64_t> get_tcp_option(const Network& network,
                                                           SocketOption option) const;
  // Both ends of an active OPEN; or why there cannot be one.
  [[nodiscard]] SocketResult<tcp::ActiveOpen> prepare_open(Instant now, const Network& network,
                                                           const Endpoint& remote) const;
  [[nodiscard]] SocketResult<void> start_open(Instant now, Network& network,
                                              const tcp::ActiveOpen& open);
  void apply_attributes(Network& network);
  // What was chosen, to TCP.
  void pass_on_options(Instant now, Network& network);
  void unbind(Network& network);

  SocketSettings settings_;
  tcp::KeptOptions options_;
  std::optional<Endpoint> bound_;
  tcp::ListenerId listener_;
  tcp::ConnectionId connection_;
  Family family_ = Family::ipv4;  // of the connection
  bool connecting_ = false;       // connect() was called, and has not yet said how it went
  // connect() was called, and waits for the first write (TCP_FASTOPEN_CONNECT).
  std::optional<Endpoint> deferred_;
  std::uint32_t fast_open_queue_ = 0;  // TCP_FASTOPEN
  Duration defer_accept_{0};           // TCP_DEFER_ACCEPT
  bool fast_open_connect_ = false;     // TCP_FASTOPEN_CONNECT
  bool reading_shut_ = false;
  bool writing_shut_ = false;
  std::optional<Errno> error_;       // what SO_ERROR tells, once
  std::optional<Errno> soft_error_;  // the last hint of ICMP: the reason, should R2 pass
};

}  // namespace packetwright::iface
