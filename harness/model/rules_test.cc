// SPDX-License-Identifier: Apache-2.0
// Whatever decides has a row in the catalogue of requirements, so that a table of the sweep can be
// traced to the text.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "harness/model/model_test_support.hh"
#include "harness/runner/catalogue.hh"

namespace packetwright::model {
namespace {

runner::Catalogue catalogue() {
  runner::Catalogue all;
  const std::filesystem::path folder =
      std::filesystem::path(PW_SOURCE_DIR) / "conformance" / "requirements";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_TRUE(all.add_csv(text).ok()) << file.path();
  }
  return all;
}

// The rules of every state for segments of all flags at, below and above the expected number.
std::set<std::string> rules_met() {
  std::set<std::string> rules;
  for (int state = 0; state <= static_cast<int>(State::time_wait); ++state) {
    for (unsigned bits = 0; bits < 32; ++bits) {
      for (const std::int32_t off : {-100, -1, 0, 1, 100'000}) {
        Variables v = at(static_cast<State>(state));
        if ((bits & 16) != 0) v = with_timestamps(v, 1000);
        const std::string flags = std::string((bits & 1) != 0 ? "F" : "") +
                                  ((bits & 2) != 0 ? "S" : "") + ((bits & 4) != 0 ? "R" : "") +
                                  ((bits & 8) != 0 ? "." : "");
        for (const std::uint32_t size : {0u, 10u}) {
          Segment seg = segment(flags, v.rcv_nxt.value() + static_cast<std::uint32_t>(off),
                                v.snd_nxt.value() + static_cast<std::uint32_t>(off), size);
          for (const Outcome& one : segment_arrives(v, seg, Choices{})) {
            rules.emplace(one.rule);
          }
          seg.tsval = 500;
          for (const Outcome& one : segment_arrives(v, seg, Choices{})) {
            rules.emplace(one.rule);
          }
        }
      }
    }
  }
  return rules;
}

TEST(RulesTest, EveryRuleThatDecidesIsInTheCatalogue) {
  const runner::Catalogue all = catalogue();
  const std::set<std::string> met = rules_met();
  EXPECT_GT(met.size(), 30u);
  for (const std::string& rule : met) EXPECT_NE(all.find(rule), nullptr) << "'" << rule << "'";
}

}  // namespace
}  // namespace packetwright::model
