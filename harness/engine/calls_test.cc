// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"

// System calls: results, blocking, content.
namespace packetwright::engine {
namespace {

const std::string kSocket = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n";

FakeTarget readable_at(Duration at, Buffer data) {
  FakeTarget target;
  target.readable_at = Instant{at};
  target.data = std::move(data);
  return target;
}

TEST(Calls, ResultsAndErrnosAreCompared) {
  FakeTarget target;
  target.errors["bind"] = {EADDRINUSE, EADDRINUSE, EADDRINUSE};
  const Outcome outcome = run_text(kSocket +
                                       "+0 bind(3, ..., ...) = -1 EADDRINUSE (In use)\n"
                                       "+0 bind(3, ..., ...) = -1\n"
                                       "+0 bind(3, ..., ...) = 0\n",
                                   target);
  EXPECT_EQ(failure_text(outcome),
            "failed: expected bind(3, ..., ...) = 0, got bind(3, ..., ...) = -1 EADDRINUSE\n"
            "line 4\n"
            "  expected +0 bind(3, ..., ...) = 0\n"
            "  actual   bind(3, ..., ...) = -1 EADDRINUSE\n"
            "    result: want 0, got -1 EADDRINUSE");
}

TEST(Calls, AnotherErrnoIsAnotherResult) {
  FakeTarget target;
  target.errors["bind"] = {EACCES};
  const Outcome outcome =
      run_text(kSocket + "+0 bind(3, ..., ...) = -1 EADDRINUSE (In use)\n", target);
  ASSERT_EQ(outcome.mismatches.size(), 1u);
  EXPECT_EQ(outcome.mismatches[0].fields,
            (std::vector<FieldDifference>{{"errno", "EADDRINUSE", "EACCES"}}));
}

TEST(Calls, ANewDescriptorTakesTheNumberOfTheScript) {
  FakeTarget target;
  EXPECT_EQ(
      run_text("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 17\n+0 close(17) = 0\n", target).status,
      Status::passed);
}

TEST(Calls, ADescriptorThatIsOpenCannotBeOpenedAgain) {
  FakeTarget target;
  EXPECT_EQ(run_text(kSocket + kSocket, target).fault, Fault::script);
  FakeTarget closed;
  EXPECT_EQ(
      run_text(kSocket + "+0 close(3) = 0\n+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", closed)
          .status,
      Status::passed);
}

TEST(Calls, AcceptMayGiveOutATakenNumberInPacketdrillModeOnly) {
  const std::string text = kSocket + "+0 accept(3, ..., ...) = 4\n+0 accept(3, ..., ...) = 4\n";
  FakeTarget plain;
  EXPECT_EQ(run_text(text, plain).status, Status::passed);
  FakeTarget strict;
  EXPECT_EQ(run_strict(text, strict).fault, Fault::script);
}

TEST(Calls, WhatTheTargetDoesNotHaveIsUnsupported) {
  FakeTarget target;
  target.errors["shutdown"] = {ENOTSUP};
  const Outcome outcome = run_text(kSocket + "+0 shutdown(3, SHUT_WR) = 0\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason, "shutdown() is not supported by this target");
  EXPECT_EQ(run_text(kSocket + "+0 sendfile(3, 4, [0], 10) = 10\n", target).status,
            Status::unsupported);
}

TEST(Calls, AnUnknownSymbolIsAnErrorOfTheScript) {
  FakeTarget target;
  const Outcome outcome = run_text(kSocket + "+0 shutdown(3, SHUT_UP) = 0\n", target);
  EXPECT_EQ(outcome.fault, Fault::script);
  EXPECT_EQ(outcome.reason, "unknown symbol: 'SHUT_UP'");
}

// --- blocking

TEST(BlockingCalls, ReturnWhenTheTargetIsReady) {
  FakeTarget target = readable_at(100ms, {1, 2, 3});
  const Outcome outcome = run_text(kSocket + "+0...0.100 read(3, ..., 10) = 3\n", target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
}

TEST(BlockingCalls, EventsGoOnMeanwhile) {
  FakeTarget target = readable_at(100ms, {1, 2, 3});
  const Outcome outcome = run_text(kSocket +
                                       "+0...0.100 read(3, ..., 10) = 3\n"
                                       "+.05 < . 1:1(0) ack 1 win 1\n"
                                       "+.15 < . 1:1(0) ack 1 win 1\n",
                                   target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  EXPECT_EQ(outcome.events_done, 4u);
}

TEST(BlockingCalls, MayNotReturnEarlyOrLate) {
  // The base of the percentage is the length of the call: 12.5 % of 200 ms are 25 ms.
  const std::string text = kSocket + "+0...0.200 read(3, ..., 10) = 1\n";
  const auto status = [&](Duration at) {
    FakeTarget target = readable_at(at, {1});
    return run_text(text, target).status;
  };
  EXPECT_EQ(status(176ms), Status::passed);
  EXPECT_EQ(status(174ms), Status::failed);
  EXPECT_EQ(status(224ms), Status::passed);
  EXPECT_EQ(status(227ms), Status::failed);
}

TEST(BlockingCalls, OneThatNeverReturnsFails) {
  FakeTarget target = readable_at(1h, {});
  EXPECT_EQ(run_text(kSocket + "+0...0.200 read(3, ..., 10) = 1\n", target).reason,
            "expected read(3, ..., 10) = 1, got still blocked");
}

TEST(BlockingCalls, OnlyOneAtATime) {
  FakeTarget target = readable_at(1s, {1});
  EXPECT_EQ(run_text(kSocket + "+0...1 read(3, ..., 10) = 1\n"
                               "+0...1 read(3, ..., 10) = 1\n",
                     target)
                .fault,
            Fault::script);
}

TEST(BlockingCalls, OneWithoutAnEndWouldBlock) {
  FakeTarget target = readable_at(1s, {1});
  EXPECT_EQ(run_strict(kSocket + "+0 read(3, ..., 10) = 1\n", target).reason,
            "expected read(3, ..., 10) = 1, got it would block");
}

TEST(BlockingCalls, ANonBlockingSocketSaysEagain) {
  const std::string set = "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n";
  const std::string read = "+0 read(3, ..., 10) = -1 EAGAIN (Nothing yet)\n";
  FakeTarget fcntl = readable_at(1s, {1});
  EXPECT_EQ(run_strict(kSocket + "+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)\n" + set +
                           "+0 fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)\n" + read,
                       fcntl)
                .status,
            Status::passed);
  FakeTarget flag = readable_at(1s, {1});
  EXPECT_EQ(
      run_strict("0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3\n" + read, flag).status,
      Status::passed);
  FakeTarget call = readable_at(1s, {1});
  EXPECT_EQ(
      run_strict(kSocket + "+0 recv(3, ..., 10, MSG_DONTWAIT) = -1 EAGAIN (Nothing yet)\n", call)
          .status,
      Status::passed);
}

TEST(BlockingCalls, ConnectWaitsUntilTheSocketIsWritable) {
  FakeTarget target = readable_at(50ms, {});
  target.errors["connect"] = {EINPROGRESS};
  EXPECT_EQ(run_text(kSocket + "+0...0.050 connect(3, ..., ...) = 0\n", target).status,
            Status::passed);
  FakeTarget nonblocking = readable_at(50ms, {});
  nonblocking.errors["connect"] = {EINPROGRESS};
  EXPECT_EQ(run_text("0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3\n"
                     "+0 connect(3, ..., ...) = -1 EINPROGRESS (On its way)\n",
                     nonblocking)
                .status,
            Status::passed);
}

TEST(BlockingCalls, PollWaitsForItsTimeOut) {
  FakeTarget target = readable_at(1s, {});
  EXPECT_EQ(run_text(kSocket + "+0...0.100 poll([{fd=3, events=POLLIN, revents=0}], 1, 100) = 0\n",
                     target)
                .status,
            Status::passed);
  FakeTarget ready = readable_at(Duration{0}, {});
  EXPECT_EQ(run_text(kSocket + "+0 poll([{fd=3, events=POLLIN|POLLOUT, "
                               "revents=POLLIN|POLLOUT}], 1, 0) = 1\n",
                     ready)
                .status,
            Status::passed);
}

// --- content

TEST(Content, IsWrittenAsGiven) {
  FakeTarget target;
  run_strict(kSocket + "+0 write(3, \"hello\", 5) = 5\n", target);
  ASSERT_EQ(target.written.size(), 1u);
  EXPECT_EQ(target.written[0], (Buffer{'h', 'e', 'l', 'l', 'o'}));
}

TEST(Content, GeneratedOctetsContinueTheStreamAcrossWrites) {
  FakeTarget target;
  run_strict(kSocket + "+0 write(3, ..., 10) = 10\n+0 write(3, ..., 10) = 10\n", target);
  ASSERT_EQ(target.written.size(), 2u);
  EXPECT_NE(target.written[0], target.written[1]);
  EXPECT_EQ(static_cast<std::uint8_t>(target.written[0][9] + 1), target.written[1][0]);
  FakeTarget plain;
  run_text(kSocket + "+0 write(3, ..., 10) = 10\n", plain);
  EXPECT_EQ(plain.written[0], Buffer(10, 0));
}

TEST(Content, ThatIsReadMustBeWhatTheScriptGives) {
  FakeTarget target = readable_at(Duration{0}, {'h', 'e', 'l', 'p', '!'});
  const Outcome outcome = run_strict(kSocket + "+0 read(3, \"hello\", 5) = 5\n", target);
  ASSERT_EQ(outcome.mismatches.size(), 1u);
  EXPECT_EQ(outcome.mismatches[0].fields,
            (std::vector<FieldDifference>{{"content", "\"hello\"", "\"help!\""}}));
}

TEST(Content, ThatIsReadMustBeWhatThePeerSent) {
  // The peer sends its pattern; the target hands out zeros.
  FakeTarget target = readable_at(Duration{0}, Buffer(10, 0));
  const std::string text =
      "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
      "+0 < P. 1:11(10) ack 1 win 100\n"
      "+0 read(3, ..., 10) = 10\n";
  EXPECT_EQ(run_strict(text, target).status, Status::failed);
  FakeTarget plain = readable_at(Duration{0}, Buffer(10, 0));
  EXPECT_EQ(run_text(text, plain).status, Status::passed);
}

}  // namespace
}  // namespace packetwright::engine
