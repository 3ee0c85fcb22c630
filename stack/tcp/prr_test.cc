// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/prr.hh"

#include <gtest/gtest.h>

namespace packetwright::tcp {
namespace {

constexpr std::uint32_t kSmss = 1000;

// Twenty segments were outstanding, the threshold is ten: one leaves for every two that arrive.
TEST(Prr, SendsInProportionWhileThePipeIsAboveTheThreshold) {
  Prr prr;
  prr.begin(20'000, 10'000);
  EXPECT_EQ(prr.on_ack(1000, 18'000, false, kSmss), 1000u);  // the first goes in any case
  prr.on_sent(1000);
  EXPECT_EQ(prr.on_ack(1000, 18'000, false, kSmss), 0u);
  EXPECT_EQ(prr.on_ack(1000, 17'000, false, kSmss), 500u);
  EXPECT_EQ(prr.on_ack(1000, 16'000, false, kSmss), 1000u);
  prr.on_sent(1000);
  EXPECT_EQ(prr.on_ack(1000, 16'000, false, kSmss), 500u);
}

TEST(Prr, BelowTheThresholdSendsWhatArrived) {
  Prr prr;
  prr.begin(20'000, 10'000);
  EXPECT_EQ(prr.on_ack(1000, 4000, false, kSmss), 1000u);
  prr.on_sent(1000);
  EXPECT_EQ(prr.on_ack(2000, 3000, false, kSmss), 2000u);
  prr.on_sent(1000);
  // What could not be sent before is made up for, ...
  EXPECT_EQ(prr.on_ack(500, 3000, false, kSmss), 1500u);
  prr.on_sent(1500);
  // ... an ACK that shows progress adds a segment, ...
  EXPECT_EQ(prr.on_ack(1000, 3000, true, kSmss), 2000u);
  // ... and the threshold is the end of it.
  EXPECT_EQ(prr.on_ack(1000, 9500, true, kSmss), 500u);
}

TEST(Prr, AsManyAsTheThresholdHaveLeftByTheEnd) {
  Prr prr;
  prr.begin(20'000, 14'000);
  std::uint32_t sent = 0;
  for (std::uint32_t pipe = 19'000; pipe > 14'000; pipe -= 300) {
    const std::uint32_t room = prr.on_ack(1000, pipe, false, kSmss);
    if (room < kSmss) continue;
    prr.on_sent(kSmss);
    sent += kSmss;
  }
  // 14/20 of the seventeen that arrived.
  EXPECT_NEAR(sent, 11'900, 1000);
}

TEST(Prr, ARecoveryOfNothingDividesByNothing) {
  Prr prr;
  prr.begin(0, 0);
  EXPECT_EQ(prr.on_ack(0, 1, false, kSmss), 1000u);
}

}  // namespace
}  // namespace packetwright::tcp
