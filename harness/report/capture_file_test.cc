// SPDX-License-Identifier: Apache-2.0
#include "harness/report/capture_file.hh"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/capture/pcapng_reader.hh"
#include "harness/report/sample.hh"

namespace packetwright::report {
namespace {

using ::testing::HasSubstr;

runner::CaseResult failure() {
  for (runner::CaseResult& result : sample_results()) {
    if (!result.history.empty()) return result;
  }
  return {};
}

TEST(CaptureFile, HoldsTheFramesWithDirectionsTimesAndWhatWasExpected) {
  std::ostringstream out;
  write_capture(out, failure(), "packetwright test");
  const std::string text = out.str();
  const Bytes octets{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  auto reader = capture::PcapngReader::open(octets);
  ASSERT_TRUE(reader.ok());
  std::vector<capture::Packet> packets;
  while (true) {
    auto next = reader->next();
    ASSERT_TRUE(next.ok());
    if (!*next) break;
    packets.push_back(**next);
  }
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[0].direction, capture::Direction::inbound);
  EXPECT_EQ(packets[1].direction, capture::Direction::outbound);
  EXPECT_EQ(packets[1].time_ns, 1'250'000);
  EXPECT_EQ(packets[1].octets.size(), 54u);
  EXPECT_THAT(packets[0].comment,
              HasSubstr("line 3 of conformance/preludes/listening.pkt: socket"));
  EXPECT_THAT(packets[0].comment, HasSubstr("line 6: < R 65535:65535(0)"));
  EXPECT_THAT(packets[1].comment,
              HasSubstr("MISMATCH at line 7: expected +0.000 > . 1:1(0) ack 1, got"));
  EXPECT_THAT(packets[1].comment, HasSubstr("then end of the script"));
}

TEST(CaptureFile, WhatNeverCameIsToldAtTheLastFrame) {
  runner::CaseResult result = failure();
  result.mismatches[0].line = 9;
  result.mismatches[0].actual = "nothing";
  std::ostringstream out;
  write_capture(out, result, "packetwright test");
  EXPECT_THAT(out.str(), HasSubstr("MISMATCH at line 9"));
}

TEST(CaptureFile, PathsStayInsideTheFolder) {
  runner::CaseResult result;
  result.target = "linux";
  result.id = "tcp/window/probe";
  result.params = {{"mss", "536"}};
  EXPECT_EQ(capture_path(result), "linux/tcp/window/probe.ipv4.mss=536.pcapng");
  result.params.clear();
  result.id = "/etc/../../secret";
  EXPECT_EQ(capture_path(result), "linux/etc/_/_/secret.ipv4.pcapng");
}

}  // namespace
}  // namespace packetwright::report
