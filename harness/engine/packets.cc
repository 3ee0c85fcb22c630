// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/packets.hh"

#include <algorithm>

#include "harness/engine/craft.hh"
#include "harness/engine/craft_dns.hh"
#include "harness/engine/kept_values.hh"
#include "harness/engine/payload_check.hh"
#include "harness/engine/segments.hh"
#include "harness/engine/signature.hh"
#include "harness/packet/match.hh"
#include "harness/packet/text.hh"
#include "harness/script/icmp_names.hh"
#include "harness/script/printer.hh"

namespace packetwright::engine {
namespace {

using packet::Dissected;
using packet::Field;
using packet::Proto;

// How much longer than tolerated a missing packet is waited for, so that a late one is called late
// and not missing. It costs nothing where time is virtual.
constexpr Duration kPatienceVirtual = 2s;
constexpr Duration kPatienceReal = 500ms;

// DNS messages have a flow of their own, to the server's port.
constexpr std::string_view kDnsLabel = "dns";
constexpr std::uint16_t kDnsPort = 53;

bool is_fragment(const Dissected& frame) {
  return frame.has(Proto::fragment) || frame.u32(Field::ipv4_mf) != 0 ||
         frame.u32(Field::ipv4_offset) != 0;
}

std::optional<std::uint64_t> ip_protocol(const Dissected& frame) {
  if (const auto protocol = frame.get(Field::ipv4_protocol)) return protocol->low;
  if (const auto next = frame.get(Field::ipv6_next_header)) return next->low;
  return std::nullopt;
}

// What the octets of a literal layer are compared with.
Bytes literal_octets(const script::Literal& literal, const Dissected& frame) {
  if (literal.layer == script::LiteralLayer::frame) return frame.octets();
  for (const packet::Part& part : frame.parts()) {
    const bool transport = part.proto == Proto::tcp || part.proto == Proto::udp ||
                           part.proto == Proto::icmpv4 || part.proto == Proto::icmpv6;
    if (transport) return Bytes{frame.octets()}.subspan(part.offset, part.end - part.offset);
  }
  return {};
}

// A script may give a DNS message as the octets of a datagram, whatever the ports make of it.
std::vector<FieldDifference> differences_of_octets(const script::Packet& packet,
                                                   packet::Packet expected, const Dissected& mapped,
                                                   const packet::MatchPolicy& policy) {
  const packet::Part& udp = *mapped.find(Proto::udp);
  const std::size_t start = udp.offset + udp.size;
  const Bytes got = Bytes{mapped.octets()}.subspan(start, udp.end - start);
  const std::size_t size = expected.payload_size.value_or(got.size());
  expected.layers.emplace_back(Proto::dns);
  expected.payload.reset();
  expected.payload_size.reset();
  std::vector<FieldDifference> fields = packet::match(expected, mapped, policy);
  if (size != got.size()) {
    fields.push_back({"payload.length", std::to_string(size), std::to_string(got.size())});
  }
  if (!packet.payload.has_value()) return fields;
  const Bytes want = packet.payload->octets;
  if (!std::equal(want.begin(), want.end(), got.begin(), got.end())) {
    constexpr std::size_t kShown = 64;
    fields.push_back(
        {"payload", packet::payload_text(want, kShown), packet::payload_text(got, kShown)});
  }
  return fields;
}

}  // namespace

Packets::Packets(Session& session, std::function<bool()> while_waiting, std::function<bool()> steps)
    : session_(session), while_waiting_(std::move(while_waiting)), steps_(std::move(steps)) {}

void Packets::craft_failed(const script::Location& where, const CraftError& error) {
  if (error.unsupported) {
    session_.unsupported(where, error.reason);
  } else {
    session_.wrong_script(where, error.reason);
  }
}

Connection* Packets::connection_of(const script::Packet& packet, bool inbound) {
  ConnectionTable& table = session_.connections;
  const auto by_ports = [&](Transport transport, const script::Ports& ports) {
    return inbound ? &table.with_ports(transport, ports.src.u16(), ports.dst.u16())
                   : &table.with_ports(transport, ports.dst.u16(), ports.src.u16());
  };
  if (const auto* tcp = packet.as<script::Tcp>()) {
    // packetdrill's explicit ports only change what is written; ours name the connection.
    if (tcp->ports.has_value() && session_.settings.strict) {
      return by_ports(Transport::tcp, *tcp->ports);
    }
    return &table.labelled(Transport::tcp, packet.connection);
  }
  if (const auto* udp = packet.as<script::Udp>()) {
    if (udp->ports.has_value() && session_.settings.strict) {
      return by_ports(Transport::udp, *udp->ports);
    }
    return &table.labelled(Transport::udp, packet.connection);
  }
  if (packet.as<script::Dns>() != nullptr) {
    Connection& connection = table.labelled(Transport::udp, kDnsLabel);
    if (connection.remote.port != kDnsPort) {
      connection.remote.port = kDnsPort;
      connection.local.port = 0;
    }
    return &connection;
  }
  if (const auto* icmp = packet.as<script::Icmp>()) {
    const bool udp_quote =
        icmp->quote.has_value() && std::holds_alternative<script::QuotedUdp>(*icmp->quote);
    const bool has_tcp = std::any_of(table.all().begin(), table.all().end(), [](const auto& one) {
      return one.transport == Transport::tcp;
    });
    const bool has_udp = std::any_of(table.all().begin(), table.all().end(), [](const auto& one) {
      return one.transport == Transport::udp;
    });
    const bool udp = udp_quote || (has_udp && !has_tcp);
    return &table.labelled(udp ? Transport::udp : Transport::tcp, packet.connection);
  }
  return nullptr;
}

std::optional<script::Event> Packets::known(const script::Event& event,
                                            const script::Packet& packet) {
  const bool inbound = packet.direction == script::Direction::inbound;
  auto made = with_live_values(packet, *connection_of(packet, inbound));
  if (!made.ok()) {
    session_.wrong_script(event.where, made.error());
    return std::nullopt;
  }
  script::Event out = event;
  out.action = std::move(*made);
  return out;
}

void Packets::ignore_since(Instant from) {
  // On a real clock the answer to what came just before was sent a moment before now.
  const bool real = session_.target.traits().clock == targets::ClockKind::real_time;
  std::erase_if(session_.tap.queue(), [=, this](const SeenFrame& seen) {
    if (!real && seen.at < from) return false;
    Connection* connection = session_.connections.of_outbound(seen.frame, nullptr);
    if (connection != nullptr) connection->live.on_outbound(seen.frame);
    return true;
  });
}

void Packets::inject(const script::Event& event, const script::Packet& packet) {
  Connection* connection = connection_of(packet, true);
  const auto* tcp = packet.as<script::Tcp>();
  if (tcp != nullptr && tcp->flags.has(script::TcpFlags::kSyn)) {
    note_inbound_syn(*tcp, *connection);
  }
  CraftContext context{session_.settings, session_.target.traits().ethernet, connection, nullptr};
  if (connection != nullptr && connection->last_out.has_value()) {
    context.quote = &*connection->last_out;
  }
  const auto frame = craft_inbound(packet, context);
  if (!frame.ok()) return craft_failed(event.where, frame.error());
  if (connection != nullptr) remember_inbound(packet, *frame, context.ethernet, *connection);
  if (session_.settings.follow && tcp != nullptr && connection != nullptr) {
    follower_of(*connection).injected(*tcp);
    last_injected_.insert_or_assign(connection, packet);
  }
  session_.completed_at(session_.tap.now());
  session_.tap.inject(*frame, event.where, script::print_packet(packet));
  ++session_.outcome.stimuli;
  session_.tap.pump();
}

bool Packets::belongs(const SeenFrame& seen, const script::Packet& packet, Connection* connection) {
  const Dissected& frame = seen.frame;
  if (packet.fragment.has_value()) return is_fragment(frame);
  ConnectionTable& table = session_.connections;
  if (packet.as<script::Tcp>() != nullptr) {
    return frame.has(Proto::tcp) && table.of_outbound(frame, connection) == connection;
  }
  if (const auto* udp = packet.as<script::Udp>()) {
    if (!frame.has(udp->coverage ? Proto::udplite : Proto::udp)) return false;
    return table.of_outbound(frame, connection) == connection;
  }
  if (packet.as<script::Dns>() != nullptr) {
    return frame.has(Proto::dns) && table.of_outbound(frame, connection) == connection;
  }
  if (packet.as<script::Icmp>() != nullptr) {
    return frame.has(Proto::icmpv4) || frame.has(Proto::icmpv6);
  }
  if (packet.as<script::Arp>() != nullptr) return frame.has(Proto::arp);
  if (const auto* other = packet.as<script::OtherIp>()) {
    return ip_protocol(frame) == static_cast<std::uint64_t>(other->protocol.value);
  }
  if (const auto* literal = packet.as<script::Literal>()) {
    switch (literal->layer) {
      case script::LiteralLayer::tcp: return frame.has(Proto::tcp);
      case script::LiteralLayer::udp: return frame.has(Proto::udp);
      case script::LiteralLayer::icmp: return frame.has(Proto::icmpv4) || frame.has(Proto::icmpv6);
      case script::LiteralLayer::frame: return true;
    }
  }
  return false;
}

std::optional<std::size_t> Packets::candidate(const script::Packet& packet,
                                              Connection* connection) {
  std::deque<SeenFrame>& queue = session_.tap.queue();
  if (!session_.settings.strict) {
    // packetdrill's sniffer never sees the packets of other flows.
    while (!queue.empty() && !belongs(queue.front(), packet, connection)) queue.pop_front();
    return queue.empty() ? std::nullopt : std::optional{std::size_t{0}};
  }
  // Frames of different flows may come in any order; what nobody asks for fails the end.
  for (std::size_t i = 0; i < queue.size(); ++i) {
    if (belongs(queue[i], packet, connection)) return i;
  }
  return std::nullopt;
}

void Packets::expect(const script::Event& event, const script::Packet& packet,
                     const Window& window) {
  Connection* connection = connection_of(packet, false);
  const bool follows = session_.settings.follow;
  if (const auto* tcp = packet.as<script::Tcp>(); follows && tcp != nullptr) {
    return follow(event, packet, *tcp, *connection, window);
  }
  const Duration patience = window.any                    ? Duration{0}
                            : follows                     ? kPatienceReplay
                            : session_.settings.real_time ? kPatienceReal
                                                          : kPatienceVirtual;
  std::optional<std::size_t> found;
  const auto stop = [&] {
    if (while_waiting_()) return true;
    found = candidate(packet, connection);
    return found.has_value();
  };
  session_.tap.advance(window.latest(), steps_(), stop);
  if (session_.over() || session_.check_trouble()) return;
  if (!found.has_value()) {
    session_.tap.advance(window.latest() + patience, steps_(), stop);
    if (session_.over() || session_.check_trouble()) return;
  }
  if (!found.has_value()) return missing(event, packet);
  if (session_.settings.aggregate) {
    session_.tap.advance(window.latest(), steps_(), [&] {
      return while_waiting_() ||
             merge_segments(packet, session_.tap.queue(), *found, [&](const SeenFrame& seen) {
               return belongs(seen, packet, connection);
             });
    });
    if (session_.over() || session_.check_trouble()) return;
  }
  compare(event, packet, window, connection, *found);
}

void Packets::compare(const script::Event& event, const script::Packet& packet,
                      const Window& window, Connection* connection, std::size_t index) {
  std::deque<SeenFrame>& queue = session_.tap.queue();
  const SeenFrame seen = std::move(queue[index]);
  session_.completed_at(seen.at);
  queue.erase(queue.begin() + static_cast<long>(index));

  const auto* tcp = packet.as<script::Tcp>();
  const bool literal = packet.as<script::Literal>() != nullptr;
  if (tcp != nullptr && connection != nullptr && !tcp->seq.absolute && !tcp->seq.ignored &&
      tcp->flags.has(script::TcpFlags::kSyn)) {
    learn_from_syn(seen.frame, *connection, tcp->seq.first.u32());
  }
  const CraftContext context{session_.settings, session_.target.traits().ethernet, connection,
                             nullptr};
  auto expected = craft_expected(packet, context);
  if (!expected.ok()) return craft_failed(event.where, expected.error());
  if (wants_signature(packet)) {
    const auto error = fill_signature(*expected, seen.frame, session_.settings);
    if (error.has_value()) return craft_failed(event.where, *error);
  }

  Dissected mapped = seen.frame;
  if (connection != nullptr) {
    if (tcp != nullptr) learn_first_timestamp(*tcp, seen.frame, *connection);
    map_to_script(mapped, *connection, tcp != nullptr && tcp->seq.absolute);
  }
  accept_either_ect(packet, mapped, *expected);

  std::vector<FieldDifference> fields;
  if (!window.any && !session_.settings.follow &&
      (seen.at < window.earliest() || seen.at > window.latest())) {
    fields.push_back(
        {"time", script::print_when(event.when), session_.time_text(seen.at, window, event.when)});
  }
  std::vector<FieldDifference> more =
      differences(packet, *expected, seen.frame, mapped, connection);
  fields.insert(fields.end(), more.begin(), more.end());

  const std::string text = "> " + session_.tap.describe(seen.frame);
  session_.trace.describe(seen.history, event.where, text);
  if (fields.empty()) {
    if (connection != nullptr) {
      if (tcp != nullptr) learn_timestamp(*tcp, seen.frame, *connection);
      connection->last_out = seen.frame;
      connection->live.on_outbound(seen.frame);
    }
    ++session_.outcome.assertions_checked;
    if (const auto error = keep_values(packet, seen.frame, session_.kept)) {
      session_.wrong_script(event.where, *error);
    }
    return;
  }
  const std::string actual =
      session_.time_text(seen.at, window, event.when) + " " +
      (literal ? "> frame hex \"" + packet::hex_octets(seen.frame.octets()) + '"' : text);
  if (session_.settings.non_fatal_packets) {
    session_.trace.note(session_.tap.now(), "warning: " + actual);
    return;
  }
  session_.fail(event.where, script::print_event(event), actual, std::move(fields));
}

std::vector<FieldDifference> Packets::differences(const script::Packet& packet,
                                                  const packet::Packet& expected,
                                                  const Dissected& live, const Dissected& mapped,
                                                  Connection* connection) {
  const Settings& settings = session_.settings;
  if (const auto* literal = packet.as<script::Literal>()) {
    const Bytes got = literal_octets(*literal, live);
    const Bytes want = literal->data.octets;
    if (std::equal(want.begin(), want.end(), got.begin(), got.end())) return {};
    return {{"octets", packet::payload_text(want, 64), packet::payload_text(got, 64)}};
  }
  // The order of options is nobody's promise; packetdrill compares it all the same.
  const packet::MatchPolicy policy{.option_layout = !settings.strict && !settings.follow};
  const bool octets = packet.as<script::Udp>() != nullptr && mapped.has(Proto::dns);
  std::vector<FieldDifference> fields =
      octets ? differences_of_octets(packet, expected, mapped, policy)
             : packet::match(expected, mapped, policy);
  if (const auto* dns = packet.as<script::Dns>()) {
    const auto more = compare_dns(*dns, live);
    fields.insert(fields.end(), more.begin(), more.end());
  }
  if (const auto* tcp = packet.as<script::Tcp>())
    check_timestamp_tick(*tcp, mapped, settings, fields);
  if (!settings.strict) return fields;
  check_checksums(live, packet, fields);
  check_quote(packet, live, session_.tap.injected(), fields);
  if (connection != nullptr) check_payload(packet, mapped, *connection, fields);
  return fields;
}

void Packets::missing(const script::Event& event, const script::Packet& packet) {
  std::string actual = "nothing";
  std::vector<FieldDifference> fields;
  const std::deque<SeenFrame>& queue = session_.tap.queue();
  if (session_.settings.strict && !queue.empty()) {
    // Something else came instead; that says more than silence.
    actual = "> " + session_.tap.describe(queue.front().frame);
    fields.push_back({"packet", script::print_packet(packet).substr(2), actual.substr(2)});
  }
  if (session_.settings.non_fatal_packets) {
    session_.trace.note(session_.tap.now(), "warning: " + script::print_event(event) + ": missing");
    return;
  }
  session_.fail(event.where, script::print_event(event), actual, std::move(fields));
}

void Packets::fail_unexpected(const script::Location& where, const std::string& expected) {
  for (const SeenFrame& seen : session_.tap.queue()) {
    const std::string text = "> " + session_.tap.describe(seen.frame);
    session_.fail(seen.where.line != 0 ? seen.where : where, expected, text,
                  {{"packet", "none", text.substr(2)}});
  }
}

}  // namespace packetwright::engine
