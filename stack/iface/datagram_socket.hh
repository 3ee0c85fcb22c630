// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/instant.hh"
#include "stack/iface/network.hh"
#include "stack/iface/socket.hh"
#include "stack/iface/socket_settings.hh"
#include "stack/udp/udp.hh"

namespace packetwright::iface {

// A UDP socket. Endpoints here are unmapped, and of a family that the socket admits.
class DatagramSocket {
 public:
  DatagramSocket(Network& network, Domain domain);

  // Port 0: any free one. The unspecified address: every local address.
  [[nodiscard]] SocketResult<void> bind(Network& network, const Endpoint& local);
  [[nodiscard]] SocketResult<void> connect(Instant now, Network& network, const Endpoint& remote);
  [[nodiscard]] SocketResult<ReadResult> read(Network& network, std::size_t limit,
                                              const ReadFlags& flags);
  [[nodiscard]] SocketResult<std::size_t> write(Instant now, Network& network, Bytes octets,
                                                const std::optional<Endpoint>& to);
  [[nodiscard]] SocketResult<void> shutdown(Network& network, ShutdownHow how);
  void close(Instant now, Network& network);
  [[nodiscard]] SocketResult<void> join_group(Instant now, Network& network,
                                              const IpAddress& group);
  [[nodiscard]] SocketResult<void> leave_group(Instant now, Network& network,
                                               const IpAddress& group);

  [[nodiscard]] SocketResult<void> set_option(Network& network, SocketOption option,
                                              std::int64_t value);
  [[nodiscard]] SocketResult<std::int64_t> get_option(Instant now, Network& network,
                                                      SocketOption option,
                                                      std::uint8_t default_hop_limit);
  [[nodiscard]] SocketResult<void> set_ip_options(Bytes options);
  [[nodiscard]] Readiness poll(const Network& network) const;
  [[nodiscard]] Endpoint local_endpoint(const Network& network) const;
  [[nodiscard]] SocketResult<Endpoint> remote_endpoint(const Network& network) const;
  [[nodiscard]] udp::Udp::Status status(const Network& network) const;

  [[nodiscard]] udp::SocketId id() const noexcept { return id_; }
  [[nodiscard]] const SocketSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] bool is_bound(const Network& network) const { return status(network).port != 0; }

 private:
  [[nodiscard]] SocketResult<void> transmit(Instant now, Network& network, const Endpoint& source,
                                            const Endpoint& destination, Bytes octets);
  [[nodiscard]] udp::Families families() const noexcept;

  SocketSettings settings_;
  Buffer ip_options_;              // of IPv4 datagrams that are sent
  std::vector<IpAddress> groups_;  // joined
  udp::SocketId id_;
};

}  // namespace packetwright::iface
