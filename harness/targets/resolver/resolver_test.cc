// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/run_for_test.hh"
#include "harness/targets/linux/test_frames.hh"
#include "harness/targets/resolver/resolver_target.hh"

namespace packetwright::resolver {
namespace {

using engine::failure_text;
using engine::run_strict;
using linux_stack::Ends;
using std::chrono_literals::operator""ms;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const IpAddress kServer = IpAddress::v4(192, 0, 2, 1);

std::string contents(const char* path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Again where the harness was too late to tell; the machine may be busy.
engine::Outcome run_in_time(const std::string& text, targets::Target& target) {
  engine::Outcome outcome = run_strict(text, target);
  for (int i = 0; i < 20 && outcome.doubt != engine::Doubt::none; ++i) {
    outcome = run_strict(text, target);
  }
  return outcome;
}

// --- a program alone

std::string why_not(const std::string& command) {
  const auto program = Program::start(command, 500ms);
  return program ? "" : program.error();
}

TEST(Program, SaysWhatItIsAndAnswers) {
  auto program = Program::start("sh -c 'echo mine 1; while read line; do echo got $line; done'",
                                std::chrono::seconds{10});
  ASSERT_TRUE(program.ok()) << program.error();
  EXPECT_EQ(program->greeting(), "mine 1");
  EXPECT_EQ(program->answer(), std::nullopt);
  program->ask("4 www.example");
  EXPECT_EQ(program->answer(), "got 4 www.example");
  EXPECT_EQ(program->answer(), std::nullopt);
  EXPECT_FALSE(program->death().has_value());
}

TEST(Program, ThatSaysNothingIsRefused) {
  EXPECT_THAT(why_not("sleep 10"), HasSubstr("does not say in a line what it is"));
  EXPECT_THAT(why_not("cat /dev/zero"), HasSubstr("does not say in a line what it is"));
  EXPECT_THAT(why_not("true"), HasSubstr("it left with status 0"));
  EXPECT_THAT(why_not("/nowhere/to/be/found 2>/dev/null"), HasSubstr("it left with status 127"));
}

TEST(Program, TellsOfItsEnd) {
  auto program =
      Program::start("sh -c 'echo mine 1; read line; kill -9 $$'", std::chrono::seconds{10});
  ASSERT_TRUE(program.ok()) << program.error();
  program->ask("4 www.example");
  const auto death = program->death();
  ASSERT_TRUE(death.has_value());
  EXPECT_EQ(death->signal, 9);
  EXPECT_THAT(death->log, StartsWith("it was ended by "));
}

// --- behind a wire

// A resolver in a shell script, which is told in `answers` what to do with a question.
std::string script(const std::string& answers, const std::string& greeting = "mine 1") {
  return "resolver:sh -c 'echo " + greeting + "; while read line; do " + answers + "; done'";
}

class ResolverTest : public ::testing::Test {
 protected:
  // Whether it can be used here.
  bool open(const std::string& name) {
    auto opened = ResolverTarget::open(name);
    if (!opened) {
      why_ = opened.error();
      return false;
    }
    target_ = std::move(*opened);
    const auto reset = target_->reset(ends_.config);
    if (!reset) why_ = reset.error().reason;
    return reset.ok();
  }

  targets::CallResult<int> ask(const std::string& name = "www.example") {
    return target_->resolve(name, Family::ipv4, {kServer, 53});
  }
  targets::CallResult<std::vector<IpAddress>> answer_of(const std::string& answers) {
    EXPECT_TRUE(open(script(answers))) << why_;
    const auto query = ask();
    return target_->resolved(query.value());
  }
  // Queries that were sent; questions for the gateway are answered on the way.
  int count_queries() {
    int queries = 0;
    std::vector<targets::SentFrame> frames;
    while (frames.clear(), target_->drain(frames), !frames.empty()) {
      for (const targets::SentFrame& frame : frames) {
        if (const auto asked = linux_stack::arp_question(frame)) {
          target_->inject(ends_.arp_reply(*asked));
        } else if (frame.octets.size() > 38 && frame.octets[23] == 17 &&
                   load_be16(frame.octets, 36) == 53) {
          ++queries;
        }
      }
    }
    return queries;
  }

  Ends ends_;
  std::unique_ptr<ResolverTarget> target_;
  std::string why_;
};

#define NEEDS_NAMESPACES(name) \
  if (!open(name)) GTEST_SKIP() << why_

class KnownResolver : public ResolverTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(KnownResolver, AsksThePeerAndTakesItsAnswer) {
  NEEDS_NAMESPACES(std::string{"resolver:"} + GetParam());
  EXPECT_TRUE(target_->traits().has("dns"));
  const auto outcome = run_in_time(
      "//: needs dns\n"
      "0...0.05 resolve(\"www.example\") = \"192.0.2.9\"\n"
      "+0 > dns query \"www.example\" A rd\n"
      "+.05 < dns response \"www.example\" A rd ra, answer \"www.example\" 60 A 192.0.2.9\n"
      "+0...0.05 resolve(\"nobody.example\") = -1 ENOENT\n"
      "+0 > dns query \"nobody.example\" A rd\n"
      "+.05 < dns response \"nobody.example\" A rd ra nxdomain\n",
      *target_);
  EXPECT_EQ(outcome.status, engine::Status::passed) << failure_text(outcome);
}

TEST_P(KnownResolver, LooksSeveralNamesUpAtOnce) {
  NEEDS_NAMESPACES(std::string{"resolver:"} + GetParam());
  const auto first = ask("one.example");
  const auto second = ask("two.example");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
  EXPECT_EQ(count_queries(), 2);
  EXPECT_EQ(target_->resolved(*first).error(), EAGAIN);
  EXPECT_EQ(target_->resolved(*second).error(), EAGAIN);
}

TEST_P(KnownResolver, CompletesNamesAsTheKnobSays) {
  NEEDS_NAMESPACES(std::string{"resolver:"} + GetParam());
  const auto outcome = run_in_time(
      "//: needs dns\n"
      "//: set dns_search one.example\n"
      "0...0.05 resolve(\"www\") = \"192.0.2.9\"\n"
      "+0 > dns query \"www.one.example\" A rd\n"
      "+.05 < dns response \"www.one.example\" A rd ra, answer \"www.one.example\" 60 A "
      "192.0.2.9\n",
      *target_);
  EXPECT_EQ(outcome.status, engine::Status::passed) << failure_text(outcome);
}

constexpr const char* kResolvers[] = {
    PW_LIBC_RESOLVER,
#ifdef PW_MUSL_RESOLVER
    PW_MUSL_RESOLVER,
#endif
#ifdef PW_PYTHON
    PW_PYTHON " examples/resolvers/resolver.py",
#endif
};
INSTANTIATE_TEST_SUITE_P(All, KnownResolver, ::testing::ValuesIn(kResolvers));

TEST_F(ResolverTest, AFileOfOurOwnStandsForResolvConf) {
  NEEDS_NAMESPACES(script("echo ok"));
  ends_.config.knobs = {{"dns_search", "one.example"}, {"dns_ndots", "3"}};
  ASSERT_TRUE(target_->reset(ends_.config).ok());
  ASSERT_TRUE(ask().ok());
  EXPECT_EQ(contents("/etc/resolv.conf"),
            "nameserver 192.0.2.1\nsearch one.example\noptions ndots:3\n");
  EXPECT_EQ(contents("/etc/hosts"), "");
}

TEST_F(ResolverTest, ASettingThatItDoesNotHaveIsUnsupported) {
  NEEDS_NAMESPACES(script("echo ok"));
  ends_.config.knobs = {{"dns_tcp", "0"}};
  const auto reset = target_->reset(ends_.config);
  ASSERT_FALSE(reset.ok());
  EXPECT_TRUE(reset.error().unsupported);
  EXPECT_EQ(reset.error().reason, "mine 1 has no setting \"dns_tcp\"");
}

TEST_F(ResolverTest, AnswersAreAddressesOrReasons) {
  NEEDS_NAMESPACES(script("echo ok"));
  EXPECT_THAT(answer_of("echo ok 192.0.2.9 2001:db8::9").value(), ::testing::SizeIs(2));
  EXPECT_THAT(answer_of("echo ok").value(), ::testing::IsEmpty());
  EXPECT_EQ(answer_of("echo error ENODATA").error(), ENODATA);
  EXPECT_FALSE(target_->death().has_value());
}

TEST_F(ResolverTest, NonsenseIsABreachOfTheInterface) {
  NEEDS_NAMESPACES(script("echo ok"));
  for (const char* const nonsense : {"ok 192.0.2", "error EWHAT", "error", "well", ""}) {
    EXPECT_EQ(answer_of(std::string{"echo \""} + nonsense + "\"").error(), EIO) << nonsense;
    ASSERT_TRUE(target_->death().has_value()) << nonsense;
    EXPECT_EQ(target_->death()->log,
              std::string{"the resolver broke its interface: it answered \""} + nonsense + "\"");
  }
}

TEST_F(ResolverTest, ItsEndIsItsDeathAndTheNextCaseHasAnother) {
  NEEDS_NAMESPACES(script("exit 3"));
  const auto query = ask();
  EXPECT_EQ(target_->resolved(query.value()).error(), EIO);
  ASSERT_TRUE(target_->death().has_value());
  EXPECT_EQ(target_->death()->log, "the resolver died: it left with status 3");
  ASSERT_TRUE(target_->reset(ends_.config).ok());
  EXPECT_FALSE(target_->death().has_value());
}

TEST_F(ResolverTest, ItMustSayWhatItIs) {
  NEEDS_NAMESPACES(script("echo ok"));
  EXPECT_FALSE(open(script("echo ok", "mine")));
  EXPECT_THAT(why_, HasSubstr("says neither what it is nor of what version"));
  EXPECT_FALSE(open("resolver"));
  EXPECT_THAT(why_, HasSubstr("--target resolver:COMMAND"));
}

TEST_F(ResolverTest, WhatCannotBeAskedIsUnsupported) {
  NEEDS_NAMESPACES(script("echo ok"));
  EXPECT_EQ(target_->resolve("www.example", Family::ipv4, {kServer, 5353}).error(), ENOTSUP);
  EXPECT_EQ(ask("two\nlines").error(), ENOTSUP);
  EXPECT_EQ(target_->resolved(7).error(), EBADF);
  EXPECT_EQ(
      target_->socket(targets::Domain::inet, targets::SocketType::datagram, targets::Protocol::udp)
          .error(),
      ENOTSUP);
}

}  // namespace
}  // namespace packetwright::resolver
