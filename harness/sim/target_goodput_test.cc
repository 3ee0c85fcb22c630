// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/target_goodput.hh"

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/sim/target_path.hh"
#include "harness/targets/forwarding_target.hh"
#include "harness/targets/reference/reference_target.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::sim {
namespace {

using reference::ReferenceTarget;

// The reference stack behind whatever a test puts between.
class Between : public targets::ForwardingTarget<ReferenceTarget> {
 public:
  const targets::Traits& traits() const override { return stack.traits(); }
  Result<void, targets::ResetError> reset(const targets::Config& config) override {
    return stack.reset(config);
  }
  void inject(Bytes frame) override { stack.inject(frame); }
  void drain(std::vector<targets::SentFrame>& out) override { stack.drain(out); }
  Instant now() const override { return stack.now(); }
  void advance_to(Instant until, bool stop) override { stack.advance_to(until, stop); }

  ReferenceTarget stack;

 private:
  ReferenceTarget& calls() noexcept override { return stack; }
};

// Its frames without what belongs to Ethernet, as of a stack behind a tunnel.
class BareIp final : public Between {
 public:
  BareIp() : traits_(stack.traits()) { traits_.ethernet = false; }

  const targets::Traits& traits() const override { return traits_; }

  void inject(Bytes packet) override { stack.inject(framed(wire::EtherType::ipv4, packet)); }

  void drain(std::vector<targets::SentFrame>& out) override {
    std::vector<targets::SentFrame> frames;
    stack.drain(frames);
    for (const targets::SentFrame& sent : frames) {
      const auto frame = wire::EthernetView::parse(sent.octets).value();
      if (frame.ether_type() == wire::EtherType::arp) {
        answer(wire::ArpView::parse(frame.payload()).value());
        drain(out);
      } else {
        out.push_back({sent.at, Buffer(frame.payload().begin(), frame.payload().end())});
      }
    }
  }

 private:
  Buffer framed(wire::EtherType type, Bytes payload) const {
    Buffer frame(wire::kEthernetHeaderSize);
    wire::EthernetFields{config_.local_mac, config_.peer_mac, {}, type}.emit(frame);
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
  }

  void answer(const wire::ArpView& asked) {
    wire::ArpFields reply;
    reply.operation = wire::ArpOperation::reply;
    reply.sender_mac = config_.peer_mac;
    reply.sender_ip = asked.target_ip();
    reply.target_mac = config_.local_mac;
    reply.target_ip = asked.sender_ip();
    Buffer octets(reply.encoded_size());
    reply.emit(octets);
    stack.inject(framed(wire::EtherType::arp, octets));
  }

