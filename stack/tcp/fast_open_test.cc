// SPDX-License-Identifier: Apache-2.0
// Fast Open: RFC 7413, in its order; the parts first, then the server and the client.
#include "stack/tcp/fast_open.hh"

#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

namespace packetwright::tcp {
namespace {

using testing::Bench;
using testing::stream_text;
using Verdict = FastOpenKeys::Verdict;

const IpAddress kClient = IpAddress::v4(198, 51, 100, 7);
const IpAddress kOther = IpAddress::v4(198, 51, 100, 8);
const IpAddress kServer = IpAddress::v4(192, 0, 2, 1);

FastOpenOption cookie_of(std::initializer_list<std::uint8_t> octets) {
  FastOpenOption option;
  for (const std::uint8_t octet : octets) option.cookie[option.size++] = octet;
  return option;
}

const FastOpenOption kCookie = cookie_of({0xab, 0xcd, 0x12, 0x34});

// --- 4.1.2, server cookie handling

TEST(FastOpenKeys, ACookieIsGoodForItsAddressesAlone) {
  const FastOpenKeys keys({1, 2}, std::chrono::hours{1}, std::nullopt);
  const FastOpenOption cookie = keys.make({}, kClient, kServer);
  EXPECT_EQ(cookie.size, 8);
  EXPECT_EQ(keys.check({}, kClient, kServer, cookie), Verdict::current);
  EXPECT_EQ(keys.check({}, kOther, kServer, cookie), Verdict::invalid);
  EXPECT_EQ(keys.check({}, kClient, kOther, cookie), Verdict::invalid);
  FastOpenOption shorter = cookie;
  shorter.size = 6;
  EXPECT_EQ(keys.check({}, kClient, kServer, shorter), Verdict::invalid);
}

TEST(FastOpenKeys, ACookieGrowsOldAndExpires) {
  const Duration hour = std::chrono::hours{1};
  const FastOpenKeys keys({1, 2}, hour, std::nullopt);
  const FastOpenOption cookie = keys.make(Instant{} + 59min, kClient, kServer);
  EXPECT_EQ(keys.check(Instant{} + 59min, kClient, kServer, cookie), Verdict::current);
  EXPECT_EQ(keys.check(Instant{} + hour, kClient, kServer, cookie), Verdict::old);
  EXPECT_EQ(keys.check(Instant{} + 2 * hour - 1ns, kClient, kServer, cookie), Verdict::old);
  EXPECT_EQ(keys.check(Instant{} + 2 * hour, kClient, kServer, cookie), Verdict::invalid);
}

TEST(FastOpenKeys, AFixedKeyStays) {
  const FastOpenKeys one({1, 2}, std::chrono::hours{1}, SipKey{5, 6});
  const FastOpenKeys other({3, 4}, std::chrono::hours{1}, SipKey{5, 6});
  const FastOpenOption cookie = one.make({}, kClient, kServer);
  EXPECT_EQ(other.check(Instant{} + std::chrono::hours{1000}, kClient, kServer, cookie),
            Verdict::current);
}

TEST(FastOpenKeys, TheKeyCanBeFixedLater) {
  FastOpenKeys keys({1, 2}, std::chrono::hours{1}, std::nullopt);
  const FastOpenOption before = keys.make({}, kClient, kServer);
  keys.fix(SipKey{5, 6});
  EXPECT_EQ(keys.check({}, kClient, kServer, before), Verdict::invalid);
  EXPECT_EQ(FastOpenKeys({3, 4}, std::chrono::hours{1}, SipKey{5, 6})
                .check({}, kClient, kServer, keys.make({}, kClient, kServer)),
            Verdict::current);
}

// Hosts behind one address may share a key with a Linux that has it: the cookies of its own tests,
// with the key a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4.
TEST(FastOpenKeys, AreMadeAsLinuxMakesThem) {
  const FastOpenKeys keys({}, std::chrono::hours{1},
                          SipKey{0xb2b2b2b2a1a1a1a1, 0xd4d4d4d4c3c3c3c3});
  EXPECT_EQ(keys.make({}, IpAddress::v4(192, 0, 2, 1), IpAddress::v4(192, 168, 0, 1)),
            cookie_of({0x30, 0x21, 0xb9, 0xd8, 0x89, 0x01, 0x7e, 0xeb}));
  const IpAddress client =
      IpAddress::v6({0xfd, 0x3d, 0xfa, 0x7b, 0xd1, 0x7d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  const IpAddress server =
      IpAddress::v6({0xfd, 0x3d, 0x0a, 0x0b, 0x17, 0xd6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_EQ(keys.make({}, client, server),
            cookie_of({0xc1, 0xd1, 0xe9, 0x74, 0x2a, 0x47, 0xa9, 0xbc}));
}

// --- 4.1.3, client cookie handling

TEST(FastOpenCache, AsksUntilItKnowsACookie) {
  FastOpenCache cache(4, 5min);
  const auto first = cache.attempt({}, kServer, {kClient, 80});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->option, FastOpenOption{});
  cache.learn(kServer, {kClient, 80}, kCookie, 940);
  // The cookie belongs to the addresses, whatever the port.
  const auto second = cache.attempt({}, kServer, {kClient, 81});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->option, kCookie);
  EXPECT_EQ(second->mss, 940);
  EXPECT_EQ(cache.attempt({}, kOther, {kClient, 80})->option, FastOpenOption{});
}

TEST(FastOpenCache, AFailurePausesOneServiceForAWhile) {
  FastOpenCache cache(4, 5min);
  cache.learn(kServer, {kClient, 80}, kCookie, 940);
  cache.learn_failure(Instant{} + 1s, kServer, {kClient, 80});
  EXPECT_FALSE(cache.attempt(Instant{} + 5min, kServer, {kClient, 80}));
  EXPECT_TRUE(cache.attempt(Instant{} + 5min, kServer, {kClient, 81}));
  EXPECT_TRUE(cache.attempt(Instant{} + 5min + 1s, kServer, {kClient, 80}));
}

TEST(FastOpenCache, ForgetsAllAndChangesItsPauseWhenTold) {
  FastOpenCache cache(10, 5min);
  cache.learn(kServer, {kClient, 80}, kCookie, 1'460);
  cache.set_pause(Duration{0});
  cache.learn_failure({}, kServer, {kClient, 80});
  EXPECT_TRUE(cache.attempt({}, kServer, {kClient, 80}));
  EXPECT_EQ(cache.attempt({}, kServer, {kClient, 80})->option.size, kCookie.size);
  cache.clear();
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.attempt({}, kServer, {kClient, 80})->option.size, 0) << "it asks anew";
}

TEST(FastOpenCache, TriesTheExperimentalOptionOnce) {
  FastOpenCache cache(4, 5min);
  cache.learn_refusal(kServer, {kClient, 80}, false);
  EXPECT_TRUE(cache.attempt({}, kServer, {kClient, 80})->option.experimental);
  cache.learn_refusal(kServer, {kClient, 80}, true);
  EXPECT_FALSE(cache.attempt({}, kServer, {kClient, 80})->option.experimental);
  cache.learn_refusal(kServer, {kClient, 80}, false);
  EXPECT_FALSE(cache.attempt({}, kServer, {kClient, 80})->option.experimental);
}

TEST(FastOpenCache, IsBoundedAndForgetsWhatIsOldest) {
  FastOpenCache cache(2, 5min);
  const auto server = [](std::uint8_t n) { return Endpoint{IpAddress::v4(198, 51, 100, n), 80}; };
  cache.learn(kServer, server(1), kCookie, 0);
  cache.learn(kServer, server(2), kCookie, 0);
  cache.learn(kServer, server(1), kCookie, 0);
  cache.learn(kServer, server(3), kCookie, 0);
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.attempt({}, kServer, server(1))->option, kCookie);
  EXPECT_EQ(cache.attempt({}, kServer, server(2))->option, FastOpenOption{});
}

// --- 4.2.2, server

class TcpFastOpenServer : public ::testing::Test {
 protected:
  TcpFastOpenServer() : TcpFastOpenServer(Bench::plain_config()) {}
  explicit TcpFastOpenServer(const TcpConfig& config) : bench(config) {
    bench.at_listen();
    bench.tcp().set_fast_open(bench.listener(), 2);
  }

  // What the listener gives to this client.
  FastOpenOption ask() {
    EXPECT_EQ(bench.arrive({.flags = "S", .options = with(FastOpenOption{})}), "S. 0:0(0) ack 1");
    const auto cookie = bench.last_sent().options.fast_open;
    EXPECT_TRUE(cookie);
    EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1}), "");
    return cookie.value_or(FastOpenOption{});
  }
  static Options with(const FastOpenOption& option) {
    Options options;
    options.mss = 1000;
    options.fast_open = option;
    return options;
  }

