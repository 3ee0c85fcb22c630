// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/linux_posix.hh"

#include <cerrno>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/linux/symbols.hh"
#include "harness/targets/linux/time_limit.hh"

namespace packetwright::linux_stack {
namespace {

using targets::PosixOutcome;
using ::testing::HasSubstr;

Value symbol(std::string name) {
  return {Value::Symbol{std::move(name)}};
}
Value text(std::string octets) {
  return {Value::Text{std::move(octets)}};
}
Value array(std::vector<Value> elements) {
  return {Value::Array{std::move(elements)}};
}
Value record(std::vector<std::pair<std::string, Value>> members) {
  return {Value::Struct{std::move(members)}};
}
Value any_of(std::vector<Value> terms) {
  return {Value::AnyOf{std::move(terms)}};
}

std::int64_t integer(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value.is);
  return number == nullptr ? -999 : *number;
}
std::int64_t pointed_integer(const Value& value) {
  const auto* elements = std::get_if<Value::Array>(&value.is);
  return elements == nullptr || elements->elements.size() != 1 ? -999
                                                               : integer(elements->elements[0]);
}
std::string octets(const Value& value) {
  const auto* found = std::get_if<Value::Text>(&value.is);
  return found == nullptr ? "(no text)" : found->octets;
}

// The calls over Unix and loopback sockets of the host: no namespace is needed for these.
class LinuxPosixTest : public ::testing::Test {
 protected:
  // A call that must end at once.
  PosixOutcome call(std::string_view name, const std::vector<Value>& arguments) {
    const auto token = posix_.start(name, arguments);
    EXPECT_TRUE(token.ok()) << token.error().reason;
    if (!token) return {-2, 0, {}};
    const auto outcome = posix_.finish(*token);
    EXPECT_TRUE(outcome) << name << " blocks";
    return outcome.value_or(PosixOutcome{-2, 0, {}});
  }
  std::string refusal(std::string_view name, const std::vector<Value>& arguments) {
    const auto token = posix_.start(name, arguments);
    EXPECT_TRUE(token.ok() || token.error().wrong);
    return token ? "accepted" : token.error().reason;
  }
  // A connected pair of stream sockets.
  std::pair<std::int64_t, std::int64_t> pair() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    sockets_.adopt(ends[0], targets::Domain::inet);
    sockets_.adopt(ends[1], targets::Domain::inet);
    return {ends[0], ends[1]};
  }
  std::int64_t tcp_socket() {
    return call("socket", {symbol("AF_INET"), symbol("SOCK_STREAM"), symbol("IPPROTO_TCP")}).result;
  }

  Sockets sockets_;
  bool spoilt_ = false;
  LinuxPosix posix_{sockets_, [] {}, [this] { spoilt_ = true; }};
};

TEST_F(LinuxPosixTest, SymbolsAreThoseOfTheSystem) {
  EXPECT_EQ(*posix_.symbol("SO_RCVBUF"), SO_RCVBUF);
  EXPECT_EQ(*posix_.symbol("ECONNRESET"), ECONNRESET);
  EXPECT_EQ(*posix_.symbol("TCP_ESTABLISHED"), 1);
  EXPECT_THAT(posix_.symbol("SO_BANANA").error(), HasSubstr("SO_BANANA"));
}

TEST_F(LinuxPosixTest, IntegerOptionsAreSetAndRead) {
  const std::int64_t fd = tcp_socket();
  ASSERT_GE(fd, 0);
  const Value level = symbol("SOL_TCP");
  EXPECT_EQ(call("setsockopt", {{fd}, level, symbol("TCP_NODELAY"), array({{1}}), {4}}).result, 0);
  const PosixOutcome read =
      call("getsockopt", {{fd}, level, symbol("TCP_NODELAY"), array({{1}}), array({{4}})});
  EXPECT_EQ(read.result, 0);
  ASSERT_EQ(read.returned.size(), 5u);
  EXPECT_EQ(pointed_integer(read.returned[3]), 1);
  EXPECT_EQ(pointed_integer(read.returned[4]), 4);
  const PosixOutcome wrong =
      call("setsockopt", {{fd}, level, symbol("TCP_KEEPCNT"), array({{0}}), {4}});
  EXPECT_EQ(wrong.result, -1);
  EXPECT_EQ(wrong.error, EINVAL);
}

