// SPDX-License-Identifier: Apache-2.0
// Questions over TCP (RFC 7766), where UDP is too small.
#include <set>

#include "stack/dns/test_resolver.hh"

namespace packetwright::dns {
namespace {

using namespace testing_support;

class DnsOverTcp : public DnsResolver {
 protected:
  using Kind = StreamAction::Kind;

  std::vector<StreamAction> actions() {
    std::vector<StreamAction> all;
    StreamAction action;
    while (resolver().poll_stream(action)) all.push_back(action);
    return all;
  }

  // The question in a `send`, read back: behind its length, with nothing behind it.
  static Asked asked_over(const StreamAction& action) {
    EXPECT_EQ(action.kind, Kind::send);
    EXPECT_GE(action.octets.size(), 2u);
    EXPECT_EQ(load_be16(action.octets, 0), action.octets.size() - 2);
    Outgoing message;
    message.payload.assign(action.octets.begin() + 2, action.octets.end());
    return asked_by(message);
  }

  // Looks up and answers over UDP that the answer is too large.
  QueryId start_truncated(std::string_view name) {
    const QueryId id = start(name);
    const Asked asked = sent_one();
    deliver(asked, response_to(asked, address_of(asked), [](auto& header) { header.tc = true; }));
    return id;
  }

  std::optional<DropReason> arrives(StreamId stream, const Buffer& message) {
    return resolver().on_stream_octets(now_, stream, framed(message));
  }

  // start_truncated() up to the question over a connection that is open.
  struct Opened {
    QueryId id{};
    StreamId stream{};
    Asked asked;
  };
  Opened opened(std::string_view name) {
    Opened open;
    open.id = start_truncated(name);
    for (const StreamAction& action : actions()) {
      open.stream = action.stream;
      if (action.kind == Kind::send) open.asked = asked_over(action);
    }
    resolver().on_stream_connected(open.stream);
    return open;
  }
};

//= RFC7766-5-a
//= RFC2181-9-a
//= RFC1123-6.1.3.2-b
//= RFC9210-3-a
TEST_F(DnsOverTcp, ATruncatedAnswerIsAskedForOverTcpFromTheSameServer) {
  const QueryId id = start_truncated("www.example");
  const std::vector<StreamAction> all = actions();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].kind, Kind::open);
  EXPECT_EQ(all[0].server, kServerA);
  EXPECT_EQ(all[1].stream, all[0].stream);
  const Asked asked = asked_over(all[1]);
  EXPECT_EQ(to_string(asked.question.name), "www.example");
  EXPECT_TRUE(asked.header.rd);
  ASSERT_TRUE(asked.opt);
  EXPECT_EQ(asked.opt->udp_size, 1'232);
  EXPECT_TRUE(sent().empty());
  resolver().on_stream_connected(all[0].stream);
  EXPECT_FALSE(resolver().take(id));
  EXPECT_EQ(arrives(all[0].stream, response_to(asked, address_of(asked))), std::nullopt);
  expect_address(id);
}

//= RFC1035-4.2.2-a
TEST_F(DnsOverTcp, AnAnswerMayComeOctetByOctet) {
  const Opened open = opened("www.example");
  for (const std::uint8_t octet : framed(response_to(open.asked, address_of(open.asked)))) {
    EXPECT_FALSE(resolver().take(open.id));
    EXPECT_EQ(resolver().on_stream_octets(now_, open.stream, Buffer{octet}), std::nullopt);
  }
  expect_address(open.id);
}

//= RFC7766-5-b
//= RFC7766-6.2.2-a
//= RFC7766-6.2.1-a
//= RFC7766-6.2.1.1-a
TEST_F(DnsOverTcp, QuestionsToOneServerShareAConnectionAndDoNotWait) {
  const Opened first = opened("a.example");
  std::set<std::uint16_t> ids{first.asked.header.id};
  for (int i = 0; i < 20; ++i) {
    start_truncated("b.example");
    const std::vector<StreamAction> all = actions();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].stream, first.stream);
    EXPECT_TRUE(ids.insert(asked_over(all[0]).header.id).second);
  }
}