  Bench bench;
};

TEST_F(TcpFastOpenServer, GivesACookieToWhoAsks) {
  EXPECT_EQ(ask().size, 8);
  EXPECT_FALSE(bench.accept());
}

TEST_F(TcpFastOpenServer, AnswersInTheFormatOfTheQuestion) {
  FastOpenOption question;
  question.experimental = true;
  bench.arrive({.flags = "S", .options = with(question)});
  EXPECT_TRUE(bench.last_sent().options.fast_open->experimental);
}

TEST_F(TcpFastOpenServer, TakesTheTextOfAGoodCookieAtOnce) {
  const FastOpenOption cookie = ask();
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(cookie)}),
            "S. 0:0(0) ack 101");
  EXPECT_FALSE(bench.last_sent().options.fast_open) << "the cookie is still good: no other";
  EXPECT_EQ(bench.events(), "incoming");
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.state(), State::syn_received);
  EXPECT_EQ(bench.read(200), "");
  EXPECT_EQ(bench.last_read(), stream_text(0, 100));
  // The answer does not wait for the handshake either, nor for Nagle.
  EXPECT_TRUE(bench.tcp().readiness(bench.id()).writable);
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 101");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 11}), "");
  EXPECT_EQ(bench.state(), State::established);
  EXPECT_EQ(bench.write(10), "P. 11:21(10) ack 101");
}

