// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/engine/connection.hh"
#include "harness/engine/outcome.hh"
#include "harness/engine/stream.hh"
#include "harness/packet/dissect.hh"
#include "harness/script/tree.hh"
#include "stack/base/instant.hh"

// How a replay compares. Two runs of one stack do not send the same segments: they cut the stream
// elsewhere, delay and merge acknowledgements, announce other windows, and take other times. What
// they have in common is how far both streams have come when the record says so.
namespace packetwright::engine {

// A replay does not compare times; this is when it gives up. A delayed acknowledgement takes up to
// half a second (RFC 9293, 3.8.6.3).
inline constexpr Duration kPatienceReplay = 1500ms;

// One connection of a stack, followed along a record. Numbers are those of the script.
class Follower {
 public:
  // Notes what the whole record sends on the connection.
  explicit Follower(const script::Script& script);

  // A segment of the peer goes out.
  void injected(const script::Tcp& tcp);
  // A segment of the stack came in, its numbers mapped. What is wrong with it in any case: a reset,
  // octets that are not those of the record.
  [[nodiscard]] std::vector<FieldDifference> absorb(const packet::Dissected& mapped);
  // Whether the stack has come as far as the recorded segment says; nothing else is kept of it.
  [[nodiscard]] bool reached(const script::Tcp& tcp) const;
  // What is missing until then, in words.
  [[nodiscard]] std::vector<FieldDifference> missing(const script::Tcp& tcp) const;
  // Whether the stack has sent less than the recorded segment says and may be waiting until more of
  // it is acknowledged: how much it sends at once depends on what it has seen of the path.
  [[nodiscard]] bool may_wait_for_acknowledgement(const script::Tcp& tcp) const;
  // What a peer says that acknowledges all it has got: the last segment of it, without text.
  [[nodiscard]] script::Tcp acknowledgement(const script::Tcp& last_in) const;
  // The recorded segment is dealt with.
  void done(const script::Tcp& tcp);

 private:
  struct Acknowledged {
    std::uint32_t ack = 0;
    std::uint32_t sack_edge = 0;  // the highest right edge of a SACK block; 0: none
  };
  [[nodiscard]] bool is_repeated_text(const script::Tcp& tcp) const;
  [[nodiscard]] bool needs_answer(const script::Tcp& tcp) const;

  Stream recorded_;
  bool knows_content_ = true;
  std::uint32_t sent_ = 1;  // next number that the stack has not sent
  bool fin_ = false;
  Acknowledged acknowledged_;
  std::uint32_t repeats_ = 0;  // retransmissions of the stack that no record has accounted for
  std::uint32_t recorded_sent_ = 1;
  std::uint32_t recorded_ack_ = 0;
  std::uint32_t next_in_ = 0;   // next number of the peer
  std::uint32_t peer_ack_ = 0;  // the highest that it acknowledged
  bool provoked_ = false;       // the peer sent something last that has to be answered
  bool fresh_ = false;          // and something came since
};

}  // namespace packetwright::engine
