// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/ip/addresses.hh"
#include "stack/ip/datagram.hh"
#include "stack/ip/options.hh"
#include "stack/ip/problem.hh"
#include "stack/ip/reassembler.hh"

namespace packetwright::wire {
class Ipv4View;
}

namespace packetwright::ip {

struct InputConfig {
  ReassemblyConfig reassembly;
  OptionPolicy options;
  bool verify_checksum = true;  // of the IPv4 header; fuzzers switch it off
};

// What became of a packet. Either a datagram to deliver, or why there is none; neither of the two:
// a fragment was kept, and the datagram may come with another one.
struct Received {
  const Datagram* datagram = nullptr;  // Input's own, until the next call
  std::optional<DropReason> dropped = {};
  std::unique_ptr<Problem> problem = {};  // only with `dropped`: what ICMP may owe the sender
};

struct Ipv6Fragment;  // input_v6.cc

// The way in: from the octets inside a frame to a datagram that is whole, well-formed and ours.
// IPv4 as RFC 791 and RFC 1122, 3.2.1; IPv6 as RFC 8200, with its extension headers in order.
// It never forwards.
class Input {
 public:
  // `addresses` outlives this object.
  Input(const Addresses& addresses, const InputConfig& config);

  // A packet from a frame whose Ethertype says `family`; padding of the frame may follow it. Any
  // octets at all are allowed.
  [[nodiscard]] Received on_packet(Instant now, Family family, Bytes packet, LinkCast link);

  // Gives up datagrams that stayed incomplete for too long. What became of them is read with
  // next_discarded().
  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const { return reassembler_.next_deadline(); }

  // A datagram under reassembly that was given up: too old, or the oldest when memory ran out.
  // Drain it after on_packet() and on_deadline().
  [[nodiscard]] std::optional<Received> next_discarded();

  [[nodiscard]] const Reassembler& reassembler() const noexcept { return reassembler_; }

 private:
  struct Arrival {
    Instant at;
    LinkCast link = LinkCast::unicast;
    bool fragmented = false;
  };
  [[nodiscard]] std::optional<DropReason> check_addresses(const IpAddress& source,
                                                          const IpAddress& destination,
                                                          LinkCast link, AddressKind& kind);
  [[nodiscard]] std::optional<DropReason> judge_addresses(const IpAddress& source,
                                                          const IpAddress& destination,
                                                          LinkCast link, AddressKind& kind) const;
  [[nodiscard]] Received on_ipv4(const Arrival& arrival, Bytes packet);
  [[nodiscard]] Received on_ipv4_fragment(const Arrival& arrival, const wire::Ipv4View& ip,
                                          AddressKind kind);
  [[nodiscard]] Received on_ipv6(const Arrival& arrival, Bytes packet);
  [[nodiscard]] Received on_ipv6_fragment(const Arrival& arrival, const Ipv6Fragment& fragment);

  // The addresses of the last packet to one host that were in order. The next one often has the
  // same, and nothing can be wrong with them until ours are others.
  struct Accepted {
    IpAddress source, destination;
    std::uint64_t version = 0;  // of the addresses
  };

  const Addresses& addresses_;
  InputConfig config_;
  std::optional<Accepted> accepted_;
  Reassembler reassembler_;
  Datagram datagram_;   // the last one that was whole
  Buffer reassembled_;  // what it refers to, if it came in fragments
  Buffer options_;      // its IPv4 options, as this host changed them
};

}  // namespace packetwright::ip
