// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/pipe.hh"

#include <algorithm>

#include <gtest/gtest.h>

namespace packetwright::sim {
namespace {

constexpr Instant kStart = instant_at(0) + 1s;

std::vector<Pipe::Arrival> sent(Pipe& pipe, Instant now, const Buffer& frame) {
  std::vector<Pipe::Arrival> arrivals;
  pipe.send(now, frame, arrivals);
  return arrivals;
}

// The number of a frame is in its first octets.
Buffer numbered(std::uint16_t number, std::size_t size = 100) {
  Buffer frame(size);
  store_be16(frame, 0, number);
  return frame;
}

// What arrives of `count` frames that are handed in one millisecond apart, in the order of arrival.
std::vector<Pipe::Arrival> stream(Pipe& pipe, std::uint16_t count) {
  std::vector<Pipe::Arrival> all;
  for (std::uint16_t i = 0; i < count; ++i) pipe.send(kStart + i * Duration{1ms}, numbered(i), all);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return all;
}

TEST(SimPipe, APerfectWireDeliversAtOnceAndUnchanged) {
  Pipe pipe{{}, Rng{1}};
  const Buffer frame = numbered(7, 5'000);
  const auto arrivals = sent(pipe, kStart, frame);
  ASSERT_EQ(arrivals.size(), 1u);
  EXPECT_EQ(arrivals[0].at, kStart);
  EXPECT_EQ(arrivals[0].frame, frame);
}

TEST(SimPipe, SendingTakesTimeByTheSizeOfTheFrameOnTheWire) {
  PipeConfig config;
  config.bits_per_second = 8'000'000;  // an octet a microsecond
  config.delay = 5ms;
  Pipe pipe{config, Rng{1}};
  EXPECT_EQ(sent(pipe, kStart, Buffer(976))[0].at, kStart + 5ms + 1'000us);
  // The next one waits for it; a short frame is padded to 60 octets.
  EXPECT_EQ(sent(pipe, kStart, Buffer(20))[0].at, kStart + 5ms + 1'000us + 84us);
  EXPECT_EQ(sent(pipe, kStart + 1s, Buffer(20))[0].at, kStart + 1s + 5ms + 84us);
}

TEST(SimPipe, TheTimeToSendIsRoundedUp) {
  PipeConfig config;
  config.bits_per_second = 3'000'000'000;
  Pipe pipe{config, Rng{1}};
  EXPECT_EQ(sent(pipe, kStart, Buffer(60))[0].at, kStart + 224ns);
}

TEST(SimPipe, AFullQueueDropsWhatComesLast) {
  PipeConfig config;
  config.bits_per_second = 8'000'000;
  config.queue_octets = 2'500;
  Pipe pipe{config, Rng{1}};
  for (int i = 0; i < 5; ++i) (void)sent(pipe, kStart, Buffer(976));
  // One is on the wire, two wait.
  EXPECT_EQ(pipe.counters().delivered, 3u);
  EXPECT_EQ(pipe.counters().queue_full, 2u);
  EXPECT_EQ(pipe.backlog(kStart), 1'952u);
  EXPECT_EQ(pipe.backlog(kStart + 1ms), 976u);
  EXPECT_EQ(sent(pipe, kStart + 1ms, Buffer(976)).size(), 1u);
}

TEST(SimPipe, FramesThatAreTooLongGoNoFurther) {
  PipeConfig config;
  config.mtu = 1'500;
  Pipe pipe{config, Rng{1}};
  EXPECT_EQ(sent(pipe, kStart, Buffer(1'514)).size(), 1u);
  EXPECT_EQ(sent(pipe, kStart, Buffer(1'515)).size(), 0u);
  EXPECT_EQ(pipe.counters().too_long, 1u);
}

TEST(SimPipe, LosesTheShareThatItShould) {
  PipeConfig config;
  config.loss = 100'000;
  Pipe pipe{config, Rng{1}};
  const auto arrivals = stream(pipe, 10'000);
  EXPECT_EQ(arrivals.size() + pipe.counters().lost, 10'000u);
  EXPECT_GT(pipe.counters().lost, 880u);  // 1000 are expected; four deviations are 120
  EXPECT_LT(pipe.counters().lost, 1'120u);
}

TEST(SimPipe, LosesWhatAScenarioWantsLost) {
  PipeConfig config;
  config.lose = [](Instant now, Bytes frame) {
    return load_be16(frame, 0) == 3 && now == kStart + 3ms;
  };
  Pipe pipe{config, Rng{1}};
  const auto arrivals = stream(pipe, 6);
  EXPECT_EQ(arrivals.size(), 5u);
  EXPECT_EQ(pipe.counters().lost, 1u);
  EXPECT_TRUE(std::none_of(arrivals.begin(), arrivals.end(),
                           [](const auto& arrival) { return load_be16(arrival.frame, 0) == 3; }));
}

TEST(SimPipe, JitterKeepsTheOrder) {
  PipeConfig config;
  config.delay = 10ms;
  config.jitter = 20ms;
  Pipe pipe{config, Rng{1}};
  std::vector<Pipe::Arrival> all;
  bool varies = false;
  for (std::uint16_t i = 0; i < 1'000; ++i) {
    const Instant now = kStart + i * Duration{1ms};
    pipe.send(now, numbered(i), all);
    const Duration took = all.back().at - now;
    EXPECT_GE(took, 10ms);
    EXPECT_LE(took, 30ms);
    varies = varies || took > 20ms;
    if (i == 0) continue;
    EXPECT_GE(all[i].at, all[i - 1u].at);
  }
  EXPECT_TRUE(varies);
}

TEST(SimPipe, FramesThatAreHeldBackArePassedByOthers) {
  PipeConfig config;
  config.reordering = 100'000;
  config.reordering_delay = Duration{2'500us};
  Pipe pipe{config, Rng{1}};
  const auto arrivals = stream(pipe, 1'000);
  EXPECT_EQ(arrivals.size(), 1'000u);
  int passed = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    passed += load_be16(arrivals[i].frame, 0) < load_be16(arrivals[i - 1].frame, 0) ? 1 : 0;
  }
  EXPECT_GT(passed, 40);
  EXPECT_GT(pipe.counters().reordered, 60u);
  EXPECT_LT(pipe.counters().reordered, 140u);
}

TEST(SimPipe, CopiesArriveBehindTheirFrame) {
  PipeConfig config;
  config.duplication = 1'000'000;
  Pipe pipe{config, Rng{1}};
  const auto arrivals = sent(pipe, kStart, numbered(7));
  ASSERT_EQ(arrivals.size(), 2u);
  EXPECT_EQ(arrivals[0].frame, arrivals[1].frame);
  EXPECT_EQ(pipe.counters().duplicated, 1u);
}

TEST(SimPipe, TheFrameCheckSequenceSeesWhatTheWireSpoils) {
  PipeConfig config;
  config.corruption = 500'000;
  Pipe pipe{config, Rng{1}};
  const auto arrivals = stream(pipe, 2'000);
  EXPECT_EQ(arrivals.size() + pipe.counters().corrupted, 2'000u);
  EXPECT_GT(pipe.counters().corrupted, 850u);
  for (const auto& arrival : arrivals) {
    ASSERT_EQ(arrival.frame, numbered(load_be16(arrival.frame, 0)));
  }
}

TEST(SimPipe, WhatIsSpoiltBehindTheCheckArrives) {
  PipeConfig config;
  config.silent_corruption = 1'000'000;
  Pipe pipe{config, Rng{1}};
  for (std::uint16_t i = 0; i < 200; ++i) {
    const auto arrivals = sent(pipe, kStart, numbered(7));
    ASSERT_EQ(arrivals.size(), 1u);
    EXPECT_EQ(arrivals[0].frame.size(), 100u);
    EXPECT_NE(arrivals[0].frame, numbered(7));
  }
  EXPECT_EQ(pipe.counters().silently_corrupted, 200u);
}

TEST(SimPipe, AFaultThatIsOffDoesNotShiftTheOthers) {
  PipeConfig config;
  config.loss = 300'000;
  Pipe alone{config, Rng{1}};
  const std::size_t delivered = stream(alone, 500).size();
  config.reordering_delay = 1s;  // of a fault that is off
  Pipe other{config, Rng{1}};
  EXPECT_EQ(stream(other, 500).size(), delivered);
}

TEST(SimPipe, TheSameSeedDoesTheSame) {
  PipeConfig config;
  config.loss = config.duplication = config.reordering = config.silent_corruption = 200'000;
  config.jitter = 3ms;
  const auto run = [&](std::uint64_t seed) {
    Pipe pipe{config, Rng{seed}};
    Buffer all;
    for (const auto& arrival : stream(pipe, 300)) {
      for (int shift = 0; shift < 64; shift += 8) {
        all.push_back(static_cast<std::uint8_t>(nanos(arrival.at) >> shift));
      }
      all.insert(all.end(), arrival.frame.begin(), arrival.frame.end());
    }
    return all;
  };
  EXPECT_TRUE(run(1) == run(1));
  EXPECT_FALSE(run(1) == run(2));
}

}  // namespace
}  // namespace packetwright::sim
