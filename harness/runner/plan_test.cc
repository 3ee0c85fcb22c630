// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/plan.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::runner {
namespace {

using engine::Variant;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Case sample(const char* id, std::vector<Variant> variants, std::vector<std::string> names = {""}) {
  Case one;
  one.id = id;
  one.variants = std::move(variants);
  for (const std::string& name : names) one.combinations.push_back({{}, name});
  return one;
}

targets::Traits traits(std::vector<std::string> capabilities) {
  targets::Traits out;
  out.capabilities = std::move(capabilities);
  return out;
}

std::vector<std::string> names_of(const Result<std::vector<PlannedRun>, std::string>& runs) {
  if (!runs) return {runs.error()};
  std::vector<std::string> names;
  for (const PlannedRun& run : *runs) names.push_back(full_name(blank_result(run, "t")));
  return names;
}

TEST(Plan, VariantsAreWhatTheCaseHasAndTheTargetCanDo) {
  const std::vector<Case> cases{sample("a", {Variant::ipv4, Variant::ipv6})};
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4", "ipv6"}), {})),
              ElementsAre("a [ipv4]", "a [ipv6]"));
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4"}), {})), ElementsAre("a [ipv4]"));
}

TEST(Plan, ACaseTheTargetCannotRunStillHasARun) {
  const std::vector<Case> cases{sample("ndp", {Variant::ipv6})};
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4"}), {})), ElementsAre("ndp [ipv6]"));
}

TEST(Plan, VariantsThatAUserNamesAreKeptEvenIfUnsupported) {
  const std::vector<Case> cases{sample("a", {Variant::ipv4, Variant::ipv6}),
                                sample("arp", {Variant::ipv4})};
  PlanOptions options;
  options.variants = {Variant::ipv6};
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4"}), options)), ElementsAre("a [ipv6]"));
}

TEST(Plan, MappedAddressesAreForCasesOverIpv4) {
  const std::vector<Case> cases{sample("arp", {Variant::ipv4}), sample("ndp", {Variant::ipv6})};
  PlanOptions options;
  options.variants = {Variant::ipv4_mapped_ipv6};
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4", "ipv6", "ipv4_mapped_ipv6"}), options)),
              ElementsAre("arp [ipv4-mapped-ipv6]"));
}

TEST(Plan, ParametersMultiplyAndCanBeChosen) {
  const std::vector<Case> cases{sample("a", {Variant::ipv4}, {"mss=536,win=1", "mss=1460,win=1"})};
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4"}), {})),
              ElementsAre("a [ipv4, mss=536, win=1]", "a [ipv4, mss=1460, win=1]"));
  PlanOptions options;
  options.params = {"mss=1460"};
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4"}), options)),
              ElementsAre("a [ipv4, mss=1460, win=1]"));
  options.params = {"mss=1461"};
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4"}), options)),
              ElementsAre("no selected case has the parameter mss=1461; did you mean mss=1460?"));
  options.params = {"mss"};
  EXPECT_THAT(names_of(plan(cases, traits({"ipv4"}), options)),
              ElementsAre("--param mss: expected NAME=VALUE"));
}

TEST(Plan, SeedsFollowFromTheCaseAndNothingElse) {
  const std::vector<Case> one{sample("a", {Variant::ipv4}, {"x=1", "x=2"})};
  const std::vector<Case> two{sample("0", {Variant::ipv4}), sample("a", {Variant::ipv4}, {"x=1"})};
  const auto first = plan(one, traits({"ipv4"}), {}).value();
  const auto second = plan(two, traits({"ipv4"}), {}).value();
  EXPECT_EQ(first[0].seed, second[1].seed);
  EXPECT_NE(first[0].seed, first[1].seed);
  PlanOptions other;
  other.seed = 1;
  EXPECT_NE(plan(one, traits({"ipv4"}), other).value()[0].seed, first[0].seed);
}

TEST(Plan, ASharePlansOnlyItsCases) {
  std::vector<Case> cases;
  for (int i = 0; i < 20; ++i) {
    cases.push_back(sample(("case_" + std::to_string(i)).c_str(), {Variant::ipv4}));
  }
  PlanOptions first, second;
  first.shard = {1, 2}, second.shard = {2, 2};
  const auto a = plan(cases, traits({"ipv4"}), first).value();
  const auto b = plan(cases, traits({"ipv4"}), second).value();
  EXPECT_EQ(a.size() + b.size(), cases.size());
  EXPECT_FALSE(a.empty());
  EXPECT_FALSE(b.empty());
}

}  // namespace
}  // namespace packetwright::runner
