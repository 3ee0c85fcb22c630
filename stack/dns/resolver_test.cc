// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "stack/dns/test_resolver.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::dns {
namespace {

using namespace testing_support;

//= RFC1035-4.1.1-b
//= RFC1035-4.1.1-c
//= RFC1035-4.2.1-a
//= RFC1123-6.1.2.2-a
//= RFC1123-6.1.2.3-a
TEST_F(DnsResolver, AsksTheFirstServerOneRecursiveQuestion) {
  start("www.example.org");
  const Asked asked = sent_one();
  EXPECT_EQ(asked.datagram.to, kServerA);
  EXPECT_GE(asked.datagram.src_port, 1'024);
  EXPECT_LE(asked.datagram.payload.size(), 512u);
  // RFC 1035, 4.1.1 and RFC 1123, 6.1.2.3: everything that is not used is zero.
  wire::DnsHeader expected;
  expected.id = asked.header.id;
  expected.rd = true;
  expected.question_count = 1;
  expected.additional_count = 1;  // EDNS
  EXPECT_EQ(asked.header, expected);
  EXPECT_EQ(to_string(asked.question.name), "www.example.org");
  EXPECT_EQ(asked.question.type, DnsType::a);
  EXPECT_EQ(asked.question.cls, wire::DnsClass::in);
  EXPECT_EQ(asked.datagram.payload.size(), 12u + 17 + 4 + 11);
}

TEST_F(DnsResolver, GivesTheAnswerOnce) {
  const QueryId id = start("www.example.org");
  const Asked asked = sent_one();
  EXPECT_FALSE(resolver().take(id));
  EXPECT_EQ(deliver(asked, response_to(asked, address_of(asked))), std::nullopt);
  expect_address(id);
  EXPECT_FALSE(resolver().take(id));
  EXPECT_EQ(resolver().query_count(), 0u);
  EXPECT_FALSE(resolver().next_deadline());
  EXPECT_FALSE(resolver().uses_port(asked.datagram.src_port));
}

TEST_F(DnsResolver, AsksForIpv6AddressesWithAaaa) {
  const QueryId id = start("www.example.org", Family::ipv6);
  const Asked asked = sent_one();
  EXPECT_EQ(asked.question.type, DnsType::aaaa);
  const IpAddress six = wire::parse_address("2001:db8::9").value();
  deliver(asked, response_to(asked, address_of(asked, six)));
  expect_address(id, six);
}

//= RFC1123-6.1.1-a
TEST_F(DnsResolver, LooksUpTheNameOfAnAddress) {
  const auto id = resolver().start_reverse(now_, kAddress);
  ASSERT_TRUE(id);
  const Asked asked = sent_one();
  EXPECT_EQ(to_string(asked.question.name), "9.2.0.192.in-addr.arpa");
  EXPECT_EQ(asked.question.type, DnsType::ptr);
  deliver(asked, response_to(asked, [&](DnsWriter& writer) {
            writer.target(DnsSection::answer, asked.question.name, DnsType::ptr, 60,
                          name_from("host.example"));
          }));
  const auto result = resolver().take(*id);
  ASSERT_TRUE(result && *result);
  ASSERT_EQ((*result)->names.size(), 1u);
  EXPECT_EQ(to_string((*result)->names[0]), "host.example");
}

TEST_F(DnsResolver, AnAddressIsItsOwnAnswer) {
  const QueryId four = start("192.0.2.9");
  const QueryId other = start("2001:db8::9");
  EXPECT_TRUE(sent().empty());
  expect_address(four);
  EXPECT_EQ(error_of(other), DnsError::no_data);
}

//= RFC1035-2.3.1-a
//= RFC1035-2.3.4-a
TEST_F(DnsResolver, NamesThatCannotBeAskNothing) {
  const std::string long_label(64, 'a');
  const std::string label(63, 'a');
  const std::string long_name = label + '.' + label + '.' + label + '.' + label;
  for (const std::string& name :
       {std::string{}, std::string{"."}, std::string{"a..b"}, long_label, long_name}) {
    const auto id = resolver().start(now_, name, Family::ipv4);
    ASSERT_FALSE(id) << name;
    EXPECT_EQ(id.error(), DnsError::invalid_name);
  }
  EXPECT_TRUE(sent().empty());
}

TEST_F(DnsResolver, WithoutServersEveryLookUpFailsAtOnce) {
  config_.servers.clear();
  EXPECT_EQ(resolver().start(now_, "www.example", Family::ipv4).error(), DnsError::no_server);
}

TEST_F(DnsResolver, NoMoreLookUpsThanConfigured) {
  config_.max_queries = 2;
  const QueryId first = start("a.example");
  start("b.example");
  EXPECT_EQ(resolver().start(now_, "c.example", Family::ipv4).error(), DnsError::too_many_queries);
  resolver().cancel(first);
  EXPECT_TRUE(resolver().start(now_, "c.example", Family::ipv4));
  const std::vector<Asked> all = sent();  // what was cancelled is not sent any more
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(to_string(all[0].question.name), "b.example");
}

// RFC 5452, 9.1: everything has to match.

//= RFC5452-9.1-a
//= RFC1035-4.1.1-a
//= RFC1035-7.3-a
TEST_F(DnsResolver, AResponseIsBelievedOnlyIfEverythingMatches) {
  const QueryId id = start("www.example.org");
  const Asked asked = sent_one();
  const Buffer good = response_to(asked, address_of(asked));
  const Endpoint from = asked.datagram.to;
  const std::uint16_t port = asked.datagram.src_port;
  const auto changed = [&](const std::function<void(wire::DnsHeader&)>& change) {
    return response_to(asked, address_of(asked), change);
  };
  const auto asking = [&](wire::DnsQuestion question) {
    Asked other = asked;
    other.question = std::move(question);
    return response_to(other, address_of(asked));
  };

  const Endpoint stranger{IpAddress::v4(192, 0, 2, 99), 53};
  const Endpoint other_port{from.address, 5'353};
  EXPECT_EQ(resolver().on_datagram(now_, stranger, port, good), DropReason::dns_unexpected);
  EXPECT_EQ(resolver().on_datagram(now_, other_port, port, good), DropReason::dns_unexpected);
  EXPECT_EQ(resolver().on_datagram(now_, kServerB, port, good), DropReason::dns_unexpected);
  EXPECT_EQ(resolver().on_datagram(now_, from, static_cast<std::uint16_t>(port ^ 1), good),
            DropReason::dns_unexpected);
  EXPECT_EQ(deliver(asked, changed([](wire::DnsHeader& header) { ++header.id; })),
            DropReason::dns_unexpected);
  EXPECT_EQ(deliver(asked, changed([](wire::DnsHeader& header) { header.qr = false; })),
            DropReason::dns_unexpected);
  EXPECT_EQ(deliver(asked, changed([](wire::DnsHeader& header) { header.opcode = 2; })),
            DropReason::dns_unexpected);
  EXPECT_EQ(deliver(asked, asking({name_from("www.example.com"), DnsType::a, wire::DnsClass::in})),
            DropReason::dns_unexpected);
  EXPECT_EQ(deliver(asked, asking({asked.question.name, DnsType::aaaa, wire::DnsClass::in})),
            DropReason::dns_unexpected);
  EXPECT_EQ(
      deliver(asked, asking({asked.question.name, DnsType::a, static_cast<wire::DnsClass>(3)})),
      DropReason::dns_unexpected);
  Buffer two_questions = good;
  two_questions[5] = 2;
  EXPECT_EQ(deliver(asked, two_questions), DropReason::dns_unexpected);

  // None of it disturbed the wait for the genuine answer.
  EXPECT_FALSE(resolver().take(id));
  EXPECT_EQ(deliver(asked, good), std::nullopt);
  expect_address(id);
}

//= RFC1035-2.3.3-a
TEST_F(DnsResolver, TheNameInAResponseMayDifferInCase) {
  const QueryId id = start("Example.COM");
  Asked asked = sent_one();
  asked.question.name = name_from("eXaMpLe.cOm");
  EXPECT_EQ(deliver(asked, response_to(asked, address_of(asked))), std::nullopt);
  expect_address(id);
}

TEST_F(DnsResolver, WithMixedCaseTheNameIsRepeatedExactly) {
  config_.mix_case = true;
  const QueryId id = start("www.example-of-some-length.org");
  const Asked asked = sent_one();
  EXPECT_TRUE(same_name(asked.question.name, name_from("www.example-of-some-length.org")));
  EXPECT_FALSE(asked.question.name == name_from("www.example-of-some-length.org"));
  Asked other = asked;
  other.question.name = name_from("www.example-of-some-length.org");
  EXPECT_EQ(deliver(other, response_to(other, address_of(other))), DropReason::dns_unexpected);
  EXPECT_EQ(deliver(asked, response_to(asked, address_of(asked))), std::nullopt);
  expect_address(id);
}

// RFC 9267: malformed responses from whoever knows id and port. Each one is ignored, and the good
// answer behind it is still taken.

class DnsResolverMalformed : public DnsResolver {
 protected:
  DnsResolverMalformed() { config_.max_cached = 0; }  // the same question again and again

  // `tail` comes behind the question; the counts say one answer, unless `spoil` says otherwise.
  void expect_ignored(std::string_view tail, const std::function<void(Buffer&)>& spoil = {}) {
    const QueryId id = start("www.example.org");
    const Asked asked = sent_one();
    Buffer message = response_to(asked, [](DnsWriter&) {});
    store_be16(message, 6, 1);
    const Buffer record = wire::hex(tail);
    message.insert(message.end(), record.begin(), record.end());
    if (spoil) spoil(message);
    const auto reason = deliver(asked, message);
    EXPECT_TRUE(reason == DropReason::dns_malformed || reason == DropReason::dns_unexpected)
        << tail;
    EXPECT_FALSE(resolver().take(id)) << tail;
    EXPECT_EQ(deliver(asked, response_to(asked, address_of(asked))), std::nullopt) << tail;
    expect_address(id);
  }
};

constexpr std::string_view kRestOfA = "00 01 00 01 00 00 00 3c 00 04 c0 00 02 09";

//= RFC1035-4.1.4-b
TEST_F(DnsResolverMalformed, CompressionPointers) {
  const std::string rest{kRestOfA};
  expect_ignored("c0 21 " + rest);  // to itself: the record starts at 33
  expect_ignored("c0 ff " + rest);  // past the end
  expect_ignored("ff ff " + rest);
  expect_ignored("c0 23 " + rest);              // forward
  expect_ignored("c0 02 " + rest);              // into the header
  expect_ignored("03 77 77 77 c0 21 " + rest);  // to its own labels
  // Two names that point to each other, in the owner and in RDATA.
  expect_ignored("c0 0c 00 05 00 01 00 00 00 3c 00 02 c0 2d");
}

TEST_F(DnsResolverMalformed, LengthsOfLabelsAndNames) {
  const std::string rest{kRestOfA};
  expect_ignored("3f 61 00 " + rest.substr(0, 2));  // a label past the end
  expect_ignored("40 61 00 " + rest);               // the reserved kinds
  expect_ignored("80 61 00 " + rest);
  std::string label = "3f";
  for (int i = 0; i < 63; ++i) label += " 61";
  expect_ignored(label + label + label + label + "00 " + rest);  // 257 octets
}

TEST_F(DnsResolverMalformed, NamesWithoutAnEnd) {
  expect_ignored("03 77 77 77");
  expect_ignored("");
  expect_ignored("c0");
}

//= RFC1035-4.1.3-b
TEST_F(DnsResolverMalformed, DataLengths) {
  expect_ignored("c0 0c 00 01 00 01 00 00 00 3c 00 05 c0 00 02 09");  // past the end
  expect_ignored("c0 0c 00 01 00 01 00 00 00 3c ff ff c0 00 02 09");
  expect_ignored("c0 0c 00 01 00 01 00 00 00 3c 00 03 c0 00 02");  // not an address
  expect_ignored(
      "c0 0c 00 01 00 01 00 00 00 3c 00 10 c0 00 02 09 00 00 00 00 00 00 00 00 00 00 00 00");
  expect_ignored("c0 0c 00 05 00 01 00 00 00 3c 00 01 c0 0c");     // within a name
  expect_ignored("c0 0c 00 05 00 01 00 00 00 3c 00 03 c0 0c 00");  // behind a name
  expect_ignored("c0 0c 00 05 00 01 00 00 00 3c 00 00");
}

TEST_F(DnsResolverMalformed, Counts) {
  const std::string record = "c0 0c " + std::string{kRestOfA};
  for (const std::size_t offset : {6u, 8u, 10u}) {
    expect_ignored(record, [offset](Buffer& message) { store_be16(message, offset, 0xffff); });
  }
  expect_ignored(record, [](Buffer& message) { store_be16(message, 4, 0); });
}

TEST_F(DnsResolverMalformed, EmptyAndShortMessages) {
  for (std::size_t size = 0; size < 12; ++size) {
    expect_ignored("", [size](Buffer& message) { message.resize(size); });
  }
  expect_ignored("", [](Buffer& message) { message.resize(12); });
}

// RFC 1035, 4.2.1 and RFC 1123, 6.1.3.3: silence.

//= RFC1035-4.2.1-b
//= RFC1035-4.2.1-c
//= RFC1035-4.2.1-d
//= RFC1123-6.1.3.3-a
//= RFC1123-6.1.3.3-b
//= RFC1123-6.1.3.3-c
//= RFC1123-6.1.3.1-b
TEST_F(DnsResolver, AsksOtherServersBeforeTheSameAgainAndWaitsLongerEachRound) {
  const QueryId id = start("www.example.org");
  std::vector<Endpoint> asked;
  std::vector<Duration> gaps;
  Instant before = now_;
  for (Asked one = sent_one();; one = sent_one()) {
    asked.push_back(one.datagram.to);
    ASSERT_TRUE(wait());
    gaps.push_back(now_ - before);
    before = now_;
    if (!resolver().next_deadline()) break;
  }
  EXPECT_EQ(asked,
            (std::vector<Endpoint>{kServerA, kServerB, kServerA, kServerB, kServerA, kServerB}));
  EXPECT_EQ(gaps, (std::vector<Duration>{2s, 2s, 4s, 4s, 8s, 8s}));
  EXPECT_EQ(error_of(id), DnsError::timed_out);
  EXPECT_TRUE(is_soft(DnsError::timed_out));
}

TEST_F(DnsResolver, WaitsAreBounded) {
  config_.servers = {kServerA};
  config_.rounds = 6;
  config_.max_timeout = 5s;
  start("www.example.org");
  std::vector<Duration> gaps;
  for (Instant before = now_; wait(); before = now_) gaps.push_back(now_ - before);
  EXPECT_EQ(gaps, (std::vector<Duration>{2s, 4s, 5s, 5s, 5s, 5s}));
}

TEST_F(DnsResolver, TheWholeLookUpIsBounded) {
  config_.max_duration = 7s;
  const QueryId id = start("www.example.org");
  const Instant started = now_;
  std::size_t questions = sent().size();
  while (wait()) questions += sent().size();
  EXPECT_EQ(now_ - started, 7s);
  EXPECT_EQ(questions, 3u);  // after 0, 2 and 4 s; none when it ends
  EXPECT_EQ(error_of(id), DnsError::timed_out);
}

TEST_F(DnsResolver, NothingHappensBeforeTheDeadline) {
  start("www.example.org");
  (void)sent_one();
  resolver().on_deadline(now_ + 1'999'999'999ns);
  EXPECT_TRUE(sent().empty());
  resolver().on_deadline(now_ + 2s);
  EXPECT_EQ(sent().size(), 1u);
}

TEST_F(DnsResolver, EveryTransmissionHasItsOwnPortAndId) {
  start("www.example.org");
  const Asked first = sent_one();
  wait();
  const Asked second = sent_one();
  EXPECT_NE(first.datagram.src_port, second.datagram.src_port);
  EXPECT_NE(first.header.id, second.header.id);
}

//= RFC1035-7.3-b
TEST_F(DnsResolver, AnAnswerToAnEarlierTransmissionIsTaken) {
  const QueryId id = start("www.example.org");
  const Asked first = sent_one();
  wait();
  (void)sent_one();
  EXPECT_EQ(deliver(first, response_to(first, address_of(first))), std::nullopt);
  expect_address(id);
}

TEST_F(DnsResolver, AResponseAtThePortOfAnotherQuestionIsUnexpected) {
  start("www.example.org", Family::ipv4);
  start("www.example.org", Family::ipv6);
  const std::vector<Asked> all = sent();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(resolver().on_datagram(now_, kServerA, all[1].datagram.src_port,
                                   response_to(all[0], address_of(all[0]))),
            DropReason::dns_unexpected);
}

TEST_F(DnsResolver, NothingIsSentForALookUpThatIsOver) {
  const QueryId id = start("www.example.org");
  const Asked first = sent_one();
  wait();  // the second question waits to be sent when the answer to the first one comes
  deliver(first, response_to(first, address_of(first)));
  EXPECT_TRUE(sent().empty());
  // Nor while the result waits to be taken.
  resolver().on_deadline(now_ + 60s);
  EXPECT_TRUE(sent().empty());
  expect_address(id);
}

TEST_F(DnsResolver, AnAnswerToACancelledLookUpIsUnexpected) {
  const QueryId id = start("www.example.org");
  const Asked asked = sent_one();
  resolver().cancel(id);
  EXPECT_EQ(deliver(asked, response_to(asked, address_of(asked))), DropReason::dns_unexpected);
  EXPECT_FALSE(resolver().next_deadline());
}

// RFC 1035, 7.2: servers that cannot.

//= RFC1035-7.2-a
TEST_F(DnsResolver, AServerThatCannotIsNotAskedAgain) {
  const QueryId id = start("www.example.org");
  const Asked first = sent_one();
  EXPECT_EQ(deliver(first, code_for(first, wire::DnsRcode::refused)), std::nullopt);
  std::vector<Endpoint> asked;
  do {
    for (const Asked& one : sent()) asked.push_back(one.datagram.to);
  } while (wait());
  EXPECT_EQ(asked, (std::vector<Endpoint>{kServerB, kServerB, kServerB}));
  EXPECT_EQ(error_of(id), DnsError::timed_out);
}

TEST_F(DnsResolver, ServersThatAllCannotEndTheLookUp) {
  const QueryId id = start("www.example.org");
  for (int i = 0; i < 2; ++i) {
    const Asked asked = sent_one();
    deliver(asked, code_for(asked, wire::DnsRcode::servfail));
  }
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(error_of(id), DnsError::server_failure);
}

TEST_F(DnsResolver, TheNextServerMayKnow) {
  const QueryId id = start("www.example.org");
  const Asked first = sent_one();
  deliver(first, code_for(first, wire::DnsRcode::servfail));
  const Asked second = sent_one();
  EXPECT_EQ(second.datagram.to, kServerB);
  deliver(second, response_to(second, address_of(second)));
  expect_address(id);
}

TEST_F(DnsResolver, ALateFailureDoesNotCutShortTheWaitForAnotherServer) {
  start("www.example.org");
  const Asked first = sent_one();
  wait();
  (void)sent_one();
  const auto deadline = resolver().next_deadline();
  deliver(first, code_for(first, wire::DnsRcode::servfail));
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(resolver().next_deadline(), deadline);
}

TEST_F(DnsResolver, AnUnreachableServerIsOneThatCannot) {
  const QueryId id = start("www.example.org");
  const Asked first = sent_one();
  resolver().on_unreachable(now_, kServerB, first.datagram.src_port);
  resolver().on_unreachable(now_, kServerA,
                            static_cast<std::uint16_t>(first.datagram.src_port ^ 1));
  EXPECT_TRUE(sent().empty());  // about datagrams that were never sent
  resolver().on_unreachable(now_, kServerA, first.datagram.src_port);
  const Asked second = sent_one();
  EXPECT_EQ(second.datagram.to, kServerB);
  resolver().on_unreachable(now_, kServerB, second.datagram.src_port);
  EXPECT_EQ(error_of(id), DnsError::server_failure);
}

//= RFC1035-4.1.1-d
//= RFC1123-6.1.4.2-a
TEST_F(DnsResolver, NegativeAnswersAreHardErrors) {
  QueryId id = start("www.example.org");
  Asked asked = sent_one();
  deliver(asked, code_for(asked, wire::DnsRcode::nxdomain));
  EXPECT_EQ(error_of(id), DnsError::not_found);
  EXPECT_FALSE(is_soft(DnsError::not_found));
  id = start("www.example.org");
  asked = sent_one();
  deliver(asked, code_for(asked, wire::DnsRcode::noerror));
  EXPECT_EQ(error_of(id), DnsError::no_data);
}

//= RFC2181-9-a
TEST_F(DnsResolver, ATruncatedAnswerIsNotUsedEvenIfItHoldsAddresses) {
  config_.use_tcp = false;
  const QueryId id = start("www.example.org");
  const Asked asked = sent_one();
  Buffer response =
      response_to(asked, address_of(asked), [](wire::DnsHeader& header) { header.tc = true; });
  response.resize(response.size() - 2);  // cut in the middle of a record
  EXPECT_EQ(deliver(asked, response), std::nullopt);
  EXPECT_EQ(error_of(id), DnsError::truncated);
}

TEST_F(DnsResolver, AnAliasWithoutItsTargetIsAskedForInTurn) {
  const QueryId id = start("www.example.org");
  Asked asked = sent_one();
  deliver(asked, response_to(asked, [&](DnsWriter& writer) {
            writer.target(DnsSection::answer, asked.question.name, DnsType::cname, 5,
                          name_from("host.example.net"));
          }));
  const Asked next = sent_one();
  EXPECT_EQ(to_string(next.question.name), "host.example.net");
  EXPECT_NE(next.header.id, asked.header.id);
  // The first question has had its answer.
  EXPECT_EQ(deliver(asked, response_to(asked, address_of(asked))), DropReason::dns_unexpected);
  deliver(next, response_to(next, address_of(next)));
  const auto result = resolver().take(id);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(to_string((*result)->canonical_name), "host.example.net");
  EXPECT_EQ((*result)->ttl_s, 5u);  // of the alias
}

TEST_F(DnsResolver, TheQuestionForAnAliasStartsAfreshWithAllServers) {
  start("www.example.org");
  Asked asked = sent_one();
  deliver(asked, code_for(asked, wire::DnsRcode::refused));
  (void)sent_one();
  wait();
  asked = sent_one();  // the second round, of the second server alone
  EXPECT_EQ(asked.datagram.to, kServerB);
  deliver(asked, response_to(asked, [&](DnsWriter& writer) {
            writer.target(DnsSection::answer, asked.question.name, DnsType::cname, 5,
                          name_from("host.example.net"));
          }));
  const Asked next = sent_one();
  EXPECT_EQ(next.datagram.to, kServerA);
  EXPECT_EQ(resolver().next_deadline(), now_ + config_.initial_timeout);
}

//= RFC1035-7.1-a
TEST_F(DnsResolver, ACircleOfAliasesOverManyResponsesEnds) {
  const QueryId id = start("a.example");
  int questions = 0;
  for (std::vector<Asked> all = sent(); !all.empty(); all = sent()) {
    ASSERT_LT(++questions, 100);
    const Asked& asked = all.front();
    const bool is_a = to_string(asked.question.name) == "a.example";
    deliver(asked, response_to(asked, [&](DnsWriter& writer) {
              writer.target(DnsSection::answer, asked.question.name, DnsType::cname, 5,
                            name_from(is_a ? "b.example" : "a.example"));
            }));
  }
  EXPECT_EQ(questions, config_.max_aliases + 1);
  EXPECT_EQ(error_of(id), DnsError::too_many_aliases);
}

//= RFC1035-7.4-a
TEST_F(DnsResolver, RecordsOfOtherNamesAreNotUsedForLaterLookUps) {
  const QueryId id = start("www.example.org");
  const Asked asked = sent_one();
  deliver(asked, response_to(asked, [&](DnsWriter& writer) {
            writer.address(DnsSection::answer, asked.question.name, 60, kAddress)
                .address(DnsSection::additional, name_from("bank.example"), 60, kAddress);
          }));
  expect_address(id);
  start("bank.example");
  EXPECT_EQ(sent().size(), 1u);
}

//= RFC1123-6.1.3.1-a
//= RFC1035-4.2.1-e
//= RFC5452-9.2-b
TEST_F(DnsResolver, LookUpsGoOnSideBySideInAnyOrder) {
  const QueryId four = start("www.example.org", Family::ipv4);
  const QueryId six = start("www.example.org", Family::ipv6);
  const std::vector<Asked> all = sent();
  ASSERT_EQ(all.size(), 2u);  // nothing waits for anything
  EXPECT_NE(all[0].datagram.src_port, all[1].datagram.src_port);
  const IpAddress address = wire::parse_address("2001:db8::9").value();
  deliver(all[1], response_to(all[1], address_of(all[1], address)));
  expect_address(six, address);
  deliver(all[0], response_to(all[0], address_of(all[0])));
  expect_address(four);
}

// RFC 5452, 9.2: ids and ports.

//= RFC5452-9.2-a
//= RFC5452-9.2-c
TEST_F(DnsResolver, PortsAndIdsAreSpreadOverTheirRanges) {
  constexpr int kQueries = 2'000;
  std::vector<int> ports(16);
  std::vector<int> ids(16);
  std::set<std::uint16_t> lowest_port;
  for (int i = 0; i < kQueries; ++i) {
    const QueryId id = start("www.example.org");
    const Asked asked = sent_one();
    ASSERT_GE(asked.datagram.src_port, 1'024);
    ++ports[asked.datagram.src_port >> 12];
    ++ids[asked.header.id >> 12];
    resolver().cancel(id);
  }
  // 125 are expected in each sixteenth (94 in the first one of the ports); 60 is six deviations
  // off.
  for (int i = 0; i < 16; ++i) {
    EXPECT_GT(ports[static_cast<std::size_t>(i)], i == 0 ? 40 : 60) << i;
    EXPECT_LT(ports[static_cast<std::size_t>(i)], 190) << i;
    EXPECT_GT(ids[static_cast<std::size_t>(i)], 60) << i;
    EXPECT_LT(ids[static_cast<std::size_t>(i)], 190) << i;
  }
}

TEST_F(DnsResolver, TheSameSeedAsksTheSameAndAnotherOneDoesNot) {
  const auto first_question = [](std::uint64_t seed) {
    ResolverConfig config;
    config.servers = {kServerA};
    Resolver resolver{config, Rng{seed}};
    EXPECT_TRUE(resolver.start(Instant{}, "www.example", Family::ipv4));
    Outgoing out;
    EXPECT_TRUE(resolver.poll_output(out));
    return std::pair{out.src_port, out.payload};
  };
  EXPECT_EQ(first_question(7), first_question(7));
  EXPECT_NE(first_question(7), first_question(8));
}

TEST_F(DnsResolver, PortsOfOthersAndOfOtherQuestionsAreNotDrawn) {
  config_.first_port = 40'000;
  config_.last_port = 40'003;
  Resolver resolver{config_, Rng{1}, [](std::uint16_t port) { return port != 40'002; }};
  std::set<std::uint16_t> ports;
  Outgoing out;
  for (const char* name : {"a.example", "b.example", "c.example"}) {
    ASSERT_TRUE(resolver.start(now_, name, Family::ipv4));
    ASSERT_TRUE(resolver.poll_output(out));
    ports.insert(out.src_port);
  }
  EXPECT_EQ(ports, (std::set<std::uint16_t>{40'000, 40'001, 40'003}));
  // Without a port nothing can be sent, and that is no reason to fall over.
  const auto id = resolver.start(now_, "d.example", Family::ipv4);
  ASSERT_TRUE(id);
  EXPECT_FALSE(resolver.poll_output(out));
  EXPECT_TRUE(resolver.next_deadline());
}

TEST_F(DnsResolver, AConfigurationThatMakesNoSenseDoesNoHarm) {
  ResolverConfig config;
  config.servers.assign(1'000, kServerA);
  config.rounds = 0;
  config.initial_timeout = -1s;
  config.max_timeout = Duration::min();
  config.max_duration = Duration::max();
  config.first_port = 0;
  config.last_port = 0;
  config.max_results = 0;
  Resolver resolver{config, Rng{1}};
  EXPECT_EQ(resolver.config().servers.size(), 8u);
  ASSERT_TRUE(resolver.start(now_, "www.example", Family::ipv4));
  int steps = 0;
  while (const auto deadline = resolver.next_deadline()) {
    ASSERT_GT(*deadline, now_);
    ASSERT_LT(++steps, 100);
    now_ = *deadline;
    resolver.on_deadline(now_);
  }
}

TEST_F(DnsResolver, NewServersAreAskedFromThenOn) {
  start("www.example.org");
  (void)sent_one();
  const Endpoint third{IpAddress::v4(192, 0, 2, 55), 53};
  resolver().set_servers({third});
  wait();
  EXPECT_EQ(sent_one().datagram.to, third);
}

TEST_F(DnsResolver, RandomOctetsDoNotDisturbAndNeverCrash) {
  const QueryId id = start("www.example.org");
  const Asked asked = sent_one();
  const Buffer good = response_to(asked, address_of(asked));
  Rng rng{9};
  for (int round = 0; round < 5'000; ++round) {
    Buffer message = good;
    // The header and the question stay, so that the records are read.
    for (int i = 0; i < 3; ++i) {
      message[33 + rng.below(message.size() - 33)] = static_cast<std::uint8_t>(rng.next());
    }
    message.resize(33 + rng.below(message.size() - 32));
    message[6 + rng.below(6)] = static_cast<std::uint8_t>(rng.below(4));
    // The same seed asks with the same id from the same port.
    Resolver twin{config_, Rng{seed_}};
    ASSERT_TRUE(twin.start(now_, "www.example.org", Family::ipv4));
    (void)twin.on_datagram(now_, asked.datagram.to, asked.datagram.src_port, message);
  }
  deliver(asked, good);
  expect_address(id);
}

}  // namespace
}  // namespace packetwright::dns