TEST_F(TcpFastOpenServer, RefusesTheTextOfABadCookieAndGivesAGoodOne) {
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(kCookie)}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.last_sent().options.fast_open->size, 8);
  EXPECT_FALSE(bench.accept());
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "") << "the text is gone";
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.status().receive_queue, 0u);
}

TEST_F(TcpFastOpenServer, ACookieIsOneClientsOwn) {
  const FastOpenOption cookie = ask();
  bench.several_connections = true;
  bench.remote.address = kOther;
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(cookie)}), "S. 0:0(0) ack 1");
}

TEST_F(TcpFastOpenServer, AnOldCookieIsGoodAndRenewed) {
  const FastOpenOption cookie = ask();
  bench.advance(std::chrono::hours{1});
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(cookie)}),
            "S. 0:0(0) ack 101");
  ASSERT_TRUE(bench.last_sent().options.fast_open);
  EXPECT_NE(*bench.last_sent().options.fast_open, cookie);
}

TEST_F(TcpFastOpenServer, AboveTheLimitOfHalfOpenOnesItIsAnOrdinaryOpen) {
  const FastOpenOption cookie = ask();
  bench.several_connections = true;
  for (const std::uint16_t port : {1, 2}) {
    bench.remote.port = port;
    EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(cookie)}),
              "S. 0:0(0) ack 101");
  }
  bench.remote.port = 3;
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(cookie)}), "S. 0:0(0) ack 1");
  EXPECT_FALSE(bench.last_sent().options.fast_open);
  // One of them completes its handshake, and there is room again.
  bench.remote.port = 1;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1}), "");
  bench.remote.port = 4;
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(cookie)}),
            "S. 0:0(0) ack 101");
}

TEST_F(TcpFastOpenServer, IsOffUnlessTheListenerAsksForIt) {
  bench.tcp().set_fast_open(bench.listener(), 0);
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(FastOpenOption{})}),
            "S. 0:0(0) ack 1");
  EXPECT_FALSE(bench.last_sent().options.fast_open);
}

