// SPDX-License-Identifier: Apache-2.0
// `packetwright faults`, and the target that has them.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/cli/command_for_test.hh"

namespace packetwright::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class FaultsTest : public CommandTest {
 protected:
  FaultsTest() { setting_.program = PW_FAULTY_COMMAND; }

  Ended faults(std::vector<std::string> words) {
    words.insert(words.begin(), "faults");
    return packetwright(words, setting_);
  }

  Setting setting_;
};

TEST_F(FaultsTest, TheOrdinaryCommandSaysHowToGetThem) {
  const Ended ended = packetwright({"faults"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("`./pw faults` builds and runs the one that has them"));
}

TEST_F(FaultsTest, AreSelectedByNameAreaGlobAndWords) {
  Ended ended = faults({"--list", "tcp.rto"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("tcp.rto.not_doubled: The retransmission timer is not"),
                               Not(HasSubstr("tcp.rst"))));
  ended = faults({"--list", "*.not_doubled"});
  EXPECT_EQ(ended.out, "tcp.rto.not_doubled: The retransmission timer is not backed off.\n");
  ended = faults({"--list", "tcp.rto", "-k", "doubled and not user"});
  EXPECT_EQ(ended.out, "tcp.rto.not_doubled: The retransmission timer is not backed off.\n");
}

TEST_F(FaultsTest, SharesAreDisjointAndComplete) {
  const std::string all = faults({"--list"}).out;
  std::size_t size = 0;
  for (const char* const share : {"1/3", "2/3", "3/3"}) {
    const std::string part = faults({"--list", "--shard", share}).out;
    EXPECT_GT(part.size(), 0u);
    size += part.size();
  }
  EXPECT_EQ(size, all.size());
}

TEST_F(FaultsTest, MistakesOfTheUserAreTold) {
  Ended ended = faults({"tcp.rto.not_douple"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("there is no fault tcp.rto.not_douple; did you mean "));
  EXPECT_EQ(faults({"--shard", "3/2"}).status, 2);
  EXPECT_EQ(faults({"-k", "and"}).status, 2);
  EXPECT_EQ(faults({"tcp.rto", "-k", "nothing_is_called_this"}).status, 2);
  EXPECT_EQ(faults({"tcp.rto", "--cases", "tcp/nothing"}).status, 2);
  ended = faults({"tcp.handshake.no_mss", "--json", "nowhere/r.json"});
  EXPECT_EQ(ended.status, 3);
}

// The handshake has a SYN,ACK with any options, and its number is acknowledged.
TEST_F(FaultsTest, TellWhatIsShownAndWhatIsNot) {
  const std::vector<std::string> words{"tcp.handshake.syn_ack_acks_nothing",
                                       "tcp.handshake.no_mss"};
  Ended ended = faults({words[0]});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("tcp.handshake     1 of 1\n"),
                               EndsWith("1 killed, 0 survived, 0 of them explained\n")));
  ended = faults({words[0], words[1], "--all", "--json", "r.json", "--markdown", "r.md"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("  x tcp.handshake.no_mss: The SYN has no MSS option.\n"),
                               HasSubstr("  tcp/handshake: tcp.handshake.syn_ack_acks_nothing\n"),
                               EndsWith("50.0 % of 2 faults are shown\n"
                                        "1 killed, 1 survived, 0 of them explained\n")));
  const json document = results();
  EXPECT_EQ(document["schema"], 1);
  EXPECT_EQ(document["summary"],
            (json{{"faults", 2}, {"killed", 1}, {"survived", 1}, {"explained", 0}}));
  EXPECT_EQ(document["faults"].size(), 2u);
  EXPECT_EQ(document["idle_cases"], json::array());
  EXPECT_THAT(text_of(root_ / "r.md"), HasSubstr("| tcp.handshake | 2 | 1 | 1 |\n"));
}

TEST_F(FaultsTest, EverythingIsTheSameWithMoreWorkers) {
  const std::vector<std::string> words{"tcp.handshake", "--all", "--json", "-"};
  std::vector<std::string> one = words, three = words;
  one.insert(one.end(), {"-j", "1"});
  three.insert(three.end(), {"-j", "3"});
  const std::string first = faults(one).out;
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, faults(three).out);
}

TEST_F(FaultsTest, ACaseThatFailsWithoutAFaultProvesNothing) {
  write(root_ / "conformance/tcp/wrong.pkt", kWrong);
  const Ended ended = faults({"tcp.handshake.no_mss"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("without any fault these fall short: tcp/wrong"));
}

TEST_F(FaultsTest, OneFaultIsATargetForOtherVerbs) {
  Ended ended = packetwright(
      {"run", "--target", "faulty:tcp.handshake.syn_ack_acks_nothing", "--no-sanity"}, setting_);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, HasSubstr("ack: want 1, got 0"));
  ended = packetwright({"run", "--target", "faulty:none"}, setting_);
  EXPECT_EQ(ended.status, 0) << ended.err;
  ended = packetwright({"run", "--target", "faulty:tcp.nothing"}, setting_);
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("there is no such fault"));
}

}  // namespace
}  // namespace packetwright::cli
