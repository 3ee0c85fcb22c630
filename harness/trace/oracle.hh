// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/trace/sent_packet.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::trace {

// What no stack may do, whatever its peer and its application do. Each rule errs on the stack's
// side: where a trace leaves open what the stack has to think, it is not judged.
enum class Rule : std::uint8_t {
  malformed_packet,      // a length or checksum is wrong
  larger_than_mtu,       //
  acknowledges_nothing,  // an octet that never came in a sound segment (RFC 9293, 3.10.7.4)
  beyond_window,         // text behind the largest right edge that it was given (RFC 9293, 3.8.6)
  text_not_written,      // octets that the application did not write there
  text_not_sent,         // the application reads octets that the peer did not send there
  reset_of_reset,        // a RST answers a RST (RFC 9293, 3.10.7.1)
  amplification,         // before there was a socket: an answer much larger than what it answers
  flood,                 // packets without end
  clock_stands_still,    // a timer that does not go away
  not_alive,             // a new connection is not answered afterwards
  sockets_left,          // something remains of closed sockets after hours
  crash,                 //
  differs,               // a repeat sends other octets
};
[[nodiscard]] std::string_view name_of(Rule rule) noexcept;

struct Finding {
  Rule rule{};
  std::string what;  // one sentence, with numbers
};

// The ports of a connection, as the peer sees them.
struct Ports {
  std::uint16_t peer = 0, stack = 0;

  friend auto operator<=>(const Ports&, const Ports&) = default;
};

// Watches one trace from the wire and from the socket calls.
class Oracle {
 public:
  Oracle(const IpAddress& stack, const IpAddress& peer, std::size_t mtu)
      : stack_(stack), peer_(peer), mtu_(mtu) {}

  // --- what happens

  // The peer's packet, whole, is about to arrive; `sockets`: the stack has or had any.
  void arrives(Bytes packet, bool damaged, bool sockets);
  // One of the pieces in which it does, of `size` octets.
  void piece_arrives(std::size_t size) noexcept;
  // What the stack sends from here on is no answer to a packet.
  void nothing_arrives() noexcept { answered_.reset(); }
  void stack_sends(Bytes packet);
  // The application wrote `octets`, of which the stack took as many as these.
  void writes(const Ports& ports, Bytes taken);
  void reads(const Ports& ports, Bytes octets);

  // Octets written so far.
  [[nodiscard]] std::uint64_t written(const Ports& ports) const;

  void report(Rule rule, std::string what);
  // The first of each rule.
  [[nodiscard]] const std::vector<Finding>& findings() const noexcept { return findings_; }

 private:
  struct Range {
    SeqNum begin;
    std::uint32_t size = 0;
  };
  struct Connection {
    std::vector<Range> came;  // numbers that sound segments of the peer held
    std::vector<Range> syns;  // those with a SYN: its number, and 1 + its text
    std::optional<SeqNum> stack_iss, peer_iss;
    std::optional<SeqNum> agreed;   // what the stack's SYN acknowledged, if it did
    std::int64_t acknowledged = 0;  // most of the stack's octets that the peer acknowledged
    std::int64_t edge = 0;          // most octets of the stack that any window allowed
    std::uint8_t scale = 0;
    std::uint64_t written = 0, read = 0;
    bool blurred = false;       // more than one connection had these ports
    bool text_unknown = false;  // what the peer sends is not what its place says
  };

  void learn(const SentPacket& packet, bool damaged);
  void judge(Connection& connection, const SentPacket& packet);
  void judge_text(const Connection& connection, const SentPacket& packet);
  void note_peer_iss(Connection& connection, SeqNum ack);
  void judge_answer(const SentPacket& packet, std::size_t size);

  struct Answered {
    std::size_t size = 0;  // of what has arrived of it
    bool sockets = false;
    std::optional<Ports> reset;  // it was a RST of this connection
    // Of what answered the last piece.
    std::size_t packets = 0, octets = 0;
  };

  IpAddress stack_, peer_;
  std::size_t mtu_;
  std::map<Ports, Connection> connections_;
  std::optional<Answered> answered_;
  std::vector<Finding> findings_;
};

}  // namespace packetwright::trace
