// SPDX-License-Identifier: Apache-2.0
#include "harness/report/document_writer.hh"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/sample.hh"

namespace packetwright::report {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& text) {
  const auto read = read_document(text);
  return read.ok() ? "ok" : read.error();
}

TEST(DocumentWriter, AfterEveryCaseTheStreamHoldsAWholeDocument) {
  std::stringstream out;
  DocumentWriter writer(out);
  writer.begin(to_json(sample_info()));
  std::size_t count = 0;
  const auto check = [&] {
    const Json document = Json::parse(out.str(), nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << "after " << count << " cases";
    EXPECT_EQ(document["cases"].size(), count);
    EXPECT_EQ(document["summary"]["total"], count);
    EXPECT_EQ(document["complete"], false);
    EXPECT_EQ(document["target"]["name"], "lwip");
  };
  check();
  for (const runner::CaseResult& result : sample_results()) {
    ASSERT_TRUE(writer.add(to_json(result)));
    ++count;
    check();
  }
}

TEST(DocumentWriter, SaysWhenTheStreamTakesNoMore) {
  std::stringstream out;
  DocumentWriter writer(out);
  writer.begin(to_json(sample_info()));
  out.setstate(std::ios::badbit);
  EXPECT_FALSE(writer.add(to_json(sample_results().front())));
}

// A disk with room for so many octets.
class SmallDisk : public std::stringbuf {
 public:
  explicit SmallDisk(std::streamoff room) : room_(room) {}

 protected:
  std::streamsize xsputn(const char* from, std::streamsize size) override {
    const std::streamoff at = pubseekoff(0, std::ios::cur, std::ios::out);
    return std::stringbuf::xsputn(from, std::min<std::streamsize>(size, room_ - at));
  }

 private:
  std::streamoff room_;
};

TEST(DocumentWriter, WhatAFullDiskHoldsIsMendedWhereItIsCut) {
  SmallDisk disk(3000);
  std::ostream out(&disk);
  DocumentWriter writer(out);
  writer.begin(to_json(sample_info()));
  std::size_t count = 0;
  while (count < sample_results().size() && writer.add(to_json(sample_results()[count]))) ++count;
  ASSERT_GT(count, 0u);
  ASSERT_LT(count, sample_results().size());
  EXPECT_TRUE(Json::parse(disk.str(), nullptr, false).is_discarded());
  const auto size = static_cast<std::size_t>(std::streamoff{writer.end_of_cases()});
  const std::string mended = disk.str().substr(0, size) + writer.ending();
  EXPECT_LE(mended.size(), 3000u);
  const Json document = Json::parse(mended, nullptr, false);
  ASSERT_FALSE(document.is_discarded());
  EXPECT_EQ(document["cases"].size(), count);
  EXPECT_EQ(document["summary"]["total"], count);
}

TEST(ReadDocument, NestingBeyondReasonIsRefused) {
  EXPECT_THAT(error_of(std::string(100'000, '[') + std::string(100'000, ']')),
              HasSubstr("no JSON"));
}

TEST(ReadDocument, GivesBackWhatWasWritten) {
  std::ostringstream out;
  write_document(out, sample_document());
  const auto read = read_document(out.str());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->at("cases"), sample_document().at("cases"));
  EXPECT_EQ(read->at("summary"), sample_document().at("summary"));
}

TEST(ReadDocument, OfOneThatBreaksOffEveryWholeCaseIsKept) {
  std::ostringstream out;
  write_document(out, sample_document());
  const std::string text = out.str();
  const std::size_t in_third = text.find("tcp/options/syn_ack_options");
  const auto read = read_document(text.substr(0, in_third));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->at("cases").size(), 2u);
  EXPECT_EQ(read->at("complete"), false);
  EXPECT_EQ(read->at("target").at("name"), "lwip");
}

TEST(ReadDocument, BreakingOffAnywhereIsNoCrash) {
  std::ostringstream out;
  write_document(out, sample_document());
  const std::string text = out.str();
  for (std::size_t size = 0; size < text.size(); size += 97) {
    static_cast<void>(read_document(text.substr(0, size)).ok());
  }
}

TEST(ReadDocument, OtherFilesAreNoResults) {
  EXPECT_THAT(error_of(""), HasSubstr("not the results of a run"));
  EXPECT_THAT(error_of("{}"), HasSubstr("not the results of a run"));
  EXPECT_THAT(error_of("[1, 2]"), HasSubstr("not the results of a run"));
  EXPECT_THAT(error_of("{\"schema\":2,\"cases\":[]}"), HasSubstr("schema 2"));
  EXPECT_THAT(error_of("{\"schema\":\"1\",\"cases\":[]}"), HasSubstr("schema \"1\""));
  EXPECT_EQ(error_of("{\"schema\":1,\"cases\":[]}"), "ok");
}

TEST(ReadDocument, ACaseOfTheWrongShapeIsRefusedAsAWhole) {
  for (const char* const one :
       {"7", "{}", "{\"id\":\"a\"}", "{\"id\":\"a\",\"verdict\":\"fine\"}",
        "{\"id\":7,\"verdict\":\"pass\"}", "{\"id\":\"a\",\"verdict\":\"pass\",\"params\":[]}",
        "{\"id\":\"a\",\"verdict\":\"pass\",\"wall_us\":\"x\"}",
        "{\"id\":\"a\",\"verdict\":\"pass\",\"mismatches\":[1]}"}) {
    EXPECT_THAT(error_of(std::string("{\"schema\":1,\"cases\":[") + one + "]}"),
                HasSubstr("not what schema 1 says"))
        << one;
  }
}

TEST(Document, OctetsThatAreNoUtf8AreReplaced) {
  runner::CaseResult result = sample_results().front();
  result.log = "bad \xff octet";
  const std::string text = one_line(to_json(result));
  EXPECT_FALSE(Json::parse(text, nullptr, false).is_discarded());
  EXPECT_THAT(text, HasSubstr("bad \xef\xbf\xbd octet"));
}

TEST(Document, NumbersOf64BitsAreTexts) {
  const Json one = to_json(sample_results().front());
  EXPECT_EQ(one.at("trace_hash"), "0x123456789abcdef");
  EXPECT_EQ(to_json(sample_info()).at("seed"), "0x7f3a");
}

TEST(Document, WholeNumbersOfParametersAreNumbers) {
  runner::CaseResult result;
  result.params = {{"mss", "536"}, {"mode", "fast"}};
  const Json one = to_json(result);
  EXPECT_EQ(one.at("params").at("mss"), 536);
  EXPECT_EQ(one.at("params").at("mode"), "fast");
  EXPECT_EQ(run_label(one), "[ipv4, mss=536, mode=fast]");
}

}  // namespace
}  // namespace packetwright::report
