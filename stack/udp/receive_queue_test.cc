// SPDX-License-Identifier: Apache-2.0
#include "stack/udp/receive_queue.hh"

#include <gtest/gtest.h>

namespace packetwright::udp {
namespace {

Received datagram_of(std::size_t size, std::uint16_t from_port = 1) {
  Received received;
  received.from.port = from_port;
  received.octets.assign(size, 0x55);
  return received;
}

TEST(UdpReceiveQueue, GivesBackInOrder) {
  ReceiveQueue queue{10'000};
  ASSERT_TRUE(queue.push(datagram_of(10, 1)));
  ASSERT_TRUE(queue.push(datagram_of(20, 2)));
  EXPECT_EQ(queue.data_size(), 30u);
  EXPECT_EQ(queue.front().from.port, 1);
  EXPECT_EQ(queue.pop().from.port, 1);
  EXPECT_EQ(queue.data_size(), 20u);
  EXPECT_EQ(queue.pop().from.port, 2);
  EXPECT_TRUE(queue.empty());
}

TEST(UdpReceiveQueue, RefusesWhatDoesNotFitAndKeepsTheRest) {
  ReceiveQueue queue{2'000};
  ASSERT_TRUE(queue.push(datagram_of(1'000)));
  EXPECT_FALSE(queue.push(datagram_of(1'000)));
  EXPECT_EQ(queue.data_size(), 1'000u);
  EXPECT_TRUE(queue.push(datagram_of(100)));
  (void)queue.pop();
  EXPECT_TRUE(queue.push(datagram_of(1'000)));
}

TEST(UdpReceiveQueue, AFloodOfEmptyDatagramsIsBoundedToo) {
  ReceiveQueue queue{10'000};
  int kept = 0;
  for (int i = 0; i < 100'000; ++i) kept += queue.push(datagram_of(0)) ? 1 : 0;
  EXPECT_GT(kept, 10);
  EXPECT_LT(kept, 1'000);
}

TEST(UdpReceiveQueue, WhatWasTakenOutMakesRoomForAsMuch) {
  ReceiveQueue queue{10'000};
  ASSERT_TRUE(queue.push(datagram_of(1'000)));
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(queue.push(datagram_of(1'000))) << i;
    (void)queue.pop();
  }
}

TEST(UdpReceiveQueue, OneDatagramAlwaysFits) {
  ReceiveQueue queue{1};
  EXPECT_TRUE(queue.push(datagram_of(60'000)));
  EXPECT_FALSE(queue.push(datagram_of(0)));
  (void)queue.pop();
  EXPECT_TRUE(queue.push(datagram_of(60'000)));
}

TEST(UdpReceiveQueue, AfterClearItHasAllItsRoom) {
  ReceiveQueue queue{2'000};
  ASSERT_TRUE(queue.push(datagram_of(1'500)));
  queue.clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.data_size(), 0u);
  EXPECT_TRUE(queue.push(datagram_of(700)));
  EXPECT_TRUE(queue.push(datagram_of(700)));
}

}  // namespace
}  // namespace packetwright::udp
