// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/expectations.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/runner/expectation_draft.hh"

namespace packetwright::runner {
namespace {

using targets::ClockKind;
using ::testing::HasSubstr;

constexpr const char* kLedger = R"toml(
# Comments are welcome.
[[known]]
cases   = "tcp/options/timestamps/paws_*"
expect  = "fail"
symptom = "expected > . ack 1, got nothing"
why     = "PAWS not enforced (RFC 7323, section 5)"
bug     = "b/156682000"

[[known]]
cases   = "tcp/hang"
expect  = ["hang", "crash"]
variants = ["ipv6"]
symptom = "*"
why     = "loops"

[[known]]
cases   = "tcp/by_state"
params  = ["state=closing", "state=last_ack,size=0"]
expect  = "fail"
symptom = "*"
why     = "only there"
)toml";

// Another target's.
constexpr const char* kOther = R"toml(
[[known]]
cases   = ["tcp/one", "tcp/two"]
expect  = "fail"
symptom = "late"
why     = "slow"
)toml";

Result<LedgerText, std::string> find_ledger(std::string_view target) {
  if (target == "other") return LedgerText{"other.toml", kOther};
  if (target == "third") return LedgerText{"third.toml", "like = \"other\"\n"};
  return Err{std::string{"it has no list of known failures"}};
}

Expectations ledger(const char* text = kLedger, ClockKind clock = ClockKind::virtual_time) {
  auto parsed = Expectations::parse({"known.toml", text}, clock, find_ledger);
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error());
  return parsed.ok() ? *parsed : Expectations{};
}

CaseResult result(const char* id, Verdict verdict, const char* symptom) {
  CaseResult out;
  out.id = id;
  out.verdict = verdict;
  out.symptom = symptom;
  return out;
}

CaseResult applied(const Expectations& expectations, CaseResult one) {
  expectations.apply(one);
  return one;
}

TEST(Expectations, AKnownFailureWithItsSymptomIsXfail) {
  const CaseResult out = applied(ledger(), result("tcp/options/timestamps/paws_old", Verdict::fail,
                                                  "expected > . ack 1, got nothing"));
  EXPECT_EQ(out.verdict, Verdict::xfail);
  EXPECT_EQ(out.known, "PAWS not enforced (RFC 7323, section 5) [b/156682000]");
}

TEST(Expectations, AnEntryMayBeForSomeParametersOnly) {
  const auto verdict_with = [](Params params, Verdict verdict) {
    CaseResult one = result("tcp/by_state", verdict, "any");
    one.params = std::move(params);
    return applied(ledger(), std::move(one)).verdict;
  };
  EXPECT_EQ(verdict_with({{"state", "closing"}}, Verdict::fail), Verdict::xfail);
  EXPECT_EQ(verdict_with({{"state", "closing"}, {"size", "9"}}, Verdict::pass), Verdict::xpass);
  EXPECT_EQ(verdict_with({{"size", "0"}, {"state", "last_ack"}}, Verdict::fail), Verdict::xfail);
  EXPECT_EQ(verdict_with({{"size", "1"}, {"state", "last_ack"}}, Verdict::fail), Verdict::fail);
  EXPECT_EQ(verdict_with({{"state", "time_wait"}}, Verdict::pass), Verdict::pass);
  EXPECT_EQ(verdict_with({}, Verdict::fail), Verdict::fail);
}

TEST(Expectations, AShouldOrMayThatIsKnownIsXfailToo) {
  for (const Verdict verdict : {Verdict::non_strict, Verdict::info}) {
    EXPECT_EQ(applied(ledger(), result("tcp/options/timestamps/paws_old", verdict,
                                       "expected > . ack 1, got nothing"))
                  .verdict,
              Verdict::xfail);
  }
}

TEST(Expectations, AnotherSymptomIsAPlainFailure) {
  const CaseResult out = applied(
      ledger(), result("tcp/options/timestamps/paws_old", Verdict::fail, "expected A, got B"));
  EXPECT_EQ(out.verdict, Verdict::fail);
  EXPECT_THAT(out.known, HasSubstr("known.toml:3"));
}

TEST(Expectations, AnotherEndIsAPlainFailure) {
  EXPECT_EQ(applied(ledger(), result("tcp/options/timestamps/paws_old", Verdict::crash,
                                     "expected > . ack 1, got nothing"))
                .verdict,
            Verdict::crash);
}

TEST(Expectations, AnUnexpectedPassIsXpass) {
  const CaseResult out =
      applied(ledger(), result("tcp/options/timestamps/paws_old", Verdict::pass, ""));
  EXPECT_EQ(out.verdict, Verdict::xpass);
  EXPECT_THAT(out.cause, HasSubstr("known.toml:3"));
}

