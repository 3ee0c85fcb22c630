// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/instant.hh"
#include "stack/base/seq_num.hh"
#include "stack/base/siphash.hh"
#include "stack/tcp/congestion_avoidance.hh"

namespace packetwright::tcp {

enum class EcnPolicy : std::uint8_t {
  off,        // answer every ECN-setup SYN without ECE
  on_demand,  // use ECN when the peer asks for it
  initiate,   // ask for it in our own SYNs as well
};

// When a SYN is answered without being remembered (RFC 4987, 3.6).
enum class SynCookiePolicy : std::uint8_t { off, when_full, always };

// Whether TCP searches for the largest segment that a path takes (RFC 4821), beside what routers
// report.
enum class PathProbing : std::uint8_t {
  off,
  black_hole,  // when the timer has expired so often (R1) that the path may swallow large packets
  always,
};

// Everything about a TCP that can be tuned. The defaults are what the RFCs recommend.
struct TcpConfig {
  // --- extensions
  bool window_scaling = true;            // RFC 7323, 2
  bool timestamps = true;                // RFC 7323, 3
  bool sack = true;                      // RFC 2018, with D-SACK of RFC 2883
  EcnPolicy ecn = EcnPolicy::on_demand;  // RFC 3168
  bool challenge_ack = true;      // RFC 5961, 3 and 4; off: any RST or SYN in the window resets
  bool ack_range_check = true;    // RFC 5961, 5
  bool time_wait_reuse = true;    // RFC 6191
  bool hard_icmp_aborts = false;  // RFC 9293, 3.9.2.2 (SHLD-26); off: RFC 5927, 5.2

  // --- Fast Open (RFC 7413), for applications that ask for it
  bool fast_open_client = true;
  bool fast_open_server = true;
  bool fast_open_without_cookie = false;  // servers take text from everybody: RFC 7413, 6.1 warns
  bool fast_open_every_listener = false;  // without being asked
  // SYNs carry text to servers that do not ask for a cookie, and what this host would take itself
  // where the MSS of a server is not known yet.
  bool fast_open_client_without_cookie = false;
  std::optional<SipKey> fast_open_key;  // of the cookies; nullopt: drawn, and changed at times
  Duration fast_open_key_lifetime = std::chrono::hours{1};
  Duration fast_open_pause = 5min;  // after a failure with an endpoint (4.1.3.1)
  std::uint32_t fast_open_cache = 256;

  // --- segment sizes (RFC 9293, 3.7.1)
  std::uint16_t min_send_mss = 48;  // a peer that announces less is taken to have said this
  // RFC 5927, 7.2: a router is not believed that less fits than the peer has acknowledged already,
  // while the connection makes progress.
  bool doubt_too_big = true;
  // RFC 4821: TCP asks the path itself what it takes.
  PathProbing path_probing = PathProbing::off;
  // ... beginning with segments of this size, options included (7.2); over IPv6 no smaller ones
  // than its smallest MTU allows.
  std::uint16_t probe_base_mss = 1024;
  Duration probe_again = 10min;  // after a search is over; at least 5 minutes (7.3)

  // --- buffers, octets; at most 2^30
  // What a user asks for is doubled, as systems do that count the memory of a buffer and not only
  // the text in it.
  bool double_send_buffer = false;
  std::uint32_t send_buffer = 256 * 1024;
  std::uint32_t receive_buffer = 256 * 1024;
  // A receive buffer that the user has not chosen grows up to this, as fast as the user reads.
  std::uint32_t receive_buffer_max = 4 * 1024 * 1024;
  // Runs of out-of-order text that a connection may hold: every second segment of a window can be
  // lost where a queue overflows.
  std::uint16_t max_held_ranges = 1024;

