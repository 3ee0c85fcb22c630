// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/targets/target.hh"
#include "harness/trace/oracle.hh"
#include "harness/trace/peer.hh"
#include "harness/trace/trace.hh"

namespace packetwright::trace {

// One thing that happened, for those who want to see it.
struct Step {
  enum class What : std::uint8_t { peer_sent, stack_sent, call };
  Instant at;
  What what{};
  std::size_t event = 0;  // of the trace; its size: what is tried afterwards
  Buffer frame;
  std::string text;  // of a call: "read(5, ..., 100) = 12"
};

// What coverage of behaviour is counted in: which state met which kind of event, and which kind of
// event drew what sort of answer. A target that does not tell its states has the second half.
inline constexpr std::size_t kStates = 12;   // those of targets::TcpState, and none
inline constexpr std::size_t kAnswers = 32;  // any of: SYN, RST, FIN, text or none of them; no TCP
inline constexpr std::size_t kKinds = 64;    // of events, see kind_of()
using Reached = std::bitset<(kStates + kAnswers) * kKinds>;

[[nodiscard]] constexpr std::size_t reached_index(targets::TcpState state,
                                                  std::size_t kind) noexcept {
  return static_cast<std::size_t>(state) * kKinds + kind;
}

// What kind of event it is: each call, each set of SYN, FIN, RST, ACK and text, and so on.
[[nodiscard]] std::size_t kind_of(const Event& event) noexcept;

struct Outcome {
  std::vector<Finding> findings;
  std::uint64_t hash = 0;  // of every frame that the stack sent, its time, and what calls returned
  Reached reached;
  std::vector<Step> steps;  // if asked for
};

struct PlayOptions {
  bool keep_steps = false, keep_reached = false;
  // Closes everything at the end, waits, and asks for a new connection.
  bool check_afterwards = true;
};

// Plays traces to a stack in virtual time, which is reset before each. Deterministic as far as the
// stack is.
class Player {
 public:
  // `knobs`: of the stack, in every trace.
  explicit Player(targets::Target& target, std::map<std::string, std::string> knobs = {})
      : target_(target), knobs_(std::move(knobs)) {}

  // An error: the target could not be reset.
  [[nodiscard]] Result<Outcome, std::string> play(const Trace& trace, const PlayOptions& options);

  // The settings of the stack under a trace.
  [[nodiscard]] static targets::Config config_of(const Trace& trace);

 private:
  // What the application has open in a slot.
  struct Sockets {
    std::optional<targets::Fd> listener, stream, datagram;
    Ports ports;  // of the stream
  };
  struct Run;

  targets::Target& target_;
  std::map<std::string, std::string> knobs_;
  std::vector<targets::SentFrame> sent_;  // scratch
};

}  // namespace packetwright::trace