TEST_F(TcpFastOpenServer, RepeatsItsSynAckWithoutTextAndWithoutTheOption) {
  const FastOpenOption cookie = ask();
  bench.advance(std::chrono::hours{1});
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(cookie)}),
            "S. 0:0(0) ack 101");
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 101");
  EXPECT_EQ(bench.advance(1s), "S. 0:0(0) ack 101");
  EXPECT_FALSE(bench.last_sent().options.fast_open);
  // The client hears that one; the text is still outstanding, and the timer has it.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1}), "");
  EXPECT_EQ(bench.advance(3s), "P. 1:11(10) ack 101");
}

TEST_F(TcpFastOpenServer, TheSynAgainDrawsTheSynAckAgain) {
  const FastOpenOption cookie = ask();
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100, .options = with(cookie)}),
            "S. 0:0(0) ack 101");
  EXPECT_EQ(bench.arrive({.flags = "S", .options = with(FastOpenOption{})}), "S. 0:0(0) ack 101");
  EXPECT_EQ(bench.drops(), "tcp_duplicate_syn");
}

TEST_F(TcpFastOpenServer, SendsNoMoreThanTheInitialWindowBeforeTheHandshakeIsOver) {
  const FastOpenOption cookie = ask();
  bench.arrive({.flags = "S", .size = 100, .options = with(cookie)});
  ASSERT_TRUE(bench.accept());
  bench.write(100'000);
  // RFC 6928: ten segments.
  EXPECT_EQ(bench.status().snd_nxt - bench.status().snd_una, 1 + 10'000u);
}

TEST_F(TcpFastOpenServer, AResetBeforeTheHandshakeIsOverIsToldToWhoAccepted) {
  const FastOpenOption cookie = ask();
  bench.arrive({.flags = "S", .size = 100, .options = with(cookie)});
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.arrive({.flags = "R.", .seq = 101, .ack = 1}), "");
  EXPECT_EQ(bench.events(), "failed connection_reset");
  EXPECT_EQ(bench.status().state, State::closed);
}

TEST_F(TcpFastOpenServer, AResetBeforeAcceptIsFoundByWhoAccepts) {
  const FastOpenOption cookie = ask();
  bench.arrive({.flags = "S", .size = 100, .options = with(cookie)});
  bench.arrive({.flags = "R.", .seq = 101, .ack = 1});
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.tcp().failure(bench.id()), TcpError::connection_reset);
}

TEST_F(TcpFastOpenServer, CloseSendsTheFinBeforeTheHandshakeIsOver) {
  const FastOpenOption cookie = ask();
  bench.arrive({.flags = "S", .size = 100, .options = with(cookie)});
  ASSERT_TRUE(bench.accept());
  bench.read(100);
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 101");
  EXPECT_EQ(bench.close(), "F. 11:11(0) ack 101");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 12}), "");
  EXPECT_EQ(bench.state(), State::fin_wait_2);
}

TEST_F(TcpFastOpenServer, AnAcceptedConnectionOutlivesItsListener) {
  const FastOpenOption cookie = ask();
  bench.several_connections = true;
  bench.arrive({.flags = "S", .size = 100, .options = with(cookie)});
  ASSERT_TRUE(bench.accept());
  bench.remote.port = 7;
  bench.arrive({.flags = "S", .size = 100, .options = with(cookie)});
  Actions act;
  bench.tcp().close_listener(bench.now(), bench.listener(), act);
  ASSERT_EQ(act.segment_count(), 1u) << "what nobody accepted is reset";
  EXPECT_EQ(act.segment(0).remote.port, 7);
  bench.remote.port = 40000;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1}), "");
  EXPECT_EQ(bench.state(), State::established);
}

TEST_F(TcpFastOpenServer, TheFinBehindTheTextCounts) {
  const FastOpenOption cookie = ask();
  EXPECT_EQ(bench.arrive({.flags = "SF", .size = 100, .options = with(cookie)}),
            "S. 0:0(0) ack 101");
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 102, .ack = 1}), ". 1:1(0) ack 102");
  EXPECT_EQ(bench.state(), State::close_wait);
}

