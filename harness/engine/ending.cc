// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/ending.hh"

#include <algorithm>

#include "harness/packet/packet.hh"

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Layer;
using packet::Proto;
using packet::Wide;

// An answer takes no time; this leaves room for address resolution and a coarse clock.
constexpr Duration kAnswerLimit = 1s;
// An echo that the script cannot have sent.
constexpr std::uint16_t kEchoId = 0x5057;
constexpr std::uint16_t kProbePort = 9;  // discard: no script listens there

constexpr std::uint64_t kSyn = 0x002, kRst = 0x004, kAck = 0x010;

packet::Packet from_peer(const Session& session) {
  const Settings& settings = session.settings;
  packet::Packet probe;
  if (session.target.traits().ethernet) {
    probe.layers.push_back(Layer(Proto::ethernet)
                               .set(Field::ethernet_dst, Wide{settings.config.local_mac})
                               .set(Field::ethernet_src, Wide{settings.config.peer_mac}));
  }
  const bool v4 = settings.family() == Family::ipv4;
  Layer ip(v4 ? Proto::ipv4 : Proto::ipv6);
  ip.set(v4 ? Field::ipv4_src : Field::ipv6_src, Wide{settings.peer()});
  ip.set(v4 ? Field::ipv4_dst : Field::ipv6_dst, Wide{settings.local()});
  probe.layers.push_back(std::move(ip));
  return probe;
}

// Sends the probe and waits for the first frame that `is_answer`.
template <class IsAnswer>
bool answered(Session& session, const packet::Packet& probe, const IsAnswer& is_answer) {
  session.tap.queue().clear();
  session.tap.inject(packet::build(probe));
  bool found = false;
  const Instant until = session.tap.now() + kAnswerLimit;
  session.tap.advance(until, false, [&] {
    auto& queue = session.tap.queue();
    found = std::any_of(queue.begin(), queue.end(),
                        [&](const SeenFrame& seen) { return is_answer(seen.frame); });
    queue.clear();
    return found;
  });
  return found;
}

bool answers_echo(Session& session) {
  const bool v4 = session.settings.family() == Family::ipv4;
  packet::Packet probe = from_peer(session);
  Layer icmp(v4 ? Proto::icmpv4 : Proto::icmpv6);
  icmp.set(v4 ? Field::icmpv4_type : Field::icmpv6_type, v4 ? 8 : 128);
  icmp.set(v4 ? Field::icmpv4_id : Field::icmpv6_id, kEchoId);
  icmp.set(v4 ? Field::icmpv4_seq : Field::icmpv6_seq, 1);
  probe.layers.push_back(std::move(icmp));
  probe.payload_size = 8;
  return answered(session, probe, [v4](const packet::Dissected& frame) {
    const auto type = frame.get(v4 ? Field::icmpv4_type : Field::icmpv6_type);
    const auto id = frame.get(v4 ? Field::icmpv4_id : Field::icmpv6_id);
    return type == Wide{v4 ? 0u : 129u} && id == Wide{kEchoId};
  });
}

bool answers_syn(Session& session) {
  packet::Packet probe = from_peer(session);
  const std::uint16_t port =
      session.connections.labelled(Transport::tcp, "alive probe").remote.port;
  probe.layers.push_back(Layer(Proto::tcp)
                             .set(Field::tcp_src_port, port)
                             .set(Field::tcp_dst_port, kProbePort)
                             .set(Field::tcp_flags, kSyn)
                             .set(Field::tcp_win, 1000));
  return answered(session, probe, [port](const packet::Dissected& frame) {
    const auto flags = frame.get(Field::tcp_flags);
    return frame.get(Field::tcp_dst_port) == Wide{port} && flags.has_value() &&
           (flags->low & kRst) != 0;
  });
}

}  // namespace

Alive check_alive(Session& session) {
  session.trace.begin_event({});
  session.tap.script_is_over();
  const targets::Traits& traits = session.target.traits();
  if (!traits.has("icmp") && !traits.has("tcp")) return Alive::not_checked;
  if (traits.has("icmp") && answers_echo(session)) return Alive::yes;
  // A script may have silenced ICMP, by a rate limit or a knob; TCP speaks for the stack as well.
  if (session.target.death().has_value() || !traits.has("tcp")) return Alive::no;
  return answers_syn(session) ? Alive::yes : Alive::no;
}

void reset_connections(Session& session) {
  for (const Connection& connection : session.connections.all()) {
    if (connection.transport != Transport::tcp || !connection.last_in.has_value()) continue;
    packet::Packet reset = from_peer(session);
    Layer tcp(Proto::tcp);
    tcp.set(Field::tcp_src_port, connection.remote.port);
    tcp.set(Field::tcp_dst_port, connection.local.port);
    tcp.set(Field::tcp_flags, kRst | kAck);
    tcp.set(Field::tcp_seq, connection.last_in->seq);
    tcp.set(Field::tcp_ack, connection.last_in->ack);
    tcp.set(Field::tcp_win, connection.last_in->win);
    reset.layers.push_back(std::move(tcp));
    session.tap.inject(packet::build(reset));
  }
  session.tap.pump();
  session.tap.queue().clear();
}

}  // namespace packetwright::engine
