// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/udp/receive_queue.hh"

namespace packetwright::udp {

struct UdpConfig {
  // Octets that one socket may hold unread, with a charge per datagram; sockets can change theirs.
  std::size_t receive_buffer = 212'992;
  // RFC 1122, 4.1.3.4: an IPv4 datagram without a checksum (zero) is taken by default.
  bool accept_zero_checksum_v4 = true;
  // A wrong checksum is discarded (RFC 1122, 4.1.3.4). Off only for fuzzing behind the checksum.
  bool verify_checksum = true;
  // Ports given to sockets that ask for none: the dynamic range of RFC 6335, 6.
  std::uint16_t first_ephemeral = 49'152;
  std::uint16_t last_ephemeral = 65'535;
};

// Why a call failed, or what ICMP told about an earlier datagram.
enum class UdpError : std::uint8_t {
  address_in_use,        // another socket has the port
  no_port_free,          // every port of the ephemeral range is taken
  destination_required,  // neither connected nor told where to
  not_connected,
  message_too_long,    // more than a datagram can carry
  nothing_received,    // ask again after a datagram
  closed_for_writing,  // after shutdown
  // Learnt from ICMP (RFC 1122, 4.1.3.3):
  port_unreachable,
  protocol_unreachable,
  host_unreachable,
  net_unreachable,
  prohibited,
  packet_too_big,
  time_exceeded,
  parameter_problem,
};

// Which addresses a socket deals with.
enum class Families : std::uint8_t { v4, v6, both };

// The handle of a socket within Udp; meaningless after close().
using SocketId = std::uint32_t;

// How a datagram arrived, as IP tells it.
struct Arrival {
  IpAddress src;
  IpAddress dst;
  bool to_group = false;  // dst is a broadcast or multicast address
  std::uint8_t tos = 0;
  std::uint8_t ttl = 0;
  Bytes options{};  // IPv4 options, without the fixed header
};

// UDP (RFC 768; RFC 1122, 4.1): the sockets, to which of them a datagram belongs, and the header.
// It sends nothing by itself; emit() of output.hh writes a datagram, and IP sends it.
class Udp {
 public:
  Udp(const UdpConfig& config, Rng rng);

  [[nodiscard]] SocketId open(Families families);
  void close(SocketId id);

  // `address`: nullopt receives on every local address. Port 0: a free one is drawn at random
  // (RFC 6056, 3.3.1). Two sockets share a port when they do not overlap in family or address, or
  // when both allow it (set_reuse_address).
  [[nodiscard]] Result<void, UdpError> bind(SocketId id, const std::optional<IpAddress>& address,
                                            std::uint16_t port);
  // Only `remote` is then heard and is the default destination. `source` becomes the local address
  // of a socket that is bound to none. Binds a socket without a port. The caller has seen to it
  // that the families agree.
  [[nodiscard]] Result<void, UdpError> connect(SocketId id, const Endpoint& remote,
                                               const IpAddress& source);
  void disconnect(SocketId id);

  // Where a datagram given to this socket goes, and from which port; binds a socket that has no
  // port yet. `to`: nullopt is the connected destination.
  struct Route {
    std::optional<IpAddress> source;  // nullopt: whichever address the network layer prefers
    std::uint16_t source_port = 0;
    Endpoint destination;
  };
  [[nodiscard]] Result<Route, UdpError> prepare_send(SocketId id, const std::optional<Endpoint>& to,
                                                     std::size_t size);

  // The oldest datagram; `keep` leaves it in the queue. nothing_received: none yet.
  [[nodiscard]] Result<Received, UdpError> receive(SocketId id, bool keep);

  // After this, receive() finds no new datagrams, or prepare_send() fails.
  void shut_down_reading(SocketId id);
  void shut_down_writing(SocketId id);

  // One UDP header and its data, as IP delivered them: everything behind the IP headers.
  // udp_no_socket: nobody is bound there, and an ICMP Port Unreachable is due (RFC 1122, 4.1.3.1).
  [[nodiscard]] Result<void, DropReason> on_datagram(const Arrival& arrival, Bytes octets);

  // An ICMP error about a datagram that we sent from `local` to `remote`. It goes to the connected
  // socket of these two; an unconnected one hears of it if it asked to (set_report_all_errors), as
  // does a connected one for errors that are not `fatal`.
  // icmp_error_unmatched: no socket sent such a datagram.
  [[nodiscard]] Result<void, DropReason> on_error(const Endpoint& local, const Endpoint& remote,
                                                  UdpError error, bool fatal);
  // The socket that such an error is for; nullopt: there is none.
  [[nodiscard]] std::optional<SocketId> socket_for(const Endpoint& local,
                                                   const Endpoint& remote) const;
  // What on_error() left, once: reading it clears it.
  [[nodiscard]] std::optional<UdpError> take_error(SocketId id);

  // No socket is bound to it, on any address.
  [[nodiscard]] bool is_port_free(std::uint16_t port) const { return !by_port_.contains(port); }

  void set_reuse_address(SocketId id, bool on);
  void set_families(SocketId id, Families families);
  void set_report_all_errors(SocketId id, bool on);
  void set_receive_buffer(SocketId id, std::size_t octets);

  struct Status {
    std::optional<IpAddress> address;  // nullopt: every local address
    std::uint16_t port = 0;            // 0: not bound
    std::optional<Endpoint> remote;
    Families families = Families::v4;
    bool readable = false;   // a datagram waits, or reading was shut down
    bool has_error = false;  // take_error() would return one
    bool reading_closed = false;
    bool writing_closed = false;
    std::size_t queued = 0;  // octets of data unread
    std::size_t receive_buffer = 0;
  };
  [[nodiscard]] Status status(SocketId id) const;
  // Octets that the receive queues of all sockets count against their limits.
  [[nodiscard]] std::size_t queued() const noexcept;

 private:
  struct Socket {
    explicit Socket(Families f, std::size_t receive_buffer) : families(f), queue(receive_buffer) {}

    Families families;
    bool reuse_address = false;
    bool report_all_errors = false;
    bool reading_closed = false;
    bool writing_closed = false;
    bool address_by_connect = false;  // disconnect() forgets it
    std::optional<IpAddress> address;
    std::uint16_t port = 0;
    std::optional<Endpoint> remote;
    std::optional<UdpError> error;
    ReceiveQueue queue;
  };

  [[nodiscard]] Socket& at(SocketId id);
  [[nodiscard]] const Socket& at(SocketId id) const;
  [[nodiscard]] bool port_is_free(const Socket& socket, const std::optional<IpAddress>& address,
                                  std::uint16_t port) const;
  [[nodiscard]] std::uint16_t draw_port(const Socket& socket,
                                        const std::optional<IpAddress>& address);
  [[nodiscard]] Result<void, UdpError> ensure_port(SocketId id);
  [[nodiscard]] Result<void, DropReason> deliver(Socket& socket, const Arrival& arrival,
                                                 const Endpoint& from, const Endpoint& to,
                                                 Bytes data);

  UdpConfig config_;
  Rng rng_;
  std::vector<std::optional<Socket>> sockets_;  // by id
  std::vector<SocketId> free_ids_;
  std::unordered_map<std::uint16_t, std::vector<SocketId>> by_port_;  // in the order of binding
};

}  // namespace packetwright::udp
