// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/message.hh"

#include <gtest/gtest.h>

namespace packetwright::isolation {
namespace {

TEST(IsolationMessage, ArrivesWholeHoweverItIsCut) {
  Message first;
  first.kind = Message::Kind::done;
  first.job = 7;
  first.line = 12;
  first.wall_us = -1;
  first.result = {1, 2, 3};
  first.output = "said";
  Message second;
  second.kind = Message::Kind::retiring;
  Buffer sent;
  encode(first, sent);
  encode(second, sent);

  for (std::size_t cut = 0; cut < sent.size(); ++cut) {
    Buffer inbox{sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(cut)};
    std::vector<Message> got;
    while (auto message = decode(inbox)) got.push_back(*message);
    inbox.insert(inbox.end(), sent.begin() + static_cast<std::ptrdiff_t>(cut), sent.end());
    while (auto message = decode(inbox)) got.push_back(*message);
    ASSERT_EQ(got.size(), 2u) << cut;
    EXPECT_EQ(got[0].job, 7u);
    EXPECT_EQ(got[0].line, 12u);
    EXPECT_EQ(got[0].wall_us, -1);
    EXPECT_EQ(got[0].result, (Buffer{1, 2, 3}));
    EXPECT_EQ(got[0].output, "said");
    EXPECT_EQ(got[1].kind, Message::Kind::retiring);
    EXPECT_TRUE(inbox.empty());
  }
}

}  // namespace
}  // namespace packetwright::isolation
