// SPDX-License-Identifier: Apache-2.0
// SYN cookies (RFC 4987, 3.6) and what else a listener does when there is no room.
#include "stack/tcp/syn_cookie.hh"

#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

namespace packetwright::tcp {
namespace {

using testing::Bench;

Segment syn_from(std::uint16_t port, std::uint16_t mss) {
  Segment syn;
  syn.local = {IpAddress::v4(192, 0, 2, 1), 80};
  syn.remote = {IpAddress::v4(198, 51, 100, 7), port};
  syn.syn = true;
  syn.seq = SeqNum{5000};
  syn.options.mss = mss;
  return syn;
}

Segment ack_for(const Segment& syn, SeqNum cookie) {
  Segment ack;
  ack.local = syn.local;
  ack.remote = syn.remote;
  ack.has_ack = true;
  ack.seq = syn.seq + 1;
  ack.ack = cookie + 1;
  return ack;
}

TEST(SynCookies, GiveBackTheSegmentSizeRoundedDown) {
  const SynCookies cookies({1, 2});
  struct {
    std::uint16_t announced, kept;
  } const kCases[] = {{0, 48},      {48, 48},     {255, 48},    {256, 256},   {536, 536},
                      {1219, 536},  {1220, 1220}, {1400, 1380}, {1440, 1440}, {1460, 1460},
                      {8959, 1460}, {8960, 8960}, {9000, 8960}, {65535, 8960}};
  for (const auto& one : kCases) {
    const Segment syn = syn_from(40000, one.announced);
    EXPECT_EQ(cookies.check({}, ack_for(syn, cookies.make({}, syn))), one.kept) << one.announced;
  }
  Segment silent = syn_from(40000, 0);
  silent.options.mss.reset();
  EXPECT_EQ(cookies.check({}, ack_for(silent, cookies.make({}, silent))), 536);
}

TEST(SynCookies, AreGoodForOneOrTwoPeriods) {
  const SynCookies cookies({1, 2});
  const Segment syn = syn_from(40000, 1460);
  for (const Duration made : {Duration{0s}, Duration{63s}, Duration{64s}, Duration{100s}}) {
    const Segment ack = ack_for(syn, cookies.make(Instant{} + made, syn));
    const Duration period = made / 64s * 64s;
    EXPECT_TRUE(cookies.check(Instant{} + made, ack));
    EXPECT_TRUE(cookies.check(Instant{} + period + 128s - 1ns, ack));
    EXPECT_FALSE(cookies.check(Instant{} + period + 128s, ack));
    EXPECT_FALSE(cookies.check(Instant{} + period + 192s, ack));
  }
}

TEST(SynCookies, BelongToOneHandshake) {
  const SynCookies cookies({1, 2});
  const Segment syn = syn_from(40000, 1460);
  const SeqNum cookie = cookies.make({}, syn);
  EXPECT_TRUE(cookies.check({}, ack_for(syn, cookie)));
  EXPECT_FALSE(cookies.check({}, ack_for(syn_from(40001, 1460), cookie)));
  Segment other = ack_for(syn, cookie);
  other.seq = other.seq + 1;
  EXPECT_FALSE(cookies.check({}, other));
  for (unsigned bit = 0; bit < 32; ++bit) {
    EXPECT_FALSE(cookies.check({}, ack_for(syn, SeqNum{cookie.value() ^ (1u << bit)}))) << bit;
  }
  EXPECT_FALSE(SynCookies({1, 3}).check({}, ack_for(syn, cookie)));
}

TEST(SynCookies, TimestampsCarryTheOptionsAndDoNotRunAhead) {
  SynCookieOptions options;
  options.timestamps = true;
  for (std::uint32_t clock = 0xffff'ff00; clock != 0x100; ++clock) {
    for (int bits = 0; bits < 4; ++bits) {
      options.sack_permitted = (bits & 1) != 0;
      options.ecn = (bits & 2) != 0;
      options.window_scale = (bits & 1) != 0 ? std::optional<std::uint8_t>{14} : std::nullopt;
      const std::uint32_t stamp = SynCookies::stamp(clock, options);
      EXPECT_LT(clock - stamp, 64u) << "neither later nor much earlier";
      EXPECT_EQ(SynCookies::options_of_stamp(stamp), options);
    }
  }
}

// --- the listener

TcpConfig flooded_config(std::uint32_t backlog) {
  TcpConfig config = Bench::plain_config();
  config.syn_backlog = backlog;
  return config;
}

TEST(TcpListenFull, AnswersWithCookiesAndRemembersNothing) {
  Bench bench(flooded_config(0));
  bench.several_connections = true;
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 10}).substr(0, 2), "S.");
  EXPECT_EQ(bench.drops(), "tcp_listen_backlog_full");
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
  EXPECT_EQ(bench.tcp().next_deadline(), std::nullopt);

  // What comes back makes the connection, with its first text.
  const std::uint32_t cookie = bench.last_sent().seq - SeqNum{Bench::kIss};
  EXPECT_EQ(bench.arrive({.flags = "P.", .seq = 1, .ack = cookie + 1, .size = 10}), "");
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.state(), State::established);
  EXPECT_EQ(bench.status().receive_queue, 10u);
  EXPECT_FALSE(bench.status().timestamps || bench.status().sack || bench.status().window_scaling);
  EXPECT_EQ(bench.status().peer_mss, 536);
}

