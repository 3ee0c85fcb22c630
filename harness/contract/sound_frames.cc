// SPDX-License-Identifier: Apache-2.0
#include "harness/contract/sound_frames.hh"

#include <algorithm>

#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/udp.hh"

namespace packetwright::contract {
namespace {

constexpr std::uint16_t kPort = 7;
constexpr std::uint16_t kPeerPort = 40'000;
const Buffer kText{'s', 'o', 'u', 'n', 'd'};

// What headers are put in front of, from the inside out.
template <class Fields>
Buffer behind(const Fields& header, Bytes payload) {
  Buffer out(header.encoded_size() + payload.size());
  header.emit(out);
  std::copy(payload.begin(), payload.end(),
            out.begin() + static_cast<std::ptrdiff_t>(header.encoded_size()));
  return out;
}

Buffer packet(const IpAddress& from, const IpAddress& to, wire::IpProtocol protocol,
              Bytes payload) {
  if (to.is_v6()) {
    wire::Ipv6Fields header;
    header.next_header = protocol;
    header.hop_limit = 255;
    header.src = from;
    header.dst = to;
    header.set_lengths(payload.size());
    return behind(header, payload);
  }
  wire::Ipv4Fields header;
  header.protocol = protocol;
  header.src = from;
  header.dst = to;
  header.set_lengths(payload.size());
  Buffer out = behind(header, payload);
  wire::fill_ipv4_checksum(out);
  return out;
}

Buffer echo_request(const IpAddress& from, const IpAddress& to) {
  if (to.is_v4()) {
    const auto fields = wire::Icmpv4Fields::echo(wire::Icmpv4Type::echo_request, 1, 1, kText);
    Buffer message = behind(fields, {});
    wire::fill_icmpv4_checksum(message);
    return packet(from, to, wire::IpProtocol::icmpv4, message);
  }
  const auto fields = wire::Icmpv6Fields::echo(wire::Icmpv6Type::echo_request, 1, 1, kText);
  Buffer message = behind(fields, {});
  wire::fill_icmpv6_checksum(message, from, to);
  return packet(from, to, wire::IpProtocol::icmpv6, message);
}

Buffer datagram(const IpAddress& from, const IpAddress& to) {
  wire::UdpFields header;
  header.src_port = kPeerPort;
  header.dst_port = kPort;
  header.set_lengths(kText.size());
  Buffer out = behind(header, kText);
  wire::fill_udp_checksum(out, from, to);
  return packet(from, to, wire::IpProtocol::udp, out);
}

Buffer syn(const IpAddress& from, const IpAddress& to) {
  wire::TcpFields header;
  header.src_port = kPeerPort;
  header.dst_port = kPort;
  header.seq = SeqNum{1};
  header.flags = wire::tcp_flag::syn;
  header.win = 65535;
  header.set_lengths();
  Buffer out = behind(header, {});
  wire::fill_tcp_checksum(out, from, to);
  return packet(from, to, wire::IpProtocol::tcp, out);
}

Buffer question_for(const targets::Config& config) {
  wire::ArpFields arp;
  arp.sender_mac = config.peer_mac;
  arp.sender_ip = config.gateway4;
  arp.target_ip = config.local4.address;
  return behind(arp, {});
}

}  // namespace

std::vector<Buffer> sound_frames(const targets::Traits& traits, const targets::Config& config) {
  std::vector<Buffer> frames;
  const auto add = [&](wire::EtherType type, const MacAddress& to, const Buffer& payload) {
    const wire::EthernetFields header{to, config.peer_mac, {}, type};
    frames.push_back(traits.ethernet ? behind(header, payload) : payload);
  };
  if (traits.ethernet) {
    add(wire::EtherType::arp, MacAddress::broadcast(), question_for(config));
  }
  for (const bool v4 : {true, false}) {
    if (!traits.has(v4 ? "ipv4" : "ipv6")) continue;
    const IpAddress& from = v4 ? config.gateway4 : config.gateway6;
    const IpAddress& to = (v4 ? config.local4 : config.local6).address;
    const auto type = v4 ? wire::EtherType::ipv4 : wire::EtherType::ipv6;
    for (const Buffer& one : {echo_request(from, to), datagram(from, to), syn(from, to)}) {
      add(type, config.local_mac, one);
    }
  }
  return frames;
}

}  // namespace packetwright::contract
