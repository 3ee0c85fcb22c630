// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/path_search.hh"

#include <gtest/gtest.h>

namespace packetwright::tcp {
namespace {

const Instant kStart = instant_at(1'000'000'000);
constexpr std::uint16_t kEthernet = 1460;

// Sends the probe that is wanted, and says how large it was; 0: none is wanted.
std::uint16_t probe(PathSearch& search, std::uint16_t ceiling = kEthernet, Instant now = kStart) {
  const auto size = search.next(now, ceiling, 0);
  if (size) search.sent(*size, SeqNum{1000}, SeqNum{2000});
  return size.value_or(0);
}

// Probes until the search is over, on a path that takes segments of `fits`.
std::vector<std::uint16_t> probes_on(std::uint16_t fits, PathSearch& search) {
  std::vector<std::uint16_t> sizes;
  while (const std::uint16_t size = probe(search)) {
    sizes.push_back(size);
    if (size <= fits) {
      EXPECT_TRUE(search.on_ack(SeqNum{2000}));
    } else {
      search.on_loss(0);
    }
    if (sizes.size() > 20) break;
  }
  return sizes;
}

//= RFC4821-7.1-a
TEST(TcpPathSearch, HalvesWhatIsLeftAndEndsAtTheTop) {
  PathSearch search{{}};
  EXPECT_EQ(search.size(), 1024);
  EXPECT_EQ(probes_on(kEthernet, search),
            (std::vector<std::uint16_t>{1242, 1351, 1405, 1432, 1446, 1453, 1460}));
  EXPECT_EQ(search.size(), kEthernet);
}

TEST(TcpPathSearch, NarrowsDownToWhatFits) {
  PathSearch search{{}};
  EXPECT_EQ(probes_on(1300, search),
            (std::vector<std::uint16_t>{1242, 1351, 1296, 1323, 1309, 1302}));
  EXPECT_EQ(search.size(), 1296);  // less than eight octets away
}

TEST(TcpPathSearch, OneProbeAtATime) {
  PathSearch search{{}};
  EXPECT_EQ(probe(search), 1242);
  EXPECT_EQ(probe(search), 0);
  EXPECT_FALSE(search.on_ack(SeqNum{1999}));
  EXPECT_TRUE(search.is_waiting());
  EXPECT_TRUE(search.on_ack(SeqNum{2000}));
  EXPECT_FALSE(search.on_ack(SeqNum{2001}));
  EXPECT_EQ(probe(search), 1351);
}

TEST(TcpPathSearch, WaitsAfterALoss) {
  PathSearch search{{}};
  probe(search);
  search.on_loss(5000);
  EXPECT_EQ(search.next(kStart, kEthernet, 4999), std::nullopt);
  EXPECT_EQ(search.next(kStart, kEthernet, 5000), 1132);
}

TEST(TcpPathSearch, WhatIsSentAgainTellsNothing) {
  PathSearch search{{}};
  probe(search);
  search.on_resent(SeqNum{999});
  search.on_resent(SeqNum{2000});
  EXPECT_TRUE(search.is_waiting());
  search.on_resent(SeqNum{1500});
  EXPECT_FALSE(search.is_waiting());
  EXPECT_FALSE(search.on_ack(SeqNum{2000}));
  EXPECT_EQ(search.size(), 1024);
  EXPECT_EQ(probe(search), 1242);  // the same again
}

//= RFC4821-7.3-a
TEST(TcpPathSearch, BeginsAnewAfterAWhile) {
  PathSearch search{{}};
  (void)probes_on(1300, search);
  EXPECT_EQ(probe(search, kEthernet, kStart + 10min - 1ns), 0);
  EXPECT_EQ(probe(search, kEthernet, kStart + 10min), 0);  // the top is forgotten
  EXPECT_EQ(probe(search, kEthernet, kStart + 10min), 1378);
}

TEST(TcpPathSearch, AHigherCeilingIsReasonToGoOn) {
  PathSearch search{{}};
  EXPECT_EQ(probe(search, 1024), 0);
  EXPECT_EQ(probe(search, 1460), 1242);
}

TEST(TcpPathSearch, RoutersNarrowItFromAbove) {
  PathSearch search{{}};
  search.on_too_big(1200);
  EXPECT_EQ(search.size(), 1024);
  EXPECT_EQ(probe(search), 1112);
  search.on_too_big(500);
  EXPECT_EQ(search.size(), 500);
}

//= RFC4821-7.7-a
TEST(TcpPathSearch, FallsToItsBaseAndThenByHalves) {
  PathSearch search{{}};
  probe(search);
  search.on_ack(SeqNum{2000});
  search.on_full_stop();
  EXPECT_EQ(search.size(), 1024);
  search.on_full_stop();
  EXPECT_EQ(search.size(), 492);  // packets of 1064, then 532
  for (int i = 0; i < 10; ++i) search.on_full_stop();
  EXPECT_EQ(search.size(), 28);
  PathSearch six{{.base = 1220, .headers = 60, .smallest = 1280}};
  six.on_full_stop();
  EXPECT_EQ(six.size(), 1220);
}

}  // namespace
}  // namespace packetwright::tcp
