// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/response.hh"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "stack/wire/address_text.hh"

namespace packetwright::dns {
namespace {

using wire::DnsName;
using wire::DnsSection;
using wire::DnsType;
using wire::DnsWriter;

constexpr IpAddress kAddress = IpAddress::v4(192, 0, 2, 9);
constexpr IpAddress kOther = IpAddress::v4(192, 0, 2, 10);
constexpr Limits kLimits{4, 3};

DnsName name_from(std::string_view text) {
  return DnsName::from_text(text).value();
}

Alias nothing_yet(std::string_view name) {
  return {name_from(name), 0, 0x7fffffff};
}

// What a response to "www.example" A means; `fill` writes its records.
Meaning meaning_of(const std::function<void(DnsWriter&)>& fill,
                   wire::DnsRcode rcode = wire::DnsRcode::noerror, DnsType type = DnsType::a,
                   std::size_t aliases_before = 0, bool asked_with_opt = true) {
  Buffer storage(4'096);
  wire::DnsHeader header;
  header.qr = header.ra = true;
  header.rcode = rcode;
  DnsWriter writer{storage, header, wire::DnsCompression::on};
  const Question question{name_from("www.example"), type};
  writer.question({question.name, type, wire::DnsClass::in});
  fill(writer);
  EXPECT_FALSE(writer.overflowed());
  Alias earlier = nothing_yet("www.example");
  earlier.aliases = aliases_before;
  return understand(wire::DnsView::parse(writer.written()).value(), question, earlier, kLimits,
                    asked_with_opt);
}

void add_soa(DnsWriter& writer) {
  writer.soa(DnsSection::authority, name_from("example"), 60,
             {name_from("ns.example"), name_from("root.example"), 1, 2, 3, 4, 5});
}

DnsError error_of(const Meaning& meaning) {
  return std::get<Negative>(meaning).error;
}

//= RFC2181-5.2-a
TEST(DnsResponse, GivesEveryAddressInTheOrderOfTheResponse) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    writer.address(DnsSection::answer, name_from("www.example"), 60, kOther)
        .address(DnsSection::answer, name_from("WWW.Example"), 10, kAddress);
  });
  const Answer& answer = std::get<Found>(meaning).answer;
  ASSERT_EQ(answer.addresses.size(), 2u);
  EXPECT_EQ(answer.addresses[0], kOther);
  EXPECT_EQ(answer.addresses[1], kAddress);
  EXPECT_EQ(answer.ttl_s, 10u);  // RFC 2181, 5.2: the lowest
  EXPECT_TRUE(same_name(answer.canonical_name, name_from("www.example")));
}

//= RFC2181-8-a
TEST(DnsResponse, ATtlWithItsHighestBitSetCountsAsZero) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    writer.address(DnsSection::answer, name_from("www.example"), 0x80000001, kAddress);
  });
  EXPECT_EQ(std::get<Found>(meaning).answer.ttl_s, 0u);
}

TEST(DnsResponse, KeepsAtMostAsManyAddressesAsItMay) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    for (int i = 0; i < 9; ++i) {
      writer.address(DnsSection::answer, name_from("www.example"), 60, kAddress);
    }
  });
  EXPECT_EQ(std::get<Found>(meaning).answer.addresses.size(), kLimits.max_results);
}

TEST(DnsResponse, FollowsAliasesInAnyOrderOfRecords) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    writer.address(DnsSection::answer, name_from("c.example"), 60, kAddress)
        .target(DnsSection::answer, name_from("b.example"), DnsType::cname, 5,
                name_from("c.example"))
        .target(DnsSection::answer, name_from("www.example"), DnsType::cname, 9,
                name_from("b.example"));
  });
  const Answer& answer = std::get<Found>(meaning).answer;
  ASSERT_EQ(answer.addresses.size(), 1u);
  EXPECT_EQ(to_string(answer.canonical_name), "c.example");
  EXPECT_EQ(answer.ttl_s, 5u);
}

//= RFC1035-7.4-a
TEST(DnsResponse, RecordsOfOtherNamesTypesClassesAndSectionsAreNotUsed) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    const DnsName name = name_from("www.example");
    writer.address(DnsSection::answer, name_from("evil.example"), 60, kOther)
        .address(DnsSection::answer, name, 60, wire::parse_address("2001:db8::1").value())
        .record(DnsSection::answer, name, DnsType::a, static_cast<wire::DnsClass>(3), 60,
                kOther.octets())
        .address(DnsSection::authority, name, 60, kOther)
        .address(DnsSection::additional, name, 60, kOther);
  });
  EXPECT_EQ(error_of(meaning), DnsError::no_data);
}

TEST(DnsResponse, UnknownTypesBeforeTheAnswerDoNotDisturb) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    const DnsName name = name_from("www.example");
    const std::uint8_t opaque[] = {0xc0, 0xff};
    writer
        .record(DnsSection::answer, name, static_cast<DnsType>(46), wire::DnsClass::in, 60, opaque)
        .address(DnsSection::answer, name, 60, kAddress);
  });
  EXPECT_EQ(std::get<Found>(meaning).answer.addresses.size(), 1u);
}

