// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stack/base/ip_address.hh"
#include "stack/dns/config.hh"
#include "stack/icmp/icmp.hh"
#include "stack/ip/group_membership.hh"
#include "stack/ip/input.hh"
#include "stack/ip/routes.hh"
#include "stack/neighbor/autoconfiguration.hh"
#include "stack/neighbor/neighbors.hh"
#include "stack/neighbor/router_discovery.hh"
#include "stack/tcp/config.hh"
#include "stack/udp/udp.hh"

namespace packetwright::iface {

// Everything that a host is told when it is switched on (RFC 1122, 3.3.1.6), and the policies of
// its protocols. The defaults make a decent host of the present; addresses are the caller's to
// give.
struct StackConfig {
  // Of every random choice: initial sequence numbers, ports, identifications, delays. Two stacks
  // with the same configuration that are given the same calls send the same octets.
  std::uint64_t seed = 1;

  MacAddress mac{{0x02, 0x50, 0x57, 0, 0, 1}};
  std::vector<Prefix> addresses;    // own address and length of the network part; either family
  std::vector<IpAddress> gateways;  // most preferred first
  std::uint16_t mtu = 1500;         // octets of an IP packet; 68 at least, 1280 for IPv6
  std::uint8_t hop_limit = 64;      // of what we send, unless a socket says otherwise
  // Neighbours that are known for good; nobody asks for them.
  std::vector<std::pair<IpAddress, MacAddress>> static_neighbors;

  // RFC 1122, 3.2.2.2: redirects are believed if they come from the first hop itself.
  bool accept_redirects = true;

  bool verify_tcp_checksum = true;  // MUST-3; off only for fuzzing behind the checksum

  std::size_t max_sockets = 1024;        // descriptors of one application
  std::size_t max_queued_frames = 4096;  // waiting for next_tx(); more are dropped

  ip::InputConfig ip_input;
  ip::RoutesConfig routes;  // the mtu above takes the place of the one in here
  // As many packets wait for a neighbour as the longest datagram has fragments, and fewer
  // neighbours are asked for at a time than a cache alone would take on.
  neighbor::CacheConfig neighbors{.max_unresolved = 128, .max_held_packets = 48};
  neighbor::ClaimConfig claim;
  // IPv6 by itself: it looks for duplicates of its addresses, asks for routers, and makes addresses
  // of what they say. On a wire without routers, `routers.solicit` = false makes it quiet.
  neighbor::DetectionConfig detection;
  neighbor::RouterDiscoveryConfig routers;
  neighbor::AutoconfigurationConfig autoconfiguration;
  ip::GroupConfig groups;  // IGMP and MLD
  // RFC 3927: choose an IPv4 address of the link if there is none above, claim it, and choose
  // another one after a conflict.
  bool ipv4_link_local = false;
  bool announce_groups = true;  // the groups of its own addresses at the start; off: when asked
  icmp::IcmpConfig icmp;
  udp::UdpConfig udp;
  tcp::TcpConfig tcp;
  dns::ResolverConfig dns;  // without servers, of here or of routers, there are no look-ups
};

}  // namespace packetwright::iface
