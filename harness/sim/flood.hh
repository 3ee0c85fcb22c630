// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stack/base/instant.hh"

namespace packetwright::sim {

// What an attacker who can send anything to a host, but hears only what is sent to it, sends.
enum class Attack : std::uint8_t {
  none,
  syn,             // of connections that nobody wants, from everywhere
  rst,             // into the connection of others, at guessed sequence numbers, at both its ends
  syn_in_stream,   // the same with SYN
  tiny,            // one octet here and there in the windows of the attacker's own connections
  stray,           // segments of connections that there never were
  fragments,       // parts of datagrams that never become whole
  arp,             // requests from hosts that do not exist
  ask_everywhere,  // echo requests from such hosts, whom the answer would have to find first
  ndp,             // solicitations from neighbours, and advertisements by routers, of the same kind
  echo,            // echo requests
  icmp_errors,     // about the connection of others, quoting guessed sequence numbers
  udp,             // datagrams to ports that nobody has
};

struct FloodSize {
  std::uint32_t frames_per_second = 5'000;
  Duration span = 2s;  // of each of: before, during, after
};

// What a connection of others, over a bottleneck of 10 Mbit/s, and its receiver's host notice of a
// flood that comes over a wire of its own.
struct FloodOutcome {
  std::uint64_t frames = 0;                         // of the flood
  std::uint64_t before = 0, during = 0, after = 0;  // octets of the connection in each span
  // Octets of memory that the attacked host counts: before, the most, and at the end.
  std::size_t memory_before = 0, memory_peak = 0, memory_after = 0;
  // How long another connection takes to be made, in the middle of the flood and right behind it;
  // negative: it was not made within a span.
  Duration open_during{-1}, open_after{-1};
  std::string main_reason;  // why most of what arrived during the flood was dropped
};

[[nodiscard]] FloodOutcome flood(Attack attack, const FloodSize& size, std::uint64_t seed);
[[nodiscard]] std::vector<Attack> attacks();
[[nodiscard]] std::string name_of(Attack attack);

// The size of the table that a test compares.
[[nodiscard]] FloodSize small_flood();
// All of them as a table; the same text for the same arguments.
[[nodiscard]] std::string flood_table(const FloodSize& size, std::uint64_t seed);

}  // namespace packetwright::sim
