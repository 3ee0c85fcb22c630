// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/error_words.hh"

#include "stack/icmp/input.hh"

namespace packetwright::iface {

Errno errno_of(tcp::TcpError error) noexcept {
  switch (error) {
    case tcp::TcpError::connection_does_not_exist: return Errno::enotconn;
    case tcp::TcpError::connection_already_exists: return Errno::eaddrnotavail;
    case tcp::TcpError::connection_closing: return Errno::epipe;
    case tcp::TcpError::connection_reset: return Errno::econnreset;
    case tcp::TcpError::connection_refused: return Errno::econnrefused;
    case tcp::TcpError::insufficient_resources: return Errno::eagain;
    case tcp::TcpError::remote_unspecified: return Errno::eaddrnotavail;
    case tcp::TcpError::aborted_by_user_timeout: return Errno::etimedout;
    case tcp::TcpError::unreachable: return Errno::ehostunreach;
  }
  return Errno::eproto;
}

Errno errno_of(udp::UdpError error) noexcept {
  switch (error) {
    case udp::UdpError::address_in_use:
    case udp::UdpError::no_port_free: return Errno::eaddrinuse;
    case udp::UdpError::destination_required: return Errno::edestaddrreq;
    case udp::UdpError::not_connected: return Errno::enotconn;
    case udp::UdpError::message_too_long:
    case udp::UdpError::packet_too_big: return Errno::emsgsize;
    case udp::UdpError::nothing_received: return Errno::eagain;
    case udp::UdpError::closed_for_writing: return Errno::epipe;
    case udp::UdpError::port_unreachable: return Errno::econnrefused;
    case udp::UdpError::protocol_unreachable: return Errno::enoprotoopt;
    case udp::UdpError::net_unreachable: return Errno::enetunreach;
    case udp::UdpError::host_unreachable:
    case udp::UdpError::time_exceeded: return Errno::ehostunreach;
    case udp::UdpError::prohibited: return Errno::eacces;
    case udp::UdpError::parameter_problem: return Errno::eproto;
  }
  return Errno::eproto;
}

Errno errno_of(ip::SendError error) noexcept {
  switch (error) {
    case ip::SendError::network_unreachable: return Errno::enetunreach;
    case ip::SendError::address_not_available: return Errno::eaddrnotavail;
    case ip::SendError::invalid_destination:
    case ip::SendError::invalid_hop_limit:
    case ip::SendError::invalid_options: return Errno::einval;
    case ip::SendError::message_too_big: return Errno::emsgsize;
  }
  return Errno::eproto;
}

Errno errno_of_icmp(Family family, std::uint8_t type, std::uint8_t code) noexcept {
  const icmp::Problem problem =
      family == Family::ipv4 ? icmp::problem_v4(type, code) : icmp::problem_v6(type, code);
  switch (problem) {
    case icmp::Problem::port_unreachable: return Errno::econnrefused;
    case icmp::Problem::protocol_unreachable: return Errno::enoprotoopt;
    case icmp::Problem::net_unreachable: return Errno::enetunreach;
    case icmp::Problem::packet_too_big: return Errno::emsgsize;
    case icmp::Problem::prohibited: return Errno::eacces;
    case icmp::Problem::host_unreachable:
    case icmp::Problem::source_route_failed:
    case icmp::Problem::hop_limit_exceeded:
    case icmp::Problem::reassembly_timeout: return Errno::ehostunreach;
    case icmp::Problem::erroneous_header:
    case icmp::Problem::required_option_missing:
    case icmp::Problem::unrecognised_option:
    case icmp::Problem::unknown: return Errno::eproto;
  }
  return Errno::eproto;
}

}  // namespace packetwright::iface
