// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/tcp/tcp_test_support.hh"

// Random segments, user calls, ICMP errors and time against every state. The bench checks each
// segment that leaves; sanitizers and assertions see the rest; and whatever has happened, the host
// still accepts a connection afterwards.
namespace packetwright::tcp::testing {
namespace {

using Factory = Bench& (Bench::*)();

constexpr Factory kFactories[] = {
    &Bench::at_listen,
    &Bench::at_syn_sent,
    &Bench::at_syn_received,
    &Bench::at_syn_received_by_simultaneous_open,
    &Bench::at_established,
    &Bench::at_fin_wait_1,
    &Bench::at_fin_wait_2,
    &Bench::at_close_wait,
    &Bench::at_closing,
    &Bench::at_last_ack,
    &Bench::at_time_wait_via_fin_wait_2,
    &Bench::at_time_wait_via_closing,
};

std::uint32_t near(Rng& rng, std::uint32_t at) {
  switch (rng.below(6)) {
    case 0: return at;
    case 1: return at + static_cast<std::uint32_t>(rng.below(3)) - 1;
    case 2: return at + static_cast<std::uint32_t>(rng.below(3000));
    case 3: return at + 65535 + static_cast<std::uint32_t>(rng.below(5)) - 2;
    case 4: return at - static_cast<std::uint32_t>(rng.below(3000));
    default: return rng.next32();
  }
}

Options random_options(Rng& rng, const Status& status) {
  Options options;
  if (rng.chance(1, 8)) options.mss = rng.next16();
  if (rng.chance(1, 8)) options.window_scale = static_cast<std::uint8_t>(rng.below(256));
  options.sack_permitted = rng.chance(1, 8);
  if (rng.chance(1, 3)) {
    options.timestamps = Timestamps{100'000 + static_cast<std::uint32_t>(rng.below(5)),
                                    rng.chance(1, 2) ? rng.next32() : 0};
  }
  const std::uint64_t blocks = rng.below(5);
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const SeqNum left{near(rng, status.snd_una.value())};
    options.sack_blocks[options.sack_count++] = {
        left, left + static_cast<std::uint32_t>(rng.below(3000))};
  }
  return options;
}

TEST(TcpRobustness, RandomEventsInEveryStateHarmNothing) {
  constexpr std::string_view kFlags[] = {".",  ".",  ".",   "P.", "F.", "S",   "S.", "R",
                                         "R.", "SF", "SFR", "-",  "E.", "EW.", "SEW"};
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    for (std::size_t f = 0; f < std::size(kFactories); ++f) {
      Rng rng(seed * 100 + f);
      TcpConfig config;
      config.receive_buffer = 20'000;
      config.ecn = rng.chance(1, 2) ? EcnPolicy::on_demand : EcnPolicy::off;
      config.max_held_ranges = 8;
      const std::uint32_t iss = rng.chance(1, 2) ? Bench::kIss : 0xffff'fff0;
      Bench bench(config, iss, iss + 77);
      if (rng.chance(1, 2)) {
        bench.with_peer_options({.window_scale = static_cast<std::uint8_t>(rng.below(15)),
                                 .sack_permitted = rng.chance(1, 2),
                                 .timestamps = Timestamps{100'000, 0}});
      }
      (bench.*kFactories[f])();
      if (kFactories[f] == &Bench::at_listen || kFactories[f] == &Bench::at_syn_received) {
        bench.several_connections = true;  // a SYN may open a second one
      } else {
        Actions none;
        bench.tcp().close_listener(bench.now(), bench.listener(), none);
      }
      for (int step = 0; step < 120; ++step) {
        const Status status = bench.status();
        Actions act;
        const ConnectionId id = bench.id();
        switch (rng.below(12)) {
          default: {
            Arriving segment;
            segment.flags = kFlags[rng.below(std::size(kFlags))];
            segment.seq = near(rng, status.rcv_nxt - SeqNum{bench.irs()});
            segment.ack = near(rng, status.snd_nxt - SeqNum{bench.iss()});
            segment.size = rng.chance(1, 2) ? 0 : static_cast<std::uint32_t>(rng.below(1500));
            segment.window = rng.chance(1, 4) ? 0 : rng.next16();
            if (rng.chance(1, 6)) segment.urgent_pointer = rng.next16();
            segment.options = random_options(rng, status);
            segment.ecn = static_cast<Ecn>(rng.below(4));
            bench.arrive(segment);
            break;
          }
          case 0:
            bench.advance(Duration{static_cast<std::int64_t>(rng.below(3'000'000'000))});
            break;
          case 1:
            if (!(id == ConnectionId{})) bench.write(rng.below(5000), {.urgent = rng.chance(1, 5)});
            break;
          case 2: {
            Buffer into(rng.below(5000));
            static_cast<void>(
                bench.tcp().receive(bench.now(), id, into, {.peek = rng.chance(1, 4)}, act));
            static_cast<void>(bench.tcp().receive_urgent(id, rng.chance(1, 2)));
            break;
          }
          case 3:
            if (rng.chance(1, 10))
              static_cast<void>(bench.tcp().close(bench.now(), id, CloseMode::half, act));
            break;
          case 4:
            bench.icmp(static_cast<IcmpErrorKind>(rng.below(4)),
                       near(rng, status.snd_una - SeqNum{bench.iss()}),
                       static_cast<std::uint32_t>(rng.below(2000)));
            break;
        }
      }
      if (HasFailure()) {
        FAIL() << "seed " << seed << ", state " << f << "\n" << bench.story();
      }
      // The host is alive.
      bench.advance(1h);
      bench.several_connections = true;
      bench.local.port = 4444;
      bench.remote.port = 5555;
      ASSERT_TRUE(bench.tcp().listen({.local = bench.local}).ok());
      bench.peer_sends_timestamps = false;
      EXPECT_EQ(bench.arrive({.flags = "S"}).substr(0, 2), "S.") << bench.story();
    }
  }
}

// Random segments never make a connection that was not asked for, nor hold memory for ever.
TEST(TcpRobustness, AFloodOfSynsIsBoundedAndPasses) {
  TcpConfig config = Bench::plain_config();
  config.syn_cookies = SynCookiePolicy::off;
  config.syn_backlog = 50;
  Bench bench(config);
  bench.several_connections = true;
  bench.at_listen();
  Rng rng(1);
  for (int i = 0; i < 2000; ++i) {
    bench.remote = {IpAddress::v4(rng.next32()), rng.next16()};
    bench.arrive({.flags = "S", .seq = rng.next32(), .size = 100});
  }
  EXPECT_EQ(bench.tcp().connection_count(), 50u);
  bench.advance(10min);
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
  EXPECT_EQ(bench.tcp().next_deadline(), std::nullopt);
  bench.remote = {IpAddress::v4(198, 51, 100, 7), 1};
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
}

}  // namespace
}  // namespace packetwright::tcp::testing
