// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/tcp/actions.hh"
#include "stack/tcp/challenge_ack.hh"
#include "stack/tcp/connection_table.hh"
#include "stack/tcp/isn.hh"
#include "stack/tcp/kept_options.hh"
#include "stack/tcp/listener.hh"
#include "stack/tcp/ports.hh"
#include "stack/tcp/state.hh"
#include "stack/tcp/tcp_error.hh"
#include "stack/tcp/timer_queue.hh"
#include "stack/tcp/timestamps.hh"

namespace packetwright::tcp {
namespace {

const IpAddress kHere = IpAddress::v4(192, 0, 2, 1);
const IpAddress kThere = IpAddress::v4(198, 51, 100, 7);

// Against a map, with so many comings and goings that runs of places form, break and wrap.
TEST(ConnectionTable, FindsWhatWasPutInAndNothingElse) {
  Rng rng{7};
  ConnectionTable table{SipKey{3, 4}};
  std::map<std::uint16_t, std::uint32_t> expected;  // port to slot
  std::map<std::uint32_t, std::uint16_t> ports;     // and back
  const auto find = [&](std::uint16_t port) {
    return table.find({kHere, 80}, {kThere, port},
                      [&](std::uint32_t slot) { return ports.at(slot) == port; });
  };
  EXPECT_FALSE(find(1));
  std::uint32_t next_slot = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto port = static_cast<std::uint16_t>(rng.below(300));
    if (const auto known = expected.find(port); known != expected.end()) {
      table.erase({kHere, 80}, {kThere, port}, known->second + 1'000'000);  // not its slot
      EXPECT_EQ(find(port), known->second);
      table.erase({kHere, 80}, {kThere, port}, known->second);
      ports.erase(known->second);
      expected.erase(known);
    } else {
      table.insert({kHere, 80}, {kThere, port}, next_slot);
      ports[next_slot] = port;
      expected[port] = next_slot++;
    }
    ASSERT_EQ(table.size(), expected.size());
    const auto other = static_cast<std::uint16_t>(rng.below(300));
    const auto wanted = expected.find(other);
    ASSERT_EQ(find(other), wanted == expected.end() ? std::nullopt : std::optional{wanted->second});
  }
  for (const auto& [port, slot] : expected) EXPECT_EQ(find(port), slot);
  EXPECT_LE(table.memory(), 512u * 8);
}

TEST(KeptOptions, OnlyUnusualOnesTakeMemory) {
  KeptOptions kept;
  EXPECT_EQ(*kept, ConnectionOptions{});
  EXPECT_EQ(kept.memory(), 0u);
  ConnectionOptions options;
  options.oob_inline = false;
  kept = options;
  EXPECT_EQ(*kept, options);
  EXPECT_EQ(kept.memory(), 0u);
  options.keep_idle = 5s;
  kept = options;
  EXPECT_EQ(*kept, options);
  EXPECT_EQ(kept.memory(), sizeof(ConnectionOptions));
  const KeptOptions copy = kept;
  kept = ConnectionOptions{};
  EXPECT_EQ(*copy, options);
  EXPECT_EQ(kept->keep_idle, std::nullopt);
  EXPECT_EQ(kept.memory(), 0u);
}

TEST(Isn, TicksEveryFourMicrosecondsForOneConnection) {
  const SipKey key{1, 2};
  const SeqNum first = choose_isn(instant_at(0), key, {kHere, 80}, {kThere, 9});
  EXPECT_EQ(choose_isn(instant_at(3999), key, {kHere, 80}, {kThere, 9}), first);
  EXPECT_EQ(choose_isn(instant_at(4000), key, {kHere, 80}, {kThere, 9}), first + 1);
  EXPECT_EQ(choose_isn(instant_at(1'000'000'000), key, {kHere, 80}, {kThere, 9}), first + 250'000);
}

TEST(Isn, DependsOnEveryPartOfTheFourTupleAndOnTheKey) {
  const auto isn = [](SipKey key, Endpoint a, Endpoint b) {
    return choose_isn(instant_at(0), key, a, b).value();
  };
  const std::set<std::uint32_t> all{
      isn({1, 2}, {kHere, 80}, {kThere, 9}),  isn({1, 3}, {kHere, 80}, {kThere, 9}),
      isn({1, 2}, {kHere, 81}, {kThere, 9}),  isn({1, 2}, {kHere, 80}, {kThere, 10}),
      isn({1, 2}, {kThere, 80}, {kThere, 9}), isn({1, 2}, {kHere, 80}, {kHere, 9}),
      isn({1, 2}, {kThere, 9}, {kHere, 80}),
  };
  EXPECT_EQ(all.size(), 7u);
}

TEST(Ports, DrawsEveryFreePortOfTheRangeAndNoOther) {
  Ports ports(Rng(1));
  Rng rng(1);
  const auto draw = [&](std::uint16_t first, std::uint16_t last) {
    return Ports::choose(first, last, rng, [&](std::uint16_t p) { return !ports.in_use(p); });
  };
  std::set<std::uint16_t> drawn;
  for (int i = 0; i < 10; ++i) {
    const auto port = draw(50000, 50009);
    ASSERT_TRUE(port.has_value());
    EXPECT_TRUE(drawn.insert(*port).second);
    ports.take(*port);
  }
  EXPECT_EQ(*drawn.begin(), 50000);
  EXPECT_EQ(*drawn.rbegin(), 50009);
  EXPECT_EQ(draw(50000, 50009), std::nullopt);
  ports.give_back(50004);
  EXPECT_EQ(draw(50000, 50009), 50004);
}

TEST(Ports, IsInUseUntilGivenBackAsOftenAsTaken) {
  Ports ports(Rng(1));
  ports.take(80);
  ports.take(80);
  ports.give_back(80);
  EXPECT_TRUE(ports.in_use(80));
  ports.reserve(80);
  EXPECT_TRUE(ports.is_reserved(80));
  ports.give_back(80);
  EXPECT_TRUE(ports.in_use(80));
  ports.unreserve(80);
  EXPECT_FALSE(ports.in_use(80));
  EXPECT_FALSE(ports.is_reserved(80));
}

TEST(Ports, AreNotDrawnInOrder) {
  Rng rng(1);
  const auto draw = [&](std::uint16_t first, std::uint16_t last) {
    return Ports::choose(first, last, rng, [](std::uint16_t) { return true; });
  };
  int steps = 0;
  std::uint16_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint16_t port = draw(1024, 65535).value_or(0);
    EXPECT_GE(port, 1024);
    if (port == last + 1) ++steps;
    last = port;
  }
  EXPECT_LT(steps, 5);
}

TEST(Ports, OfOneRemoteEndpointGoUpAndThoseOfAnotherBeginElsewhere) {
  Ports ports(Rng(1));
  const auto draw = [&](const Endpoint& remote) {
    return ports.choose_for(kHere, remote, 1024, 65535, [](std::uint16_t) { return true; })
        .value_or(0);
  };
  const std::uint16_t first = draw({kThere, 80});
  EXPECT_EQ(draw({kThere, 80}), first + 1);
  EXPECT_EQ(draw({kThere, 80}), first + 2);
  std::set<std::uint16_t> starts;
  for (std::uint16_t port = 1; port <= 100; ++port) starts.insert(draw({kThere, port}));
  EXPECT_GT(starts.size(), 95u) << "nobody guesses one from another";
}

TEST(Ports, OfOneRemoteEndpointAreAllDrawnBeforeOneComesBack) {
  Ports ports(Rng(1));
  const auto draw = [&](auto acceptable) {
    return ports.choose_for(kHere, {kThere, 80}, 50000, 50009, acceptable);
  };
  std::set<std::uint16_t> drawn;
  for (int i = 0; i < 10; ++i) drawn.insert(*draw([](std::uint16_t) { return true; }));
  EXPECT_EQ(drawn.size(), 10u);
  EXPECT_EQ(*drawn.begin(), 50000);
  EXPECT_EQ(draw([](std::uint16_t port) { return port == 50003; }), 50003);
  EXPECT_EQ(draw([](std::uint16_t) { return false; }), std::nullopt);
}

TEST(ChallengeAckThrottle, AllowsSoManyInAWindow) {
  ChallengeAckThrottle throttle;
  const auto allow = [&](Instant now) { return throttle.allow(now, 5s, 2); };
  EXPECT_TRUE(allow(instant_at(0)));
  EXPECT_TRUE(allow(instant_at(0) + 4s));
  EXPECT_FALSE(allow(instant_at(0) + 4999ms));
  EXPECT_TRUE(allow(instant_at(0) + 5s));
}

TEST(SharedChallengeAckThrottle, AllowsAboutSoManyButNotALikeNumberEachTime) {
  SharedChallengeAckThrottle throttle(5s, 100, Rng(1));
  std::set<int> seen;
  for (int window = 0; window < 20; ++window) {
    int allowed = 0;
    while (throttle.allow(instant_at(0) + window * 5s)) ++allowed;
    EXPECT_GE(allowed, 50);
    EXPECT_LE(allowed, 150);
    seen.insert(allowed);
  }
  EXPECT_GT(seen.size(), 10u) << "what is left tells a stranger nothing";
}

TEST(SharedChallengeAckThrottle, OfZeroAllowsNone) {
  SharedChallengeAckThrottle throttle(5s, 0, Rng(1));
  EXPECT_FALSE(throttle.allow(instant_at(0)));
}

TEST(TimerQueue, GivesTheEarliestFirstAndEqualOnesInTheOrderSet) {
  TimerQueue queue;
  queue.set(5, instant_at(30));
  queue.set(1, instant_at(10));
  queue.set(3, instant_at(20));
  queue.set(4, instant_at(20));
  queue.set(2, instant_at(20));
  EXPECT_EQ(queue.next(), instant_at(10));
  EXPECT_EQ(queue.pop_due(instant_at(9)), std::nullopt);
  EXPECT_EQ(queue.pop_due(instant_at(25)), 1u);
  EXPECT_EQ(queue.pop_due(instant_at(25)), 3u);
  EXPECT_EQ(queue.pop_due(instant_at(25)), 4u);
  EXPECT_EQ(queue.pop_due(instant_at(25)), 2u);
  EXPECT_EQ(queue.pop_due(instant_at(25)), std::nullopt);
  EXPECT_EQ(queue.next(), instant_at(30));
}

TEST(TimerQueue, AgreesWithASortedListUnderRandomUse) {
  TimerQueue queue;
  std::vector<std::optional<std::int64_t>> expected(50);
  Rng rng(3);
  for (int i = 0; i < 5000; ++i) {
    const auto slot = static_cast<std::uint32_t>(rng.below(50));
    if (rng.chance(1, 4)) {
      expected[slot].reset();
      queue.set(slot, std::nullopt);
    } else {
      const auto at = static_cast<std::int64_t>(rng.below(1000));
      expected[slot] = at;
      queue.set(slot, instant_at(at));
    }
    std::optional<std::int64_t> first;
    for (const auto& at : expected) {
      if (at && (!first || *at < *first)) first = at;
    }
    ASSERT_EQ(queue.next().has_value(), first.has_value());
    if (first) {
      ASSERT_EQ(nanos(*queue.next()), *first);
    }
    if (rng.chance(1, 10) && first) {
      const auto slot_due = queue.pop_due(instant_at(*first));
      ASSERT_TRUE(slot_due.has_value());
      ASSERT_EQ(expected[*slot_due], first);
      expected[*slot_due].reset();
    }
  }
}

TEST(ListenerTable, FindsTheMostSpecific) {
  ListenerTable table;
  const IpAddress any6 = IpAddress::v6({});
  Listener* const exact = table.add({kHere, 80}, false);
  Listener* const any = table.add({IpAddress{}, 80}, false);
  Listener* const both = table.add({any6, 80}, true);
  Listener* const only6 = table.add({any6, 81}, false);
  Listener* const both_alone = table.add({any6, 82}, true);
  EXPECT_EQ(table.match({kHere, 80}), exact);
  EXPECT_EQ(table.match({kThere, 80}), any);
  EXPECT_EQ(table.match({IpAddress::v6({0x20, 1}), 80}), both);
  EXPECT_EQ(table.match({kHere, 81}), nullptr);
  EXPECT_EQ(table.match({IpAddress::v6({0x20, 1}), 81}), only6);
  EXPECT_EQ(table.match({kHere, 82}), both_alone);
  EXPECT_EQ(table.add({kHere, 80}, false), nullptr);
  table.remove(exact->id);
  EXPECT_EQ(table.match({kHere, 80}), any);
}

TEST(Timestamps, TheClockTicksEveryMillisecond) {
  TimestampState ts;
  ts.start({1, 2}, {kHere, 80}, {kThere, 4000});
  const std::uint32_t start = ts.clock(instant_at(0));
  EXPECT_EQ(ts.clock(instant_at(999'999)), start);
  EXPECT_EQ(ts.clock(instant_at(1'000'000)), start + 1);
}

TEST(Timestamps, TheOffsetIsTheFourTuplesOwn) {
  const auto offset = [](const Endpoint& remote) {
    TimestampState ts;
    ts.start({1, 2}, {kHere, 80}, remote);
    return ts.clock(instant_at(0));
  };
  EXPECT_EQ(offset({kThere, 4000}), offset({kThere, 4000}));
  EXPECT_NE(offset({kThere, 4000}), offset({kThere, 4001}));
  EXPECT_NE(offset({kThere, 4000}), offset({IpAddress::v4(1, 1, 1, 1), 4000}));
}

TEST(Timestamps, PawsComparesModulo2To32) {
  TimestampState ts;
  const Instant now = instant_at(0);
  ts.set_recent(now, 0xffff'fff0);
  EXPECT_TRUE(ts.is_old(now, 0xffff'ffef));
  EXPECT_FALSE(ts.is_old(now, 0xffff'fff0));
  EXPECT_FALSE(ts.is_old(now, 5));
}

TEST(Timestamps, RecentIsOutdatedAfter24Days) {
  TimestampState ts;
  ts.set_recent(instant_at(0), 1000);
  EXPECT_TRUE(ts.is_old(instant_at(0) + 24h * 24, 999));
  EXPECT_FALSE(ts.is_old(instant_at(0) + 24h * 24 + 1ms, 999));
  ts.remember(instant_at(0) + 24h * 24 + 1ms, 5, SeqNum{1}, SeqNum{1});
  EXPECT_EQ(ts.recent(), 5u);
}

TEST(Timestamps, OnlyWhatReachesBackToTheLastAckIsRemembered) {
  TimestampState ts;
  const Instant now = instant_at(0);
  ts.set_recent(now, 100);
  ts.remember(now, 110, SeqNum{51}, SeqNum{50});
  EXPECT_EQ(ts.recent(), 100u);
  ts.remember(now, 110, SeqNum{50}, SeqNum{50});
  EXPECT_EQ(ts.recent(), 110u);
  ts.remember(now, 105, SeqNum{50}, SeqNum{50});
  EXPECT_EQ(ts.recent(), 110u);
}

TEST(Timestamps, AnImpossibleEchoIsNoSample) {
  TimestampState ts;
  ts.start({1, 2}, {kHere, 80}, {kThere, 4000});
  const Instant now = instant_at(0) + 1h;
  EXPECT_EQ(ts.round_trip(now, ts.clock(now) - 70), Duration{70ms});
  EXPECT_EQ(ts.round_trip(now, ts.clock(now) + 1), std::nullopt);
  EXPECT_EQ(ts.round_trip(now, ts.clock(now) - 3'000'000), std::nullopt);
}

TEST(Names, AreTheRfcsOwn) {
  std::string states;
  for (auto i = static_cast<int>(State::listen); i <= static_cast<int>(State::closed); ++i) {
    states += name_of(static_cast<State>(i));
    states += ' ';
  }
  EXPECT_EQ(states,
            "LISTEN SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING "
            "LAST-ACK TIME-WAIT CLOSED ");
  EXPECT_EQ(name_of(TcpError::connection_refused), "connection_refused");
}

TEST(Actions, ASegmentIsAsNewThoughItsMemoryIsNot) {
  Actions act;
  Segment full;
  full.syn = full.fin = full.urg = true;
  full.urgent_pointer = 7;
  full.options.mss = 536;
  full.options.sack_count = 2;
  full.size = 3;
  full.ecn = Ecn::ect0;
  act.send(full);
  const MutableBytes text = act.make_text(3);
  std::fill(text.begin(), text.end(), std::uint8_t{'x'});
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_EQ(act.text(0).size(), 3u);
  act.clear();
  EXPECT_EQ(act.segment_count(), 0u);

  const Segment& plain = act.new_segment();
  EXPECT_FALSE(plain.syn || plain.fin || plain.urg);
  EXPECT_EQ(plain.urgent_pointer, 0);
  EXPECT_EQ(plain.options.encoded_size(), 0u);
  EXPECT_EQ(plain.len(), 0u);
  EXPECT_EQ(plain.ecn, Ecn::not_ect);
  EXPECT_TRUE(act.text(0).empty());
}

TEST(Actions, EachSegmentHasItsOwnText) {
  Actions act;
  for (std::uint32_t i = 1; i <= 40; ++i) {
    Segment& segment = act.new_segment();
    segment.size = i;
    const MutableBytes text = act.make_text(i);
    std::fill(text.begin(), text.end(), static_cast<std::uint8_t>(i));
  }
  for (std::size_t i = 0; i < act.segment_count(); ++i) {
    const Bytes text = act.text(i);
    ASSERT_EQ(text.size(), i + 1);
    EXPECT_EQ(text.front(), i + 1);
    EXPECT_EQ(text.back(), i + 1);
  }
}

}  // namespace
}  // namespace packetwright::tcp
