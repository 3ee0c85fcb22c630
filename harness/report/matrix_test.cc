// SPDX-License-Identifier: Apache-2.0
#include "harness/report/matrix.hh"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/sample.hh"

namespace packetwright::report {
namespace {

using ::testing::ElementsAre;

Json one_case(const char* id, const char* verdict) {
  return {{"id", id},           {"title", "A title."},
          {"variant", "ipv4"},  {"params", Json::object()},
          {"verdict", verdict}, {"places", Json::array({"RFC 1, 2", "RFC 3, 4"})}};
}

Json document(const char* target, std::vector<Json> cases) {
  return {{"target", {{"name", target}, {"version", "7"}}}, {"cases", std::move(cases)}};
}

std::vector<Json> documents() {
  return {document("one", {one_case("tcp/a", "pass"), one_case("tcp/b", "pass"),
                           one_case("tcp/c", "fail"), one_case("udp/d", "unsupported")}),
          document("two", {one_case("tcp/a", "pass"), one_case("tcp/b", "xfail"),
                           one_case("tcp/c", "non_strict"), one_case("udp/d", "pass"),
                           one_case("udp/e", "error")})};
}

TEST(Matrix, ADifferenceIsARunThatHeldHereAndNotThere) {
  const std::vector<Json> both = documents();
  const Matrix matrix = matrix_of(both);
  ASSERT_EQ(matrix.differences.size(), 1u);
  EXPECT_EQ(matrix.differences[0].name, "tcp/b [ipv4]");
  EXPECT_EQ(matrix.differences[0].places, "RFC 1, 2; RFC 3, 4");
  EXPECT_THAT(matrix.differences[0].verdicts, ElementsAre("pass", "xfail"));
}

TEST(Matrix, CountsWhatHeldOfWhatWasJudged) {
  const std::vector<Json> both = documents();
  const Matrix matrix = matrix_of(both);
  ASSERT_EQ(matrix.areas.size(), 2u);
  EXPECT_EQ(matrix.areas[0].folder, "tcp");
  EXPECT_THAT(matrix.areas[0].cells, ElementsAre(Matrix::Cell{2, 3}, Matrix::Cell{1, 3}));
  EXPECT_EQ(matrix.areas[1].folder, "udp");
  EXPECT_THAT(matrix.areas[1].cells, ElementsAre(Matrix::Cell{0, 0}, Matrix::Cell{1, 1}));
  EXPECT_THAT(matrix.total, ElementsAre(Matrix::Cell{2, 3}, Matrix::Cell{2, 4}));
}

TEST(Matrix, TwoRunsOfOneTargetHaveTwoNames) {
  const std::vector<Json> both{document("one", {}), document("one", {})};
  EXPECT_THAT(matrix_of(both).targets, ElementsAre("one", "one#2"));
}

TEST(Matrix, ReadsWellAsText) {
  const std::vector<Json> both = documents();
  std::ostringstream out;
  write_text(out, matrix_of(both), Paint(false));
  EXPECT_EQ(out.str(),
            "differences     one          two\n"
            "tcp/b [ipv4]    pass         xfail        RFC 1, 2; RFC 3, 4\n"
            "\n"
            "held of judged  one          two\n"
            "tcp             2/3          1/3\n"
            "udp             -            1/1\n"
            "all             2/3          2/4\n"
            "\n"
            "1 differences\n");
}

TEST(Matrix, AndAsTables) {
  const std::vector<Json> both = documents();
  std::ostringstream out;
  write_markdown(out, matrix_of(both));
  EXPECT_EQ(out.str(),
            "| held of judged | one | two |\n"
            "|---|---|---|\n"
            "| version | 7 | 7 |\n"
            "| `tcp` | 2/3 | 1/3 |\n"
            "| `udp` | - | 1/1 |\n"
            "| **all** | **2/3** | **2/4** |\n"
            "\n"
            "| difference | one | two |\n"
            "|---|---|---|\n"
            "| `tcp/b [ipv4]` RFC 1, 2; RFC 3, 4 | pass | xfail |\n");
}

TEST(Matrix, AndAsJson) {
  const std::vector<Json> both = documents();
  const Json json = to_json(matrix_of(both));
  EXPECT_EQ(json["targets"][1]["judged"], 4);
  EXPECT_EQ(json["differences"][0]["verdicts"]["two"], "xfail");
  EXPECT_EQ(json["areas"][0]["cells"]["one"]["held"], 2);
}

}  // namespace
}  // namespace packetwright::report