  // --- retransmission (RFC 6298; RFC 9293, 3.8.3)
  Duration initial_rto = 1s;
  Duration min_rto = 1s;
  Duration max_rto = 60s;               // RFC 6298, 2.5: at least 60 s
  Duration clock_granularity = 1ms;     // G of RFC 6298
  Duration min_rto_variation{0};        // the timeout is this much above SRTT at least
  std::uint8_t r1_retransmissions = 3;  // then the user hears of it (SHLD-9, SHLD-10)
  //= RFC9293-SHLD-11
  Duration user_timeout = 5min;  // R2; at least 100 s (SHLD-11)
  // RFC 5482: tell the peer our R2 and take its own into account, within these limits.
  bool user_timeout_option = false;
  Duration user_timeout_least = 100s;
  Duration user_timeout_most = std::chrono::hours{1};
  // R2 of SYN and SYN,ACK. MUST-23 wants retransmissions for 3 minutes: with the values above the
  // last one leaves 183 s after the first SYN.
  Duration syn_timeout = 200s;
  // The same as a count of retransmissions, for those that do not choose one: of SYN, of SYN,ACK.
  std::optional<std::uint8_t> syn_retries = {}, syn_ack_retries = {};

  // --- congestion control (RFC 5681, 9438) and recovery (RFC 6582, 6675, 3042)
  CongestionControl congestion_control = CongestionControl::cubic;  // decision 0018
  std::uint8_t abc_limit = 2;  // RFC 3465, 2.2: segments that an ACK counts for
  std::uint8_t abc_limit_without_sack = 1;
  bool hystart = true;  // RFC 9406: the first slow start ends when round trips grow
  std::uint8_t initial_window_segments = 10;  // RFC 6928; 2 to 4 is RFC 5681
  bool restart_after_idle = true;             // RFC 5681, 4.1
  // The first slow start ends with the first round trips that are longer, as HyStart had it before
  // RFC 9406 gave it some rounds to think it over.
  bool hystart_at_once = false;
  // CUBIC's new threshold is a part of the window and not of what is in flight: RFC 9438, 4.6, has
  // it so where a window that is not in use does not grow.
  bool cubic_reduces_window = false;
  // Slow start does not count what a SACK had reported before. RFC 3465, 2.1, counts what an ACK
  // acknowledges.
  bool abc_counts_reported_once = false;
  // RFC 7661, 4.3: a window of which half is in use may grow; off: more than half has to be.
  bool half_use_is_enough = true;
  // Where SACK is in use; without it, or without `rack`, RFC 6675 and 6582; decision 0019
  bool rack = true;                  // RFC 8985: losses are told by time
  bool tail_loss_probe = true;       // RFC 8985, 7; needs rack
  bool prr = true;                   // RFC 6937; needs rack
  bool frto = true;                  // RFC 5682
  bool undo = true;                  // RFC 4015: a reduction for nothing is taken back
  Duration probe_min = 10ms;         // the shortest wait for a probe
  Duration probe_ack_delay = 200ms;  // TLP.max_ack_delay: how long a lone segment's ACK may wait
  std::uint8_t dup_thresh = 3;       // duplicate ACKs that tell of a loss
  bool limited_transmit = true;      // RFC 3042