// The window of the SYN begins behind it, and so does the text: the SYN,ACK is not in it.
TEST_F(TcpFastOpenServer, FillsTheWindowOfTheSynBeforeTheHandshakeIsOver) {
  const FastOpenOption cookie = ask();
  bench.arrive({.flags = "S", .size = 100, .window = 2'000, .options = with(cookie)});
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.write(3'000), ". 1:1001(1000) ack 101 | . 1001:2001(1000) ack 101");
}

TEST_F(TcpFastOpenServer, AClosedWindowOfTheSynStaysClosed) {
  const FastOpenOption cookie = ask();
  bench.tcp().set_options(bench.listener(), {.nodelay = true});
  bench.arrive({.flags = "S", .size = 100, .window = 0, .options = with(cookie)});
  ASSERT_TRUE(bench.accept());
  EXPECT_EQ(bench.write(10), "");
}

TEST(TcpFastOpenConfig, WithoutCookiesTextIsTakenFromEverybody) {
  TcpConfig config = Bench::plain_config();
  config.fast_open_without_cookie = true;
  config.fast_open_every_listener = true;
  Bench bench(config);
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100}), "S. 0:0(0) ack 101");
  EXPECT_TRUE(bench.accept());
}

// --- 4.2.1 and 4.2.2, client

class TcpFastOpenClient : public ::testing::Test {
 protected:
  // One connection that brings a cookie.
  void learn(std::uint16_t mss = 1460) {
    EXPECT_EQ(bench.fast_open(100), "S 0:0(0)");
    ASSERT_TRUE(bench.last_sent().options.fast_open);
    EXPECT_EQ(bench.last_sent().options.fast_open->size, 0);
    EXPECT_EQ(bench.status().send_queue, 0u) << "there is no cookie yet, and no text";
    EXPECT_EQ(bench.arrive(answer(1, kCookie, mss)), ". 1:1(0) ack 1");
    bench.abort();
    Actions act;
    bench.tcp().release(bench.now(), bench.id(), act);
    bench.restart();
  }
  static testing::Arriving answer(std::uint32_t ack, const std::optional<FastOpenOption>& option,
                                  std::uint16_t mss = 1460) {
    testing::Arriving arriving{.flags = "S.", .ack = ack};
    arriving.options.mss = mss;
    arriving.options.fast_open = option;
    return arriving;
  }

  Bench bench;
};

TEST_F(TcpFastOpenClient, SendsTextWithTheCookie) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(*bench.last_sent().options.fast_open, kCookie);
  EXPECT_EQ(bench.arrive(answer(101, std::nullopt)), ". 101:101(0) ack 1");
  EXPECT_EQ(bench.status().send_queue, 0u);
  EXPECT_EQ(bench.write(10), "P. 101:111(10) ack 1");
}

TEST_F(TcpFastOpenClient, SendsAsMuchAsTheServerTakesInASegment) {
  learn(940);
  EXPECT_EQ(bench.fast_open(5000), "S 0:900(900)");
  EXPECT_EQ(bench.status().send_queue, 900u);
}

TEST_F(TcpFastOpenClient, TextThatWasNotTakenGoesWithTheFirstAck) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.arrive(answer(1, std::nullopt)), "P. 1:101(100) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 101}), "");
  EXPECT_EQ(bench.status().send_queue, 0u);
}

// It was sent before, and counts as that: in numbers, and to the Nagle algorithm.
TEST_F(TcpFastOpenClient, TextThatWasNotTakenIsSentAgain) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.arrive(answer(1, std::nullopt)), "P. 1:101(100) ack 1");
  EXPECT_EQ(bench.status().resent, 1u);
  EXPECT_EQ(bench.status().total_retrans, 1u);
  EXPECT_EQ(bench.status().unacked, 1u);
}

TEST_F(TcpFastOpenClient, TextThatWasNotTakenIsCutAnew) {
  learn();
  EXPECT_EQ(bench.fast_open(1'400), "S 0:1400(1400)");
  EXPECT_EQ(bench.arrive(answer(101, std::nullopt, 1'000)),
            ". 101:1101(1000) ack 1 | P. 1101:1401(300) ack 1");
  EXPECT_EQ(bench.status().unacked, 2u);
}

TEST_F(TcpFastOpenClient, TextThatWasNotTakenWaitsForAWindow) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  testing::Arriving closed = answer(1, std::nullopt);
  closed.window = 0;
  EXPECT_EQ(bench.arrive(closed), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "P. 1:101(100) ack 1");
}

TEST_F(TcpFastOpenClient, TextThatWasNotTakenGoesAsFarAsTheWindowAllows) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  testing::Arriving narrow = answer(1, std::nullopt);
  narrow.window = 60;
  EXPECT_EQ(bench.arrive(narrow), ". 1:61(60) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10, .window = 60}), "");
  EXPECT_EQ(bench.advance(40ms), ". 61:61(0) ack 11") << "not behind the window";
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 11, .ack = 61}), "P. 61:101(40) ack 11");
}

