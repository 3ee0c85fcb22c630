// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/capture/packet.hh"
#include "harness/capture/reader.hh"
#include "harness/packet/packet.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::import {

enum class Transport : std::uint8_t { tcp, udp };

// Bits of Datagram::flags.
inline constexpr std::uint16_t kFin = 0x001, kSyn = 0x002, kRst = 0x004, kPsh = 0x008, kAck = 0x010,
                               kUrg = 0x020;

// Whether a sequence number comes after another, which none of them does for good: they wrap.
[[nodiscard]] inline bool after(std::uint32_t a, std::uint32_t b) noexcept {
  return SeqNum{a} > SeqNum{b};
}

// A fragment in which a datagram travelled: octets of the IP payload.
struct Piece {
  std::uint32_t frame = 0;
  std::int64_t time_ns = 0;
  std::uint32_t id = 0;
  std::size_t first = 0, last = 0;
};

// A TCP segment or UDP datagram of a capture.
struct Datagram {
  std::uint32_t frame = 0;  // number in the capture, from 1; 0: made up
  std::int64_t time_ns = 0;
  std::size_t interface = 0;
  capture::Direction direction = capture::Direction::unknown;
  Transport transport = Transport::tcp;
  Endpoint src, dst;
  std::uint8_t ecn = 0;
  std::uint32_t length = 0;   // of the payload, as the headers say it
  Buffer payload;             // shorter than `length` where the capture was cut
  std::vector<Piece> pieces;  // empty: it travelled whole

  // TCP. Numbers are those of the wire.
  std::uint16_t flags = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint16_t win = 0, urg = 0;
  std::vector<packet::HeaderOption> options;

  std::uint64_t identity = 0;  // hash over the IP packet; 0: of a datagram that was put together
  bool numbered = false;       // an IP id tells equal packets from copies of one

  [[nodiscard]] bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
  [[nodiscard]] bool cut() const noexcept { return payload.size() < length; }
  // What it takes of the sequence space.
  [[nodiscard]] std::uint32_t sequence_length() const noexcept {
    return length + (has(kSyn) ? 1 : 0) + (has(kFin) ? 1 : 0);
  }
};

// What a capture holds of TCP and UDP, and how many frames hold anything else.
struct Datagrams {
  std::vector<Datagram> all;          // in the order of the capture
  std::vector<std::string> left_out;  // "3 frames of type 0x0806", in the order of their first
};

// Reads every frame. Fragments are put together; a datagram that misses some of them is left out.
// Takes memory in proportion to the capture.
[[nodiscard]] Datagrams datagrams_of(const capture::Capture& capture);

}  // namespace packetwright::import
