// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/tracker.hh"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace packetwright::sweep {
namespace {

namespace tcp_flag = wire::tcp_flag;

// A conversation between the peer, port 4000, and the target, port 80.
class TrackerTest : public ::testing::Test {
 protected:
  void peer(wire::TcpFlags flags, std::uint32_t seq, std::uint32_t ack, std::size_t size = 0,
            std::uint32_t tsval = 0) {
    add(false, flags, seq, ack, size, tsval);
  }
  void target(wire::TcpFlags flags, std::uint32_t seq, std::uint32_t ack, std::size_t size = 0,
              std::uint32_t tsval = 0) {
    add(true, flags, seq, ack, size, tsval);
  }
  void handshake(std::uint32_t tsval = 0) {
    peer(tcp_flag::syn, 100, 0, 0, tsval);
    target(tcp_flag::syn | tcp_flag::ack, 900, 101, 0, tsval);
    peer(tcp_flag::ack, 101, 901, 0, tsval);
  }
  Tracked tracked() { return track(frames_, link_); }

  Link link_{false, {}, {}, IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 2), 0, 0};
  std::uint16_t win_ = 1000;

 private:
  void add(bool of_target, wire::TcpFlags flags, std::uint32_t seq, std::uint32_t ack,
           std::size_t size, std::uint32_t tsval) {
    Link way = link_;
    way.local_port = of_target ? 4000 : 80;
    way.peer_port = of_target ? 80 : 4000;
    if (of_target) std::swap(way.local, way.peer);
    std::array<std::uint8_t, 12> options{};
    wire::TcpOptionWriter writer(options);
    wire::TcpFields fields;
    fields.seq = SeqNum{seq};
    fields.ack = SeqNum{ack};
    fields.flags = flags;
    fields.win = win_;
    if (tsval != 0) {
      writer.nop().nop().timestamps({tsval, 0});
      fields.options = writer.written();
    }
    fields.set_lengths();
    frames_.push_back({of_target, frame_of(way, fields, Buffer(size, 'x'))});
  }

  std::vector<Traced> frames_;
};

TEST_F(TrackerTest, NothingWasSeen) {
  const Tracked all = tracked();
  EXPECT_FALSE(all.knows_peer);
  EXPECT_FALSE(all.knows_target);
  EXPECT_EQ(all.unread, 0u);
}

TEST_F(TrackerTest, AHandshakeTellsBothSides) {
  handshake();
  const Tracked all = tracked();
  EXPECT_EQ(link_.local_port, 80);
  EXPECT_EQ(link_.peer_port, 4000);
  EXPECT_TRUE(all.variables.passive);
  EXPECT_EQ(all.variables.irs, SeqNum{100});
  EXPECT_EQ(all.variables.rcv_nxt, SeqNum{101});
  EXPECT_EQ(all.variables.rcv_wnd, 1000u);
  EXPECT_EQ(all.variables.iss, SeqNum{900});
  EXPECT_EQ(all.variables.snd_una, SeqNum{901});
  EXPECT_EQ(all.variables.snd_nxt, SeqNum{901});
  EXPECT_FALSE(all.variables.timestamps);
}

TEST_F(TrackerTest, TextAndFinMoveTheNumbers) {
  handshake();
  target(tcp_flag::ack, 901, 101, 50);
  peer(tcp_flag::ack, 101, 931, 20);
  target(tcp_flag::ack, 951, 121);
  target(tcp_flag::fin | tcp_flag::ack, 951, 121);
  const Tracked all = tracked();
  EXPECT_EQ(all.variables.snd_una, SeqNum{931});
  EXPECT_EQ(all.variables.snd_nxt, SeqNum{952});
  EXPECT_EQ(all.variables.rcv_nxt, SeqNum{121});
  EXPECT_EQ(all.unread, 20u);
}

TEST_F(TrackerTest, TheWindowReachesToTheRightmostEdge) {
  handshake();
  win_ = 10;
  target(tcp_flag::ack, 901, 101);
  EXPECT_EQ(tracked().variables.rcv_wnd, 1000u);
}

TEST_F(TrackerTest, TimestampsAreThoseOfBothSyns) {
  handshake(77);
  const Tracked all = tracked();
  EXPECT_TRUE(all.variables.timestamps);
  EXPECT_EQ(all.variables.ts_recent, 77u);
  EXPECT_EQ(all.tsval_of_target, 77u);
}

TEST_F(TrackerTest, AnActiveOpenIsTold) {
  target(tcp_flag::syn, 900, 0);
  EXPECT_EQ(tracked().variables.rcv_wnd, 1000u);
  peer(tcp_flag::syn, 100, 0);
  EXPECT_FALSE(tracked().variables.passive);
}

}  // namespace
}  // namespace packetwright::sweep