TEST(TcpListenFull, TimestampsKeepTheOptionsOfTheSyn) {
  TcpConfig config;
  config.syn_backlog = 0;
  Bench bench(config);
  bench.several_connections = true;
  bench.at_listen();
  Options options;
  options.mss = 1400;
  options.window_scale = 7;
  options.sack_permitted = true;
  options.timestamps = Timestamps{77, 0};
  EXPECT_EQ(bench.arrive({.flags = "SEW", .options = options}).substr(0, 3), "SE.");
  const Segment answer = bench.last_sent();
  ASSERT_TRUE(answer.options.window_scale && answer.options.sack_permitted);
  Options echo;
  echo.timestamps = Timestamps{78, answer.options.timestamps->value};
  const std::uint32_t ack = answer.seq - SeqNum{Bench::kIss} + 1;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = ack, .window = 100, .options = echo}), "");
  ASSERT_TRUE(bench.accept());
  const Status status = bench.status();
  EXPECT_TRUE(status.timestamps && status.sack && status.ecn && status.window_scaling);
  EXPECT_EQ(status.snd_wscale, 7);
  EXPECT_EQ(status.rcv_wscale, *answer.options.window_scale);
  EXPECT_EQ(status.snd_wnd, 100u << 7);
  EXPECT_EQ(status.peer_mss, 1380);
}

TEST(TcpListenFull, WithoutTimestampsItOffersNothingThatItWouldForget) {
  TcpConfig config;
  config.syn_backlog = 0;
  Bench bench(config);
  bench.several_connections = true;
  bench.at_listen();
  Options options;
  options.window_scale = 7;
  options.sack_permitted = true;
  EXPECT_EQ(bench.arrive({.flags = "SEW", .options = options}).substr(0, 2), "S.");
  EXPECT_FALSE(bench.last_sent().options.window_scale);
  EXPECT_FALSE(bench.last_sent().options.sack_permitted);
  EXPECT_TRUE(bench.last_sent().options.mss);
}

TEST(TcpListenFull, AGuessIsResetAsEver) {
  Bench bench(flooded_config(0));
  bench.several_connections = true;
  bench.at_listen();
  bench.arrive({.flags = "S"});
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 7}), "R 7:7(0)");
  EXPECT_EQ(bench.drops(), "tcp_listen_ack");
}

TEST(TcpListenFull, NobodyHasACookieOnceTheFloodIsOver) {
  Bench bench(flooded_config(0));
  bench.several_connections = true;
  bench.at_listen();
  bench.arrive({.flags = "S"});
  const std::uint32_t ack = bench.last_sent().seq - SeqNum{Bench::kIss} + 1;
  bench.advance(128s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = ack}).substr(0, 2), "R ");
}

TEST(TcpListenFull, ACookieThatFindsNoRoomToWaitIsIgnored) {
  Bench bench(flooded_config(0));
  bench.several_connections = true;
  bench.at_listen();
  bench.tcp().set_backlog(bench.listener(), 1);
  bench.arrive({.flags = "S"});
  const std::uint32_t first = bench.last_sent().seq - SeqNum{Bench::kIss} + 1;
  bench.remote.port = 40001;
  bench.arrive({.flags = "S"});
  const std::uint32_t second = bench.last_sent().seq - SeqNum{Bench::kIss} + 1;
  bench.arrive({.flags = ".", .seq = 1, .ack = second});
  bench.remote.port = 40000;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = first}), "");
  EXPECT_EQ(bench.drops(), "tcp_listen_backlog_full");
  EXPECT_TRUE(bench.accept());
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = first}), "");
  EXPECT_TRUE(bench.accept());
}

