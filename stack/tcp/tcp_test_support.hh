// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "stack/tcp/tcp.hh"

// A Tcp with a scripted peer: the test says what arrives, by sequence numbers relative to the two
// initial ones, and reads what leaves as one line a segment, in the notation of packetdrill:
// "S. 0:0(0) ack 1 win 65535". One factory for each state, named as the preludes of conformance/.
namespace packetwright::tcp::testing {

// Flags as packetdrill writes them: S F R P . U E W.
struct Arriving {
  std::string_view flags;
  std::uint32_t seq = 0;   // relative to the peer's initial number
  std::uint32_t ack = 0;   // relative to ours
  std::uint32_t size = 0;  // octets of text
  std::uint16_t window = 65535;
  std::optional<std::uint16_t> urgent_pointer = {};
  Options options = {};
  Ecn ecn = Ecn::not_ect;
  std::uint32_t text_seed = 0;  // which octets: those of the stream from here on, see stream_octet
};

// The octet at a position of the stream that peers and users write.
[[nodiscard]] std::uint8_t stream_octet(std::uint64_t position);
[[nodiscard]] Buffer stream_text(std::uint64_t position, std::size_t size);

class Bench {
 public:
  static constexpr std::uint32_t kIss = 1000;
  static constexpr std::uint32_t kIrs = 5000;

  explicit Bench(const TcpConfig& config = plain_config(), std::uint32_t iss = kIss,
                 std::uint32_t irs = kIrs);

  // No extensions, as RFC 9293 alone knows TCP.
  [[nodiscard]] static TcpConfig plain_config();

  // --- one factory for each state
  Bench& at_listen();
  Bench& at_syn_sent();
  Bench& at_syn_received();  // from LISTEN
  Bench& at_syn_received_by_simultaneous_open();
  Bench& at_established();  // from LISTEN, accepted
  Bench& at_established_by_active_open();
  Bench& at_fin_wait_1();
  Bench& at_fin_wait_2();
  Bench& at_close_wait();
  Bench& at_closing();
  Bench& at_last_ack();
  Bench& at_time_wait_via_fin_wait_2();
  Bench& at_time_wait_via_closing();
  // What a SYN of the peer carries from now on.
  Bench& with_peer_options(const Options& options);
  Bench& with_options(const ConnectionOptions& options);
  Bench& with_peer_window(std::uint16_t window);

  // --- stimuli; each returns what was sent, one line a segment, joined by " | "
  std::string arrive(const Arriving& segment);
  // Takes the segment in without flush(): for batches.
  void arrive_unflushed(const Arriving& segment);
  std::string flush();
  std::string write(std::size_t size, SendFlags flags = {});
  // An active OPEN with so much text for its SYN (RFC 7413).
  // `waits`: the user waits to write what did not fit.
  std::string fast_open(std::size_t size, bool waits = false);
  // Forgets what was said so far: the next segments are another connection's.
  void restart();
  // Takes the oldest connection from the listener. False: there is none.
  bool accept();
  std::string read(std::size_t size);  // what was sent; the octets are in last_read()
  std::string close(CloseMode mode = CloseMode::half);
  std::string abort();
  // Time passes; timers run in order.
  std::string advance(Duration time);
  std::string advance_to_next_deadline();
  std::string icmp(IcmpErrorKind kind, std::uint32_t seq, std::uint32_t mtu = 0);

  // --- observations
  [[nodiscard]] State state() const;
  [[nodiscard]] Status status() const;
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] const Buffer& last_read() const { return last_read_; }
  // The drop reasons of the last stimulus, by name, joined by a space.
  [[nodiscard]] std::string drops() const;
  // The events of the last stimulus: "readable", "failed connection_reset".
  [[nodiscard]] std::string events() const;
  [[nodiscard]] const std::vector<Segment>& sent() const { return sent_; }
  [[nodiscard]] const std::vector<Buffer>& sent_text() const { return sent_text_; }
  [[nodiscard]] const Segment& last_sent() const { return sent_.back(); }

  [[nodiscard]] Tcp& tcp() { return tcp_; }
  [[nodiscard]] ConnectionId id() const { return id_; }
  [[nodiscard]] ListenerId listener() const { return listener_; }
  [[nodiscard]] Segment make(const Arriving& arriving) const;
  [[nodiscard]] std::uint32_t irs() const { return irs_; }
  [[nodiscard]] std::uint32_t iss() const { return iss_; }
  // The timestamp that the peer's next segments carry, where timestamps are in use.
  std::uint32_t peer_clock = 100'000;
  bool peer_sends_timestamps = false;
  // What leaves belongs to more than one connection: no invariant from one segment to the next.
  bool several_connections = false;
  Endpoint local{IpAddress::v4(192, 0, 2, 1), 80};
  Endpoint remote{IpAddress::v4(198, 51, 100, 7), 40000};
  Path path{};

  // Everything since the beginning, for the message of a failed test.
  [[nodiscard]] const std::string& story() const { return story_; }

 private:
  std::string collect(std::string_view stimulus);
  void lower_path(std::uint32_t mtu);
  [[nodiscard]] std::string line(const Segment& segment) const;
  void check_invariants(const Segment& segment, Bytes text);

  std::uint32_t iss_, irs_;
  Tcp tcp_;
  Instant now_ = instant_at(1'000'000'000);
  Actions act_;
  ConnectionOptions options_;
  Options peer_options_;
  std::uint16_t peer_window_ = 65535;
  ListenerId listener_;
  ConnectionId id_;
  std::uint64_t written_ = 0;
  Buffer last_read_;
  std::vector<Segment> sent_;
  std::vector<Buffer> sent_text_;
  std::string drops_, events_, story_;
  // For the invariants that hold between one segment and the next.
  std::optional<SeqNum> last_edge_;
  std::optional<SeqNum> fin_seq_;
  std::optional<std::uint32_t> last_tsval_;
};

}  // namespace packetwright::tcp::testing
