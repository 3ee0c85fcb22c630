// SPDX-License-Identifier: Apache-2.0
// What the resolver wants of UDP and TCP.
#include <algorithm>
#include <utility>

#include "stack/iface/network.hh"
#include "stack/ip/destination_order.hh"
#include "stack/udp/output.hh"

namespace packetwright::iface {

void Network::serve_resolver(Instant now) {
  while (!stream_events_.empty()) {
    const tcp::Event event = stream_events_.front();
    stream_events_.erase(stream_events_.begin());
    on_stream_event(now, event);
  }
  dns::StreamAction action;
  while (resolver_.poll_stream(action)) run_stream(now, action);
  dns::Outgoing question;
  while (resolver_.poll_output(question)) {
    // Without a way to the server the question is as good as lost: its timer sees to the rest.
    const auto source = source_for(now, question.to.address);
    if (!source) continue;
    Buffer octets;
    udp::emit({*source, question.src_port}, question.to, question.payload, octets);
    ip::Datagram datagram;
    datagram.source = *source;
    datagram.destination = question.to.address;
    datagram.protocol = wire::IpProtocol::udp;
    datagram.hop_limit = hop_limit(datagram.family());
    datagram.payload = octets;
    (void)send(now, datagram);
  }
}

void Network::set_dns_servers(std::vector<Endpoint> servers) {
  config_.dns.servers = std::move(servers);
  use_dns_servers();
}

//= RFC8106-5.3.1-a
void Network::use_dns_servers() {
  constexpr std::uint16_t kPort = 53;
  std::vector<Endpoint> servers = config_.dns.servers;
  for (const IpAddress& offered : routers_.dns_servers()) {
    const Endpoint server{offered, kPort};
    if (std::find(servers.begin(), servers.end(), server) == servers.end()) {
      servers.push_back(server);
    }
  }
  resolver_.set_servers(std::move(servers));
}

void Network::order_destinations(Instant now, std::vector<IpAddress>& addresses) const {
  std::vector<ip::Destination> destinations;
  for (const IpAddress& address : addresses) {
    ip::Destination destination{address, std::nullopt};
    if (const auto source = source_for(now, address)) {
      const ip::LocalAddress* ours = addresses_.find(*source);
      // Only what is inside the host, and none of the link's, is not among them.
      destination.source = ours != nullptr ? *ours : ip::LocalAddress{{*source, 0}};
    }
    destinations.push_back(destination);
  }
  ip::order_destinations(destinations);
  std::transform(destinations.begin(), destinations.end(), addresses.begin(),
                 [](const ip::Destination& destination) { return destination.address; });
}

void Network::tell(const tcp::Event& event) {
  if (!is_resolver_stream(event.connection)) return user_.on_tcp_event(event);
  stream_events_.push_back(event);
}

bool Network::is_resolver_stream(tcp::ConnectionId connection) const noexcept {
  return std::any_of(streams_.begin(), streams_.end(),
                     [&](const ResolverStream& stream) { return stream.connection == connection; });
}

void Network::run_stream(Instant now, const dns::StreamAction& action) {
  using Kind = dns::StreamAction::Kind;
  if (action.kind == Kind::open) return open_stream(now, action.stream, action.server);
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&](const auto& stream) { return stream.id == action.stream; });
  if (found == streams_.end()) return;  // it has ended, and the resolver was told
  const ResolverStream stream = *found;
  if (action.kind == Kind::close) {
    std::erase_if(streams_, [&](const auto& one) { return one.id == stream.id; });
    tcp_.release(now, stream.connection, actions_);
  } else {
    const auto taken = tcp_.send(now, stream.connection, action.octets, {}, actions_);
    // Half a message is of no use, and what did not fit does not become less.
    if (!taken || *taken != action.octets.size()) end_stream(now, stream);
  }
  run_actions(now);
}

void Network::open_stream(Instant now, dns::StreamId id, const Endpoint& server) {
  const auto source = source_for(now, server.address);
  if (!source) return resolver_.on_stream_end(now, id);
  tcp::ActiveOpen open;
  open.local_address = *source;
  open.remote = server;
  open.path = tcp_path(now, server.address);
  open.options.nodelay = true;  // a question does not wait for the acknowledgment of another
  const auto connection = tcp_.open(now, open, actions_);
  if (!connection) return resolver_.on_stream_end(now, id);
  streams_.push_back({id, *connection});
  run_actions(now);
}

void Network::on_stream_event(Instant now, const tcp::Event& event) {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const auto& stream) {
    return stream.connection == event.connection;
  });
  if (found == streams_.end()) return;
  const ResolverStream stream = *found;
  switch (event.kind) {
    case tcp::EventKind::connected: return resolver_.on_stream_connected(stream.id);
    case tcp::EventKind::readable:
    case tcp::EventKind::peer_closed:
      if (read_stream(now, stream)) end_stream(now, stream);
      return run_actions(now);
    case tcp::EventKind::failed:
    case tcp::EventKind::closed: end_stream(now, stream); return run_actions(now);
    case tcp::EventKind::incoming:
    case tcp::EventKind::writable:
    case tcp::EventKind::urgent:
    case tcp::EventKind::soft_error: return;
  }
}

bool Network::read_stream(Instant now, const ResolverStream& stream) {
  Buffer octets(4'096);
  for (;;) {
    const auto received = tcp_.receive(now, stream.connection, octets, {}, actions_);
    if (!received || received->end_of_stream) return true;
    if (received->octets == 0) return false;
    const Bytes text = Bytes{octets}.first(received->octets);
    if (const auto reason = resolver_.on_stream_octets(now, stream.id, text)) drop(now, *reason);
  }
}

// `stream` is a copy: the resolver may open another one at once.
void Network::end_stream(Instant now, const ResolverStream& stream) {
  std::erase_if(streams_, [&](const auto& one) { return one.id == stream.id; });
  tcp_.release(now, stream.connection, actions_);
  resolver_.on_stream_end(now, stream.id);
}

}  // namespace packetwright::iface