// A SYN is one segment with its text, or without it if that was not taken.
TEST_F(TcpFastOpenClient, CountsWhatHasArrived) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  bench.arrive(answer(101, std::nullopt));
  EXPECT_EQ(bench.status().delivered, 1u);
  bench.write(10);
  bench.arrive({.flags = ".", .seq = 1, .ack = 111});
  EXPECT_EQ(bench.status().delivered, 2u);
}

TEST_F(TcpFastOpenClient, TextThatWasNotTakenArrivesApartFromTheSyn) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  bench.arrive(answer(1, std::nullopt));
  EXPECT_EQ(bench.status().delivered, 1u);
  bench.arrive({.flags = ".", .seq = 1, .ack = 101});
  EXPECT_EQ(bench.status().delivered, 2u);
}

TEST_F(TcpFastOpenClient, TextThatWasTakenInPartIsContinued) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.arrive(answer(61, std::nullopt)), "P. 61:101(40) ack 1");
  EXPECT_FALSE(bench.status().syn_text_taken);
}

TEST_F(TcpFastOpenClient, AnAckOfMoreThanThereWasIsReset) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.arrive(answer(102, std::nullopt)), "R 102:102(0)");
}

TEST_F(TcpFastOpenClient, RepeatsThePlainSyn) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.advance(1s), "S 0:0(0)");
  EXPECT_FALSE(bench.last_sent().options.fast_open);
  EXPECT_EQ(bench.arrive(answer(1, std::nullopt)), "P. 1:101(100) ack 1");
  EXPECT_EQ(bench.status().send_queue, 100u);
}

TEST_F(TcpFastOpenClient, TheAnswerToTheFirstSynIsGoodAfterARepetitionToo) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.advance(1s), "S 0:0(0)");
  EXPECT_EQ(bench.arrive(answer(101, std::nullopt)), ". 101:101(0) ack 1");
}

TEST_F(TcpFastOpenClient, AfterTextThatWasNotWantedItWaitsBeforeItTriesAgain) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.arrive(answer(1, std::nullopt)), "P. 1:101(100) ack 1");
  const Endpoint& server = bench.remote;
  EXPECT_FALSE(bench.tcp().may_fast_open(bench.now(), bench.local.address, server));
  EXPECT_TRUE(bench.tcp().may_fast_open(bench.now() + 5min, bench.local.address, server));
}

TEST_F(TcpFastOpenClient, AfterNoAnswerAtAllItWaitsToo) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  bench.advance(200s);
  EXPECT_EQ(bench.status().state, State::closed);
  EXPECT_FALSE(bench.tcp().may_fast_open(bench.now(), bench.local.address, bench.remote));
}

TEST_F(TcpFastOpenClient, AfterAnErrorOfIcmpItWaitsToo) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  bench.icmp(IcmpErrorKind::hard, 0);
  EXPECT_EQ(bench.status().state, State::closed);
  EXPECT_FALSE(bench.tcp().may_fast_open(bench.now(), bench.local.address, bench.remote));
}

TEST_F(TcpFastOpenClient, ANewCookieReplacesTheOldOneEvenIfTheTextWasNotTaken) {
  learn();
  const FastOpenOption other = cookie_of({1, 2, 3, 4, 5, 6});
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.arrive(answer(1, other)), "P. 1:101(100) ack 1");
  EXPECT_TRUE(bench.tcp().may_fast_open(bench.now(), bench.local.address, bench.remote));
}

TEST_F(TcpFastOpenClient, ACookieThatNobodyAskedForIsNotKept) {
  bench.at_syn_sent();
  bench.arrive(answer(1, kCookie));
  EXPECT_FALSE(bench.tcp().may_fast_open(bench.now(), bench.local.address, bench.remote));
}