TEST(Expectations, OtherCasesAndVariantsAreLeftAlone) {
  EXPECT_EQ(applied(ledger(), result("tcp/other", Verdict::fail, "x")).verdict, Verdict::fail);
  CaseResult hang = result("tcp/hang", Verdict::hang, "still running");
  EXPECT_EQ(applied(ledger(), hang).verdict, Verdict::hang) << "ipv4 is not in the entry";
  hang.variant = engine::Variant::ipv6;
  EXPECT_EQ(applied(ledger(), hang).verdict, Verdict::xfail);
  hang.verdict = Verdict::crash;
  EXPECT_EQ(applied(ledger(), hang).verdict, Verdict::xfail);
}

TEST(Expectations, ErrorsAndUnsupportedAreNeverExpected) {
  for (const Verdict verdict : {Verdict::error, Verdict::unsupported}) {
    EXPECT_EQ(applied(ledger(), result("tcp/options/timestamps/paws_old", verdict, "")).verdict,
              verdict);
  }
}

TEST(Expectations, OnARealClockACaseMayPassNowAndThen) {
  const Expectations flaky = ledger(
      "[[known]]\ncases=\"a\"\nexpect=[\"pass\",\"fail\"]\nsymptom=\"late\"\nwhy=\"timer\"\n",
      ClockKind::real_time);
  EXPECT_EQ(applied(flaky, result("a", Verdict::pass, "")).verdict, Verdict::pass);
  EXPECT_EQ(applied(flaky, result("a", Verdict::fail, "too late")).verdict, Verdict::xfail);
}

TEST(Expectations, AnEntryMayNameSeveralCasesEachOfWhichCounts) {
  const Expectations several = ledger(R"toml(
[[known]]
cases   = ["tcp/one", "tcp/two_*", "tcp/gone"]
expect  = "fail"
symptom = "*"
why     = "the same reason"
)toml");
  EXPECT_EQ(applied(several, result("tcp/one", Verdict::fail, "s")).verdict, Verdict::xfail);
  EXPECT_EQ(applied(several, result("tcp/two_b", Verdict::fail, "s")).verdict, Verdict::xfail);
  EXPECT_EQ(applied(several, result("tcp/three", Verdict::fail, "s")).verdict, Verdict::fail);
  const std::vector<std::string> ids{"tcp/one", "tcp/two_a"};
  const auto stale = several.stale(ids);
  ASSERT_EQ(stale.size(), 1u);
  EXPECT_EQ(stale[0].cases, "tcp/gone");
}

TEST(Expectations, FindsEntriesThatSelectNoCase) {
  const std::vector<std::string> ids{"tcp/by_state", "tcp/hang", "tcp/other"};
  const std::vector<Known> stale = ledger().stale(ids);
  ASSERT_EQ(stale.size(), 1u);
  EXPECT_EQ(stale.front().cases, "tcp/options/timestamps/paws_*");
  EXPECT_EQ(stale.front().line, 3u);
}

TEST(Expectations, AMisreadLedgerIsAnError) {
  const auto error_of = [](const char* text, ClockKind clock = ClockKind::virtual_time) {
    const auto parsed = Expectations::parse({"k.toml", text}, clock, find_ledger);
    return parsed.ok() ? std::string{"ok"} : parsed.error();
  };
  EXPECT_EQ(error_of(""), "ok");
  EXPECT_THAT(error_of("[[known]\n"), HasSubstr("k.toml:1: "));
  EXPECT_EQ(error_of("x = 1\n"), "k.toml:1: only like, unlike and [[known]] tables may stand here");
  EXPECT_EQ(error_of("[[known]]\ncases=\"a\"\nexpect=\"fail\"\nsymptom=\"s\"\n"),
            "k.toml:1: 'why' is missing");
  EXPECT_EQ(error_of("[[known]]\ncases=\"a\"\nexpect=\"fail\"\nsymptom=\"\"\nwhy=\"w\"\n"),
            "k.toml:4: 'symptom' must be a text that is not empty");
  EXPECT_THAT(error_of("[[known]]\ncases=\"a\"\nexpect=\"fails\"\nsymptom=\"s\"\nwhy=\"w\"\n"),
              HasSubstr("not one of fail, crash, hang, pass"));
  EXPECT_THAT(
      error_of("[[known]]\ncases=\"a\"\nexpect=\"fail\"\nsymptom=\"s\"\nwhy=\"w\"\nwho=\"me\"\n"),
      HasSubstr("k.toml:6: 'who' is not a key"));
  EXPECT_THAT(error_of("[[known]]\ncases=\"a\"\nexpect=[\"pass\",\"fail\"]\nsymptom=\"s\"\n"
                       "why=\"w\"\n"),
              HasSubstr("virtual clock"));
  EXPECT_THAT(error_of("[[known]]\ncases=\"a\"\nexpect=7\nsymptom=\"s\"\nwhy=\"w\"\n"),
              HasSubstr("'expect' must be"));
}

