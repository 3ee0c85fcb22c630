// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "harness/sim/flood.hh"
#include "harness/sim/node.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"
#include "stack/tcp/segment.hh"
#include "stack/wire/ip_protocol.hh"

namespace packetwright::sim {

// Whom an attack is for: the two ends of a connection, of which the second one is attacked first.
struct Victims {
  Endpoint client, server;
  MacAddress client_mac, server_mac;
};

// A host without a stack: it says what an attack wants said, and listens only where it has to.
class Attacker final : public Node {
 public:
  Attacker(Attack attack, const MacAddress& mac, const Endpoint& address, Rng rng)
      : attack_(attack), mac_(mac), address_(address), rng_(rng) {}

  // What the attack needs before it begins: connections of the attacker's own.
  void prepare(const Victims& victims);
  // The next frame of the flood.
  void strike(const Victims& victims);

  void on_frame(Instant now, Bytes frame) override;
  void on_deadline(Instant) override {}
  [[nodiscard]] std::optional<Instant> next_deadline() const override { return std::nullopt; }
  [[nodiscard]] bool next_tx(Buffer& frame) override;

 private:
  struct Own {
    tcp::Segment next;         // what the next segment of the connection says
    std::uint32_t window = 0;  // of the peer
  };

  [[nodiscard]] IpAddress stranger();
  [[nodiscard]] SeqNum guess() { return SeqNum{rng_.next32()}; }
  void say(const MacAddress& to, const MacAddress& from, Family family, Bytes packet);
  void say(const MacAddress& to, const IpAddress& source, const IpAddress& destination,
           wire::IpProtocol protocol, Bytes payload);
  void say_segment(const MacAddress& to, const tcp::Segment& segment, Bytes text);
  void say_fragment(const Victims& victims);
  void say_arp(const Victims& victims);
  void say_ndp(const Victims& victims);
  void say_echo(const Victims& victims, const IpAddress& source);
  void say_error(const Victims& victims);
  void say_tiny(const Victims& victims);
  [[nodiscard]] tcp::Segment into_stream(const Victims& victims, bool to_server) const;

  Attack attack_;
  MacAddress mac_;
  Endpoint address_;
  Rng rng_;
  std::uint64_t count_ = 0;
  std::deque<Buffer> frames_;
  std::vector<Own> own_;
};

}  // namespace packetwright::sim