TEST_F(TcpFastOpenClient, TextThatIsTooBigForThePathLeavesTheSynAtOnce) {
  learn();
  EXPECT_EQ(bench.fast_open(1000), "S 0:1000(1000)");
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 0, 800), "S 0:0(0)");
  EXPECT_EQ(bench.arrive(answer(1, kCookie)), ". 1:761(760) ack 1 | P. 761:1001(240) ack 1");
}

TEST_F(TcpFastOpenClient, BothMayOpenAtOnce) {
  learn();
  EXPECT_EQ(bench.fast_open(100), "S 0:100(100)");
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 50}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 101}), ". 101:101(0) ack 51");
  EXPECT_EQ(bench.state(), State::established);
  EXPECT_EQ(bench.status().send_queue, 0u);
}

TEST(TcpFastOpenConfig, AClientMaySendTextWithoutACookie) {
  TcpConfig config = Bench::plain_config();
  config.fast_open_client_without_cookie = true;
  Bench bench(config);
  EXPECT_TRUE(bench.tcp().may_fast_open(bench.now(), bench.local.address, bench.remote));
  EXPECT_EQ(bench.fast_open(1'000), "S 0:1000(1000)") << "more than the 536 of a host unknown";
  EXPECT_FALSE(bench.last_sent().options.fast_open);
  testing::Arriving answer{.flags = "S.", .ack = 1'001};
  answer.options.mss = 1460;
  answer.options.fast_open = kCookie;
  EXPECT_EQ(bench.arrive(answer), ". 1001:1001(0) ack 1");
  bench.abort();
  Actions act;
  bench.tcp().release(bench.now(), bench.id(), act);
  bench.restart();
  EXPECT_EQ(bench.fast_open(2'000), "S 0:1420(1420)") << "the size is known now";
  EXPECT_FALSE(bench.last_sent().options.fast_open) << "nobody asked for a cookie";
}

// Where the ACK of a handshake may wait, it waits for a user who has said that there is more.
TEST_F(TcpFastOpenClient, TheLastAckMayWaitForAWriterWhoWaits) {
  TcpConfig config = Bench::plain_config();
  config.handshake_ack_waits = true;
  config.quick_acks = 16;
  const auto opened = [&](Bench& other, bool waits) {
    EXPECT_EQ(other.fast_open(100, waits), "S 0:0(0)");
    return other.arrive(answer(1, std::nullopt));
  };
  Bench prompt(config);
  EXPECT_EQ(opened(prompt, true), "");
  EXPECT_EQ(prompt.state(), State::established);
  EXPECT_EQ(prompt.write(100), "P. 1:101(100) ack 1");
  EXPECT_EQ(prompt.arrive({.flags = ".", .seq = 1, .ack = 101, .size = 10}), "")
      << "what answers the handshake is an answer";
  Bench late(config);
  EXPECT_EQ(opened(late, true), "");
  EXPECT_EQ(late.advance(40ms), ". 1:1(0) ack 1") << "but not for ever";
  Bench other(config);
  EXPECT_EQ(opened(other, false), ". 1:1(0) ack 1") << "nobody waits";
  EXPECT_EQ(opened(bench, true), ". 1:1(0) ack 1") << "the usual configuration";
}

TEST(TcpFastOpenConfig, ASynThatWasTooBigMayAnnounceWhatThePathTakes) {
  for (const bool announces : {false, true}) {
    TcpConfig config = Bench::plain_config();
    config.announce_path_mtu = announces;
    config.fast_open_client_without_cookie = true;
    Bench bench(config);
    EXPECT_EQ(bench.fast_open(400), "S 0:400(400)");
    EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 0, 300), "S 0:0(0)");
    EXPECT_EQ(bench.last_sent().options.mss, announces ? 260 : 1460);
  }
}

TEST_F(TcpFastOpenClient, IsOffWhenTheConfigurationSaysSo) {
  TcpConfig config = Bench::plain_config();
  config.fast_open_client = false;
  Bench other(config);
  EXPECT_EQ(other.fast_open(100), "S 0:0(0)");
  EXPECT_FALSE(other.last_sent().options.fast_open);
}

}  // namespace
}  // namespace packetwright::tcp
