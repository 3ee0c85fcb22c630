// SPDX-License-Identifier: Apache-2.0
#include "harness/script/formula.hh"

#include <gtest/gtest.h>

namespace packetwright::script {
namespace {

const ParameterValue* lookup(std::string_view name) {
  static const ParameterValue mss{ParameterValue::Kind::integer, 536, "536"};
  static const ParameterValue rto{ParameterValue::Kind::decimal, 200'000'000, "0.2"};
  static const ParameterValue state{ParameterValue::Kind::word, 0, "CLOSED"};
  if (name == "mss") return &mss;
  if (name == "rto") return &rto;
  if (name == "state") return &state;
  return nullptr;
}

std::string value_of(std::string_view formula) {
  const auto value = evaluate(formula, lookup);
  return value ? value->text : "error: " + value.error();
}

TEST(Formula, MultiplicationBindsMoreThanAddition) {
  EXPECT_EQ(value_of("1+mss*2-1"), "1072");
  EXPECT_EQ(value_of("(1+mss)*2"), "1074");
  EXPECT_EQ(value_of("10-3-2"), "5");
  EXPECT_EQ(value_of("-mss"), "-536");
  EXPECT_EQ(value_of(" 0x10 + 1 "), "17");
}

TEST(Formula, DecimalsAreExact) {
  EXPECT_EQ(value_of("rto*3"), "0.6");
  EXPECT_EQ(value_of("rto+1"), "1.2");
  EXPECT_EQ(value_of("1-rto"), "0.8");
  EXPECT_EQ(value_of("rto*rto"), "error: a decimal cannot be multiplied by a decimal");
}

TEST(Formula, WordsStandAlone) {
  EXPECT_EQ(value_of("state"), "CLOSED");
  EXPECT_EQ(value_of("state+1"), "error: words cannot be calculated with");
}

TEST(Formula, ErrorsSayWhatIsWrong) {
  EXPECT_EQ(value_of("nss"), "error: there is no parameter $nss");
  EXPECT_EQ(value_of("mss+"), "error: a formula ends where a number or a name should stand");
  EXPECT_EQ(value_of("mss/2"), "error: unexpected '/' in a formula");
  EXPECT_EQ(value_of("(mss"), "error: a '(' is not closed");
  EXPECT_EQ(value_of("9223372036854775807+1"),
            "error: the value of a formula does not fit in 64 bits");
}

TEST(Formula, ANameWithADotIsOfALiveValue) {
  EXPECT_EQ(value_of("mss+rcv.nkt"),
            "error: there is no live value 'rcv.nkt'; there are rcv.nxt rcv.wnd snd.una snd.nxt");
  EXPECT_TRUE(has_live_name("1+(rcv.nxt*2)"));
  EXPECT_FALSE(has_live_name("mss+10"));
}

TEST(Formula, ParametersCanBeFilledIn) {
  EXPECT_EQ(without_parameters("rcv.nxt - mss*0x10 + (snd.una)", lookup),
            "rcv.nxt - 536*0x10 + (snd.una)");
  const ParameterValue negative{ParameterValue::Kind::integer, -1, "-1"};
  EXPECT_EQ(without_parameters("rcv.nxt-n", [&](std::string_view) { return &negative; }),
            "rcv.nxt-(-1)");
}

TEST(Formula, NestingIsBounded) {
  EXPECT_EQ(value_of(std::string(100'000, '(')), "error: a formula is nested too deeply");
  EXPECT_EQ(value_of(std::string(100'000, '-') + "1"), "error: a formula is nested too deeply");
}

TEST(Formula, DecimalsAreReadAndPrintedExactly) {
  EXPECT_EQ(parse_decimal("0.000000001"), 1);
  EXPECT_EQ(parse_decimal(".5"), 500'000'000);
  EXPECT_EQ(parse_decimal("-2"), -2'000'000'000);
  EXPECT_EQ(parse_decimal("99999999999999"), std::nullopt);
  EXPECT_EQ(decimal_text(1), "0.000000001");
  EXPECT_EQ(decimal_text(1'500'000'000), "1.5");
  EXPECT_EQ(decimal_text(-1'000'000), "-0.001");
  EXPECT_EQ(decimal_text(0), "0");
}

TEST(Formula, IntegersHaveSixtyFourBits) {
  EXPECT_EQ(parse_integer("0xffffffffffffffff"), -1) << "wraps as it does in C";
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_integer("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_integer("-9223372036854775809"), std::nullopt);
}

}  // namespace
}  // namespace packetwright::script