TEST(TcpListenFull, CookiesCanBeGivenAlwaysOrNever) {
  TcpConfig config = Bench::plain_config();
  config.syn_cookies = SynCookiePolicy::always;
  Bench always(config);
  always.several_connections = true;
  always.at_listen();
  EXPECT_EQ(always.arrive({.flags = "S"}).substr(0, 2), "S.");
  EXPECT_EQ(always.tcp().connection_count(), 0u);

  config.syn_cookies = SynCookiePolicy::off;
  config.syn_backlog = 0;
  Bench never(config);
  never.at_listen();
  EXPECT_EQ(never.arrive({.flags = "S"}), "");
}

// Whoever floods us with SYNs costs bounded memory, and does not keep others out.
TEST(TcpListenFull, AFloodCostsNoMoreThanTheBacklogAndKeepsNobodyOut) {
  TcpConfig config = Bench::plain_config();
  config.syn_backlog = 50;
  Bench bench(config);
  bench.several_connections = true;
  bench.at_listen();
  Rng rng(1);
  const auto flood = [&] {
    for (int i = 0; i < 1000; ++i) {
      bench.remote = {IpAddress::v4(rng.next32()), rng.next16()};
      bench.arrive({.flags = "S", .seq = rng.next32(), .size = 100});
    }
    EXPECT_EQ(bench.tcp().connection_count(), 50u);
  };
  flood();
  const Endpoint friendly{IpAddress::v4(198, 51, 100, 7), 40000};
  bench.remote = friendly;
  EXPECT_EQ(bench.arrive({.flags = "S"}).substr(0, 2), "S.");
  const std::uint32_t ack = bench.last_sent().seq - SeqNum{Bench::kIss} + 1;
  flood();
  bench.remote = friendly;
  EXPECT_EQ(bench.arrive({.flags = "P.", .seq = 1, .ack = ack, .size = 10}), "");
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.status().receive_queue, 10u);
  EXPECT_EQ(bench.tcp().connection_count(), 51u);
  bench.advance(10min);
  EXPECT_EQ(bench.tcp().connection_count(), 1u);
}

// --- the accept queue

TEST(TcpAcceptQueue, AHandshakeThatFindsNoRoomToWaitIsNotOver) {
  Bench bench;
  bench.several_connections = true;
  bench.at_listen();
  bench.tcp().set_backlog(bench.listener(), 1);
  for (const std::uint16_t port : {40000, 40001}) {
    bench.remote.port = port;
    EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  }
  bench.remote.port = 40000;
  bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  bench.remote.port = 40001;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_EQ(bench.drops(), "tcp_listen_backlog_full");
  EXPECT_EQ(bench.tcp().pending(bench.listener()), 1u);
  // The SYN,ACK asks again; by then there is room.
  EXPECT_TRUE(bench.accept());
  EXPECT_EQ(bench.advance(1s), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_TRUE(bench.accept());
}

TEST(TcpAcceptQueue, ADeferredConnectionWaitsForItsText) {
  Bench bench;
  bench.at_listen();
  bench.tcp().set_defer_accept(bench.listener(), 5s);
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_EQ(bench.drops(), "tcp_accept_deferred");
  EXPECT_FALSE(bench.accept());
  EXPECT_EQ(bench.arrive({.flags = "P.", .seq = 1, .ack = 1, .size = 10}), "");
  EXPECT_TRUE(bench.accept());
}

TEST(TcpAcceptQueue, ADeferredConnectionWaitsNotForEver) {
  Bench bench;
  bench.at_listen();
  bench.tcp().set_defer_accept(bench.listener(), 5s);
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.advance(3s), "S. 0:0(0) ack 1 | S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_FALSE(bench.accept());
  EXPECT_EQ(bench.advance(4s), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_TRUE(bench.accept());
}

}  // namespace
}  // namespace packetwright::tcp
