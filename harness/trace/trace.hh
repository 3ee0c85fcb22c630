// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/tcp.hh"

// A trace: what a peer, an application and time do to a stack, event by event. Numbers of segments
// are relative to the connection as it is when the event comes, so that a trace means something for
// any stack, and still does when events are taken out of it.
namespace packetwright::trace {

// Connections of one trace. Each has sockets of its own in the stack and a port of its own at the
// peer.
inline constexpr std::size_t kSlots = 4;
inline constexpr std::size_t kMaxEvents = 128;
// Octets of a read, a write, or a packet in several pieces, at most; and of a packet in one.
inline constexpr std::uint16_t kMaxLength = 4'095;
inline constexpr std::uint16_t kMaxLengthInOnePiece = 1'400;

// From where SEG.SEQ is counted.
enum class SeqBase : std::uint8_t {
  next,          // what follows all that the peer has sent
  acknowledged,  // what the stack has acknowledged: its RCV.NXT, as far as it told
  right_edge,    // RCV.NXT + RCV.WND
  last,          // the number of the peer's last segment, once more
  initial,       // the peer's initial sequence number
};
inline constexpr std::uint8_t kSeqBases = 5;

// From where SEG.ACK is counted.
enum class AckBase : std::uint8_t {
  all,      // everything that the stack has sent: its SND.NXT, as far as it showed
  last,     // what the peer's last segment acknowledged
  initial,  // the stack's initial sequence number
};
inline constexpr std::uint8_t kAckBases = 3;

// TCP options of a segment, as bits.
namespace with {
inline constexpr std::uint8_t mss = 1, window_scale = 2, sack_permitted = 4, timestamps = 8,
                              sack = 16,  // a block behind what is acknowledged
    old_timestamp = 32,                   // TSval of long ago
    unknown = 64,                         // an option that nobody knows
    broken = 128;                         // one whose length runs over the end
}  // namespace with

// What is wrong with a packet. Octets are counted from the IP header; in a packet that comes in
// fragments, from the header behind it.
enum class Harm : std::uint8_t {
  none,
  octet,         // a header octet is another one, and the checksums are made right again
  octet_only,    // ... and the checksums are left as they were
  bad_checksum,  // of TCP, UDP or ICMP
  cut,           // octets are missing at the end
  padded,        // octets that belong to nothing follow
};
inline constexpr std::uint8_t kHarms = 6;
struct Damage {
  Harm harm = Harm::none;
  std::uint8_t at = 0, value = 0;  // `cut` and `padded`: at + 1 octets

  friend bool operator==(const Damage&, const Damage&) = default;
};

// --- what the peer sends

// In how many pieces an IP packet comes: 1 .. 4.
struct Pieces {
  std::uint8_t count = 1;
  bool reversed = false;     // the last one first
  bool overlapping = false;  // each begins eight octets early

  friend bool operator==(const Pieces&, const Pieces&) = default;
};

struct Segment {
  std::uint8_t slot = 0;
  wire::TcpFlags flags;  // the lowest eight bits
  SeqBase seq = SeqBase::next;
  AckBase ack = AckBase::all;
  std::int16_t seq_offset = 0, ack_offset = 0;
  std::uint16_t window = 65'535;  // as it stands in the header
  std::uint16_t length = 0;       // of the text, octets
  std::uint8_t options = 0;
  Damage damage;
  Pieces pieces;

  friend bool operator==(const Segment&, const Segment&) = default;
};

// UDP, to the slot's UDP port or to one where nobody listens.
struct Datagram {
  std::uint8_t slot = 0;
  bool to_nobody = false;
  std::uint16_t length = 0;
  Damage damage;
  Pieces pieces;

  friend bool operator==(const Datagram&, const Datagram&) = default;
};

// A router or the peer complains of the last packet of the slot's connection (RFC 792, RFC 4443).
// `type` and `code` as they stand in the header, `word` its octets 4 to 7 (an MTU, a pointer).
struct IcmpError {
  std::uint8_t slot = 0;
  std::uint8_t type = 0, code = 0;
  std::uint32_t word = 0;
  std::uint8_t quoted = 28;  // octets behind the quoted IP header, at most
  Damage damage;

  friend bool operator==(const IcmpError&, const IcmpError&) = default;
};

// The network delivers a packet of the peer once more: the last one, or the one `back` before it.
struct Again {
  std::uint8_t back = 0;

  friend bool operator==(const Again&, const Again&) = default;
};

// The peer forgets the slot's connection; what it sends next comes from another port and has
// another initial sequence number.
struct Renew {
  std::uint8_t slot = 0;

  friend bool operator==(const Renew&, const Renew&) = default;
};

// --- what the application does

enum class CallKind : std::uint8_t {
  listen,          // socket(), bind(), listen()
  connect,         // socket(), connect()
  accept,          //
  read,            // `amount` octets at most
  write,           // `amount` octets
  write_urgent,    //
  shut_read,       //
  shut_write,      //
  close,           // the connection
  abort,           // SO_LINGER of zero, then close()
  close_listener,  //
  set_option,      // which one and to what is in `amount`
  open_datagram,   // a UDP socket on the slot's port
  send_datagram,   //
  receive_datagram,
  close_datagram,
};
inline constexpr std::uint8_t kCallKinds = 16;

struct Call {
  std::uint8_t slot = 0;
  CallKind kind = CallKind::listen;
  std::uint16_t amount = 0;

  friend bool operator==(const Call&, const Call&) = default;
};

// --- what time does

// Time passes: this long, or until the stack's next timer if that is sooner and asked for.
struct Wait {
  std::uint8_t mantissa = 0, exponent = 0;  // (mantissa + 1) << exponent microseconds
  bool until_timer = false;

  [[nodiscard]] Duration duration() const noexcept {
    return Duration{(std::int64_t{mantissa} + 1) << exponent} * 1'000;
  }
  friend bool operator==(const Wait&, const Wait&) = default;
};
inline constexpr std::uint8_t kMaxWaitExponent = 24;  // 71 minutes and a half, at most

using Event = std::variant<Segment, Datagram, IcmpError, Again, Renew, Call, Wait>;

struct Trace {
  Family family = Family::ipv4;
  std::uint8_t seed = 0;  // of the stack and of the peer's numbers
  std::vector<Event> events;

  friend bool operator==(const Trace&, const Trace&) = default;
};

}  // namespace packetwright::trace
