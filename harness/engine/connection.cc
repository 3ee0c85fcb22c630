// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/connection.hh"

#include <algorithm>

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Proto;

// The dynamic ports of RFC 6335, 6: nobody listens there.
constexpr std::uint32_t kFirstPort = 49152;
constexpr std::uint32_t kPorts = 65536 - kFirstPort;

constexpr std::uint64_t kSyn = 0x002;
constexpr std::uint64_t kAck = 0x010;

constexpr std::uint8_t kSackKind = 5;
constexpr std::uint8_t kTimestampKind = 8;

}  // namespace

void TimestampMap::learn(std::uint32_t script, std::uint32_t live) {
  if (!first_.has_value()) first_ = {script, live};
  live_[script] = live;
}

std::optional<std::uint32_t> TimestampMap::to_live(std::uint32_t script) const {
  const auto found = live_.find(script);
  if (found == live_.end()) return std::nullopt;
  return found->second;
}

std::uint32_t TimestampMap::extrapolate(std::uint32_t script) const noexcept {
  return first_.has_value() ? first_->second + (script - first_->first) : script;
}

std::uint32_t TimestampMap::to_script(std::uint32_t live) const noexcept {
  return first_.has_value() ? first_->first + (live - first_->second) : live;
}

ConnectionTable::ConnectionTable(const Settings& settings, std::uint64_t seed,
                                 std::uint32_t run_number)
    : settings_(settings), rng_(Rng(seed).fork("engine.connections")), next_port_(0) {
  // Sixteen ports to a run: two runs in a row never share one, whatever the seeds.
  next_port_ =
      settings.real_time ? run_number * 16 : static_cast<std::uint32_t>(rng_.below(kPorts));
}

std::uint16_t ConnectionTable::next_port() noexcept {
  return static_cast<std::uint16_t>(kFirstPort + next_port_++ % kPorts);
}

Connection& ConnectionTable::add(Transport transport, std::string_view label) {
  Connection& connection = all_.emplace_back();
  const auto index = static_cast<std::uint32_t>(all_.size());
  connection.transport = transport;
  connection.label = label;
  connection.local = {settings_.local(), settings_.bind_port};
  // packetdrill's datagrams come from the port that connect() would go to; a labelled flow is
  // somebody else's.
  const bool one_peer = transport == Transport::udp && label.empty();
  connection.remote = {settings_.peer(), one_peer ? settings_.connect_port : next_port()};
  connection.inbound = Stream(2 * index);
  connection.outbound = Stream(2 * index + 1);
  if (settings_.shift_remote_isn && transport == Transport::tcp) {
    connection.remote_space.set_shift(rng_.next32());
  }
  return connection;
}

Connection& ConnectionTable::labelled(Transport transport, std::string_view label) {
  auto& by_label = by_label_[static_cast<std::size_t>(transport)];
  const bool renew = renew_ && label.empty() && transport == Transport::tcp;
  const auto found = by_label.find(label);
  if (found != by_label.end() && !renew) return *found->second;
  if (renew) renew_ = false;
  Connection& connection = add(transport, label);
  by_label[std::string(label)] = &connection;
  return connection;
}

Connection& ConnectionTable::with_ports(Transport transport, std::uint16_t remote,
                                        std::uint16_t local) {
  const Endpoint far{settings_.peer(), remote};
  const Endpoint near{settings_.local(), local};
  for (Connection& connection : all_) {
    if (connection.transport == transport && connection.remote == far && connection.local == near) {
      return connection;
    }
  }
  Connection& connection = add(transport, {});
  connection.remote = far;
  connection.local = near;
  return connection;
}

void ConnectionTable::on_connect(const Endpoint& remote, bool claim) {
  if (!claim) {
    connecting_.push_back(remote);
    return;
  }
  Connection& connection = labelled(Transport::tcp, {});
  connection.remote = remote;
  connection.local.port = 0;
  connection.active = true;
}

std::optional<TransportPorts> ports_of(const packet::Dissected& frame) {
  const auto addresses = frame.addresses();
  if (!addresses.has_value()) return std::nullopt;
  const bool tcp = frame.has(Proto::tcp);
  const bool lite = frame.has(Proto::udplite);
  if (!tcp && !lite && !frame.has(Proto::udp)) return std::nullopt;
  const auto src = frame.get(tcp    ? Field::tcp_src_port
                             : lite ? Field::udplite_src_port
                                    : Field::udp_src_port);
  const auto dst = frame.get(tcp    ? Field::tcp_dst_port
                             : lite ? Field::udplite_dst_port
                                    : Field::udp_dst_port);
  if (!src.has_value() || !dst.has_value()) return std::nullopt;
  return TransportPorts{tcp ? Transport::tcp : Transport::udp,
                        {addresses->src, static_cast<std::uint16_t>(src->low)},
                        {addresses->dst, static_cast<std::uint16_t>(dst->low)}};
}

