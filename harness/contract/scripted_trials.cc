// SPDX-License-Identifier: Apache-2.0
#include "harness/contract/scripted_trials.hh"

#include "harness/engine/engine.hh"
#include "harness/script/expand.hh"
#include "harness/script/parser.hh"

namespace packetwright::contract {
namespace {

std::string rendered(const std::vector<script::Diagnostic>& diagnostics) {
  std::string text;
  for (const script::Diagnostic& one : diagnostics) text += script::render(one);
  return text;
}

// What a script expected and what came, in one line.
std::string difference(const engine::Outcome& outcome) {
  std::string text = outcome.reason;
  if (!outcome.mismatches.empty()) {
    const engine::Mismatch& first = outcome.mismatches.front();
    text = "expected " + first.expected + ", got " + first.actual;
  }
  return text;
}

constexpr const char* kQuiescence =
    "// An answer, and silence after it.\n"
    "//: needs icmp\n"
    "0 < icmp echo_request id 7 seq 3 (56)\n"
    "+0 > icmp echo_reply id 7 seq 3 (56)\n"
    "+0 silence 0.1\n";

constexpr const char* kUdp =
    "// Datagrams both ways.\n"
    "//: needs udp\n"
    "0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3\n"
    "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 read(3, ..., 100) = -1 EAGAIN (nothing is there)\n"
    "+0 < udp (5) \"hello\"\n"
    "+0 < udp (0)\n"
    "+0 read(3, \"hello\", 100) = 5\n"
    "+0 read(3, ..., 100) = 0\n"
    "+0 read(3, ..., 100) = -1 EAGAIN (nothing more is there)\n"
    "+0 connect(3, ..., ...) = 0\n"
    "+0 write(3, \"world!\", 6) = 6\n"
    "+0 > udp (6) \"world!\"\n"
    "+0 close(3) = 0\n";

constexpr const char* kAccepts =
    "// A connection that the peer opens, data both ways, and an end in order.\n"
    "//: needs tcp\n"
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 10) = 0\n"
    "+0 accept(3, ..., ...) = -1 EAGAIN (nobody is there)\n"
    "+0 < S 0:0(0) win 65535 <mss 1400>\n"
    "+0 > S. 0:0(0) ack 1 <...>\n"
    "+0 accept(3, ..., ...) = -1 EAGAIN (the handshake goes on)\n"
    "+0 < . 1:1(0) ack 1 win 65535\n"
    "+0 accept(3, ..., ...) = 4\n"
    "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
    "+0 read(4, ..., 100) = -1 EAGAIN (nothing is there)\n"
    "+0 < P. 1:6(5) ack 1 win 65535 \"hello\"\n"
    "+0~+1 > . 1:1(0) ack 6\n"
    "+0 read(4, \"hello\", 100) = 5\n"
    "+0 write(4, \"world\", 5) = 5\n"
    "+0 > P. 1:6(5) ack 6 \"world\"\n"
    "+0 < F. 6:6(0) ack 6 win 65535\n"
    "+0~+1 > . 6:6(0) ack 7\n"
    "+0 read(4, ..., 100) = 0\n"
    "+0 close(4) = 0\n"
    "+0 > F. 6:6(0) ack 7\n"
    "+0 < . 7:7(0) ack 7 win 65535\n"
    "+0 close(3) = 0\n";

constexpr const char* kConnects =
    "// A connection that the target opens.\n"
    "//: needs tcp\n"
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4\n"
    "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
    "+0 connect(4, ..., ...) = -1 EINPROGRESS (on its way)\n"
    "+0 > S 0:0(0) <...>\n"
    "+.01 < S. 0:0(0) ack 1 win 65535 <mss 1400>\n"
    "+0~+1 > . 1:1(0) ack 1\n"
    "+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0\n"
    "+0 write(4, \"hello\", 5) = 5\n"
    "+0 > P. 1:6(5) ack 1 \"hello\"\n"
    "+.01 < R. 1:1(0) ack 6 win 0\n"
    "+0 read(4, ..., 100) = -1 ECONNRESET (the peer is gone)\n"
    "+0 close(4) = 0\n";

constexpr const char* kDns =
    "// A name is looked up.\n"
    "//: needs dns\n"
    "0...0.05 resolve(\"www.example\") = \"192.0.2.9\"\n"
    "+0 > dns query \"www.example\" A rd\n"
    "+.05 < dns response \"www.example\" A rd ra, answer \"www.example\" 60 A 192.0.2.9\n";

constexpr auto kIpv4 = engine::Variant::ipv4;
constexpr auto kIpv6 = engine::Variant::ipv6;
constexpr const char* kAnswered = "an answer is there when the call returns";
constexpr const char* kBothWays = "datagrams both ways, an empty one too";
constexpr const char* kWholeLife = "a connection from its opening to its end";
constexpr const char* kOwnLife = "a connection of its own, and its reset";

}  // namespace

std::span<const ScriptedTrial> scripted_trials() {
  static constexpr ScriptedTrial kTrials[] = {
      {"quiescence, ipv4", kIpv4, kQuiescence, kAnswered},
      {"quiescence, ipv6", kIpv6, kQuiescence, kAnswered},
      {"udp, ipv4", kIpv4, kUdp, kBothWays},
      {"udp, ipv6", kIpv6, kUdp, kBothWays},
      {"tcp accepts, ipv4", kIpv4, kAccepts, kWholeLife},
      {"tcp accepts, ipv6", kIpv6, kAccepts, kWholeLife},
      {"tcp connects, ipv4", kIpv4, kConnects, kOwnLife},
      {"tcp connects, ipv6", kIpv6, kConnects, kOwnLife},
      {"dns", kIpv4, kDns, "a name is looked up"},
  };
  return kTrials;
}

TrialResult run(const ScriptedTrial& trial, targets::Target& target) {
  const script::ParseResult parsed = script::parse({trial.name, trial.script});
  if (!parsed.ok()) return broken("this program is: " + rendered(parsed.diagnostics));
  const script::ParseResult expanded = script::expand(parsed.script, {}, nullptr);
  if (!expanded.ok()) return broken("this program is: " + rendered(expanded.diagnostics));
  engine::RunOptions options;
  options.mode = engine::Mode::strict;
  options.variant = trial.variant;
  options.slow = true;
  const engine::Outcome outcome = engine::run(expanded.script, options, target);
  switch (outcome.status) {
    case engine::Status::passed: return kept(trial.shows);
    case engine::Status::unsupported: return not_claimed(outcome.reason);
    default: return broken(difference(outcome));
  }
}

}  // namespace packetwright::contract