TEST_F(LinuxPosixTest, StructuredAndTextOptionsAreSetAndRead) {
  const std::int64_t fd = tcp_socket();
  const Value linger = record({{"onoff", {1}}, {"linger", {30}}});
  const Value level = symbol("SOL_SOCKET");
  EXPECT_EQ(call("setsockopt", {{fd}, level, symbol("SO_LINGER"), linger, {8}}).result, 0);
  const PosixOutcome read =
      call("getsockopt", {{fd}, level, symbol("SO_LINGER"), linger, array({{8}})});
  const auto& members = std::get<Value::Struct>(read.returned[3].is).members;
  EXPECT_EQ(integer(members[0].second), 1);
  EXPECT_EQ(integer(members[1].second), 30);

  EXPECT_EQ(
      call("setsockopt", {{fd}, symbol("SOL_TCP"), symbol("TCP_CONGESTION"), text("reno"), {4}})
          .result,
      0);
  const PosixOutcome name =
      call("getsockopt",
           {{fd}, symbol("SOL_TCP"), symbol("TCP_CONGESTION"), text("cubic"), array({{16}})});
  EXPECT_EQ(octets(name.returned[3]), "reno");
}

TEST_F(LinuxPosixTest, FlagsAreJoined) {
  const std::int64_t fd = tcp_socket();
  const Value flags = any_of({symbol("O_RDWR"), symbol("O_NONBLOCK")});
  EXPECT_EQ(call("fcntl", {{fd}, symbol("F_SETFL"), flags}).result, 0);
  EXPECT_EQ(call("fcntl", {{fd}, symbol("F_GETFL")}).result, *integer_of(flags));
}

TEST_F(LinuxPosixTest, QueueLengthsAreTold) {
  const auto [a, b] = pair();
  EXPECT_EQ(call("write", {{a}, text("hello"), {5}}).result, 5);
  const PosixOutcome queued = call("ioctl", {{b}, symbol("FIONREAD"), array({{0}})});
  EXPECT_EQ(queued.result, 0);
  EXPECT_EQ(pointed_integer(queued.returned[2]), 5);
}

TEST_F(LinuxPosixTest, OmittedOctetsAreZeros) {
  const auto [a, b] = pair();
  EXPECT_EQ(call("send", {{a}, omitted(), {3}, {0}}).result, 3);
  const PosixOutcome got = call("recv", {{b}, omitted(), {100}, symbol("MSG_DONTWAIT")});
  EXPECT_EQ(got.result, 3);
  EXPECT_EQ(octets(got.returned[1]), std::string(3, '\0'));
}

TEST_F(LinuxPosixTest, ManyBuffersAreGatheredAndScattered) {
  const auto [a, b] = pair();
  const Value parts = array(
      {record({{"", text("abc")}, {"", {3}}}), record({{"base", text("defgh")}, {"len", {5}}})});
  EXPECT_EQ(call("writev", {{a}, parts, {2}}).result, 8);
  const Value room =
      array({record({{"", omitted()}, {"", {2}}}), record({{"", omitted()}, {"", {9}}})});
  const PosixOutcome got = call("readv", {{b}, room, {2}});
  EXPECT_EQ(got.result, 8);
  const auto& buffers = std::get<Value::Array>(got.returned[1].is).elements;
  ASSERT_EQ(buffers.size(), 2u);
  EXPECT_EQ(octets(std::get<Value::Struct>(buffers[0].is).members[0].second), "ab");
  EXPECT_EQ(octets(std::get<Value::Struct>(buffers[1].is).members[0].second), "cdefgh");
}

