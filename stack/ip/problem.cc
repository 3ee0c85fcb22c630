// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/problem.hh"

namespace packetwright::ip {

Problem unknown_protocol(const Datagram& datagram) {
  Problem problem;
  problem.kind = ProblemKind::unknown_next_header;
  problem.pointer = datagram.protocol_offset;
  problem.source = datagram.source;
  problem.destination = datagram.destination;
  problem.destination_kind = datagram.kind;
  problem.link = datagram.link;
  problem.packet.assign(datagram.packet.begin(), datagram.packet.end());
  return problem;
}

}  // namespace packetwright::ip
