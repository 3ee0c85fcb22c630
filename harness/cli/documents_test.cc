// SPDX-License-Identifier: Apache-2.0
// What the command writes for machines, read by a program that shares nothing with it.
#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/cli/command_for_test.hh"

namespace packetwright::cli {
namespace {

using ::testing::HasSubstr;

class DocumentsTest : public CommandTest {
 protected:
  DocumentsTest() { setting_.program = PW_FAULTY_COMMAND; }

  // What documents_check.py has to say of a file of the test; empty: nothing, it is as promised.
  std::string complaints(const std::string& kind, const std::string& file) {
    const std::string command = "cd '" + root_.string() +
                                "' && python3 '" PW_SOURCE_DIR "/harness/cli/documents_check.py' " +
                                kind + " " + file + " > said 2>&1";
    const int status = std::system(command.c_str());
    const std::string said = text_of(root_ / "said");
    return status == 0 && said == "\n" ? "" : said + "status " + std::to_string(status);
  }

  Setting setting_;
};

TEST_F(DocumentsTest, ARunWithEveryKindOfVerdict) {
  const auto with = [](const std::string& line, std::string text = kHandshake) {
    return text.insert(text.find("//: variants"), line + "\n");
  };
  std::string should = kWrong;
  should.replace(should.find("RFC1-m"), 6, "RFC1-s");
  write(root_ / "conformance/tcp/wrong.pkt", kWrong);
  write(root_ / "conformance/tcp/known.pkt", kWrong);
  write(root_ / "conformance/tcp/mended.pkt", kHandshake);
  write(root_ / "conformance/tcp/should.pkt", should);
  write(root_ / "conformance/tcp/crash.pkt", with("//: set fault assertion"));
  write(root_ / "conformance/tcp/hang.pkt", with("//: set fault hang"));
  write(root_ / "conformance/tcp/needs.pkt", with("//: needs magic"));
  write(root_ / "conformance/tcp/broken.pkt",
        "// B & <\"'> \x1b \xff.\n//: cites RFC1-m\n+0 < S\n");
  write(root_ / "conformance/expectations/faulty.toml",
        "[[known]]\ncases = \"tcp/known\"\nexpect = \"fail\"\nsymptom = \"got\"\nwhy = \"a & b\"\n"
        "[[known]]\ncases = \"tcp/mended\"\nexpect = \"fail\"\nsymptom = \"x\"\nwhy = \"#\"\n"
        "[[known]]\ncases = \"tcp/gone\"\nexpect = \"fail\"\nsymptom = \"x\"\nwhy = \"y\"\n");
  const Ended ended =
      packetwright({"run", "--target", "faulty", "--timeout", "1", "--json", "r.json", "--junit",
                    "r.xml", "--tap", "r.tap", "--pcap", "captures"},
                   setting_);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_EQ(complaints("run", "r.json"), "");
  EXPECT_EQ(complaints("junit", "r.xml"), "");
  EXPECT_EQ(complaints("tap", "r.tap"), "");
  const json summary = results()["summary"];
  for (const char* const verdict :
       {"pass", "fail", "non_strict", "xfail", "xpass", "unsupported", "crash", "hang", "error"}) {
    EXPECT_GE(summary[verdict], 1) << verdict;
  }
}

TEST_F(DocumentsTest, PerlsProveReadsTheTap) {
  if (std::system("command -v prove > /dev/null") != 0) GTEST_SKIP() << "there is no prove here";
  EXPECT_EQ(packetwright({"run", "--tap", "r.tap"}).status, 0);
  const std::string prove = "cd '" + root_.string() + "' && prove -e cat r.tap > said 2>&1";
  EXPECT_EQ(std::system(prove.c_str()), 0) << text_of(root_ / "said");
}

TEST_F(DocumentsTest, ARunThatCouldNotBegin) {
  write(root_ / "conformance/sanity.pkt", kWrong);
  EXPECT_EQ(packetwright({"run", "--json", "r.json", "--junit", "r.xml", "--tap", "r.tap"}).status,
            3);
  EXPECT_EQ(complaints("run", "r.json"), "");
  EXPECT_EQ(complaints("junit", "r.xml"), "");
}

TEST_F(DocumentsTest, TargetsAndList) {
  static_cast<void>(packetwright({"targets", "--json"}, setting_));
  EXPECT_EQ(complaints("targets", "out"), "");
  static_cast<void>(packetwright({"list", "--json"}));
  EXPECT_EQ(complaints("list", "out"), "");
}

// The reader above can find fault.
TEST_F(DocumentsTest, AFieldOfAnotherTypeIsNoticed) {
  EXPECT_EQ(packetwright({"run", "--json", "r.json"}).status, 0);
  json document = results();
  document["cases"][0]["wall_us"] = "12";
  document["cases"][0].erase("trace_hash");
  document["summary"]["pass"] = 2;
  write(root_ / "r.json", document.dump());
  const std::string said = complaints("run", "r.json");
  EXPECT_THAT(said, HasSubstr("wall_us: '12' is no int"));
  EXPECT_THAT(said, HasSubstr("there is no trace_hash"));
  EXPECT_THAT(said, HasSubstr("summary"));
}

}  // namespace
}  // namespace packetwright::cli