TEST_F(LinuxPosixTest, MessagesCarryBuffersFlagsAndControl) {
  // Datagrams to ourselves, with the TTL they came with.
  const std::int64_t fd = call("socket", {symbol("AF_INET"), symbol("SOCK_DGRAM"), {0}}).result;
  const Value self = {Endpoint{IpAddress::v4(127, 0, 0, 1), 0}};
  ASSERT_EQ(call("bind", {{fd}, self, omitted()}).result, 0);
  ASSERT_EQ(
      call("setsockopt", {{fd}, symbol("SOL_IP"), symbol("IP_RECVTTL"), array({{1}}), {4}}).result,
      0);
  const Endpoint own = *sockets_.local_endpoint(static_cast<int>(fd));
  const Value message =
      record({{"msg_name", {own}},
              {"msg_iov", array({record({{"base", text("ping!")}, {"len", {5}}})})},
              {"msg_flags", {0}}});
  const PosixOutcome sent = call("sendmsg", {{fd}, message, {0}});
  if (sent.result < 0) GTEST_SKIP() << "the loopback device is down";
  EXPECT_EQ(sent.result, 5);
  const Value room = record({{"msg_iov", array({record({{"base", omitted()}, {"len", {3}}})})}});
  const PosixOutcome got = call("recvmsg", {{fd}, room, symbol("MSG_DONTWAIT")});
  EXPECT_EQ(got.result, 3);
  const Value& written = got.returned[1];
  EXPECT_EQ(integer(*member_of(written, "msg_flags", 9)), MSG_TRUNC);
  EXPECT_EQ(std::get<Endpoint>(member_of(written, "msg_name", 9)->is), own);
  const auto& control = std::get<Value::Array>(member_of(written, "msg_control", 9)->is).elements;
  ASSERT_EQ(control.size(), 1u);
  EXPECT_EQ(integer(*member_of(control[0], "cmsg_type", 9)), *symbol_value("IP_TTL"));
  EXPECT_EQ(integer(*member_of(control[0], "cmsg_data", 9)), 64);
}

TEST_F(LinuxPosixTest, BlockedCallIsToldAndEndsWhenItCan) {
  const auto [a, b] = pair();
  const auto token = posix_.start("read", {{b}, omitted(), {10}});
  ASSERT_TRUE(token.ok());
  EXPECT_FALSE(posix_.finish(*token));
  EXPECT_FALSE(posix_.finish(*token));
  EXPECT_EQ(call("write", {{a}, text("now"), {3}}).result, 3);
  const auto outcome = posix_.finish(*token);  // at once: the thread was woken by the write
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->result, 3);
  EXPECT_EQ(octets(outcome->returned[1]), "now");
}

TEST_F(LinuxPosixTest, WakingIsNeverMissed) {
  const auto [a, b] = pair();
  for (int round = 0; round < 300; ++round) {
    const auto token = posix_.start("recv", {{b}, omitted(), {1}, {0}});
    ASSERT_TRUE(token.ok());
    ASSERT_FALSE(posix_.finish(*token)) << round;
    ASSERT_EQ(call("send", {{a}, text("x"), {1}, {0}}).result, 1);
    ASSERT_TRUE(posix_.finish(*token)) << round;
  }
}

TEST_F(LinuxPosixTest, CancelledCallsEnd) {
  const auto [a, b] = pair();
  static_cast<void>(a);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(posix_.start("read", {{b}, omitted(), {10}}).ok());
    ASSERT_TRUE(
        posix_
            .start("poll",
                   {array({record({{"fd", {b}}, {"events", symbol("POLLIN")}})}), {1}, {-1}})
            .ok());
  }
  posix_.cancel_all();  // would not return otherwise
}