//= RFC7766-7-a
TEST_F(DnsOverTcp, AnswersMayComeInAnyOrder) {
  const Opened first = opened("a.example");
  const QueryId second = start_truncated("b.example");
  const Asked asked = asked_over(actions().at(0));
  arrives(first.stream, response_to(asked, address_of(asked)));
  expect_address(second);
  arrives(first.stream, response_to(first.asked, address_of(first.asked)));
  expect_address(first.id);
}

TEST_F(DnsOverTcp, TwoAnswersInOnePieceAreBothTaken) {
  const Opened first = opened("a.example");
  const QueryId second = start_truncated("b.example");
  const Asked asked = asked_over(actions().at(0));
  Buffer both = framed(response_to(first.asked, address_of(first.asked)));
  const Buffer other = framed(response_to(asked, address_of(asked)));
  both.insert(both.end(), other.begin(), other.end());
  EXPECT_EQ(resolver().on_stream_octets(now_, first.stream, both), std::nullopt);
  expect_address(first.id);
  expect_address(second);
}

//= RFC5452-9.1-a
//= RFC7766-7-a
TEST_F(DnsOverTcp, IdAndQuestionHaveToMatchHereToo) {
  const Opened open = opened("www.example");
  Asked other = open.asked;
  other.question.name = name_from("evil.example");
  EXPECT_EQ(arrives(open.stream, response_to(other, address_of(open.asked))),
            DropReason::dns_unexpected);
  EXPECT_EQ(arrives(open.stream, response_to(open.asked, address_of(open.asked),
                                             [](auto& header) { ++header.id; })),
            DropReason::dns_unexpected);
  EXPECT_EQ(arrives(open.stream, Buffer(5)), DropReason::dns_malformed);
  EXPECT_EQ(arrives(open.stream, {}), DropReason::dns_malformed);
  EXPECT_EQ(arrives(StreamId{99}, response_to(open.asked, address_of(open.asked))),
            DropReason::dns_unexpected);
  // Nor does an answer over UDP to what was asked over TCP count.
  Asked udp = open.asked;
  udp.datagram.to = kServerA;
  EXPECT_EQ(deliver(udp, response_to(udp, address_of(udp))), DropReason::dns_unexpected);
  EXPECT_FALSE(resolver().take(open.id));
  arrives(open.stream, response_to(open.asked, address_of(open.asked)));
  expect_address(open.id);
}

TEST_F(DnsOverTcp, AServerThatCannotBeReachedIsNotAskedAgain) {
  const QueryId id = start_truncated("www.example");
  const StreamId stream = actions().at(0).stream;
  resolver().on_stream_end(now_, stream);  // refused: it was never open
  EXPECT_TRUE(actions().empty());
  EXPECT_EQ(sent_one().datagram.to, kServerB);
  EXPECT_FALSE(resolver().take(id));
}

TEST_F(DnsOverTcp, IfNoServerSpeaksTcpTheErrorSaysThatTheAnswerIsTooLarge) {
  config_.servers = {kServerA};
  const QueryId id = start_truncated("www.example");
  resolver().on_stream_end(now_, actions().at(0).stream);
  EXPECT_EQ(error_of(id), DnsError::truncated);
  EXPECT_TRUE(is_soft(DnsError::truncated));
}

//= RFC7766-6.2.4-a
TEST_F(DnsOverTcp, AConnectionThatClosesIsOpenedOnceMore) {
  config_.servers = {kServerA};
  Opened open = opened("www.example");
  resolver().on_stream_end(now_, open.stream);
  const std::vector<StreamAction> all = actions();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].kind, Kind::open);
  EXPECT_NE(all[0].stream, open.stream);
  EXPECT_EQ(to_string(asked_over(all[1]).question.name), "www.example");
  // What the old one still brings is nobody's.
  EXPECT_EQ(arrives(open.stream, response_to(open.asked, address_of(open.asked))),
            DropReason::dns_unexpected);
  resolver().on_stream_connected(all[0].stream);
  resolver().on_stream_end(now_, all[0].stream);
  EXPECT_TRUE(actions().empty());
  EXPECT_EQ(error_of(open.id), DnsError::truncated);
}

//= RFC9210-4.1-a
TEST_F(DnsOverTcp, SilenceOverTcpMakesWayForAnotherServer) {
  const Opened open = opened("www.example");
  EXPECT_EQ(resolver().next_deadline(), now_ + config_.tcp_timeout);
  wait();
  EXPECT_EQ(sent_one().datagram.to, kServerB);
}

