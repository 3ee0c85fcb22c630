// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/tcp/tcp.hh"

// More than 2^31 octets on one connection: what the sender remembers of long ago must not come back
// as the future when sequence numbers wrap.
namespace packetwright::tcp {
namespace {

class LongTransfer : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kChunk = 1'000'000;

  void SetUp() override {
    TcpConfig config;
    config.sack = config.timestamps = false;
    config.send_buffer = 4 * kChunk;
    tcp_.emplace(config, Rng(1));
    ConnectionOptions options;
    options.iss = SeqNum{0};
    options.nodelay = true;
    const auto id = tcp_->open(now_,
                               {.local_address = local_.address,
                                .local_port = local_.port,
                                .remote = remote_,
                                .path = {.receive_mss = 65495, .send_mss = 65495},
                                .options = options},
                               act_);
    ASSERT_TRUE(id.ok());
    id_ = *id;
    Segment syn_ack = from_peer(SeqNum{0}, SeqNum{1});
    syn_ack.syn = true;
    syn_ack.options.mss = 65495;
    syn_ack.options.window_scale = std::uint8_t{14};
    arrive(syn_ack);
  }

  [[nodiscard]] Segment from_peer(SeqNum seq, SeqNum ack) const {
    Segment s;
    s.local = local_;
    s.remote = remote_;
    s.seq = seq;
    s.has_ack = true;
    s.ack = ack;
    s.window = 60'000;
    return s;
  }
  void arrive(const Segment& s) {
    act_.clear();
    tcp_->on_segment(now_, s, {}, act_);
    tcp_->flush(now_, act_);
  }
  void send(std::uint32_t size, SendFlags flags = {}) {
    act_.clear();
    ASSERT_TRUE(tcp_->send(now_, id_, Bytes{text_}.first(size), flags, act_).ok());
  }
  [[nodiscard]] SeqNum nxt() const { return tcp_->status(id_)->snd_nxt; }
  void transfer(std::uint64_t octets) {
    for (std::uint64_t done = 0; done < octets; done += kChunk) {
      send(kChunk);
      while (tcp_->status(id_)->send_queue > 0) arrive(from_peer(SeqNum{1}, nxt()));
    }
  }

  Endpoint local_{IpAddress::v4(192, 0, 2, 1), 1111};
  Endpoint remote_{IpAddress::v4(198, 51, 100, 7), 80};
  std::optional<Tcp> tcp_;
  Actions act_;
  ConnectionId id_;
  Instant now_ = instant_at(0);
  Buffer text_ = Buffer(kChunk);
};

TEST_F(LongTransfer, OldMarksStayBehind) {
  send(10, {.urgent = true});
  EXPECT_TRUE(act_.segment(0).urg);
  arrive(from_peer(SeqNum{1}, nxt()));
  transfer((std::uint64_t{1} << 31) + 200'000'000);

  // SND.UP has not become the future, ...
  send(1000);
  ASSERT_EQ(act_.segment_count(), 1u);
  EXPECT_FALSE(act_.segment(0).urg);
  // ... and `recover` does not keep three duplicate ACKs from being believed.
  const SeqNum una = tcp_->status(id_)->snd_una;
  for (int i = 0; i < 3; ++i) arrive(from_peer(SeqNum{1}, una));
  ASSERT_EQ(act_.segment_count(), 1u);
  EXPECT_EQ(act_.segment(0).seq, una);
  EXPECT_EQ(act_.segment(0).size, 1000u);
}

// After 2^32 octets SND.UNA is ISS again, and the SYN is acknowledged all the same.
TEST_F(LongTransfer, TheSynIsNotSentTwice) {
  transfer(std::uint64_t{4294} * kChunk);
  send(967'295);
  while (tcp_->status(id_)->send_queue > 0) arrive(from_peer(SeqNum{1}, nxt()));
  ASSERT_EQ(tcp_->status(id_)->snd_una, tcp_->status(id_)->iss);

  send(1000);
  const Status status = *tcp_->status(id_);
  ASSERT_EQ(status.timer, TimerKind::retransmit);
  act_.clear();
  tcp_->on_deadline(status.timer_at, act_);
  ASSERT_EQ(act_.segment_count(), 1u);
  EXPECT_FALSE(act_.segment(0).syn);
  EXPECT_EQ(act_.segment(0).size, 1000u);
  // Nor is a window that closes here taken for one that was never open.
  Segment closes = from_peer(SeqNum{1}, status.snd_una);
  closes.window = 0;
  arrive(closes);
  EXPECT_EQ(tcp_->status(id_)->timer, TimerKind::persist);
}

}  // namespace
}  // namespace packetwright::tcp
