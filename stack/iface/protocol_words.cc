// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/protocol_words.hh"

namespace packetwright::iface {
namespace {

icmp::OffenceKind offence_kind(ip::ProblemKind kind) noexcept {
  switch (kind) {
    case ip::ProblemKind::reassembly_time_exceeded:
      return icmp::OffenceKind::reassembly_time_exceeded;
    case ip::ProblemKind::bad_header_field: return icmp::OffenceKind::bad_header_field;
    case ip::ProblemKind::unknown_next_header: return icmp::OffenceKind::protocol_unreachable;
    case ip::ProblemKind::unknown_option: return icmp::OffenceKind::unknown_option;
    case ip::ProblemKind::incomplete_header_chain:
      return icmp::OffenceKind::incomplete_header_chain;
    case ip::ProblemKind::source_route_failed: return icmp::OffenceKind::source_route_failed;
  }
  return icmp::OffenceKind::bad_header_field;
}

bool is_link_group(ip::LinkCast link) noexcept {
  return link == ip::LinkCast::broadcast || link == ip::LinkCast::multicast;
}

}  // namespace

icmp::Offence offence_of(const ip::Problem& problem) noexcept {
  icmp::Offence offence;
  offence.kind = offence_kind(problem.kind);
  offence.pointer = problem.pointer;
  offence.source = problem.source;
  offence.destination = problem.destination;
  offence.to_group = problem.destination_kind != ip::AddressKind::unicast;
  offence.link_group = is_link_group(problem.link);
  offence.non_initial_fragment = problem.non_initial_fragment;
  offence.even_if_group = problem.even_if_multicast;
  offence.packet = problem.packet;
  return offence;
}

icmp::Offence offence_of(const ip::Datagram& datagram, icmp::OffenceKind kind) noexcept {
  icmp::Offence offence;
  offence.kind = kind;
  offence.source = datagram.source;
  offence.destination = datagram.destination;
  offence.to_group = datagram.kind != ip::AddressKind::unicast;
  offence.link_group = is_link_group(datagram.link);
  offence.packet = datagram.packet;
  return offence;
}

tcp::IcmpError tcp_error_of(const icmp::ErrorReport& report, const Endpoint& local,
                            const Endpoint& remote, SeqNum seq) noexcept {
  tcp::IcmpError error;
  error.local = local;
  error.remote = remote;
  error.seq = seq;
  error.icmp_type = report.type;
  error.icmp_code = report.code;
  switch (report.problem) {
    case icmp::Problem::packet_too_big:
      error.kind = tcp::IcmpErrorKind::packet_too_big;
      error.mtu = report.value;
      break;
    case icmp::Problem::port_unreachable: error.kind = tcp::IcmpErrorKind::hard; break;
    case icmp::Problem::protocol_unreachable:
      // A Parameter Problem of IPv6 says the same as 3/2 of IPv4, but counts as a hint.
      error.kind = report.local.is_v4() ? tcp::IcmpErrorKind::hard : tcp::IcmpErrorKind::soft;
      break;
    case icmp::Problem::prohibited:
      error.kind = report.local.is_v6() ? tcp::IcmpErrorKind::hard : tcp::IcmpErrorKind::soft;
      break;
    case icmp::Problem::net_unreachable:
    case icmp::Problem::host_unreachable:
    case icmp::Problem::source_route_failed:
    case icmp::Problem::hop_limit_exceeded:
    case icmp::Problem::reassembly_timeout:
    case icmp::Problem::erroneous_header:
    case icmp::Problem::required_option_missing:
    case icmp::Problem::unrecognised_option:
    case icmp::Problem::unknown: error.kind = tcp::IcmpErrorKind::soft; break;
  }
  return error;
}

udp::UdpError udp_error_of(icmp::Problem problem) noexcept {
  switch (problem) {
    case icmp::Problem::net_unreachable: return udp::UdpError::net_unreachable;
    case icmp::Problem::host_unreachable: return udp::UdpError::host_unreachable;
    case icmp::Problem::protocol_unreachable: return udp::UdpError::protocol_unreachable;
    case icmp::Problem::port_unreachable: return udp::UdpError::port_unreachable;
    case icmp::Problem::packet_too_big: return udp::UdpError::packet_too_big;
    case icmp::Problem::source_route_failed: return udp::UdpError::host_unreachable;
    case icmp::Problem::prohibited: return udp::UdpError::prohibited;
    case icmp::Problem::hop_limit_exceeded:
    case icmp::Problem::reassembly_timeout: return udp::UdpError::time_exceeded;
    case icmp::Problem::erroneous_header:
    case icmp::Problem::required_option_missing:
    case icmp::Problem::unrecognised_option:
    case icmp::Problem::unknown: return udp::UdpError::parameter_problem;
  }
  return udp::UdpError::parameter_problem;
}

bool is_fatal(icmp::Problem problem) noexcept {
  switch (problem) {
    case icmp::Problem::protocol_unreachable:
    case icmp::Problem::port_unreachable:
    case icmp::Problem::packet_too_big:
    case icmp::Problem::prohibited:
    case icmp::Problem::erroneous_header:
    case icmp::Problem::required_option_missing:
    case icmp::Problem::unrecognised_option: return true;
    //= RFC1122-3.2.2.1-e
    case icmp::Problem::net_unreachable:
    case icmp::Problem::host_unreachable:
    case icmp::Problem::source_route_failed:
    case icmp::Problem::hop_limit_exceeded:
    case icmp::Problem::reassembly_timeout:
    case icmp::Problem::unknown: return false;
  }
  return false;
}

}  // namespace packetwright::iface
