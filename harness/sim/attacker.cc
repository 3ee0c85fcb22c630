// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/attacker.hh"

#include <array>
#include <utility>

#include "stack/iface/link.hh"
#include "stack/iface/tcp_header.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ndp.hh"
#include "stack/wire/udp.hh"

namespace packetwright::sim {
namespace {

using wire::IpProtocol;

constexpr std::size_t kOwnConnections = 50;
constexpr std::uint16_t kFirstOwnPort = 20'000;

IpAddress link_local(Rng& rng) {
  std::array<std::uint8_t, 16> octets{0xfe, 0x80};
  rng.fill(MutableBytes{octets}.subspan(8));
  return IpAddress::v6(octets);
}

Buffer packet_of(const IpAddress& source, const IpAddress& destination, IpProtocol protocol,
                 Bytes payload) {
  Buffer packet;
  if (source.is_v4()) {
    wire::Ipv4Fields header;
    header.df = true;
    header.protocol = protocol;
    header.src = source;
    header.dst = destination;
    header.set_lengths(payload.size());
    packet.resize(header.encoded_size() + payload.size());
    header.emit(packet);
    wire::fill_ipv4_checksum(MutableBytes{packet}.first(header.encoded_size()));
  } else {
    wire::Ipv6Fields header;
    header.hop_limit = 255;  // Neighbor Discovery takes no other
    header.next_header = protocol;
    header.src = source;
    header.dst = destination;
    header.set_lengths(payload.size());
    packet.resize(wire::kIpv6HeaderSize + payload.size());
    header.emit(packet);
  }
  store_bytes(packet, packet.size() - payload.size(), payload);
  return packet;
}

}  // namespace

void Attacker::say(const MacAddress& to, const MacAddress& from, Family family, Bytes packet) {
  iface::emit_frame(to, from,
                    family == Family::ipv4 ? wire::EtherType::ipv4 : wire::EtherType::ipv6, packet,
                    frames_.emplace_back());
}

void Attacker::say(const MacAddress& to, const IpAddress& source, const IpAddress& destination,
                   IpProtocol protocol, Bytes payload) {
  say(to, mac_, source.family(), packet_of(source, destination, protocol, payload));
}

void Attacker::say_segment(const MacAddress& to, const tcp::Segment& segment, Bytes text) {
  Buffer octets;
  iface::emit_segment(segment, text, octets);
  say(to, segment.local.address, segment.remote.address, IpProtocol::tcp, octets);
}

// An address that is nobody's, on no link of ours.
IpAddress Attacker::stranger() {
  return IpAddress::v4(198, static_cast<std::uint8_t>(18 + rng_.below(2)),
                       static_cast<std::uint8_t>(rng_.below(256)),
                       static_cast<std::uint8_t>(1 + rng_.below(254)));
}

void Attacker::prepare(const Victims& victims) {
  if (attack_ != Attack::tiny) return;
  for (std::size_t i = 0; i < kOwnConnections; ++i) {
    Own own;
    own.next.local = {address_.address, static_cast<std::uint16_t>(kFirstOwnPort + i)};
    own.next.remote = victims.server;
    own.next.seq = guess();
    own.next.syn = true;
    own.next.window = 65'535;
    own.next.options.window_scale = std::uint8_t{0};
    own.next.options.sack_permitted = true;
    say_segment(victims.server_mac, own.next, {});
    own_.push_back(own);
  }
}

// The answer to a SYN of ours: from then on the connection is there.
void Attacker::on_frame(Instant, Bytes frame) {
  const auto packet = iface::read_frame(mac_, frame);
  if (!packet || packet->ether_type != wire::EtherType::ipv4) return;
  const auto ip = wire::Ipv4View::parse(packet->payload);
  if (!ip || ip->protocol() != IpProtocol::tcp) return;
  tcp::Segment segment;
  if (iface::read_segment(ip->src(), ip->dst(), 0, ip->payload(), true, segment)) return;
  if (!segment.syn || !segment.has_ack) return;
  for (Own& own : own_) {
    if (own.next.local != segment.local || !own.next.syn) continue;
    own.window = std::uint32_t{segment.window};
    own.next.syn = false;
    own.next.has_ack = true;
    own.next.seq = segment.ack;
    own.next.ack = segment.seq + 1;
    own.next.options = {};
    say_segment(wire::load_mac(frame, 6), own.next, {});
  }
}

bool Attacker::next_tx(Buffer& frame) {
  if (frames_.empty()) return false;
  frame = std::move(frames_.front());
  frames_.pop_front();
  return true;
}

tcp::Segment Attacker::into_stream(const Victims& victims, bool to_server) const {
  tcp::Segment segment;
  segment.local = to_server ? victims.client : victims.server;
  segment.remote = to_server ? victims.server : victims.client;
  segment.window = 1'000;
  return segment;
}

void Attacker::strike(const Victims& victims) {
  ++count_;
  const bool to_server = count_ % 2 == 0;
  const MacAddress& mac = to_server ? victims.server_mac : victims.client_mac;
  switch (attack_) {
    case Attack::none: return;
    case Attack::syn: {
      tcp::Segment segment;
      segment.local = {stranger(), static_cast<std::uint16_t>(1'024 + rng_.below(60'000))};
      segment.remote = victims.server;
      segment.seq = guess();
      segment.syn = true;
      segment.window = 65'535;
      segment.options.mss = std::uint16_t{1'460};
      segment.options.sack_permitted = true;
      return say_segment(victims.server_mac, segment, {});
    }
    case Attack::rst:
    case Attack::syn_in_stream: {
      tcp::Segment segment = into_stream(victims, to_server);
      segment.seq = guess();
      segment.rst = attack_ == Attack::rst;
      segment.syn = attack_ == Attack::syn_in_stream;
      return say_segment(mac, segment, {});
    }
    case Attack::tiny: return say_tiny(victims);
    case Attack::stray: {
      tcp::Segment segment;
      segment.local = {stranger(), static_cast<std::uint16_t>(1'024 + rng_.below(60'000))};
      segment.remote = victims.server;
      segment.seq = guess();
      segment.ack = guess();
      segment.has_ack = true;
      return say_segment(victims.server_mac, segment, {});
    }
    case Attack::fragments: return say_fragment(victims);
    case Attack::arp: return say_arp(victims);
    case Attack::ask_everywhere:
      return say_echo(victims, IpAddress::v4(10, 0, static_cast<std::uint8_t>(1 + rng_.below(200)),
                                             static_cast<std::uint8_t>(1 + rng_.below(250))));
    case Attack::ndp: return say_ndp(victims);
    case Attack::echo: return say_echo(victims, address_.address);
    case Attack::icmp_errors: return say_error(victims);
    case Attack::udp: {
      Buffer datagram(wire::kUdpHeaderSize + 16);
      wire::UdpFields header;
      header.src_port = 1'024;
      header.dst_port = static_cast<std::uint16_t>(1 + rng_.below(65'000));
      header.set_lengths(16);
      header.emit(datagram);
      const IpAddress source = stranger();
      wire::fill_udp_checksum(datagram, source, victims.server.address);
      return say(victims.server_mac, source, victims.server.address, IpProtocol::udp, datagram);
    }
  }
}

// One octet with a gap on either side, anywhere in the window.
void Attacker::say_tiny(const Victims& victims) {
  const Own& own = own_[rng_.below(own_.size())];
  if (own.next.syn || own.window < 4) return;
  tcp::Segment segment = own.next;
  segment.seq += 1 + 2 * static_cast<std::uint32_t>(rng_.below(own.window / 2 - 1));
  segment.size = 1;
  const std::uint8_t octet = 'x';
  say_segment(victims.server_mac, segment, Bytes{&octet, 1});
}

void Attacker::say_fragment(const Victims& victims) {
  constexpr std::size_t kPayload = 512;
  wire::Ipv4Fields header;
  header.id = static_cast<std::uint16_t>(rng_.next32());
  header.mf = true;
  header.fragment_offset = static_cast<std::uint16_t>(8 * rng_.below(3'000));
  header.protocol = IpProtocol::udp;
  header.src = stranger();
  header.dst = victims.server.address;
  header.set_lengths(kPayload);
  Buffer packet(header.encoded_size() + kPayload);
  header.emit(packet);
  wire::fill_ipv4_checksum(MutableBytes{packet}.first(header.encoded_size()));
  say(victims.server_mac, mac_, Family::ipv4, packet);
}

void Attacker::say_arp(const Victims& victims) {
  wire::ArpFields arp;
  arp.operation = count_ % 2 == 0 ? wire::ArpOperation::request : wire::ArpOperation::reply;
  arp.sender_mac = {{2, 1, 0, 0, 0, 0}};
  rng_.fill(MutableBytes{arp.sender_mac.octets}.subspan(2));
  arp.sender_ip = IpAddress::v4(10, 0, static_cast<std::uint8_t>(1 + rng_.below(200)),
                                static_cast<std::uint8_t>(1 + rng_.below(250)));
  arp.target_ip = victims.server.address;
  Buffer packet(arp.encoded_size());
  arp.emit(packet);
  iface::emit_frame(victims.server_mac, mac_, wire::EtherType::arp, packet, frames_.emplace_back());
}

void Attacker::say_ndp(const Victims& victims) {
  const IpAddress source = link_local(rng_);
  const bool router = count_ % 4 == 0;
  std::array<std::uint8_t, 64> storage;
  wire::NdpOptionWriter options{storage};
  MacAddress mac{{2, 1, 0, 0, 0, 0}};
  rng_.fill(MutableBytes{mac.octets}.subspan(2));
  options.link_layer_address(wire::NdpOptionType::source_link_layer_address, mac);
  Buffer message;
  if (router) {
    wire::NdpPrefixInformation prefix;
    prefix.prefix_length = 64;
    prefix.on_link = prefix.autonomous = true;
    prefix.valid_lifetime_s = prefix.preferred_lifetime_s = 3'600;
    std::array<std::uint8_t, 16> network{0xfd};
    rng_.fill(MutableBytes{network}.subspan(1, 7));
    prefix.prefix = IpAddress::v6(network);
    options.prefix_information(prefix);
    wire::RouterAdvertisementFields advertisement;
    advertisement.options = options.written();
    message.resize(advertisement.encoded_size());
    advertisement.emit(message);
  } else {
    wire::NeighborSolicitationFields solicitation;
    solicitation.target = victims.server.address;
    solicitation.options = options.written();
    message.resize(solicitation.encoded_size());
    solicitation.emit(message);
  }
  wire::fill_icmpv6_checksum(message, source, victims.server.address);
  say(victims.server_mac, source, victims.server.address, IpProtocol::icmpv6, message);
}

void Attacker::say_echo(const Victims& victims, const IpAddress& source) {
  const std::array<std::uint8_t, 32> data{};
  const auto request = wire::Icmpv4Fields::echo(wire::Icmpv4Type::echo_request, 1,
                                                static_cast<std::uint16_t>(count_), data);
  Buffer message(request.encoded_size());
  request.emit(message);
  wire::fill_icmpv4_checksum(message);
  say(victims.server_mac, source, victims.server.address, IpProtocol::icmpv4, message);
}

// Port unreachable, and a tiny MTU, by turns at both ends.
void Attacker::say_error(const Victims& victims) {
  const bool to_server = count_ % 2 == 0;
  tcp::Segment quoted = into_stream(victims, !to_server);  // what the one who is told has sent
  quoted.seq = guess();
  quoted.has_ack = true;
  Buffer octets;
  iface::emit_segment(quoted, {}, octets);
  const Buffer packet =
      packet_of(quoted.local.address, quoted.remote.address, IpProtocol::tcp, octets);
  const bool too_big = count_ % 4 < 2;
  const auto error = wire::Icmpv4Fields::error(wire::Icmpv4Type::unreachable,
                                               too_big ? std::uint8_t{4} : std::uint8_t{3},
                                               too_big ? 296 : 0, packet);
  Buffer message(error.encoded_size());
  error.emit(message);
  wire::fill_icmpv4_checksum(message);
  say(to_server ? victims.server_mac : victims.client_mac, address_.address, quoted.local.address,
      IpProtocol::icmpv4, message);
}

}  // namespace packetwright::sim
