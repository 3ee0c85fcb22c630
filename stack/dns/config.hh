// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::dns {

struct ResolverConfig {
  // Recursive servers in the order of preference; port 53 unless a test says otherwise. Without any
  // every look-up fails.
  std::vector<Endpoint> servers;

  // How long the first question to a server may stay unanswered. RFC 1035, 4.2.1 wants 2 to 5
  // seconds where nothing is known of the server.
  Duration initial_timeout = 2s;
  // Every server is asked once before any is asked again; each further round waits twice as long
  // (RFC 1123, 6.1.3.3), up to this bound.
  Duration max_timeout = 16s;
  // How many such rounds there are: 1 .. 16.
  std::uint8_t rounds = 3;
  // However many servers and aliases there are, a look-up ends after this long.
  Duration max_duration = 60s;

  // How many aliases (CNAME) lead from the name to an answer at most, all responses together.
  std::uint8_t max_aliases = 16;
  // Look-ups that are under way or whose results wait to be taken.
  std::size_t max_queries = 64;
  // Addresses or names kept of one answer; the rest is left out.
  std::size_t max_results = 64;

  // Source ports are drawn from this range. RFC 5452, 9.2 wants it as large as possible, from 1024.
  std::uint16_t first_port = 1'024;
  std::uint16_t last_port = 65'535;

  // Draw the case of each letter of a question and ask for the same in the response. It makes
  // guessing harder still, but some servers do not repeat the case.
  bool mix_case = false;
};

}  // namespace packetwright::dns