  const targets::Config config_;
  targets::Traits traits_;
};

Path path(std::uint64_t bits_per_second, Duration round_trip, std::uint32_t loss = 0) {
  return {.bits_per_second = bits_per_second, .round_trip = round_trip, .loss = loss};
}

Duration time_for(const Measurement& measurement, targets::Target& target, std::uint64_t seed = 1) {
  const auto time = time_of(measurement, target, {}, seed);
  EXPECT_TRUE(time.ok()) << time.error();
  return time ? *time : Duration{0};
}

TEST(SimTargetGoodput, ATransferTakesWhatThePathMakesIt) {
  ReferenceTarget target;
  const Measurement transfer{path(10'000'000, 10ms), BulkTransfer{1'448'000}};
  const Duration time = time_for(transfer, target);
  // 1,000 full frames, one after the other, behind a handshake.
  const Duration least = 1'000 * 8 * 1'538 * Duration{100} + 20ms;
  EXPECT_GE(time, least);
  EXPECT_LT(time, least + 100ms);
  EXPECT_EQ(time_for(transfer, target), time);
}

TEST(SimTargetGoodput, LossCostsAndEachSeedLosesOtherFrames) {
  ReferenceTarget target;
  const Measurement clean{path(10'000'000, 100ms), BulkTransfer{4'000'000}};
  const Measurement lossy{path(10'000'000, 100ms, 10'000), BulkTransfer{4'000'000}};
  EXPECT_GT(time_for(lossy, target), time_for(clean, target) + 500ms);
  EXPECT_NE(time_for(lossy, target, 1), time_for(lossy, target, 2));
  EXPECT_EQ(time_for(lossy, target, 2), time_for(lossy, target, 2));
}

TEST(SimTargetGoodput, FramesOfATunnelTakeTheSameTime) {
  ReferenceTarget ethernet;
  BareIp tunnel;
  const Measurement transfer{path(1'000'000, 10ms, 10'000), BulkTransfer{100'000}};
  // But for the question after an address, and its answer.
  EXPECT_LT(time_for(transfer, tunnel), time_for(transfer, ethernet));
  EXPECT_GT(time_for(transfer, tunnel) + 20ms, time_for(transfer, ethernet));
}

TEST(SimTargetGoodput, TheTailIsLostOnceAndCostsTime) {
  ReferenceTarget target;
  const auto time = [&](std::uint64_t lost) {
    return time_for({path(10'000'000, 100ms), AnswerWithoutTail{14'480, lost}}, target);
  };
  // Half a round trip and ten frames; then a probe, two round trips later.
  EXPECT_LT(time(0), 70ms);
  EXPECT_GT(time(1), time(0) + 200ms);
  EXPECT_LT(time(1), 3s);
  EXPECT_GT(time(5), time(0) + 200ms);
}

TEST(SimTargetGoodput, KnobsReachTheTarget) {
  ReferenceTarget target;
  const Measurement transfer{path(10'000'000, 100ms), BulkTransfer{1'000'000}};
  // A buffer of two segments is two segments a round trip.
  const auto small = time_of(transfer, target, {{"tcp_wmem", "2896"}}, 1);
  ASSERT_TRUE(small.ok()) << small.error();
  EXPECT_GT(*small, 10 * time_for(transfer, target));
  const auto unknown = time_of(transfer, target, {{"no_such", "1"}}, 1);
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().find("no_such"), std::string::npos);
}

class StandsStill final : public Between {
  void advance_to(Instant, bool) override {}
};

class IsDeaf final : public Between {
  void inject(Bytes) override {}
};

class Dies final : public Between {
  std::optional<targets::Death> death() const override {
    if (now() < Instant{} + 30ms) return std::nullopt;
    return targets::Death{6, "assertion failed"};
  }
};

class DiesInACall final : public Between {
  targets::CallResult<std::size_t> write(targets::Fd, Bytes, targets::WriteFlags,
                                         const Endpoint*) override {
    dead_ = true;
    return Err{EPIPE};
  }
  std::optional<targets::Death> death() const override {
    if (!dead_) return std::nullopt;
    return targets::Death{11, "killed in write()"};
  }
  bool dead_ = false;
};

class RefusesWrites final : public Between {
  targets::CallResult<std::size_t> write(targets::Fd, Bytes, targets::WriteFlags,
                                         const Endpoint*) override {
    return Err{EPIPE};
  }
};

TEST(SimTargetGoodput, ATargetThatFailsIsToldAndNotWaitedFor) {
  const Measurement transfer{path(10'000'000, 10ms), BulkTransfer{1'000'000}};
  const auto error = [&](targets::Target&& target) {
    const auto time = time_of(transfer, target, {}, 1);
    return time ? "none" : time.error();
  };
  EXPECT_EQ(error(StandsStill{}), "its clock stands still");
  EXPECT_EQ(error(IsDeaf{}), "the connection was not made in a minute");
  EXPECT_EQ(error(RefusesWrites{}), "write(): Broken pipe");
  EXPECT_EQ(error(DiesInACall{}), "it died: killed in write()");
  EXPECT_EQ(error(Dies{}), "it died: assertion failed");
}

}  // namespace
}  // namespace packetwright::sim
