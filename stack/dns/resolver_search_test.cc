// SPDX-License-Identifier: Apache-2.0
// Look-ups as applications see them: both families, search lists, the table of hosts, what is
// remembered, EDNS, and servers in turn.
#include <map>
#include <string>

#include "stack/dns/test_resolver.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::dns {
namespace {

using namespace testing_support;

const IpAddress kSix = wire::parse_address("2001:db8::9").value();

class DnsLookUp : public DnsResolver {
 protected:
  // Answers everything that is asked by name and type, as "www.example A"; "" is NODATA, what is
  // not there NXDOMAIN, "fail" SERVFAIL. Gives what was asked.
  std::vector<std::string> serve(const std::map<std::string, std::string>& zone) {
    std::vector<std::string> asked_for;
    for (std::vector<Asked> all = sent(); !all.empty(); all = sent()) {
      for (const Asked& asked : all) {
        const std::string key =
            to_string(asked.question.name) + ' ' + std::string{name_of(asked.question.type)};
        asked_for.push_back(key);
        const auto entry = zone.find(key);
        const auto rcode = entry == zone.end()       ? wire::DnsRcode::nxdomain
                           : entry->second == "fail" ? wire::DnsRcode::servfail
                                                     : wire::DnsRcode::noerror;
        const Fill fill = [&](DnsWriter& writer) {
          if (rcode == wire::DnsRcode::servfail) return;
          if (entry != zone.end() && !entry->second.empty()) {
            writer.address(DnsSection::answer, asked.question.name, 60,
                           wire::parse_address(entry->second).value());
            return;
          }
          writer.soa(DnsSection::authority, name_from("example"), 30,
                     {name_from("ns.example"), name_from("root.example"), 1, 2, 3, 4, 30});
        };
        deliver(asked,
                response_to(asked, fill, [&](wire::DnsHeader& header) { header.rcode = rcode; }));
      }
    }
    return asked_for;
  }