TEST(Expectations, EntriesOfATargetThatItIsLikeHoldAsWell) {
  const Expectations like = ledger(R"toml(
like = "other"
unlike = "tcp/two"
[[known]]
cases   = "tcp/three"
expect  = "fail"
symptom = "*"
why     = "our own"
)toml");
  EXPECT_EQ(applied(like, result("tcp/three", Verdict::fail, "s")).known, "our own");
  EXPECT_EQ(applied(like, result("tcp/one", Verdict::fail, "too late")).known, "slow");
  const CaseResult passed = applied(like, result("tcp/one", Verdict::pass, ""));
  EXPECT_EQ(passed.verdict, Verdict::xpass);
  EXPECT_THAT(passed.cause, HasSubstr("other.toml:2 expects a failure"));
  // This it has not in common with the other.
  EXPECT_EQ(applied(like, result("tcp/two", Verdict::pass, "")).verdict, Verdict::pass);
  EXPECT_EQ(applied(like, result("tcp/two", Verdict::fail, "too late")).verdict, Verdict::fail);
}

TEST(Expectations, WhatItIsUnlikeMustBeACase) {
  const Expectations like = ledger("like = \"other\"\nunlike = [\"tcp/two\", \"tcp/gone\"]\n");
  const auto stale = like.stale(std::vector<std::string>{"tcp/one", "tcp/two"});
  ASSERT_EQ(stale.size(), 1u);
  EXPECT_EQ(stale[0].cases, "tcp/gone");
  EXPECT_EQ(stale[0].file, "known.toml");
  EXPECT_EQ(stale[0].line, 2u);
}

TEST(Expectations, LikeNamesATargetWithAListOfItsOwn) {
  const auto error_of = [](const char* text) {
    const auto parsed = Expectations::parse({"k.toml", text}, ClockKind::virtual_time, find_ledger);
    return parsed.ok() ? std::string{"ok"} : parsed.error();
  };
  EXPECT_EQ(error_of("like = \"other\"\n"), "ok");
  EXPECT_EQ(error_of("\nlike = \"nobody\"\n"),
            "k.toml:2: like nobody: it has no list of known failures");
  EXPECT_EQ(
      error_of("like = \"third\"\n"),
      "k.toml:1: like third: third.toml: it is like another itself, and so none can be like it");
  EXPECT_EQ(error_of("unlike = \"tcp/one\"\n"), "k.toml: unlike whom? 'like' is missing");
  EXPECT_EQ(error_of("like = 7\n"), "k.toml:1: 'like' must be a text that is not empty");
  EXPECT_EQ(error_of("like = \"other\"\nunlike = [7]\n"), "k.toml:2: 'unlike' must hold texts");
}

TEST(SymptomMatches, OccursWithBlanksFoldedAndStarsFree) {
  EXPECT_TRUE(symptom_matches("got nothing", "expected > . ack 1, got nothing"));
  EXPECT_TRUE(symptom_matches("expected  > .   ack 1", "expected > . ack 1, got nothing"));
  EXPECT_TRUE(symptom_matches("expected > * got nothing", "expected > . ack 1, got nothing"));
  EXPECT_TRUE(symptom_matches("*", "anything"));
  EXPECT_FALSE(symptom_matches("got * expected", "expected > . ack 1, got nothing"));
  EXPECT_FALSE(symptom_matches("got something", "got nothing"));
}

TEST(ExpectationDraft, ReadsBackAndMatchesWhatItWasMadeOf) {
  std::vector<CaseResult> results{
      result("tcp/a", Verdict::fail, "expected \"x\", got \\y"),
      result("tcp/b", Verdict::pass, ""),
      result("tcp/c", Verdict::hang, "still running after 20 s"),
  };
  results.push_back(results[0]);
  results.back().variant = engine::Variant::ipv6;
  results.back().verdict = Verdict::pass;
  results.push_back(results[2]);
  results[2].params = {{"mss", "536"}};
  results.back().params = {{"mss", "1460"}};
  results.back().verdict = Verdict::pass;
  const std::string draft = draft_expectations(results);
  const Expectations read = ledger(draft.c_str());
  ASSERT_EQ(read.entries().size(), 2u);
  EXPECT_EQ(applied(read, results[0]).verdict, Verdict::xfail);
  EXPECT_EQ(applied(read, results[2]).verdict, Verdict::xfail);
  EXPECT_EQ(applied(read, results[3]).verdict, Verdict::pass) << "only ipv4 failed";
  EXPECT_EQ(applied(read, results[4]).verdict, Verdict::pass) << "only mss=536 hung";
}

TEST(ExpectationDraft, HasNothingToSayOfWhatIsKnownOrBroken) {
  const std::vector<CaseResult> results{
      result("a", Verdict::xfail, "s"), result("b", Verdict::error, ""),
      result("c", Verdict::info, "s"), result("d", Verdict::unsupported, "")};
  EXPECT_EQ(draft_expectations(results), "");
}

}  // namespace
}  // namespace packetwright::runner
