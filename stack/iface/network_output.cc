// SPDX-License-Identifier: Apache-2.0
// From the transports to frames.
#include <algorithm>
#include <utility>

#include "stack/icmp/report.hh"
#include "stack/iface/link.hh"
#include "stack/iface/network.hh"
#include "stack/iface/tcp_header.hh"
#include "stack/ip/options.hh"
#include "stack/udp/output.hh"

namespace packetwright::iface {
namespace {

// Of what a host says to itself, in one call: a bound on loops between its own sockets.
constexpr int kMaxLocalPackets = 1'000;

ip::Datagram datagram_of(const tcp::Segment& segment,
                         const SegmentAttributes& attributes) noexcept {
  ip::Datagram datagram;
  datagram.source = segment.local.address;
  datagram.destination = segment.remote.address;
  datagram.protocol = wire::IpProtocol::tcp;
  datagram.hop_limit = attributes.hop_limit;
  datagram.traffic_class = static_cast<std::uint8_t>((attributes.traffic_class & 0xfc) |
                                                     static_cast<std::uint8_t>(segment.ecn));
  datagram.dont_fragment = attributes.dont_fragment;
  return datagram;
}

}  // namespace

Result<void, ip::SendError> Network::send(Instant now, const ip::Datagram& datagram) {
  // Sending may lead here again, by an error that is reported to TCP: the scratch is taken along.
  std::vector<ip::Packet> packets = std::exchange(packets_, {});
  const auto sent = output_.send(now, datagram, packets);
  for (ip::Packet& packet : packets) transmit(now, std::move(packet));
  packets.clear();
  packets_ = std::move(packets);
  return sent;
}

void Network::transmit(Instant now, ip::Packet packet) {
  const wire::EtherType ether_type =
      packet.family == Family::ipv4 ? wire::EtherType::ipv4 : wire::EtherType::ipv6;
  switch (packet.kind) {
    case ip::RouteKind::local: local_.push_back(std::move(packet)); return;
    case ip::RouteKind::broadcast:
    case ip::RouteKind::multicast:
      queue_frame(now, packet.group, ether_type, packet.octets);
      return;
    case ip::RouteKind::on_link:
    case ip::RouteKind::gateway: {
      const auto mac = neighbors_.resolve(now, packet.next_hop, packet.source);
      if (mac) {
        queue_frame(now, *mac, ether_type, packet.octets);
      } else {
        //= RFC1122-2.3.2.2-a
        neighbors_.hold(packet.next_hop, ether_type, std::move(packet.octets));
      }
      drain_neighbors(now);
      return;
    }
  }
}

void Network::drain_neighbors(Instant now) {
  for (bool more = true; more;) {
    while (auto outgoing = neighbors_.next_outgoing()) {
      queue_frame(now, outgoing->to, outgoing->ether_type, outgoing->octets);
    }
    more = false;
    while (const auto event = neighbors_.next_event()) {
      on_neighbor_event(now, *event);
      more = true;
    }
    more = drain_discovery(now) || more;
  }
}

void Network::on_neighbor_event(Instant now, const neighbor::Event& event) {
  switch (event.kind) {
    case neighbor::EventKind::address_ready:
      addresses_.set_state(event.address, autoconfiguration_.is_deprecated(now, event.address)
                                              ? ip::AddressState::deprecated
                                              : ip::AddressState::preferred);
      return;
    case neighbor::EventKind::address_lost: reset_connections(now, event.address); [[fallthrough]];
    case neighbor::EventKind::address_conflict:
      forget_address(now, event.address);
      autoconfiguration_.on_duplicate(event.address);
      if (config_.ipv4_link_local && event.address.is_v4()) {
        neighbors_.remove_address(event.address);
        choose_link_local(now);
      }
      return;
    case neighbor::EventKind::conflict_defended: return;
    case neighbor::EventKind::reachable: routes_.on_reachable(event.address); return;
    case neighbor::EventKind::no_longer_router:
      routers_.forget_router(event.address);
      forget_router(now, event.address);
      return;
    case neighbor::EventKind::unreachable:
      //= RFC1122-3.3.1.4-a
      routes_.on_unreachable(now, event.address);
      [[fallthrough]];
    case neighbor::EventKind::undeliverable:
      // To a transport this is the same as a router's word that the host is not there.
      for (const Buffer& packet : event.held) {
        const Family family = event.address.family();
        if (const auto report = icmp::report_unreachable(family, packet)) on_report(now, *report);
      }
      return;
  }
}

// Peers learn that nobody is behind this address any more while it can still be said.
//= RFC5227-2.4-d
void Network::reset_connections(Instant now, const IpAddress& local) {
  for (const tcp::ConnectionId id : tcp_.connections()) {
    const auto endpoint = tcp_.local_endpoint(id);
    if (!endpoint || endpoint->address != local) continue;
    (void)tcp_.abort(now, id, actions_);
    tcp::Event reset;
    reset.kind = tcp::EventKind::failed;
    reset.connection = id;
    reset.error = tcp::TcpError::connection_reset;
    tell(reset);
  }
  run_actions(now);
}

void Network::queue_frame(Instant now, const MacAddress& to, wire::EtherType ether_type,
                          Bytes payload) {
  if (!link_up_) return drop(now, DropReason::link_down);
  if (frames_.full()) return drop(now, DropReason::frame_queue_full);
  Buffer& frame = frames_.push(wire::kEthernetHeaderSize + payload.size());
  emit_frame(to, config_.mac, ether_type, payload, frame);
  if (trace_) trace_({now, TraceEvent::What::frame_out, std::nullopt, frame});
}

void Network::deliver_local(Instant now) {
  for (int i = 0; i < kMaxLocalPackets && !local_.empty(); ++i) {
    const ip::Packet packet = std::move(local_.front());
    local_.pop_front();
    ip_input(now, packet.family, packet.octets, ip::LinkCast::loopback);
    run_resolver(now);  // a server may be on this host
  }
}

// `echo_request`: the datagram that asked, if its IP options are to come back.
void Network::answer(Instant now, icmp::Answer message, const ip::Datagram* echo_request) {
  ip::Datagram datagram;
  datagram.destination = message.destination;
  datagram.hop_limit = hop_limit(datagram.family());
  datagram.protocol =
      message.destination.is_v4() ? wire::IpProtocol::icmpv4 : wire::IpProtocol::icmpv6;
  ip::ReplyOptions options;
  if (echo_request != nullptr) {
    datagram.traffic_class = echo_request->traffic_class & 0xfc;
    if (!echo_request->options.empty()) {
      //= RFC1122-3.2.2.6-e
      //= RFC1122-3.2.2.6-f
      options = ip::reply_options(*echo_request);
      datagram.options = options.octets;
      datagram.destination = options.destination;
    }
  }
  if (message.source.is_unspecified()) {
    const auto source = source_for(now, datagram.destination);
    if (!source) return;
    message.source = *source;
  }
  icmp::fill_checksum(message);
  datagram.source = message.source;
  datagram.payload = message.octets;
  // Nobody is told if there is no way back: who asked will ask again.
  (void)send(now, datagram);
}

void Network::send_error(Instant now, const icmp::Offence& offence) {
  auto message = icmp_.error_about(now, offence);
  if (!message) return drop(now, message.error());
  //= RFC1122-3.2.2-d
  answer(now, std::move(*message), nullptr);
}

void Network::send_segment(Instant now, std::size_t i) {
  const tcp::Segment& segment = actions_.segment(i);
  SegmentAttributes attributes = usual_attributes(segment.local.address.family());
  if (!attributes_.empty()) {
    attributes = attributes_.find(segment.local, segment.remote).value_or(attributes);
  }
  const Bytes text = actions_.text(i);
  if (send_directly(now, segment, text, attributes)) return;
  emit_segment(segment, text, transport_);
  ip::Datagram datagram = datagram_of(segment, attributes);
  datagram.payload = transport_;
  tcp::IcmpError error;
  error.local = segment.local;
  error.remote = segment.remote;
  error.seq = segment.seq;
  const auto sent = send(now, datagram);  // which may append to the list
  // What cannot be sent now is sent again by a timer, as if it had been lost on the way; but what
  // is too big would be so for ever. Another connection may have found that out about this path.
  //= RFC1191-6.2-a
  //= RFC8201-5.2-a
  if (!sent && sent.error() == ip::SendError::message_too_big) {
    error.kind = tcp::IcmpErrorKind::packet_too_big;
    error.mtu = path_mtu(now, error.remote.address).value_or(0);
    error.certain = true;
    too_big_.push_back(error);
  }
}

// Nearly every segment: header by header into the frame that will carry it. False: there is more to
// this one, and nothing has been sent.
bool Network::send_directly(Instant now, const tcp::Segment& segment, Bytes text,
                            const SegmentAttributes& attributes) {
  const std::size_t size = encoded_size(segment);
  if (!link_up_ || frames_.full() || !find_way(now, segment, attributes, size)) return false;
  constexpr std::size_t kIpAt = wire::kEthernetHeaderSize;
  const std::size_t tcp_at = kIpAt + way_.ip.size();
  Buffer& frame = frames_.push(tcp_at + size);
  const MutableBytes octets{frame};
  store_bytes(octets, 0, way_.ethernet);
  emit_segment_to(segment, text, octets.subspan(tcp_at));
  std::uint32_t flow_label = 0;
  if (segment.remote.address.is_v6()) {
    ip::Datagram datagram = datagram_of(segment, attributes);
    datagram.payload = octets.subspan(tcp_at);
    flow_label = output_.flow_label(datagram);
  }
  way_.ip.emit(static_cast<std::uint8_t>(segment.ecn), flow_label, size, octets.subspan(kIpAt));
  if (trace_) trace_({now, TraceEvent::What::frame_out, std::nullopt, frame});
  return true;
}

// Makes way_ the way of this segment of `size` octets. False: it cannot go directly.
bool Network::find_way(Instant now, const tcp::Segment& segment,
                       const SegmentAttributes& attributes, std::size_t size) {
  const std::uint64_t version = routes_.version() + neighbors_.version();
  if (!way_.leads(now, version, segment.local.address, segment.remote.address, attributes)) {
    const ip::Datagram datagram = datagram_of(segment, attributes);
    const auto route = output_.direct_route(now, datagram, size);
    if (!route) return false;
    const auto mac = neighbors_.resolve(now, route->next_hop, datagram.source);
    if (!mac) return false;
    way_.source = datagram.source;
    way_.destination = datagram.destination;
    way_.attributes = attributes;
    way_.mtu = route->mtu;
    emit_frame_header(
        *mac, config_.mac,
        datagram.family() == Family::ipv4 ? wire::EtherType::ipv4 : wire::EtherType::ipv6,
        way_.ethernet);
    way_.ip = ip::HeaderTemplate{datagram};
    // Every second the neighbour is seen to be in use, lest it make room for others.
    const std::optional<Instant> fresh = neighbors_.fresh_until(now, route->next_hop);
    way_.until = fresh && !routes_.depends_on_time() ? std::min(*fresh, now + 1s) : now;
    way_.version = routes_.version() + neighbors_.version();
  }
  return way_.ip.size() + size <= way_.mtu;
}

void Network::run_actions(Instant now) {
  // Reached again from a segment that could not be sent: the loop below sees to the rest.
  if (running_actions_ || actions_.empty()) return;
  running_actions_ = true;
  // A round for what TCP said, and more only if segments were too big for their path: TCP then
  // makes smaller ones, which cannot go on for long.
  constexpr int kMaxRounds = 16;
  for (int round = 0; round < kMaxRounds; ++round) {
    // By index: sending can append to the list.
    for (std::size_t i = 0; i < actions_.segment_count(); ++i) send_segment(now, i);
    for (std::size_t i = 0; i < actions_.drops().size(); ++i) drop(now, actions_.drops()[i]);
    if (neighbors_.wants_confirmation()) {
      //= RFC4861-7.3.1-a
      for (const IpAddress& remote : actions_.progress()) {
        if (const auto route = routes_.find(now, remote)) neighbors_.confirm(now, route->next_hop);
      }
    }
    for (const auto& [remote, mtu] : actions_.path_mtus()) {
      (void)routes_.on_packet_too_big(now, remote, mtu, 0);
    }
    for (const IpAddress& remote : actions_.doubts()) {
      //= RFC1122-3.3.1.4-a
      // The first hop is asked; if it says nothing, Routes takes another gateway.
      if (const auto route = routes_.find(now, remote)) neighbors_.doubt(now, route->next_hop);
    }
    for (std::size_t i = 0; i < actions_.events().size(); ++i) {
      tell(tcp::Event{actions_.events()[i]});
    }
    actions_.clear();
    if (too_big_.empty()) break;
    const std::vector<tcp::IcmpError> errors = std::exchange(too_big_, {});
    for (const tcp::IcmpError& error : errors) tcp_.on_icmp_error(now, error, actions_);
    tcp_.flush(now, actions_);
  }
  running_actions_ = false;
}

}  // namespace packetwright::iface