  std::string outcome(QueryId id) {
    const auto result = resolver().take(id);
    if (!result) return "pending";
    if (!*result) return std::string{name_of(result->error())};
    std::string text;
    for (const IpAddress& address : (*result)->addresses) {
      text += (text.empty() ? "" : " ") + wire::to_string(address);
    }
    return text;
  }
};

using Questions = std::vector<std::string>;

TEST_F(DnsLookUp, BothFamiliesAreAskedForAtOnceAndMerged) {
  const QueryId id = start("a.example", std::nullopt);
  EXPECT_EQ(serve({{"a.example A", "192.0.2.9"}, {"a.example AAAA", "2001:db8::9"}}),
            (Questions{"a.example AAAA", "a.example A"}));
  EXPECT_EQ(outcome(id), "2001:db8::9 192.0.2.9");
}

TEST_F(DnsLookUp, TheResultWaitsForBothFamilies) {
  const QueryId id = start("a.example", std::nullopt);
  const std::vector<Asked> all = sent();
  ASSERT_EQ(all.size(), 2u);
  deliver(all[1], response_to(all[1], address_of(all[1])));
  EXPECT_EQ(outcome(id), "pending");
  deliver(all[0], response_to(all[0], address_of(all[0], kSix)));
  EXPECT_EQ(outcome(id), "2001:db8::9 192.0.2.9");
}

//= RFC1123-6.1.4.2-a
TEST_F(DnsLookUp, OfBothFamiliesOneIsEnough) {
  config_.servers = {kServerA};
  QueryId id = start("a.example", std::nullopt);
  serve({{"a.example A", "192.0.2.9"}, {"a.example AAAA", ""}});
  EXPECT_EQ(outcome(id), "192.0.2.9");
  id = start("b.example", std::nullopt);
  serve({{"b.example A", "192.0.2.9"}, {"b.example AAAA", "fail"}});
  EXPECT_EQ(outcome(id), "192.0.2.9");
  id = start("c.example", std::nullopt);
  serve({});
  EXPECT_EQ(outcome(id), "not_found");
  id = start("d.example", std::nullopt);
  serve({{"d.example A", ""}, {"d.example AAAA", ""}});
  EXPECT_EQ(outcome(id), "no_data");
  // There may be something: nobody could say.
  id = start("e.example", std::nullopt);
  serve({{"e.example A", ""}, {"e.example AAAA", "fail"}});
  EXPECT_EQ(outcome(id), "server_failure");
  id = start("f.example", std::nullopt);
  serve({{"f.example A", "fail"}, {"f.example AAAA", ""}});
  EXPECT_EQ(outcome(id), "server_failure");
}

TEST_F(DnsLookUp, CancellingEndsBothQuestions) {
  const QueryId id = start("a.example", std::nullopt);
  const std::vector<Asked> all = sent();
  resolver().cancel(id);
  for (const Asked& asked : all) {
    EXPECT_EQ(deliver(asked, response_to(asked, address_of(asked))), DropReason::dns_unexpected);
  }
  EXPECT_EQ(resolver().next_deadline(), std::nullopt);
  EXPECT_EQ(resolver().query_count(), 0u);
}

//= RFC1123-6.1.4.3-b
TEST_F(DnsLookUp, AShortNameIsCompletedByOneDomainAfterTheOther) {
  config_.search = {name_from("one.example"), name_from("two.example")};
  const QueryId id = start("www");
  EXPECT_EQ(serve({{"www.two.example A", "192.0.2.9"}}),
            (Questions{"www.one.example A", "www.two.example A"}));
  EXPECT_EQ(outcome(id), "192.0.2.9");
}

TEST_F(DnsLookUp, TheSearchGoesOnBehindANameWithNothingOfThisType) {
  config_.search = {name_from("one.example"), name_from("two.example")};
  QueryId id = start("www");
  serve({{"www.one.example A", ""}, {"www.two.example A", "192.0.2.9"}});
  EXPECT_EQ(outcome(id), "192.0.2.9");
  id = start("ftp");
  serve({{"ftp.one.example A", ""}});
  EXPECT_EQ(outcome(id), "no_data");  // and not "no such name"
  id = start("irc");
  EXPECT_EQ(serve({}), (Questions{"irc.one.example A", "irc.two.example A", "irc A"}));
  EXPECT_EQ(outcome(id), "not_found");
}

TEST_F(DnsLookUp, ASoftErrorEndsTheSearch) {
  config_.servers = {kServerA};
  config_.search = {name_from("one.example"), name_from("two.example")};
  const QueryId id = start("www");
  EXPECT_EQ(serve({{"www.one.example A", "fail"}, {"www.two.example A", "192.0.2.9"}}),
            Questions{"www.one.example A"});
  EXPECT_EQ(outcome(id), "server_failure");
}

//= RFC1123-6.1.4.3-a
TEST_F(DnsLookUp, ACompleteNameIsNotSearchedFor) {
  config_.search = {name_from("one.example")};
  const QueryId id = start("www.");
  EXPECT_EQ(serve({}), Questions{"www A"});
  EXPECT_EQ(outcome(id), "not_found");
}

TEST_F(DnsLookUp, TheWholeSearchIsBounded) {
  config_.servers = {kServerA};
  config_.search = {name_from("one.example")};
  config_.max_duration = 7s;
  const QueryId id = start("www");
  const Instant started = now_;
  Asked asked = sent_one();
  while (now_ < started + 6s) {
    ASSERT_TRUE(wait());
    for (const Asked& one : sent()) asked = one;
  }
  deliver(asked, code_for(asked, wire::DnsRcode::nxdomain));
  (void)sent_one();
  while (wait()) (void)sent();
  EXPECT_EQ(now_ - started, 7s);
  EXPECT_EQ(outcome(id), "timed_out");
}

TEST_F(DnsLookUp, TheTableOfHostsComesFirst) {
  config_.hosts = HostsTable::from_text("192.0.2.7 box\n2001:db8::7 box").value();
  EXPECT_EQ(outcome(start("BOX", std::nullopt)), "192.0.2.7 2001:db8::7");
  EXPECT_EQ(outcome(start("box", Family::ipv6)), "2001:db8::7");
  config_.servers.clear();
  EXPECT_TRUE(sent().empty());
}

TEST_F(DnsLookUp, TheTableIsAllThereIsToKnowOfItsNames) {
  config_.hosts = HostsTable::from_text("192.0.2.7 box").value();
  EXPECT_EQ(outcome(start("box", Family::ipv6)), "no_data");
  EXPECT_TRUE(sent().empty());
}

//= RFC1123-6.1.1-a
TEST_F(DnsLookUp, TheTableTellsTheNameOfAnAddressToo) {
  config_.servers.clear();
  config_.hosts = HostsTable::from_text("192.0.2.7 box host").value();
  const auto id = resolver().start_reverse(now_, IpAddress::v4(192, 0, 2, 7));
  ASSERT_TRUE(id);
  const auto result = resolver().take(*id);
  ASSERT_TRUE(result && *result);
  ASSERT_EQ((*result)->names.size(), 1u);
  EXPECT_EQ(to_string((*result)->names[0]), "box");
  EXPECT_EQ(resolver().start_reverse(now_, kAddress).error(), DnsError::no_server);
}

//= RFC1123-6.1.3.1-c
//= RFC2308-5-a
TEST_F(DnsLookUp, WhatIsRememberedIsNotAskedForAgainUntilItsTimeIsOver) {
  const std::map<std::string, std::string> zone{{"a.example A", "192.0.2.9"}, {"b.example A", ""}};
  for (const char* name : {"a.example", "b.example", "c.example"}) (void)start(name);
  EXPECT_EQ(serve(zone).size(), 3u);
  now_ += 29s;
  EXPECT_EQ(outcome(start("A.example")), "192.0.2.9");
  EXPECT_EQ(outcome(start("b.example")), "no_data");
  EXPECT_EQ(outcome(start("c.example", Family::ipv6)), "not_found");
  EXPECT_TRUE(sent().empty());
  now_ += 1s;  // the negative ones are over
  (void)start("a.example");
  (void)start("b.example");
  EXPECT_EQ(serve(zone), Questions{"b.example A"});
  now_ += 30s;
  (void)start("a.example");
  EXPECT_EQ(serve(zone), Questions{"a.example A"});
}

TEST_F(DnsLookUp, OfBothFamiliesOnlyTheOneIsAskedForThatIsNotRemembered) {
  (void)start("a.example", Family::ipv4);
  serve({{"a.example A", "192.0.2.9"}});
  const QueryId id = start("a.example", std::nullopt);
  EXPECT_EQ(serve({{"a.example AAAA", "2001:db8::9"}}), Questions{"a.example AAAA"});
  EXPECT_EQ(outcome(id), "2001:db8::9 192.0.2.9");
}

TEST_F(DnsLookUp, FailuresAreNotRemembered) {
  config_.servers = {kServerA};
  EXPECT_EQ(outcome(start("a.example")), "pending");
  serve({{"a.example A", "fail"}});
  (void)start("a.example");
  EXPECT_EQ(serve({{"a.example A", "192.0.2.9"}}).size(), 1u);
}

TEST_F(DnsLookUp, RotationSharesTheLoad) {
  config_.rotate_servers = true;
  std::vector<Endpoint> first;
  for (const char* name : {"a.example", "b.example", "c.example"}) {
    (void)start(name);
    first.push_back(sent_one().datagram.to);
  }
  EXPECT_EQ(first, (std::vector<Endpoint>{kServerA, kServerB, kServerA}));
  // One that began with the second server goes on with the first.
  resolver().cancel(QueryId{1});
  resolver().cancel(QueryId{3});
  wait();
  EXPECT_EQ(sent_one().datagram.to, kServerA);
}

// RFC 6891.

//= RFC6891-6.2.3-a
//= RFC6891-6.1.2-a
TEST_F(DnsLookUp, AQuestionSaysHowLargeAnAnswerMayBe) {
  start("a.example");
  const Asked asked = sent_one();
  ASSERT_TRUE(asked.opt);
  EXPECT_EQ(asked.opt->udp_size, 1'232);
  EXPECT_EQ(asked.opt->version, 0);
  EXPECT_EQ(asked.opt->extended_rcode, 0);
  EXPECT_FALSE(asked.opt->dnssec_ok);
}

TEST_F(DnsLookUp, WithoutEdnsThereIsNoOptRecord) {
  config_.edns_udp_size = 0;
  start("a.example");
  EXPECT_FALSE(sent_one().opt);
}

//= RFC6891-6.2.3-a
TEST_F(DnsLookUp, NoSizeBelow512IsAnnounced) {
  config_.edns_udp_size = 100;
  start("a.example");
  EXPECT_EQ(sent_one().opt->udp_size, 512);
}

//= RFC6891-6.2.2-a
TEST_F(DnsLookUp, AServerWithoutEdnsIsAskedAgainWithoutItAndThenNeverWithIt) {
  for (const auto code : {wire::DnsRcode::formerr, wire::DnsRcode::notimp}) {
    resolver().set_servers({kServerB});
    resolver().set_servers({kServerA});  // what is known of a server goes with it
    const QueryId id = start("a.example");
    const Asked first = sent_one();
    EXPECT_TRUE(first.opt);
    EXPECT_EQ(deliver(first, code_for(first, code)), std::nullopt);
    const Asked second = sent_one();
    EXPECT_EQ(second.datagram.to, kServerA);
    EXPECT_FALSE(second.opt);
    EXPECT_NE(second.header.id, first.header.id);
    // The first one has had its answer: a copy of that asks no third time.
    EXPECT_EQ(deliver(first, code_for(first, code)), DropReason::dns_unexpected);
    EXPECT_TRUE(sent().empty());
    deliver(second, code_for(second, wire::DnsRcode::nxdomain));
    EXPECT_EQ(outcome(id), "not_found");
    start("b.example");
    EXPECT_FALSE(sent_one().opt);
  }
}

TEST_F(DnsLookUp, MalformedWithoutEdnsIsTheLastWord) {
  config_.servers = {kServerA};
  const QueryId id = start("a.example");
  for (int i = 0; i < 2; ++i) {
    const Asked asked = sent_one();
    deliver(asked, code_for(asked, wire::DnsRcode::formerr));
  }
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(outcome(id), "server_failure");
}

//= RFC6891-6.2.5-a
TEST_F(DnsLookUp, SilenceMakesTheAnnouncedSizeSmallerAndThenGoAway) {
  config_.servers = {kServerA};
  start("a.example");
  const auto announced = [&] {
    const Asked asked = sent_one();
    return asked.opt ? int{asked.opt->udp_size} : 0;
  };
  EXPECT_EQ(announced(), 1'232);
  wait();
  EXPECT_EQ(announced(), 512);
  wait();
  EXPECT_EQ(announced(), 0);
}

//= RFC6891-6.1.1-a
TEST_F(DnsLookUp, AResponseWithTwoOptRecordsIsMalformed) {
  const QueryId id = start("a.example");
  const Asked asked = sent_one();
  const wire::DnsOpt opt{1'232, 0, 0, false, {}};
  EXPECT_EQ(deliver(asked, response_to(asked,
                                       [&](DnsWriter& writer) {
                                         address_of(asked)(writer);
                                         writer.opt(opt).opt(opt);
                                       })),
            DropReason::dns_malformed);
  EXPECT_EQ(outcome(id), "pending");
}

TEST_F(DnsLookUp, AnAnswerOfMoreThan512OctetsIsTaken) {
  config_.max_results = 100;
  const QueryId id = start("a.example");
  const Asked asked = sent_one();
  const Buffer response = response_to(asked, [&](DnsWriter& writer) {
    for (int i = 0; i < 50; ++i) address_of(asked)(writer);
  });
  ASSERT_GT(response.size(), 512u);
  EXPECT_EQ(deliver(asked, response), std::nullopt);
  EXPECT_EQ((*resolver().take(id))->addresses.size(), 50u);
}

}  // namespace
}  // namespace packetwright::dns
