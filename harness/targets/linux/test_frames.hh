// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/targets/target.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

// Frames made and taken apart by hand for the tests of this folder, with nothing of the project's
// own wire code in between: 20 octets of IPv4 header, no options unless given.
namespace packetwright::linux_stack {

inline std::uint16_t internet_checksum(std::vector<std::uint8_t> octets) {
  if (octets.size() % 2 != 0) octets.push_back(0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    sum += static_cast<std::uint32_t>(octets[i] << 8 | octets[i + 1]);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

inline void append(Buffer& to, Bytes octets) {
  to.insert(to.end(), octets.begin(), octets.end());
}

inline void append16(Buffer& to, std::uint32_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

inline void append32(Buffer& to, std::uint32_t value) {
  append16(to, value >> 16);
  append16(to, value & 0xffff);
}

// Both ends of the wire, as a configuration has them.
struct Ends {
  targets::Config config;

  [[nodiscard]] Buffer ethernet(std::uint16_t type, Bytes payload) const {
    Buffer frame;
    append(frame, config.local_mac.octets);
    append(frame, config.peer_mac.octets);
    append16(frame, type);
    append(frame, payload);
    return frame;
  }

  // From the peer to the stack.
  [[nodiscard]] Buffer ipv4(std::uint8_t protocol, Bytes payload) const {
    Buffer header = {0x45, 0};
    append16(header, static_cast<std::uint32_t>(20 + payload.size()));
    append32(header, 0);  // identification, no fragment
    append(header, Buffer{64, protocol, 0, 0});
    append(header, config.peer4.octets());
    append(header, config.local4.address.octets());
    store_be16(header, 10, internet_checksum(header));
    append(header, payload);
    return header;
  }

  // `transport` has its checksum at `offset` filled in.
  [[nodiscard]] Buffer with_checksum(std::uint8_t protocol, Buffer transport,
                                     std::size_t offset) const {
    Buffer pseudo;
    append(pseudo, config.peer4.octets());
    append(pseudo, config.local4.address.octets());
    append16(pseudo, protocol);
    append16(pseudo, static_cast<std::uint32_t>(transport.size()));
    append(pseudo, transport);
    store_be16(transport, offset, internet_checksum(pseudo));
    return transport;
  }

  [[nodiscard]] Buffer tcp(std::uint16_t src, std::uint16_t dst, std::uint32_t seq,
                           std::uint32_t ack, std::uint8_t flags,
                           std::string_view payload = {}) const {
    Buffer segment;
    append16(segment, src);
    append16(segment, dst);
    append32(segment, seq);
    append32(segment, ack);
    append(segment, Buffer{0x50, flags});
    append16(segment, 32000);  // window
    append32(segment, 0);      // checksum, urgent pointer
    segment.insert(segment.end(), payload.begin(), payload.end());
    return with_checksum(6, std::move(segment), 16);
  }

  [[nodiscard]] Buffer udp(std::uint16_t src, std::uint16_t dst, std::string_view payload) const {
    Buffer datagram;
    append16(datagram, src);
    append16(datagram, dst);
    append16(datagram, static_cast<std::uint32_t>(8 + payload.size()));
    append16(datagram, 0);
    datagram.insert(datagram.end(), payload.begin(), payload.end());
    return with_checksum(17, std::move(datagram), 6);
  }

  // An ICMPv6 message with its checksum, in IPv6, in Ethernet, to the stack.
  [[nodiscard]] Buffer icmpv6(const IpAddress& from, std::uint8_t hop_limit, Buffer message) const {
    Buffer pseudo;
    append(pseudo, from.octets());
    append(pseudo, config.local6.address.octets());
    append32(pseudo, static_cast<std::uint32_t>(message.size()));
    append32(pseudo, 58);
    append(pseudo, message);
    store_be16(message, 2, internet_checksum(pseudo));
    Buffer packet = {0x60, 0, 0, 0};
    append16(packet, static_cast<std::uint32_t>(message.size()));
    append(packet, Buffer{58, hop_limit});
    append(packet, from.octets());
    append(packet, config.local6.address.octets());
    append(packet, message);
    return ethernet(0x86dd, packet);
  }

  // The answer to the stack's question for `asked`.
  [[nodiscard]] Buffer arp_reply(const IpAddress& asked) const {
    Buffer arp = {0, 1, 8, 0, 6, 4, 0, 2};
    append(arp, config.peer_mac.octets);
    append(arp, asked.octets());
    append(arp, config.local_mac.octets);
    append(arp, config.local4.address.octets());
    return ethernet(0x0806, arp);
  }
};

constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16;

// A TCP segment that the stack sent.
struct SeenTcp {
  Instant at;
  std::uint16_t src = 0, dst = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  Buffer payload;
  bool checksum_good = false;
};

// nullopt: something else.
inline std::optional<SeenTcp> as_tcp(const targets::SentFrame& frame, bool ethernet = true) {
  const std::size_t link = ethernet ? 14 : 0;
  const Bytes octets = frame.octets;
  if (octets.size() < link + 40) return std::nullopt;
  if (ethernet && load_be16(octets, 12) != 0x0800) return std::nullopt;
  const Bytes ip = octets.subspan(link, load_be16(octets, link + 2));
  if (ip[0] != 0x45 || ip[9] != 6) return std::nullopt;
  const Bytes tcp = ip.subspan(20);
  SeenTcp seen;
  seen.at = frame.at;
  seen.src = load_be16(tcp, 0);
  seen.dst = load_be16(tcp, 2);
  seen.seq = load_be32(tcp, 4);
  seen.ack = load_be32(tcp, 8);
  seen.flags = tcp[13];
  const Bytes payload = tcp.subspan(static_cast<std::size_t>(tcp[12] >> 4) * 4);
  seen.payload.assign(payload.begin(), payload.end());
  Buffer pseudo{ip.begin() + 12, ip.begin() + 20};
  append16(pseudo, 6);
  append16(pseudo, static_cast<std::uint32_t>(tcp.size()));
  append(pseudo, tcp);
  seen.checksum_good = internet_checksum(pseudo) == 0;
  return seen;
}

// The ICMPv6 message of a frame with no extension headers; empty: something else.
inline Bytes as_icmpv6(const targets::SentFrame& frame) {
  const Bytes octets = frame.octets;
  const bool is = octets.size() > 54 && load_be16(octets, 12) == 0x86dd && octets[20] == 58;
  return is ? octets.subspan(54) : Bytes{};
}

// The address that an ARP request of the stack asks for.
inline std::optional<IpAddress> arp_question(const targets::SentFrame& frame) {
  const Bytes octets = frame.octets;
  if (octets.size() < 42 || load_be16(octets, 12) != 0x0806 || load_be16(octets, 20) != 1) {
    return std::nullopt;
  }
  return IpAddress::from_octets(octets.subspan(38, 4));
}

}  // namespace packetwright::linux_stack