TEST(DnsResponse, ACircleOfAliasesEnds) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    writer
        .target(DnsSection::answer, name_from("www.example"), DnsType::cname, 5,
                name_from("b.example"))
        .target(DnsSection::answer, name_from("b.example"), DnsType::cname, 5,
                name_from("www.example"));
  });
  EXPECT_EQ(error_of(meaning), DnsError::too_many_aliases);
}

TEST(DnsResponse, AsManyAliasesAsAllowedAndNoMore) {
  const auto chain = [](int links) {
    return [links](DnsWriter& writer) {
      std::string owner = "www.example";
      for (int i = 0; i < links; ++i) {
        const std::string target = std::to_string(i) + ".example";
        writer.target(DnsSection::answer, name_from(owner), DnsType::cname, 5, name_from(target));
        owner = target;
      }
      writer.address(DnsSection::answer, name_from(owner), 60, kAddress);
    };
  };
  EXPECT_TRUE(std::holds_alternative<Found>(meaning_of(chain(4))));
  EXPECT_EQ(error_of(meaning_of(chain(5))), DnsError::too_many_aliases);
  // Aliases of earlier responses count.
  EXPECT_EQ(error_of(meaning_of(chain(3), wire::DnsRcode::noerror, DnsType::a, 2)),
            DnsError::too_many_aliases);
}

TEST(DnsResponse, AliasesThatLeadOutOfTheResponseAreFollowedByAsking) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    writer.target(DnsSection::answer, name_from("www.example"), DnsType::cname, 7,
                  name_from("b.example"));
  });
  const Alias& alias = std::get<Alias>(meaning);
  EXPECT_EQ(to_string(alias.name), "b.example");
  EXPECT_EQ(alias.aliases, 1u);
  EXPECT_EQ(alias.ttl_s, 7u);
}

TEST(DnsResponse, AliasesWithASoaEndInANameThatHasNothing) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    writer.target(DnsSection::answer, name_from("www.example"), DnsType::cname, 7,
                  name_from("b.example"));
    add_soa(writer);
  });
  EXPECT_EQ(error_of(meaning), DnsError::no_data);
}

TEST(DnsResponse, NxdomainIsNotNodata) {
  EXPECT_EQ(error_of(meaning_of(add_soa, wire::DnsRcode::nxdomain)), DnsError::not_found);
  EXPECT_EQ(error_of(meaning_of(add_soa)), DnsError::no_data);
  EXPECT_EQ(error_of(meaning_of([](DnsWriter&) {})), DnsError::no_data);
}

TEST(DnsResponse, AReferralMakesAServerUseless) {
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    writer.target(DnsSection::authority, name_from("example"), DnsType::ns, 7,
                  name_from("ns.example"));
  });
  EXPECT_TRUE(std::holds_alternative<UselessServer>(meaning));
}

TEST(DnsResponse, EveryOtherCodeMakesAServerUseless) {
  for (const int code : {1, 2, 4, 5, 6, 9, 15}) {
    const Meaning meaning =
        meaning_of([](DnsWriter&) {}, static_cast<wire::DnsRcode>(code), DnsType::a, 0, false);
    EXPECT_TRUE(std::holds_alternative<UselessServer>(meaning)) << code;
  }
}