  // --- acknowledgments and windows (RFC 9293, 3.8.6)
  Duration ack_delay = 40ms;  // below 500 ms (MUST-40); short, so that Nagle hurts little
  // So many segments of a connection are acknowledged at once, as long as the user does not answer
  // them: the peer's window opens faster when it hears more ACKs (RFC 5681, 4.2, allows every one).
  std::uint8_t quick_acks = 0;
  // New text that the windows let go at once leaves in trains: of so many segments, or as many as a
  // millisecond takes if that is more, but no more than half of the congestion window. PSH ends a
  // train of two or more, so that a receiver that merges segments hands them on (RFC 9293, 3.9.1.2,
  // allows PSH anywhere). 0: no trains, PSH stands at the end of what the user has written only.
  std::uint8_t train_segments = 0;
  // A closed window is probed below its left edge, without text. RFC 9293, 3.8.6.1, wants an octet.
  bool empty_window_probes = false;
  // A short segment waits for the ACK of an earlier short one alone, and not of whatever is
  // outstanding (Minshall's variant of the Nagle algorithm, which RFC 9293, 3.7.4, does not have).
  bool nagle_by_short_segments = false;
  // Segments without timestamps count where these are in use; RFC 7323, 3.2, would drop them.
  bool allow_missing_timestamps = false;
  // What had arrived before a failure can still be read; RFC 9293, 3.10.7.4, flushes all queues.
  bool keep_text_after_failure = false;
  // The last ACK of a handshake waits for the text of a user who waits to write
  // (ActiveOpen::waits), and RFC 9293, 3.10.7.3, allows that. Off: it leaves at once.
  bool handshake_ack_waits = false;
  // A SYN,ACK that echoes a timestamp that no SYN had is an old one, and is reset.
  bool check_echo_of_syn = false;
  // A SYN that goes again because it was too big announces no larger segments than the path takes;
  // RFC 9293, 3.7.1, has the option say what this host takes.
  bool announce_path_mtu = false;
  // Text of a SYN that crosses ours is kept; off: it has to come again.
  bool keep_text_of_crossing_syn = true;
  // Soft ICMP errors end a handshake too: RFC 5461, 4.1, tells of stacks that do so.
  bool soft_icmp_ends_handshake = false;
  // A SYN that has been taken before is reported as a duplicate as text is; RFC 2883 is of text.
  bool report_duplicate_syn = false;
  // A RST that ends a connection carries an ACK too. RFC 9293, 3.10.5, has it without.
  bool acknowledge_in_reset = false;
  // A RST that a segment draws has no timestamps; RFC 7323, 5.2, recommends them.
  bool bare_resets = false;
  // Whoever says that more follows (SendFlags::more) holds back a short segment until the next ACK
  // of new data at most.
  bool more_holds_until_ack = false;
  // Both of the next two are the retransmission timeout instead.
  bool override_after_rto = false;
  Duration sws_override = 200ms;                // 0.1 s to 1 s (3.8.6.2.1)
  Duration cork_timeout = 200ms;                // a corked segment leaves at last
  Duration challenge_window = 5s;               // RFC 5961, 7: at most so many challenge ACKs
  std::uint32_t challenge_limit = 10;           //   in any such time, of one connection,
  std::uint32_t challenge_limit_of_all = 1000;  // and about as many of all together
  // Empty segments outside the window are answered at most once in this time per connection, so
  // that two confused peers do not acknowledge each other for ever. Zero: always answered.
  Duration stray_ack_interval = 500ms;
  bool count_send_times = false;  // Status::send_times, at the cost of their memory

  // --- keep-alive (RFC 9293, 3.8.4), for connections that turn it on
  //= RFC9293-MUST-28
  Duration keep_idle = 2h;       // MUST-28: at least two hours
  Duration keep_interval = 75s;  // between probes
  std::uint8_t keep_count = 9;   // probes without any answer: the peer is gone (MUST-29)

  // --- ends
  // DEVIATION RFC9293-3.4.2-msl: not 2 minutes, so that TIME-WAIT lasts a minute, as on most hosts.
  Duration msl = 30s;             // TIME-WAIT lasts twice this (MUST-13)
  Duration orphan_timeout = 60s;  // FIN-WAIT-2 of a connection that nobody holds any more

  // --- limits
  std::uint32_t max_connections = 1'100'000;
  std::uint32_t syn_backlog = 256;  // embryonic connections per listener
  SynCookiePolicy syn_cookies = SynCookiePolicy::when_full;
  std::uint16_t first_port = 1024;  // ephemeral ports (RFC 6056, 3.2)
  std::uint16_t last_port = 65535;
};

// What the user may choose for one connection. A listener's choice is inherited by the connections
// it accepts. nullopt: as TcpConfig says.
struct ConnectionOptions {
  bool nodelay = false;    // no Nagle algorithm (MUST-17)
  bool cork = false;       // full segments only, for at most cork_timeout
  bool quick_ack = false;  // acknowledge every segment at once
  bool oob_inline = true;  // the last urgent octet stays in the stream (RFC 6093, 3.1)
  bool keepalive = false;  // MUST-24, MUST-25
  std::optional<Duration> keep_idle = {}, keep_interval = {};  // MUST-27
  std::optional<std::uint8_t> keep_count = {};
  std::optional<Duration> user_timeout = {};      // R2 (MUST-21)
  std::optional<std::uint8_t> syn_retries = {};   // SYNs that are resent before giving up
  std::optional<std::uint16_t> max_segment = {};  // bounds the MSS announced and the segments sent
  std::optional<std::uint32_t> send_buffer = {},
                               receive_buffer = {};  // octets; before the handshake
  std::optional<std::uint32_t> window_clamp = {};    // never announce a larger window, octets
  std::optional<CongestionControl> congestion_control = {};
  std::optional<SeqNum> iss = {};  // the initial send sequence number, for tests

  friend bool operator==(const ConnectionOptions&, const ConnectionOptions&) = default;
};

}  // namespace packetwright::tcp
