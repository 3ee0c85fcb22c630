// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/targets/target.hh"
#include "stack/base/seq_num.hh"
#include "stack/wire/ip_protocol.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/tcp_options.hh"

namespace packetwright::packetdrill_so {

// What a trial looks at in a segment of the stack.
struct TrialSegment {
  std::uint16_t dst_port = 0;
  wire::TcpFlags flags;
  SeqNum seq, ack;
  std::size_t text_size = 0;
  bool sack_permitted = false, window_scale = false, sack_blocks = false;
  std::optional<wire::TcpTimestamps> timestamps;
};

// The other end of the wire during a trial: bare IP packets of one family.
class TrialPeer {
 public:
  TrialPeer(targets::Target& target, const targets::Config& config, Family family);

  [[nodiscard]] const IpAddress& local() const { return local_; }

  struct Outgoing {
    std::uint16_t src_port = 0, dst_port = 0;
    wire::TcpFlags flags;
    SeqNum seq, ack;
    std::uint16_t win = 65535;
    Bytes options;
    std::size_t text_size = 0;
  };
  void send(const Outgoing& segment);
  // An echo request with so many octets behind its header, in one fragment or in two.
  void send_echo(std::size_t size, bool in_two);

  // What the stack sent since the last call. If there is nothing yet, it gets a moment.
  [[nodiscard]] std::vector<TrialSegment> receive();
  // The octets of ICMP messages that came instead: echo replies, with their fragments added up.
  [[nodiscard]] std::size_t receive_echo();

 private:
  [[nodiscard]] std::vector<targets::SentFrame> frames();
  [[nodiscard]] Buffer packet(wire::IpProtocol protocol, Bytes payload) const;
  // Of IPv4; with `offset` 0 and no `more` it is a whole datagram.
  [[nodiscard]] Buffer fragment(wire::IpProtocol protocol, Bytes payload, std::uint16_t offset,
                                bool more) const;

  targets::Target& target_;
  IpAddress local_, peer_;
};

}  // namespace packetwright::packetdrill_so