TEST_F(LinuxPosixTest, PollTellsWhatHappened) {
  const auto [a, b] = pair();
  const Value watched =
      array({record({{"fd", {b}}, {"events", any_of({symbol("POLLIN"), symbol("POLLOUT")})}}),
             record({{"fd", {a}}, {"events", symbol("POLLIN")}})});
  EXPECT_EQ(call("write", {{a}, text("x"), {1}}).result, 1);
  const PosixOutcome outcome = call("poll", {watched, {2}, {0}});
  EXPECT_EQ(outcome.result, 1);
  const auto& all = std::get<Value::Array>(outcome.returned[0].is).elements;
  EXPECT_EQ(integer(*member_of(all[0], "revents", 9)),
            *integer_of(any_of({symbol("POLLIN"), symbol("POLLOUT")})));
  EXPECT_EQ(integer(*member_of(all[1], "revents", 9)), 0);
}

TEST_F(LinuxPosixTest, EpollGivesBackTheDatum) {
  const auto [a, b] = pair();
  const std::int64_t epoll = call("epoll_create", {{1}}).result;
  ASSERT_GE(epoll, 0);
  const Value event = record({{"events", symbol("EPOLLIN")}, {"fd", {77}}});
  EXPECT_EQ(call("epoll_ctl", {{epoll}, symbol("EPOLL_CTL_ADD"), {b}, event}).result, 0);
  EXPECT_EQ(call("epoll_wait", {{epoll}, event, {1}, {0}}).result, 0);
  EXPECT_EQ(call("write", {{a}, text("x"), {1}}).result, 1);
  const PosixOutcome outcome = call("epoll_wait", {{epoll}, event, {1}, {0}});
  EXPECT_EQ(outcome.result, 1);
  EXPECT_EQ(integer(*member_of(outcome.returned[1], "events", 9)), *symbol_value("EPOLLIN"));
  EXPECT_EQ(integer(*member_of(outcome.returned[1], "fd", 9)), 77);
}

TEST_F(LinuxPosixTest, PipesCarryOctetsIntoSockets) {
  const PosixOutcome made = call("pipe", {array({{5}, {6}})});
  ASSERT_EQ(made.result, 0);
  const auto& ends = std::get<Value::Array>(made.returned[0].is).elements;
  const std::int64_t reading = integer(ends[0]);
  const std::int64_t writing = integer(ends[1]);
  const auto [a, b] = pair();
  EXPECT_EQ(call("write", {{writing}, text("through"), {7}}).result, 7);
  EXPECT_EQ(call("splice", {{reading}, symbol("NULL"), {a}, symbol("NULL"), {7}, {0}}).result, 7);
  EXPECT_EQ(octets(call("read", {{b}, omitted(), {10}}).returned[1]), "through");
  EXPECT_EQ(call("close", {{reading}}).result, 0);
  EXPECT_FALSE(sockets_.has(static_cast<int>(reading)));
}

TEST_F(LinuxPosixTest, DescriptorsOfTheHarnessAreOutOfReach) {
  for (const std::int64_t fd : {0, 1, 2, 9, -1}) {
    EXPECT_EQ(call("close", {{fd}}).error, EBADF);
    EXPECT_EQ(call("write", {{fd}, text("x"), {1}}).error, EBADF);
  }
  EXPECT_EQ(call("poll", {array({record({{"fd", {0}}, {"events", {1}}})}), {1}, {0}}).error, EBADF);
}

TEST_F(LinuxPosixTest, WhatIsNotUnderstoodIsRefusedWithItsReason) {
  EXPECT_THAT(refusal("frobnicate", {}), HasSubstr("frobnicate"));
  EXPECT_THAT(refusal("listen", {{3}}), HasSubstr("listen(fd, backlog)"));
  EXPECT_THAT(refusal("listen", {{3}, symbol("SOMAXCON")}), HasSubstr("SOMAXCON"));
  EXPECT_THAT(refusal("write", {{3}, text("x"), {-5}}), HasSubstr("-5"));
  EXPECT_THAT(refusal("write", {{3}, text("x"), {std::int64_t{1} << 40}}), HasSubstr("length"));
  EXPECT_THAT(
      refusal("setsockopt",
              {{3}, symbol("SOL_TCP"), symbol("TCP_MD5SIG"), record({{"key", text("k")}}), {80}}),
      HasSubstr("an address and a key"));
  EXPECT_THAT(refusal("poll", {{1}, {1}, {0}}), HasSubstr("array"));
  for (const char* const name : {"sendmsg", "recvmsg"}) {
    EXPECT_THAT(refusal(name, {{3}, record({{"onoff", {1}}, {"linger", {2}}}), {0}}),
                HasSubstr("msg_iov"));
  }
}