//= RFC6891-6.2.2-a
TEST(DnsResponse, AServerWithoutEdnsSaysSoByCallingTheQuestionMalformed) {
  const auto nothing = [](DnsWriter&) {};
  const auto with_opt = [](DnsWriter& writer) { writer.opt({1'232, 0, 0, false, {}}); };
  for (const auto code : {wire::DnsRcode::formerr, wire::DnsRcode::notimp}) {
    EXPECT_TRUE(std::holds_alternative<NoEdns>(meaning_of(nothing, code)));
    // One that puts OPT into its answer knows what it is.
    EXPECT_TRUE(std::holds_alternative<UselessServer>(meaning_of(with_opt, code)));
  }
  EXPECT_TRUE(std::holds_alternative<UselessServer>(meaning_of(nothing, wire::DnsRcode::servfail)));
}

TEST(DnsResponse, TheUpperBitsOfTheCodeAreInTheOptRecord) {
  // BADVERS is 16: the lower four bits alone would say that all is well.
  const Meaning meaning = meaning_of([](DnsWriter& writer) {
    writer.address(DnsSection::answer, name_from("www.example"), 60, kAddress)
        .opt({1'232, 1, 0, false, {}});
  });
  EXPECT_TRUE(std::holds_alternative<NoEdns>(meaning));
  const Meaning other = meaning_of([](DnsWriter& writer) { writer.opt({1'232, 2, 0, false, {}}); },
                                   wire::DnsRcode::nxdomain);
  EXPECT_TRUE(std::holds_alternative<UselessServer>(other));
}

//= RFC6891-7-a
//= RFC6891-6.1.2-b
TEST(DnsResponse, AnOptRecordThatNobodyAskedForAndOptionsDoNotDisturb) {
  const std::uint8_t option[] = {0xff, 0xff, 0, 1, 7};
  const Meaning meaning = meaning_of(
      [&](DnsWriter& writer) {
        writer.address(DnsSection::answer, name_from("www.example"), 60, kAddress)
            .opt({1'232, 0, 0, false, option});
      },
      wire::DnsRcode::noerror, DnsType::a, 0, false);
  EXPECT_TRUE(std::holds_alternative<Found>(meaning));
}

//= RFC6891-6.1.1-a
//= RFC6891-6.1.2-a
TEST(DnsResponse, OptRecordsAreOneOfTheRootAndAdditional) {
  const auto sound = [](const std::function<void(DnsWriter&)>& fill) {
    Buffer storage(512);
    DnsWriter writer{storage, {}, wire::DnsCompression::off};
    fill(writer);
    return has_sound_opt(wire::DnsView::parse(writer.written()).value());
  };
  const wire::DnsOpt opt{1'232, 0, 0, false, {}};
  const auto size = static_cast<wire::DnsClass>(1'232);
  EXPECT_TRUE(sound([](DnsWriter&) {}));
  EXPECT_TRUE(sound([&](DnsWriter& writer) { writer.opt(opt); }));
  EXPECT_FALSE(sound([&](DnsWriter& writer) { writer.opt(opt).opt(opt); }));
  EXPECT_FALSE(sound([&](DnsWriter& writer) {
    writer.record(DnsSection::additional, name_from("a"), DnsType::opt, size, 0, {});
  }));
  EXPECT_FALSE(sound([&](DnsWriter& writer) {
    writer.record(DnsSection::answer, DnsName{}, DnsType::opt, size, 0, {});
  }));
}

//= RFC2308-5-a
//= RFC2308-5-b
TEST(DnsResponse, ANegativeAnswerHoldsForTheLowerOfTheTwoTimesOfItsSoa) {
  const auto soa = [](std::uint32_t ttl, std::uint32_t minimum) {
    return [=](DnsWriter& writer) {
      writer.soa(DnsSection::authority, name_from("example"), ttl,
                 {name_from("ns.example"), name_from("root.example"), 1, 2, 3, 4, minimum});
    };
  };
  const auto ttl_of = [](const Meaning& meaning) { return std::get<Negative>(meaning).ttl_s; };
  EXPECT_EQ(ttl_of(meaning_of(soa(60, 5))), 5u);
  EXPECT_EQ(ttl_of(meaning_of(soa(5, 60))), 5u);
  EXPECT_EQ(ttl_of(meaning_of(soa(60, 7), wire::DnsRcode::nxdomain)), 7u);
  EXPECT_EQ(ttl_of(meaning_of([](DnsWriter&) {}, wire::DnsRcode::nxdomain)), std::nullopt);
  // And no longer than the alias that led to the name which does not exist.
  const Meaning aliased = meaning_of(
      [&](DnsWriter& writer) {
        writer.target(DnsSection::answer, name_from("www.example"), DnsType::cname, 3,
                      name_from("b.example"));
        soa(60, 60)(writer);
      },
      wire::DnsRcode::nxdomain);
  EXPECT_EQ(ttl_of(aliased), 3u);
}

//= RFC2308-2.1-a
TEST(DnsResponse, ANameErrorIsNoReferralWhateverComesWithIt) {
  const Meaning meaning = meaning_of(
      [](DnsWriter& writer) {
        writer.target(DnsSection::authority, name_from("example"), DnsType::ns, 7,
                      name_from("ns.example"));
      },
      wire::DnsRcode::nxdomain);
  EXPECT_EQ(error_of(meaning), DnsError::not_found);
}

TEST(DnsResponse, ReverseLookUpsGiveNames) {
  const Meaning meaning = meaning_of(
      [](DnsWriter& writer) {
        writer
            .target(DnsSection::answer, name_from("www.example"), DnsType::ptr, 7,
                    name_from("host.example"))
            .target(DnsSection::answer, name_from("www.example"), DnsType::ptr, 7,
                    name_from("other.example"));
      },
      wire::DnsRcode::noerror, DnsType::ptr);
  const Answer& answer = std::get<Found>(meaning).answer;
  ASSERT_EQ(answer.names.size(), 2u);
  EXPECT_EQ(to_string(answer.names[1]), "other.example");
  EXPECT_TRUE(answer.addresses.empty());
}

TEST(DnsResponse, AnOptRecordIsNoAnswer) {
  const Meaning meaning =
      meaning_of([](DnsWriter& writer) { writer.opt({1'232, 0, 0, false, {}}); });
  EXPECT_EQ(error_of(meaning), DnsError::no_data);
}

}  // namespace
}  // namespace packetwright::dns
