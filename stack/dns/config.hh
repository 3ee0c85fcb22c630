// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/dns/hosts_table.hh"
#include "stack/wire/dns_name.hh"

namespace packetwright::dns {

struct ResolverConfig {
  // Recursive servers in the order of preference; port 53 unless a test says otherwise. Without any
  // only names of the table below are known.
  std::vector<Endpoint> servers;
  // Begin each question with the server behind the one that the last question began with, so that
  // all share the load; off: always with the first.
  bool rotate_servers = false;

  // Names that are known without asking anybody; they come before the DNS.
  HostsTable hosts;

  // Domains that complete a name which is not marked as complete by a final dot, in this order; the
  // first that gives an answer wins (RFC 1123, 6.1.4.3). None: names are taken as they are.
  std::vector<wire::DnsName> search;
  // A name with so many dots is tried as it is first, and one with fewer last.
  std::uint8_t ndots = 1;

  // How long the first question to a server may stay unanswered. RFC 1035, 4.2.1 wants 2 to 5
  // seconds where nothing is known of the server.
  Duration initial_timeout = 2s;
  // Every server is asked once before any is asked again; each further round waits twice as long
  // (RFC 1123, 6.1.3.3), up to this bound.
  Duration max_timeout = 16s;
  // How many such rounds there are: 1 .. 16.
  std::uint8_t rounds = 3;
  // However many servers, aliases and domains there are, a look-up ends after this long.
  Duration max_duration = 60s;

  // EDNS (RFC 6891): the UDP responses that we can take, octets; 0: no EDNS. By default what fits
  // into one IPv6 packet on any link (1280 octets less headers), so that no answer is fragmented.
  std::uint16_t edns_udp_size = 1'232;

  // Ask again over TCP if an answer is too large for UDP (RFC 7766, 5); off: it is an error.
  bool use_tcp = true;
  // From the question over TCP to its answer, connecting included.
  Duration tcp_timeout = 10s;
  // A connection without questions is kept this long for the next one (RFC 7766, 6.2.3).
  Duration tcp_idle = 10s;

  // How many aliases (CNAME) lead from the name to an answer at most, all responses together.
  std::uint8_t max_aliases = 16;
  // Look-ups that are under way or whose results wait to be taken.
  std::size_t max_queries = 64;
  // Addresses or names kept of one answer; the rest is left out.
  std::size_t max_results = 64;

  // Answers that are remembered, negative ones included; 0: none.
  std::size_t max_cached = 256;
  // However long an answer says that it holds, it is asked for again after this time (RFC 2181, 8),
  Duration max_ttl = 24h;
  // and "there is none" after this (RFC 2308, 5).
  Duration max_negative_ttl = 3h;

  // Source ports are drawn from this range. RFC 5452, 9.2 wants it as large as possible, from 1024.
  std::uint16_t first_port = 1'024;
  std::uint16_t last_port = 65'535;

  // Draw the case of each letter of a question and ask for the same in the response. It makes
  // guessing harder still, but some servers do not repeat the case.
  bool mix_case = false;
};

}  // namespace packetwright::dns
