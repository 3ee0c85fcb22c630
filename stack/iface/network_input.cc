// SPDX-License-Identifier: Apache-2.0
// From an IP packet to the transports.
#include "stack/iface/network.hh"
#include "stack/iface/protocol_words.hh"
#include "stack/iface/tcp_header.hh"
#include "stack/udp/input.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"

namespace packetwright::iface {
namespace {

bool is_about_echo_request(const icmp::ErrorReport& report) noexcept {
  const std::uint8_t type = load_u8(report.transport, 0);
  if (report.local.is_v4()) {
    return report.protocol == wire::IpProtocol::icmpv4 &&
           type == static_cast<std::uint8_t>(wire::Icmpv4Type::echo_request);
  }
  return report.protocol == wire::IpProtocol::icmpv6 &&
         type == static_cast<std::uint8_t>(wire::Icmpv6Type::echo_request);
}

}  // namespace

void Network::ip_input(Instant now, Family family, Bytes packet, ip::LinkCast link) {
  handle(now, input_.on_packet(now, family, packet, link));
  while (const auto discarded = input_.next_discarded()) handle(now, *discarded);
}

void Network::handle(Instant now, const ip::Received& received) {
  if (received.dropped) drop(now, *received.dropped);
  if (received.problem) send_error(now, offence_of(*received.problem));
  if (received.datagram) deliver(now, *received.datagram);
}

void Network::deliver(Instant now, const ip::Datagram& datagram) {
  const bool v4 = datagram.family() == Family::ipv4;
  if (datagram.protocol == wire::IpProtocol::tcp) return deliver_tcp(now, datagram);
  if (datagram.protocol == wire::IpProtocol::udp) return deliver_udp(now, datagram);
  if (datagram.protocol == wire::IpProtocol::igmp && v4) return deliver_igmp(now, datagram);
  // The ICMP of the other family is an unknown protocol like any other.
  if (datagram.protocol == (v4 ? wire::IpProtocol::icmpv4 : wire::IpProtocol::icmpv6)) {
    return deliver_icmp(now, datagram);
  }
  //= RFC1122-3.2.2.1-a
  //= RFC8504-5.2-a
  drop(now, DropReason::ip_protocol_unknown);
  send_error(now, offence_of(ip::unknown_protocol(datagram)));
}

void Network::deliver_tcp(Instant now, const ip::Datagram& datagram) {
  //= RFC9293-MUST-57
  //= RFC9293-MUST-63
  // IP has refused sources that are not one host; TCP talks to one host also on our side.
  if (datagram.kind != ip::AddressKind::unicast || datagram.source.is_unspecified()) {
    return drop(now, DropReason::tcp_bad_address);
  }
  const auto refused = read_segment(datagram.source, datagram.destination, datagram.ecn(),
                                    datagram.payload, config_.verify_tcp_checksum, segment_);
  if (refused) return drop(now, *refused);
  const tcp::Path path =
      tcp_.wants_path(now, segment_) ? tcp_path(now, datagram.source) : tcp::Path{};
  tcp_.on_segment(now, segment_, path, actions_);
  tcp_.flush(now, actions_);
  run_actions(now);
}

void Network::deliver_udp(Instant now, const ip::Datagram& datagram) {
  udp::Arrival arrival;
  arrival.src = datagram.source;
  arrival.dst = datagram.destination;
  arrival.to_group = datagram.kind != ip::AddressKind::unicast;
  arrival.tos = datagram.traffic_class;
  arrival.ttl = datagram.hop_limit;
  arrival.options = datagram.options;
  const std::uint16_t port =
      datagram.payload.size() < 4 ? std::uint16_t{0} : load_be16(datagram.payload, 2);
  if (resolver_.uses_port(port) && udp_.is_port_free(port)) return deliver_dns(now, datagram);
  const auto delivered = udp_.on_datagram(arrival, datagram.payload);
  if (delivered) return;
  drop(now, delivered.error());
  //= RFC1122-4.1.3.1-a
  //= RFC1122-3.2.2.1-b
  //= RFC4443-3.1-a
  if (delivered.error() == DropReason::udp_no_socket) {
    send_error(now, offence_of(datagram, icmp::OffenceKind::port_unreachable));
  }
}

// The resolver has ports of its own, without a socket.
void Network::deliver_dns(Instant now, const ip::Datagram& datagram) {
  const auto input =
      udp::check_input(datagram.source, datagram.destination, datagram.payload, config_.udp);
  if (!input) return drop(now, input.error());
  const Endpoint from{datagram.source, input->src_port};
  //= RFC5452-9.1-a
  // The resolver knows server, port and id; that the answer comes to the address that asked, and to
  // no group, is seen here.
  const auto asker = source_for(now, datagram.source);
  if (!asker || *asker != datagram.destination) return drop(now, DropReason::dns_unexpected);
  if (const auto reason = resolver_.on_datagram(now, from, input->dst_port, input->data)) {
    drop(now, *reason);
  }
  run_resolver(now);
}

void Network::deliver_icmp(Instant now, const ip::Datagram& datagram) {
  const icmp::Arrival arrival{datagram.source, datagram.destination,
                              datagram.kind != ip::AddressKind::unicast};
  icmp::Input input = icmp_.on_message(now, arrival, datagram.payload);
  if (const auto* reason = std::get_if<DropReason>(&input)) {
    drop(now, *reason);
  } else if (auto* message = std::get_if<icmp::Answer>(&input)) {
    answer(now, std::move(*message), &datagram);
  } else if (const auto* report = std::get_if<icmp::ErrorReport>(&input)) {
    on_report(now, *report);
  } else if (const auto* redirect = std::get_if<icmp::Redirect>(&input)) {
    on_redirect(now, datagram.source, *redirect);
  } else if (const auto* reply = std::get_if<icmp::EchoReply>(&input)) {
    //= RFC1122-3.2.2.6-g
    //= RFC4443-4.2-d
    user_.on_echo_reply(datagram.source, datagram.destination, *reply);
  } else {
    deliver_ndp(now, datagram, std::get<icmp::NeighborMessage>(input).message);
  }
}

// RFC 1122, 3.2.2.1: what an error is about decides who hears of it. Nobody believes it without a
// look at what was really sent (RFC 5927): TCP wants a sequence number in flight, UDP a socket.
//= RFC1122-3.2.2.1-c
//= RFC1122-3.2.2.4-a
//= RFC1122-3.2.2.5-b
//= RFC4443-5.2-a
void Network::on_report(Instant now, const icmp::ErrorReport& report) {
  if (!addresses_.is_own(report.local)) return drop(now, DropReason::icmp_error_unmatched);
  const Endpoint local{report.local, load_be16(report.transport, 0)};
  const Endpoint remote{report.remote, load_be16(report.transport, 2)};

  bool believed = false;
  if (report.protocol == wire::IpProtocol::tcp) {
    const SeqNum seq{load_be32(report.transport, 4)};
    tcp_.on_icmp_error(now, tcp_error_of(report, local, remote, seq), actions_);
    believed = actions_.drops().empty();
  } else if (report.protocol == wire::IpProtocol::udp && resolver_.uses_port(local.port) &&
             udp_.is_port_free(local.port)) {
    if (is_fatal(report.problem)) resolver_.on_unreachable(now, remote, local.port);
    run_resolver(now);
  } else if (report.protocol == wire::IpProtocol::udp) {
    const auto heard =
        udp_.on_error(local, remote, udp_error_of(report.problem), is_fatal(report.problem));
    if (!heard) drop(now, heard.error());
    believed = heard.ok();
  } else if (is_about_echo_request(report)) {
    believed = user_.on_echo_error(report, load_be16(report.transport, 4));
    if (!believed) drop(now, DropReason::icmp_error_unmatched);
  } else {
    drop(now, DropReason::icmp_error_unmatched);
  }

  if (believed) user_.on_error_report(report);
  //= RFC1191-3-a
  //= RFC8201-4-a
  if (believed && report.problem == icmp::Problem::packet_too_big) {
    (void)routes_.on_packet_too_big(now, report.remote, report.value, report.quoted_size);
  }
  run_actions(now);
}

//= RFC1122-3.2.2.2-b
//= RFC1122-3.2.2.2-c
void Network::on_redirect(Instant now, const IpAddress& from, const icmp::Redirect& redirect) {
  const bool believed = config_.accept_redirects && addresses_.is_own(redirect.local) &&
                        routes_.on_redirect(now, from, redirect.destination, redirect.gateway);
  if (!believed) drop(now, DropReason::icmp_error_unmatched);
}

}  // namespace packetwright::iface