TEST_F(LinuxPosixTest, NullPointersReachTheKernel) {
  const auto [a, b] = pair();
  EXPECT_EQ(call("send", {{a}, symbol("NULL"), {1}, {0}}).error, EFAULT);
  EXPECT_EQ(call("write", {{a}, text("x"), {1}}).result, 1);
  EXPECT_EQ(call("recv", {{b}, symbol("NULL"), {1}, {0}}).error, EFAULT);
}

TEST_F(LinuxPosixTest, CapabilitiesAreGivenUpAndTakenBack) {
  const auto raw = [this] {
    return call("socket", {symbol("AF_INET"), symbol("SOCK_RAW"), symbol("IPPROTO_TCP")});
  };
  if (raw().result < 0) GTEST_SKIP() << "this user has no right to raw sockets";
  const auto set = [this](const char* value) {
    return call("cap_set", {symbol("CAP_EFFECTIVE"), symbol("CAP_NET_RAW"), symbol(value)}).result;
  };
  EXPECT_EQ(set("CAP_CLEAR"), 0);
  EXPECT_EQ(raw().error, EPERM);
  EXPECT_EQ(set("CAP_SET"), 0);
  EXPECT_GE(raw().result, 0);
  EXPECT_EQ(set("CAP_CLEAR"), 0);
  posix_.cancel_all();
  EXPECT_GE(raw().result, 0) << "the next script has them again";
  EXPECT_THAT(refusal("cap_set", {symbol("CAP_PERMITTED"), symbol("CAP_NET_RAW"), {0}}),
              HasSubstr("CAP_EFFECTIVE"));
}

TEST_F(LinuxPosixTest, StampsOfTheKernelCountFromTheStartOfTheClock) {
  HostClock clock;
  posix_.count_from(clock);
  const std::int64_t fd = call("socket", {symbol("AF_INET"), symbol("SOCK_DGRAM"), {0}}).result;
  const Value self = {Endpoint{IpAddress::v4(127, 0, 0, 1), 0}};
  ASSERT_EQ(call("bind", {{fd}, self, omitted()}).result, 0);
  const Value wanted =
      any_of({symbol("SOF_TIMESTAMPING_RX_SOFTWARE"), symbol("SOF_TIMESTAMPING_SOFTWARE")});
  ASSERT_EQ(call("setsockopt",
                 {{fd}, symbol("SOL_SOCKET"), symbol("SO_TIMESTAMPING"), array({wanted}), {4}})
                .result,
            0);
  const Endpoint own = *sockets_.local_endpoint(static_cast<int>(fd));
  const Value room = record({{"msg_iov", array({record({{"base", omitted()}, {"len", {1}}})})}});
  // The kernel begins to stamp a while after it was told to.
  Value item = omitted();
  for (int tries = 0; tries < 100'000 && is_omitted(item); ++tries) {
    const auto sent = call("sendto", {{fd}, text("x"), {1}, {0}, {own}, omitted()});
    if (sent.result < 0) GTEST_SKIP() << "the loopback device is down";
    const PosixOutcome got = call("recvmsg", {{fd}, room, symbol("MSG_DONTWAIT")});
    ASSERT_EQ(got.result, 1);
    const auto& control =
        std::get<Value::Array>(member_of(got.returned[1], "msg_control", 9)->is).elements;
    if (!control.empty()) item = control[0];
  }
  ASSERT_FALSE(is_omitted(item));
  const Value& data = *member_of(item, "cmsg_data", 9);
  EXPECT_LT(integer(*member_of(data, "scm_sec", 9)), 100) << "not since 1970";
  EXPECT_GE(integer(*member_of(data, "scm_sec", 9)), 0);
}

