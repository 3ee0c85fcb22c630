// SPDX-License-Identifier: Apache-2.0
// ICMP for IPv4 on the way in: RFC 792 and RFC 1122, 3.2.2, in the order of the latter.
#include <array>

#include "stack/icmp/input.hh"
#include "stack/icmp/report.hh"
#include "stack/wire/icmp_quote.hh"
#include "stack/wire/icmpv4.hh"

namespace packetwright::icmp {
namespace {

using wire::Icmpv4Type;
using wire::Icmpv4View;

// RFC 1122, 3.2.2.2. Whether to believe it is for the routes to say.
Input redirect(const Icmpv4View& message) {
  if (message.code() > 3) return DropReason::icmp_unknown_type;
  const auto quoted = wire::parse_ipv4_quote(message.body());
  if (!quoted) return DropReason::icmp_malformed;
  return Redirect{quoted->src, quoted->dst, message.gateway()};
}

// RFC 1122, 3.2.2.1, 3.2.2.4 and 3.2.2.5.
Input error(const Arrival& arrival, const Icmpv4View& message) {
  // What reports on a datagram comes to the host that sent it, and to no others.
  if (arrival.to_group) return DropReason::icmp_error_unmatched;
  ErrorReport report;
  report.type = static_cast<std::uint8_t>(message.type());
  report.code = message.code();
  report.problem = problem_v4(report.type, report.code);
  report.reporter = arrival.source;
  if (report.problem == Problem::packet_too_big) report.value = message.next_hop_mtu();
  if (report.problem == Problem::erroneous_header) report.value = message.pointer();
  if (const auto drop = read_quote_v4(message.body(), report)) return *drop;
  return report;
}

// A copy of the request with another type: identifier, sequence number and data come back.
//= RFC1122-3.2.2.6-a
//= RFC1122-3.2.2.6-d
//= RFC792-echo-a
Input echo(const Arrival& arrival, const Icmpv4View& message, const IcmpConfig& config) {
  if (!config.answer_echo) return DropReason::icmp_unknown_type;
  //= RFC1122-3.2.2.6-b
  if (arrival.to_group && !config.answer_group_echo_v4) return DropReason::icmp_broadcast_echo;
  //= RFC1122-3.2.2.6-c
  Answer answer{arrival.to_group ? IpAddress{} : arrival.destination, arrival.source, {}};
  const auto reply =
      wire::Icmpv4Fields::echo(Icmpv4Type::echo_reply, message.id(), message.seq(), message.body());
  answer.octets.resize(reply.encoded_size());
  reply.emit(answer.octets);
  return answer;
}

//= RFC1122-3.2.2.8-a
//= RFC792-ts-a
Input timestamp(Instant now, const Arrival& arrival, const Icmpv4View& message,
                const IcmpConfig& config) {
  if (!config.answer_timestamp) return DropReason::icmp_unknown_type;
  if (arrival.to_group) return DropReason::icmp_broadcast_echo;
  const auto stamps = message.timestamps();
  if (!stamps) return DropReason::icmp_malformed;
  // This host knows how long it has been up and not what day it is: the high bit says so.
  const auto milliseconds = static_cast<std::uint32_t>(nanos(now) / 1'000'000);
  const std::uint32_t time = milliseconds | 0x8000'0000;
  std::array<std::uint8_t, 12> body{};
  store_be32(body, 0, stamps->originate);
  store_be32(body, 4, time);
  store_be32(body, 8, time);
  //= RFC1122-3.2.2.8-b
  Answer answer{arrival.destination, arrival.source, {}};
  const auto reply =
      wire::Icmpv4Fields::echo(Icmpv4Type::timestamp_reply, message.id(), message.seq(), body);
  answer.octets.resize(reply.encoded_size());
  reply.emit(answer.octets);
  return answer;
}

}  // namespace

Input on_icmpv4(Instant now, const Arrival& arrival, Bytes octets, const IcmpConfig& config) {
  const auto message = Icmpv4View::parse(octets);
  if (!message) return DropReason::icmp_malformed;
  //= RFC792-fmt-b
  if (config.verify_checksum && !message->verify_checksum()) return DropReason::icmp_bad_checksum;

  switch (message->type()) {
    case Icmpv4Type::unreachable:
    case Icmpv4Type::time_exceeded:
    case Icmpv4Type::parameter_problem: return error(arrival, *message);
    case Icmpv4Type::redirect: return redirect(*message);
    // RFC 6633 made an end of it: a host that slowed down could be slowed down by anybody.
    //= RFC6633-3-b
    //= RFC6633-5-a
    //= RFC6633-6-a
    case Icmpv4Type::source_quench: return DropReason::icmp_source_quench;
    case Icmpv4Type::echo_request: return echo(arrival, *message, config);
    case Icmpv4Type::echo_reply: return EchoReply{message->id(), octets};
    case Icmpv4Type::timestamp_request: return timestamp(now, arrival, *message, config);
    // We ask for none of these, and answer none: 3.2.2.7 advises against Information messages, and
    // 3.2.2.9 leaves Address Masks to those who were appointed to it.
    //= RFC1122-3.2.2.7-a
    //= RFC1122-3.2.2.9-a
    //= RFC1122-3.2.2.9-b
    case Icmpv4Type::timestamp_reply:
    case Icmpv4Type::information_request:
    case Icmpv4Type::information_reply:
    case Icmpv4Type::address_mask_request:
    case Icmpv4Type::address_mask_reply:
    case Icmpv4Type::router_advertisement:
    case Icmpv4Type::router_solicitation: return DropReason::icmp_unknown_type;
  }
  //= RFC1122-3.2.2-a
  return DropReason::icmp_unknown_type;
}

Problem problem_v4(std::uint8_t type, std::uint8_t code) noexcept {
  switch (static_cast<Icmpv4Type>(type)) {
    case Icmpv4Type::unreachable: {
      static constexpr std::array<Problem, 16> kByCode{
          Problem::net_unreachable,  Problem::host_unreachable, Problem::protocol_unreachable,
          Problem::port_unreachable, Problem::packet_too_big,   Problem::source_route_failed,
          Problem::net_unreachable,  Problem::host_unreachable, Problem::host_unreachable,
          Problem::prohibited,       Problem::prohibited,       Problem::net_unreachable,
          Problem::host_unreachable, Problem::prohibited,       Problem::prohibited,
          Problem::prohibited,
      };
      return code < kByCode.size() ? kByCode[code] : Problem::unknown;
    }
    case Icmpv4Type::time_exceeded:
      return code == 0   ? Problem::hop_limit_exceeded
             : code == 1 ? Problem::reassembly_timeout
                         : Problem::unknown;
    case Icmpv4Type::parameter_problem:
      return code == 0   ? Problem::erroneous_header
             : code == 1 ? Problem::required_option_missing
                         : Problem::unknown;
    case Icmpv4Type::echo_reply:
    case Icmpv4Type::source_quench:
    case Icmpv4Type::redirect:
    case Icmpv4Type::echo_request:
    case Icmpv4Type::router_advertisement:
    case Icmpv4Type::router_solicitation:
    case Icmpv4Type::timestamp_request:
    case Icmpv4Type::timestamp_reply:
    case Icmpv4Type::information_request:
    case Icmpv4Type::information_reply:
    case Icmpv4Type::address_mask_request:
    case Icmpv4Type::address_mask_reply: break;
  }
  return Problem::unknown;
}

}  // namespace packetwright::icmp