//= RFC7766-6.2.3-a
TEST_F(DnsOverTcp, AnIdleConnectionIsClosed) {
  const Opened open = opened("www.example");
  now_ += 1s;
  arrives(open.stream, response_to(open.asked, address_of(open.asked)));
  EXPECT_EQ(resolver().next_deadline(), now_ + config_.tcp_idle);
  wait();
  const std::vector<StreamAction> all = actions();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].kind, Kind::close);
  EXPECT_EQ(all[0].stream, open.stream);
  EXPECT_EQ(resolver().next_deadline(), std::nullopt);
  // The next question opens another one.
  start_truncated("b.example");
  EXPECT_EQ(actions().at(0).kind, Kind::open);
}

TEST_F(DnsOverTcp, AnIdleConnectionThatTheServerClosesDisturbsNobody) {
  const Opened open = opened("www.example");
  arrives(open.stream, response_to(open.asked, address_of(open.asked)));
  expect_address(open.id);
  resolver().on_stream_end(now_, open.stream);
  EXPECT_TRUE(actions().empty());
  EXPECT_EQ(resolver().next_deadline(), std::nullopt);
}

TEST_F(DnsOverTcp, ACancelledQuestionLeavesTheConnectionToOthers) {
  const Opened first = opened("a.example");
  const QueryId second = start_truncated("b.example");
  const Asked asked = asked_over(actions().at(0));
  resolver().cancel(first.id);
  EXPECT_EQ(arrives(first.stream, response_to(first.asked, address_of(first.asked))),
            DropReason::dns_unexpected);
  arrives(first.stream, response_to(asked, address_of(asked)));
  expect_address(second);
}

TEST_F(DnsOverTcp, ATruncatedAnswerOverTcpIsOfAServerThatCannot) {
  config_.servers = {kServerA};
  const Opened open = opened("www.example");
  arrives(open.stream,
          response_to(open.asked, address_of(open.asked), [](auto& header) { header.tc = true; }));
  EXPECT_EQ(error_of(open.id), DnsError::truncated);
}

TEST_F(DnsOverTcp, ASecondTruncatedAnswerAsksNoSecondTime) {
  start("www.example");
  const Asked asked = sent_one();
  const Buffer truncated =
      response_to(asked, address_of(asked), [](auto& header) { header.tc = true; });
  deliver(asked, truncated);
  EXPECT_EQ(actions().size(), 2u);
  deliver(asked, truncated);
  EXPECT_TRUE(actions().empty());
}

//= RFC6891-6.2.2-a
TEST_F(DnsOverTcp, AServerWithoutEdnsIsAskedAgainOnTheSameConnection) {
  const Opened open = opened("www.example");
  arrives(open.stream, code_for(open.asked, wire::DnsRcode::formerr));
  const std::vector<StreamAction> all = actions();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].stream, open.stream);
  const Asked asked = asked_over(all[0]);
  EXPECT_FALSE(asked.opt);
  arrives(open.stream, response_to(asked, address_of(asked)));
  expect_address(open.id);
}

TEST_F(DnsOverTcp, AnAliasThatIsAskedForStartsOverUdp) {
  const Opened open = opened("www.example");
  arrives(open.stream, response_to(open.asked, [&](DnsWriter& writer) {
            writer.target(DnsSection::answer, open.asked.question.name, DnsType::cname, 5,
                          name_from("host.example"));
          }));
  EXPECT_EQ(to_string(sent_one().question.name), "host.example");
  EXPECT_TRUE(actions().empty());
}

// A server that takes questions and answers none of them, while others cancel and ask again.
TEST_F(DnsOverTcp, QuestionsWithoutAnAnswerDoNotPileUp) {
  std::set<StreamId> open;
  std::set<StreamId> closed;
  for (int i = 0; i < 1'000; ++i) {
    const QueryId id = start_truncated("www.example");
    for (const StreamAction& action : actions()) {
      if (action.kind == Kind::open) open.insert(action.stream);
      if (action.kind == Kind::close) closed.insert(action.stream);
      if (action.kind == Kind::open) resolver().on_stream_connected(action.stream);
    }
    resolver().cancel(id);
  }
  EXPECT_EQ(open.size(), 4u);
  EXPECT_EQ(closed.size(), 3u);
}

}  // namespace
}  // namespace packetwright::dns
