// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/packet/dissect.hh"
#include "harness/packet/packet.hh"

namespace packetwright::packet {

// One field that is not what was expected, both sides in the words of the script language.
struct Difference {
  std::string name;  // "tcp.win", "option TS", "payload"
  std::string want;  // "none": it should not be there
  std::string got;   // "none": it was not there

  friend bool operator==(const Difference&, const Difference&) = default;
};

struct MatchPolicy {
  // Whether the order of options and the octets that pad them (nop, eol) are compared. packetdrill
  // does; no RFC asks for an order, so a portable case does not.
  bool option_layout = true;
};

// Every difference between what is expected and what came, in the order of the wire; empty: it
// matches. Ethernet is compared only where `expected` speaks of it.
[[nodiscard]] std::vector<Difference> match(const Packet& expected, const Dissected& live,
                                            const MatchPolicy& policy);

// "ipv4 tcp": the kinds of headers, Ethernet left out.
[[nodiscard]] std::string headers_text(const Dissected& live);

}  // namespace packetwright::packet
