// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/targets/target.hh"
#include "harness/trace/trace.hh"
#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/rng.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::trace {

// Ports of a trace.
inline constexpr std::uint16_t kStackPort = 8'080;     // of a slot's listener: this and the slot
inline constexpr std::uint16_t kPeerPort = 40'000;     // of the peer: this, the slot, and four
                                                       // for each time that it forgot
inline constexpr std::uint16_t kDatagramPort = 9'000;  // UDP, both ends: this and the slot
inline constexpr std::uint16_t kNobodysPort = 9'999;   // UDP, where nobody listens
inline constexpr std::uint8_t kPeerWindowScale = 7;    // of every SYN that has the option
inline constexpr std::uint16_t kPeerMss = 1'000;       // likewise

// One packet of the peer.
struct Outgoing {
  Buffer packet;  // whole, after damage
  bool damaged = false;
  std::vector<Buffer> arrivals;  // as the stack gets it
};

// What has the peer's address: it makes packets of events, and follows what the stack sends so
// that their numbers fit the connection as it is.
class Peer {
 public:
  Peer(const targets::Config& config, Family family, std::uint64_t seed);

  // nullopt: there is nothing to complain of, or to repeat.
  [[nodiscard]] std::optional<Outgoing> send(const Segment& segment, Instant now);
  [[nodiscard]] std::optional<Outgoing> send(const Datagram& datagram);
  [[nodiscard]] std::optional<Outgoing> send(const IcmpError& error);
  [[nodiscard]] std::optional<Outgoing> send(const Again& again);

  void renew(std::size_t slot);

  // The stack sent this IP packet.
  void hear(Bytes packet);

  [[nodiscard]] const IpAddress& address() const noexcept { return address_; }
  [[nodiscard]] const IpAddress& stack_address() const noexcept { return stack_address_; }
  // Of the slot's connection.
  [[nodiscard]] std::uint16_t port(std::size_t slot) const noexcept { return lives_[slot].port; }
  [[nodiscard]] std::uint16_t stack_port(std::size_t slot) const noexcept {
    return lives_[slot].stack_port;
  }

 private:
  // A connection as the peer knows it.
  struct Life {
    std::uint16_t port = 0, stack_port = 0;
    SeqNum iss, next, last_seq, last_ack;
    SeqNum stack_iss, stack_next;
    SeqNum acknowledged;  // by the stack
    std::uint32_t window = 0;
    std::uint8_t stack_scale = 0;
    std::uint32_t stack_timestamp = 0;
    Buffer last_packet;  // of the stack
  };

  [[nodiscard]] Life born(std::size_t slot);
  [[nodiscard]] static SeqNum seq_of(const Life& life, const Segment& segment);
  [[nodiscard]] static SeqNum ack_of(const Life& life, const Segment& segment);
  // Damages it, cuts it into pieces and remembers it.
  [[nodiscard]] Outgoing finish(Buffer packet, const Damage& damage, const Pieces& pieces);

  Family family_;
  IpAddress address_, stack_address_;
  Rng rng_;
  std::uint16_t renewals_ = 0;
  std::uint16_t next_id_ = 1;
  std::array<Life, kSlots> lives_;
  std::vector<Outgoing> sent_;
};

}  // namespace packetwright::trace