Connection* ConnectionTable::of_outbound(const packet::Dissected& frame, Connection* wanted) {
  const auto ports = ports_of(frame);
  if (!ports.has_value()) return nullptr;
  const auto same_flow = [&](const Connection& connection) {
    return connection.transport == ports->transport && connection.remote == ports->dst;
  };
  // The newest first: a port that is used again belongs to the later connection.
  for (auto it = all_.rbegin(); it != all_.rend(); ++it) {
    if (same_flow(*it) && it->local.port == ports->src.port) return &*it;
  }
  // A datagram flow has no opening: whatever goes to the peer's port is of it.
  for (auto it = all_.rbegin(); it != all_.rend(); ++it) {
    const bool learns = it->local.port == 0 || it->transport == Transport::udp;
    if (same_flow(*it) && learns) {
      it->local = ports->src;
      return &*it;
    }
  }
  const auto claimed = std::find(connecting_.begin(), connecting_.end(), ports->dst);
  const bool is_server = std::find(servers_.begin(), servers_.end(), ports->dst) != servers_.end();
  if (wanted == nullptr || (claimed == connecting_.end() && !is_server) ||
      wanted->transport != ports->transport || wanted->active || wanted->last_in.has_value()) {
    return nullptr;
  }
  if (claimed != connecting_.end()) connecting_.erase(claimed);
  wanted->active = true;
  wanted->remote = ports->dst;
  wanted->local = ports->src;
  return wanted;
}

Connection* ConnectionTable::of_remote(Transport transport, const Endpoint& remote) {
  for (auto it = all_.rbegin(); it != all_.rend(); ++it) {
    if (it->transport == transport && it->remote == remote) return &*it;
  }
  return nullptr;
}

Connection* ConnectionTable::of_local_port(Transport transport, std::uint16_t port) {
  for (auto it = all_.rbegin(); it != all_.rend(); ++it) {
    if (it->transport == transport && it->local.port == port) return &*it;
  }
  return nullptr;
}

namespace {

void map_tcp(packet::Dissected& frame, const Connection& connection, bool absolute_seq) {
  const std::uint32_t flags = frame.u32(Field::tcp_flags);
  const bool syn = (flags & kSyn) != 0;
  if (!absolute_seq) {
    frame.set(Field::tcp_seq, connection.local_space.to_script(frame.u32(Field::tcp_seq), syn));
  }
  // Without ACK the field means nothing and is shown as it stands.
  if ((flags & kAck) != 0) {
    frame.set(Field::tcp_ack, connection.remote_space.to_script(frame.u32(Field::tcp_ack), syn));
  }
  const packet::Part part = *frame.find(Proto::tcp);
  std::size_t at = part.offset + 20;
  for (const packet::HeaderOption& option : frame.options(part)) {
    const std::size_t data = at + 2;
    if (option.kind == kSackKind && !option.length.has_value()) {
      for (std::size_t i = 0; i + 4 <= option.data.size(); i += 4) {
        std::uint8_t octets[4];
        store_be32(octets, 0, connection.remote_space.to_script(load_be32(option.data, i), syn));
        frame.overwrite(data + i, octets);
      }
    } else if (option.kind == kTimestampKind && option.data.size() == 8) {
      std::uint8_t octets[4];
      store_be32(octets, 0, connection.timestamps.to_script(load_be32(option.data, 0)));
      frame.overwrite(data, octets);
    }
    at += option.size();
  }
}

}  // namespace

void map_to_script(packet::Dissected& frame, const Connection& connection, bool absolute_seq) {
  const packet::Part* tcp = frame.find(Proto::tcp);
  if (tcp != nullptr && tcp->size >= 20) map_tcp(frame, connection, absolute_seq);
  // The packet that an ICMP error quotes is one that the peer sent.
  if (const auto seq = frame.get(Field::tcp_seq, true)) {
    frame.set(Field::tcp_seq,
              connection.remote_space.to_script(static_cast<std::uint32_t>(seq->low), false), true);
  }
}

void learn_from_syn(const packet::Dissected& frame, Connection& connection,
                    std::optional<std::uint32_t> script) {
  const packet::Part* tcp = frame.find(Proto::tcp);
  if (tcp == nullptr || tcp->size < 20) return;
  if ((frame.u32(Field::tcp_flags) & kSyn) == 0) return;
  const std::uint32_t live = frame.u32(Field::tcp_seq);
  SequenceSpace& space = connection.local_space;
  const bool again = space.known() && space.live_isn() == live;
  if (again && !script.has_value()) return;
  space.learn(live, script.value_or(0));
  if (again) return;
  // A new incarnation: the peer's numbers count from the SYN that it answers.
  if (connection.last_syn_in.has_value()) {
    connection.remote_space.learn(connection.remote_space.to_live(*connection.last_syn_in, true),
                                  *connection.last_syn_in);
  }
}

}  // namespace packetwright::engine