TEST_F(LinuxPosixTest, StatisticsOfTheErrorQueueAreToldByTheirNumbers) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* const address = reinterpret_cast<sockaddr*>(&where);
  ASSERT_EQ(bind(listener, address, size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, address, &size), 0);
  const std::int64_t fd = tcp_socket();
  if (connect(static_cast<int>(fd), address, size) != 0) {
    close(listener);
    GTEST_SKIP() << "the loopback device is down";
  }
  const Value wanted =
      any_of({symbol("SOF_TIMESTAMPING_TX_ACK"), symbol("SOF_TIMESTAMPING_SOFTWARE"),
              symbol("SOF_TIMESTAMPING_OPT_TSONLY"), symbol("SOF_TIMESTAMPING_OPT_STATS")});
  ASSERT_EQ(call("setsockopt",
                 {{fd}, symbol("SOL_SOCKET"), symbol("SO_TIMESTAMPING"), array({wanted}), {4}})
                .result,
            0);
  EXPECT_EQ(call("write", {{fd}, text("hello"), {5}}).result, 5);
  const Value room = record({{"msg_iov", array({record({{"base", omitted()}, {"len", {0}}})})}});
  PosixOutcome got;
  const TimeLimit patience{std::chrono::seconds{60}};
  do {  // until the ACK has come
    got = call("recvmsg", {{fd}, room, symbol("MSG_ERRQUEUE")});
  } while (got.result < 0 && got.error == EAGAIN && !patience.passed());
  close(listener);
  ASSERT_EQ(got.result, 0);
  std::map<std::string, std::int64_t> statistics;
  for (const Value& item :
       std::get<Value::Array>(member_of(got.returned[1], "msg_control", 9)->is).elements) {
    if (integer(*member_of(item, "cmsg_type", 9)) != SCM_TIMESTAMPING_OPT_STATS) continue;
    for (const auto& [name, value] :
         std::get<Value::Struct>(member_of(item, "cmsg_data", 9)->is).members) {
      statistics[name] = integer(value);
    }
  }
  const auto at = [&](int number) { return statistics[std::to_string(number)]; };
  EXPECT_EQ(at(TCP_NLA_BYTES_SENT), 5);
  EXPECT_EQ(at(TCP_NLA_DATA_SEGS_OUT), 1);
  EXPECT_GE(at(TCP_NLA_SND_CWND), 2);
  EXPECT_GE(at(TCP_NLA_REORDERING), 3);
}

TEST_F(LinuxPosixTest, UnknownTokenIsNotACrash) {
  const auto outcome = posix_.finish(4711);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error, EINVAL);
}

TEST_F(LinuxPosixTest, ShellCommandsGiveStatusAndOutput) {
  const auto good = posix_.shell("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->status, 3);
  EXPECT_EQ(good->output, "out\nerr\n");
  EXPECT_TRUE(spoilt_);
  const auto killed = posix_.shell("kill -9 $$");
  EXPECT_EQ(killed->status, 128 + 9);
  const auto unknown = posix_.shell("there-is-no-such-command");
  EXPECT_EQ(unknown->status, 127);
}

TEST_F(LinuxPosixTest, ProgramsRunByWhateverInterpretsThem) {
  EXPECT_EQ(posix_.interpret("python3", "print(6 * 7)")->output, "42\n");
  EXPECT_TRUE(spoilt_);
  EXPECT_EQ(posix_.interpret("no-such-snake", "pass")->status, 127);
  EXPECT_EQ(posix_.interpret("sh", "echo a shell")->output, "a shell\n");
}

}  // namespace
}  // namespace packetwright::linux_stack
