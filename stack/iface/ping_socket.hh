// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/instant.hh"
#include "stack/icmp/icmp.hh"
#include "stack/iface/network.hh"
#include "stack/iface/socket.hh"
#include "stack/iface/socket_settings.hh"
#include "stack/udp/receive_queue.hh"

namespace packetwright::iface {

// A socket that sends ICMP Echo Requests and hears the replies to them (RFC 1122, 3.2.2.6;
// RFC 4443, 4.2). What is written and read are whole ICMP messages; the identifier and the checksum
// are filled in here, and the identifier, which takes the part of a port, tells the sockets apart.
class PingSocket {
 public:
  // `identifier`: what nobody else uses, until bind() says otherwise.
  PingSocket(Domain domain, std::uint16_t identifier);

  void bind(const Endpoint& local);
  // einval: an address of another family. eacces: a broadcast address without SO_BROADCAST.
  [[nodiscard]] SocketResult<void> connect(const Network& network, const Endpoint& remote);
  [[nodiscard]] SocketResult<ReadResult> read(std::size_t limit, const ReadFlags& flags);
  // einval: shorter than a header, or not an Echo Request with code 0; or as connect().
  [[nodiscard]] SocketResult<std::size_t> write(Instant now, Network& network, Bytes message,
                                                const std::optional<Endpoint>& to);
  [[nodiscard]] SocketResult<void> set_option(SocketOption option, std::int64_t value);
  [[nodiscard]] SocketResult<std::int64_t> get_option(SocketOption option,
                                                      std::uint8_t default_hop_limit);
  [[nodiscard]] Readiness poll() const;
  [[nodiscard]] Endpoint local_endpoint() const noexcept { return {address_, identifier_}; }
  [[nodiscard]] SocketResult<Endpoint> remote_endpoint() const;

  // Keeps the reply if it is for this socket.
  void on_reply(const IpAddress& source, const IpAddress& destination,
                const icmp::EchoReply& reply);
  // Remembers an error about a request of this socket: any if it asked for all (ip_recverr), and
  // those that will not pass by themselves if it is connected.
  // False: it is not about a request of this socket.
  bool on_error(const icmp::ErrorReport& report, std::uint16_t identifier);

  [[nodiscard]] const SocketSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] std::uint16_t identifier() const noexcept { return identifier_; }
  [[nodiscard]] std::size_t queued() const noexcept { return queue_.data_size(); }

 private:
  [[nodiscard]] SocketResult<void> check_destination(const Network& network,
                                                     const IpAddress& destination) const;

  SocketSettings settings_;
  IpAddress address_;
  std::uint16_t identifier_;
  std::optional<IpAddress> remote_;
  std::optional<Errno> error_;
  udp::ReceiveQueue queue_;
};

}  // namespace packetwright::iface
