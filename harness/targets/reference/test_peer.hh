// SPDX-License-Identifier: Apache-2.0
#pragma once
// For the tests of this folder: the other end of the wire, by hand.

#include <optional>
#include <vector>

#include "harness/targets/target.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/udp.hh"

namespace packetwright::reference {

// A TCP segment as one that the stack sent, or that is sent to it.
struct TestSegment {
  std::uint16_t src_port = 0, dst_port = 0;
  wire::TcpFlags flags;
  SeqNum seq, ack;
  std::uint16_t win = 0;
  Buffer text;
};

// Plays the peer and the gateway of a configuration, both of which have one MAC address.
class TestPeer {
 public:
  TestPeer(targets::Target& target, const targets::Config& config)
      : target_(target), config_(config) {}

  [[nodiscard]] Buffer frame(wire::EtherType type, Bytes payload) const {
    wire::EthernetFields header{config_.local_mac, config_.peer_mac, std::nullopt, type};
    Buffer out(header.encoded_size() + payload.size());
    header.emit(out);
    store_bytes(out, header.encoded_size(), payload);
    return out;
  }

  [[nodiscard]] Buffer ipv4(wire::IpProtocol protocol, Bytes payload) const {
    wire::Ipv4Fields header;
    header.src = config_.peer4;
    header.dst = config_.local4.address;
    header.protocol = protocol;
    header.set_lengths(payload.size());
    Buffer out(header.encoded_size() + payload.size());
    header.emit(out);
    store_bytes(out, header.encoded_size(), payload);
    wire::fill_ipv4_checksum(MutableBytes{out}.first(header.encoded_size()));
    return frame(wire::EtherType::ipv4, out);
  }

  void send(const TestSegment& segment) {
    wire::TcpFields header;
    header.src_port = segment.src_port;
    header.dst_port = segment.dst_port;
    header.seq = segment.seq;
    header.ack = segment.ack;
    header.flags = segment.flags;
    header.win = segment.win;
    header.set_lengths();
    Buffer out(header.encoded_size() + segment.text.size());
    header.emit(out);
    store_bytes(out, header.encoded_size(), segment.text);
    wire::fill_tcp_checksum(out, config_.peer4, config_.local4.address);
    target_.inject(ipv4(wire::IpProtocol::tcp, out));
  }

  // What the stack sent since the last call, ARP requests answered on the way and left out.
  [[nodiscard]] std::vector<targets::SentFrame> receive() {
    std::vector<targets::SentFrame> all, others;
    target_.drain(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto ethernet = wire::EthernetView::parse(all[i].octets);
      if (!ethernet || ethernet->ether_type() != wire::EtherType::arp) {
        others.push_back(all[i]);
        continue;
      }
      const auto request = wire::ArpView::parse(ethernet->payload());
      if (!request) continue;
      wire::ArpFields reply;
      reply.operation = wire::ArpOperation::reply;
      reply.sender_mac = config_.peer_mac;
      reply.sender_ip = request->target_ip();
      reply.target_mac = config_.local_mac;
      reply.target_ip = config_.local4.address;
      Buffer out(reply.encoded_size());
      reply.emit(out);
      target_.inject(frame(wire::EtherType::arp, out));
      target_.drain(all);
    }
    return others;
  }

  [[nodiscard]] std::vector<TestSegment> receive_segments() {
    std::vector<TestSegment> segments;
    for (const targets::SentFrame& sent : receive()) {
      const auto ethernet = wire::EthernetView::parse(sent.octets);
      const auto ip = wire::Ipv4View::parse(ethernet->payload());
      if (!ip || ip->protocol() != wire::IpProtocol::tcp) continue;
      const auto tcp = wire::TcpView::parse(ip->payload());
      if (!tcp || !tcp->verify_checksum(ip->src(), ip->dst())) continue;
      segments.push_back({tcp->src_port(), tcp->dst_port(), tcp->flags(), tcp->seq(), tcp->ack(),
                          tcp->win(), Buffer(tcp->payload().begin(), tcp->payload().end())});
    }
    return segments;
  }

 private:
  targets::Target& target_;
  targets::Config config_;
};

}  // namespace packetwright::reference
