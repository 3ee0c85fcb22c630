// SPDX-License-Identifier: Apache-2.0
// ICMPv6 on the way in: RFC 4443.
#include <array>

#include "stack/icmp/input.hh"
#include "stack/icmp/report.hh"
#include "stack/wire/icmpv6.hh"

namespace packetwright::icmp {
namespace {

using wire::Icmpv6Type;
using wire::Icmpv6View;

// RFC 4443, 3.
Input error(const Arrival& arrival, const Icmpv6View& message) {
  if (arrival.to_group) return DropReason::icmp_error_unmatched;
  ErrorReport report;
  report.type = static_cast<std::uint8_t>(message.type());
  report.code = message.code();
  report.problem = problem_v6(report.type, report.code);
  report.reporter = arrival.source;
  if (report.problem == Problem::packet_too_big) report.value = message.mtu();
  if (message.type() == Icmpv6Type::parameter_problem) report.value = message.pointer();
  if (const auto drop = read_quote_v6(message.body(), report)) return *drop;
  return report;
}

//= RFC4443-4.1-a
//= RFC4443-4.2-a
//= RFC4443-4.2-b
//= RFC4443-4.2-c
Input echo(const Arrival& arrival, const Icmpv6View& message, const IcmpConfig& config) {
  if (!config.answer_echo) return DropReason::icmp_unknown_type;
  if (arrival.to_group && !config.answer_group_echo_v6) return DropReason::icmp_broadcast_echo;
  Answer answer{arrival.to_group ? IpAddress::v6({}) : arrival.destination, arrival.source, {}};
  const auto reply =
      wire::Icmpv6Fields::echo(Icmpv6Type::echo_reply, message.id(), message.seq(), message.body());
  answer.octets.resize(reply.encoded_size());
  reply.emit(answer.octets);
  return answer;
}

}  // namespace

Input on_icmpv6(const Arrival& arrival, Bytes octets, const IcmpConfig& config) {
  const auto message = Icmpv6View::parse(octets);
  if (!message) return DropReason::icmp_malformed;
  //= RFC4443-2.3-a
  if (config.verify_checksum && !message->verify_checksum(arrival.source, arrival.destination)) {
    return DropReason::icmp_bad_checksum;
  }

  switch (message->type()) {
    case Icmpv6Type::unreachable:
    case Icmpv6Type::packet_too_big:
    case Icmpv6Type::time_exceeded:
    case Icmpv6Type::parameter_problem: return error(arrival, *message);
    case Icmpv6Type::echo_request: return echo(arrival, *message, config);
    case Icmpv6Type::echo_reply: return EchoReply{message->id(), octets};
    case Icmpv6Type::router_solicitation:
    case Icmpv6Type::router_advertisement:
    case Icmpv6Type::neighbor_solicitation:
    case Icmpv6Type::neighbor_advertisement:
    case Icmpv6Type::redirect:
    case Icmpv6Type::mld_query:
    case Icmpv6Type::mld_report:
    case Icmpv6Type::mld_done:
    case Icmpv6Type::mld_report_v2: return NeighborMessage{octets};
  }
  //= RFC4443-2.4-a
  // An error that this host has never heard of is still about a packet of somebody here.
  if (wire::is_error(message->type())) return error(arrival, *message);
  //= RFC4443-2.4-b
  return DropReason::icmp_unknown_type;
}

Problem problem_v6(std::uint8_t type, std::uint8_t code) noexcept {
  switch (static_cast<Icmpv6Type>(type)) {
    case Icmpv6Type::unreachable: {
      static constexpr std::array<Problem, 7> kByCode{
          Problem::net_unreachable,  Problem::prohibited,       Problem::host_unreachable,
          Problem::host_unreachable, Problem::port_unreachable, Problem::prohibited,
          Problem::prohibited,
      };
      return code < kByCode.size() ? kByCode[code] : Problem::unknown;
    }
    //= RFC4443-3.2-a
    case Icmpv6Type::packet_too_big: return Problem::packet_too_big;  // whatever the code says
    case Icmpv6Type::time_exceeded:
      return code == 0   ? Problem::hop_limit_exceeded
             : code == 1 ? Problem::reassembly_timeout
                         : Problem::unknown;
    case Icmpv6Type::parameter_problem:
      return code == 1   ? Problem::protocol_unreachable
             : code == 2 ? Problem::unrecognised_option
                         : Problem::erroneous_header;
    case Icmpv6Type::echo_request:
    case Icmpv6Type::echo_reply:
    case Icmpv6Type::mld_query:
    case Icmpv6Type::mld_report:
    case Icmpv6Type::mld_done:
    case Icmpv6Type::router_solicitation:
    case Icmpv6Type::router_advertisement:
    case Icmpv6Type::neighbor_solicitation:
    case Icmpv6Type::neighbor_advertisement:
    case Icmpv6Type::redirect:
    case Icmpv6Type::mld_report_v2: break;
  }
  return Problem::unknown;
}

}  // namespace packetwright::icmp
