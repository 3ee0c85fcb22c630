// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/script/testing.hh"

namespace packetwright::script {
namespace {

using namespace testing;  // NOLINT: this folder's helpers
using ::testing::HasSubstr;

TEST(ParseWhen, ReadsEveryForm) {
  const auto when = [](std::string_view text) { return event_of(text).when; };
  EXPECT_EQ(when("0.5 > . 1:1(0)\n").kind, WhenKind::absolute);
  EXPECT_EQ(when("0.5 > . 1:1(0)\n").start.value, 500ms);
  EXPECT_EQ(when("+.25 > . 1:1(0)\n").kind, WhenKind::relative);
  EXPECT_EQ(when("* > . 1:1(0)\n").kind, WhenKind::any);
  EXPECT_EQ(when("1~2 > . 1:1(0)\n").kind, WhenKind::absolute_range);
  const When range = when("+0.1~+0.2 > . 1:1(0)\n");
  EXPECT_EQ(range.kind, WhenKind::relative_range);
  EXPECT_EQ(range.start.value, 100ms);
  EXPECT_EQ(range.end.value, 200ms);
}

TEST(ParseWhen, RangesAreForExpectedPackets) {
  EXPECT_THAT(remarks("* < . 1:1(0) win 1\n"), HasSubstr("'*' is for packets that are expected"));
  EXPECT_THAT(remarks("+0~+1 close(3) = 0\n"), HasSubstr("a range of times"));
  EXPECT_THAT(remarks("+1~+0 > . 1:1(0)\n"), HasSubstr("before its start"));
  EXPECT_THAT(remarks("+1~2 > . 1:1(0)\n"), HasSubstr("expected '+' and the end"));
  EXPECT_THAT(remarks("1~+2 > . 1:1(0)\n"), HasSubstr("expected the end of the range"));
}

TEST(ParseWhen, TimesAreExactAndBounded) {
  EXPECT_EQ(event_of(strict("+0.000000001 silence 0.1\n")).when.start.value, 1ns);
  EXPECT_THAT(remarks("-1 close(3) = 0\n"), HasSubstr("cannot be negative"));
  EXPECT_THAT(remarks("99999999999 close(3) = 0\n"), HasSubstr("too long"));
}

TEST(ParseCall, ReadsArgumentsResultErrnoAndNote) {
  const SystemCall call = call_of("fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = -1 EAGAIN (try again)");
  EXPECT_EQ(call.name, "fcntl");
  ASSERT_EQ(call.arguments.size(), 3u);
  EXPECT_EQ(call.arguments[0].as<Number>()->value, 3);
  EXPECT_EQ(call.arguments[1].as<Symbol>()->name, "F_SETFL");
  EXPECT_EQ(call.arguments[2].as<AnyOf>()->terms.size(), 2u);
  EXPECT_EQ(call.result.as<Number>()->value, -1);
  EXPECT_EQ(call.error, "EAGAIN");
  EXPECT_EQ(call.note, "try again");
}

TEST(ParseCall, NoteAloneIsForPeople) {
  const SystemCall call = call_of("fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)");
  EXPECT_EQ(call.error, "");
  EXPECT_EQ(call.note, "flags O_RDWR");
  EXPECT_EQ(extensions("+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)\n"), "");
}

TEST(ParseCall, BlockingCallHasAnEnd) {
  const Event event = event_of("+0.1...0.3 read(4, ..., 10) = 10\n");
  EXPECT_EQ(event.as<SystemCall>()->end->value, 300ms);
  EXPECT_FALSE(event.ours);
  EXPECT_THAT(remarks("+0.3...0.1 read(4, ..., 10) = 10\n"), HasSubstr("before its start"));
  EXPECT_THAT(remarks("0...+0.1 read(4, ..., 10) = 10\n"), HasSubstr("cannot be relative"));
}

TEST(ParseExpression, ReadsEveryStructure) {
  const auto kind = [](std::string_view text) {
    const SystemCall call = call_of("f(" + std::string(text) + ") = 0");
    const Struct* value = call.arguments.at(0).as<Struct>();
    EXPECT_NE(value, nullptr) << text;
    return value == nullptr ? StructKind::list : value->kind;
  };
  EXPECT_EQ(
      kind("{sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr(\"192.0.2.1\")}"),
      StructKind::sockaddr);
  EXPECT_EQ(kind("{msg_name(...)=..., msg_iov(1)=[{...,5}], msg_flags=0, msg_control=[]}"),
            StructKind::msghdr);
  EXPECT_EQ(kind("{cmsg_level=SOL_IP, cmsg_type=1, cmsg_data=2}"), StructKind::cmsghdr);
  EXPECT_EQ(kind("{scm_sec=0,scm_nsec=10}"), StructKind::scm_timestamps);
  EXPECT_EQ(kind("{ee_errno=0, ee_origin=1, ee_type=2, ee_code=3, ee_info=4, ee_data=5}"),
            StructKind::extended_error);
  EXPECT_EQ(kind("{..., 10}"), StructKind::iovec);
  EXPECT_EQ(kind("{fd=3, events=POLLIN}"), StructKind::pollfd);
  EXPECT_EQ(kind("{fd=3, events=POLLIN, revents=0}"), StructKind::pollfd);
  EXPECT_EQ(kind("{events=EPOLLIN, u64=7}"), StructKind::epoll_event);
  EXPECT_EQ(kind("{onoff=1, linger=0}"), StructKind::linger);
  EXPECT_EQ(kind("{flags [none], sum 0, off 0, key 0, seq 0}"), StructKind::gre);
  EXPECT_EQ(kind("{(label 1, tc 0, ttl 5) (label 2, tc 0, [S], ttl 5)}"), StructKind::mpls);
  EXPECT_EQ(kind("{TCP_NLA_BUSY=1, TCP_NLA_SRTT=2}"), StructKind::list);
}

TEST(ParseExpression, MembersAreChecked) {
  EXPECT_THAT(remarks("+0 f({onoff=1}) = 0\n"), HasSubstr("needs a member linger"));
  EXPECT_THAT(remarks("+0 f({fd=1, events=2, fd=3}) = 0\n"), HasSubstr("is given twice"));
  EXPECT_THAT(remarks("+0 f({onoff=1, ling=0}) = 0\n"), HasSubstr("expected a member"));
  EXPECT_THAT(remarks("+0 f({events=1, fd=2, ptr=3}) = 0\n"), HasSubstr("one of `fd`"));
  EXPECT_THAT(remarks("+0 f(inet_addr(\"1.2.3\")) = 0\n"), HasSubstr("not an address"));
}

TEST(ParseExpression, StringsSideBySideAreOne) {
  const SystemCall call = call_of("write(4, \"he\" \"llo\\n\\x41\", 7) = 7");
  EXPECT_EQ(call.arguments.at(1).as<Text>()->octets, "hello\nA");
  const SystemCall open = call_of("read(4, \"he\"..., 7) = 7");
  EXPECT_EQ(open.arguments.at(1).as<OpenText>()->text.octets, "he");
}

TEST(ParseExpression, NestingIsBounded) {
  const std::string deep = "+0 f(" + std::string(100'000, '[') + "\n";
  EXPECT_THAT(remarks(deep), HasSubstr("nested too deeply"));
}

TEST(ParseExtensions, StatesAndCounters) {
  const Event state = event_of("+0 = state(4) TIME_WAIT\n");
  EXPECT_EQ(state.as<StateAssertion>()->fd->value, 4);
  EXPECT_EQ(state.as<StateAssertion>()->state, "TIME_WAIT");
  EXPECT_TRUE(state.ours);
  EXPECT_FALSE(event_of("+0 = state CLOSED\n").as<StateAssertion>()->fd.has_value());
  EXPECT_EQ(event_of("+0 = state(@b) CLOSED\n").as<StateAssertion>()->connection, "b");
  EXPECT_THAT(remarks("+0 = state TIMEWAIT\n"), HasSubstr("'TIMEWAIT' is not a state"));

  const Event info = event_of("+0 = info(4, cwnd) >= 10\n");
  EXPECT_EQ(info.as<InfoAssertion>()->counter, "cwnd");
  EXPECT_EQ(info.as<InfoAssertion>()->comparison, Comparison::at_least);
  EXPECT_EQ(info.as<InfoAssertion>()->value.value, 10);
  EXPECT_EQ(event_of("+0 = info(cwnd) != -1\n").as<InfoAssertion>()->comparison,
            Comparison::not_equal);
  EXPECT_EQ(event_of("+0 = info(cwnd) 3\n").as<InfoAssertion>()->comparison, Comparison::equal);
}

TEST(ParseExtensions, Unpredictable) {
  const Event event = event_of("+0 = unpredictable(isn)\n");
  EXPECT_EQ(event.as<UnpredictableAssertion>()->name, "isn");
  EXPECT_TRUE(event.ours);
  EXPECT_THAT(remarks("+0 = unpredictable\n"), HasSubstr("expected '(' after 'unpredictable'"));
  EXPECT_THAT(remarks("+0 = unpredictable()\n"), HasSubstr("the name under which"));
}

TEST(ParseExtensions, SilenceAndIgnore) {
  EXPECT_EQ(event_of("+0 silence 1.5\n").as<Silence>()->duration.value, 1500ms);
  EXPECT_EQ(event_of("+0 ignore 20\n").as<Ignore>()->duration.value, 20s);
  EXPECT_NE(event_of("+0 silence(3) = 0\n").as<SystemCall>(), nullptr)
      << "a call of that name is still a call";
}

TEST(ParseExtensions, Use) {
  const Event event = event_of("use established with $mss=536, $win=0x10\n");
  const Use& use = *event.as<Use>();
  EXPECT_EQ(event.when.kind, WhenKind::none);
  EXPECT_EQ(use.prelude, "established");
  ASSERT_EQ(use.arguments.size(), 2u);
  EXPECT_EQ(use.arguments[1].value.number, 16);
  EXPECT_THAT(remarks("use a with $x=1, $x=2\n"), HasSubstr("given twice"));
  EXPECT_THAT(remarks("+0 use a\n"), HasSubstr("expected a packet"));
}

TEST(ParseExtensions, ResolveIsACall) {
  const Event event = event_of("+0...+0.2 resolve(\"a\") = [\"192.0.2.9\", \"192.0.2.10\"]\n");
  const SystemCall& call = *event.as<SystemCall>();
  EXPECT_EQ(call.end->value, 200ms);
  EXPECT_EQ(call.result.as<Array>()->elements.size(), 2u);
}

TEST(ParseEvents, CommandsAndCode) {
  EXPECT_EQ(event_of("+0 `ls\n -l`\n").as<Command>()->text, "ls\n -l");
  EXPECT_EQ(event_of("+0 %{ assert x == 1 }%\n").as<Code>()->text, "assert x == 1");
}

TEST(ParseEvents, UntimedCommandsStandFirstAndLast) {
  const Script script = parsed("`a`\n+0 close(3) = 0\n`b`\n");
  EXPECT_EQ(script.init->as<Command>()->text, "a");
  EXPECT_EQ(script.cleanup->as<Command>()->text, "b");
  EXPECT_THAT(remarks("`a`\n`b`\n+0 close(3) = 0\n"), HasSubstr("a second command"));
  EXPECT_THAT(remarks("+0 close(3) = 0\n`b`\n+0 close(4) = 0\n"), HasSubstr("between events"));
}

TEST(ParseEvents, SeveralMayStandOnOneLine) {
  EXPECT_EQ(
      parsed("+0 close(3) = 0 +0 close(4) = -1 EBADF (Bad file) +0 > . 1:1(0)\n").events.size(),
      3u);
}

}  // namespace
}  // namespace packetwright::script
