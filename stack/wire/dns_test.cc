// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/dns.hh"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "stack/wire/address_text.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

// One question for www.example.org and its answer, spelt out.
constexpr std::string_view kHeader = "12 34 81 80 00 01 00 01 00 00 00 00";
constexpr std::string_view kQuestion =
    "03 77 77 77 07 65 78 61 6d 70 6c 65 03 6f 72 67 00 00 01 00 01";
constexpr std::string_view kAnswer = "c0 0c 00 01 00 01 00 00 00 3c 00 04 c0 00 02 09";

DnsName name_from(std::string_view text) {
  return DnsName::from_text(text).value();
}

Buffer message_of(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return hex(text);
}

// The only record of a message whose header promises one answer and no question.
Result<DnsRecord, ParseError> only_record(const Buffer& message) {
  DnsWalk walk{DnsView::parse(message).value()};
  return walk.next_record().value();
}

Buffer one_record(const std::string& record) {
  return message_of({"00 00 80 00 00 00 00 01 00 00 00 00", record});
}

TEST(WireDnsHeader, ReadsAndEmitsEveryBit) {
  const Buffer octets = hex("12 34 ff ff 00 01 00 02 00 03 00 04");
  const auto header = DnsHeader::parse(octets);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->id, 0x1234);
  EXPECT_TRUE(header->qr && header->aa && header->tc && header->rd && header->ra);
  EXPECT_EQ(header->opcode, 15);
  EXPECT_EQ(header->z, 7);
  EXPECT_EQ(static_cast<int>(header->rcode), 15);
  EXPECT_EQ(header->additional_count, 4);
  EXPECT_EQ(emitted(*header), octets);
}

TEST(WireDnsHeader, EachBitIsInItsPlace) {
  // RFC 1035, 4.1.1.
  const auto flags_of = [](DnsHeader header) { return load_be16(emitted(header), 2); };
  DnsHeader header;
  EXPECT_EQ(flags_of(header), 0);
  header.qr = true;
  EXPECT_EQ(flags_of(header), 0x8000);
  header = {};
  header.opcode = 1;
  EXPECT_EQ(flags_of(header), 0x0800);
  header = {};
  header.aa = true;
  EXPECT_EQ(flags_of(header), 0x0400);
  header = {};
  header.tc = true;
  EXPECT_EQ(flags_of(header), 0x0200);
  header = {};
  header.rd = true;
  EXPECT_EQ(flags_of(header), 0x0100);
  header = {};
  header.ra = true;
  EXPECT_EQ(flags_of(header), 0x0080);
  header = {};
  header.z = 1;
  EXPECT_EQ(flags_of(header), 0x0010);
}

TEST(WireDns, RefusesLessThanAHeader) {
  for (std::size_t n = 0; n < 12; ++n) {
    const Buffer message(n);
    EXPECT_EQ(DnsView::parse(message).error(),
              (ParseError{ParseErrc::truncated, Layer::dns, 0, 12, static_cast<std::uint32_t>(n)}));
  }
}

TEST(WireDns, ReadsAQuestionAndItsAnswer) {
  const Buffer message = message_of({kHeader, kQuestion, kAnswer});
  const DnsView view = DnsView::parse(message).value();
  EXPECT_TRUE(view.check());
  DnsWalk walk{view};
  const auto question = walk.next_question();
  ASSERT_TRUE(question && *question);
  EXPECT_EQ(to_string((*question)->name), "www.example.org");
  EXPECT_EQ((*question)->type, DnsType::a);
  EXPECT_EQ((*question)->cls, DnsClass::in);
  EXPECT_FALSE(walk.next_question());
  const auto answer = walk.next_record();
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->section, DnsSection::answer);
  EXPECT_EQ(to_string((*answer)->owner), "www.example.org");
  EXPECT_EQ((*answer)->ttl_s, 60u);
  EXPECT_EQ((*answer)->address().value(), IpAddress::v4(192, 0, 2, 9));
  EXPECT_FALSE(walk.next_record());
  EXPECT_EQ(walk.offset(), message.size());
}

TEST(WireDns, RecordsAreReadWithoutReadingTheQuestionsFirst) {
  const Buffer message = message_of({kHeader, kQuestion, kAnswer});
  DnsWalk walk{DnsView::parse(message).value()};
  const auto answer = walk.next_record();
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->type, DnsType::a);
}

TEST(WireDns, KnowsTheSectionOfEveryRecord) {
  const std::string_view record = "00 00 01 00 01 00 00 00 00 00 04 c0 00 02 01";
  const Buffer message =
      message_of({"00 00 80 00 00 00 00 01 00 01 00 01", record, record, record});
  DnsWalk walk{DnsView::parse(message).value()};
  EXPECT_EQ(walk.next_record().value()->section, DnsSection::answer);
  EXPECT_EQ(walk.next_record().value()->section, DnsSection::authority);
  EXPECT_EQ(walk.next_record().value()->section, DnsSection::additional);
  EXPECT_FALSE(walk.next_record());
}

TEST(WireDns, EveryCutIsAnErrorOnce) {
  const Buffer whole = message_of({kHeader, kQuestion, kAnswer});
  for (std::size_t n = 12; n < whole.size(); ++n) {
    const Buffer message = to_buffer(Bytes{whole}.first(n));
    const DnsView view = DnsView::parse(message).value();
    EXPECT_FALSE(view.check()) << n;
    DnsWalk walk{view};
    const auto item = walk.next_record();
    ASSERT_TRUE(item) << n;
    ASSERT_FALSE(*item) << n;
    EXPECT_EQ(item->error().code, ParseErrc::truncated) << n;
    EXPECT_FALSE(walk.next_record()) << n;
    EXPECT_FALSE(walk.next_question()) << n;
  }
}

// RFC 9267, 5: RDLENGTH.

//= RFC1035-4.1.3-b
TEST(WireDns, RefusesAnRdlengthPastTheEnd) {
  const Buffer message = one_record("00 00 01 00 01 00 00 00 00 00 05 c0 00 02 01");
  EXPECT_EQ(only_record(message).error(),
            (ParseError{ParseErrc::truncated, Layer::dns, 21, 28, 27}));
}

//= RFC3596-2.2-a
TEST(WireDns, RefusesAnAddressOfTheWrongSize) {
  EXPECT_EQ(
      only_record(one_record("00 00 01 00 01 00 00 00 00 00 03 c0 00 02"))->address().error().code,
      ParseErrc::bad_length);
  EXPECT_EQ(only_record(one_record("00 00 01 00 01 00 00 00 00 00 05 c0 00 02 01 01"))
                ->address()
                .error()
                .code,
            ParseErrc::bad_length);
  for (const char* text :
       {"00 00 1c 00 01 00 00 00 00 00 0f 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
        "00 00 1c 00 01 00 00 00 00 00 11 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d "
        "0e 0f 10 11"}) {
    const Buffer message = one_record(text);
    EXPECT_EQ(only_record(message)->address().error().code, ParseErrc::bad_length);
    EXPECT_FALSE(DnsView::parse(message).value().check());
  }
}

TEST(WireDns, RefusesANameThatEndsElsewhereThanItsRdata) {
  // One octet too many in RDATA, and one too few.
  EXPECT_FALSE(only_record(one_record("00 00 05 00 01 00 00 00 00 00 04 01 61 00 00"))->target());
  EXPECT_FALSE(only_record(one_record("00 00 05 00 01 00 00 00 00 00 02 01 61 00"))->target());
  EXPECT_TRUE(only_record(one_record("00 00 05 00 01 00 00 00 00 00 03 01 61 00"))->target());
}

TEST(WireDns, RefusesAnEmptyRdataWhereANameBelongs) {
  const Buffer message = one_record("00 00 05 00 01 00 00 00 00 00 00");
  EXPECT_FALSE(only_record(message)->target());
}

TEST(WireDns, ATypedReaderRefusesAnotherType) {
  const Buffer message = one_record("00 00 01 00 01 00 00 00 00 00 04 c0 00 02 01");
  const DnsRecord record = only_record(message).value();
  EXPECT_EQ(record.target().error().code, ParseErrc::bad_value);
  EXPECT_FALSE(record.mx() || record.soa() || record.txt() || record.opt());
}

// RFC 9267, 6: counts.

TEST(WireDns, CountsThatPromiseTooMuchEndWhereTheOctetsEnd) {
  Buffer message = message_of({kHeader, kQuestion, kAnswer});
  for (const std::size_t offset : {4u, 6u, 8u, 10u}) {
    Buffer lying = message;
    store_be16(lying, offset, 0xffff);
    const DnsView view = DnsView::parse(lying).value();
    EXPECT_FALSE(view.check()) << offset;
    DnsWalk walk{view};
    std::size_t items = 0;
    while (walk.next_record()) ++items;
    EXPECT_LE(items, 2u) << offset;
  }
}

TEST(WireDns, ReadsMxSoaTxtAndOpt) {
  const Buffer mx = one_record("00 00 0f 00 01 00 00 00 05 00 06 00 0a 02 6d 78 00");
  ASSERT_TRUE(only_record(mx)->mx());
  EXPECT_EQ(only_record(mx)->mx()->preference, 10);
  EXPECT_EQ(to_string(only_record(mx)->mx()->exchange), "mx");

  // The names take 4 and 3 octets, the numbers 20.
  constexpr std::string_view kNumbers =
      "00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05";
  const Buffer soa = one_record("01 61 00 00 06 00 01 00 00 00 05 00 1b 01 6d c0 0c 01 72 00" +
                                std::string{kNumbers});
  const auto authority = only_record(soa)->soa();
  ASSERT_TRUE(authority);
  EXPECT_EQ(to_string(authority->mname), "m.a");
  EXPECT_EQ(to_string(authority->rname), "r");
  EXPECT_EQ(authority->serial, 1u);
  EXPECT_EQ(authority->minimum_s, 5u);
  const Buffer too_long = one_record("01 61 00 00 06 00 01 00 00 00 05 00 1c 01 6d c0 0c 01 72 00" +
                                     std::string{kNumbers} + "00");
  EXPECT_EQ(only_record(too_long)->soa().error().code, ParseErrc::bad_length);

  const Buffer txt = one_record("00 00 10 00 01 00 00 00 05 00 05 02 68 69 01 21");
  const auto strings = only_record(txt)->txt();
  ASSERT_TRUE(strings);
  ASSERT_EQ(strings->count(), 2u);
  EXPECT_EQ(to_buffer(strings->string(0)), text_octets("hi"));
  EXPECT_EQ(to_buffer(strings->string(1)), text_octets("!"));
  EXPECT_FALSE(only_record(one_record("00 00 10 00 01 00 00 00 05 00 03 03 68 69"))->txt());

  const Buffer opt = one_record("00 00 29 04 d0 07 00 80 00 00 04 00 0a 00 00");
  const auto edns = only_record(opt)->opt();
  ASSERT_TRUE(edns);
  EXPECT_EQ(edns->udp_size, 1'232);
  EXPECT_EQ(edns->extended_rcode, 7);
  EXPECT_EQ(edns->version, 0);
  EXPECT_TRUE(edns->dnssec_ok);
  EXPECT_EQ(edns->options.size(), 4u);
}

//= RFC1123-6.1.3.5-a
TEST(WireDns, ARecordThatIsCutOrHasSomethingBehindIsRefused) {
  // Behind a preference a name has at least its end.
  EXPECT_EQ(only_record(one_record("00 00 0f 00 01 00 00 00 05 00 02 00 0a"))->mx().error().code,
            ParseErrc::bad_length);
  EXPECT_FALSE(only_record(one_record("00 00 0f 00 01 00 00 00 05 00 04 00 0a 02 6d"))->mx());
  EXPECT_EQ(
      only_record(one_record("00 00 0f 00 01 00 00 00 05 00 04 00 0a 00 00"))->mx().error().code,
      ParseErrc::bad_length);
  EXPECT_FALSE(only_record(one_record("00 00 06 00 01 00 00 00 05 00 02 02 6d"))->soa());
  EXPECT_FALSE(only_record(one_record("00 00 06 00 01 00 00 00 05 00 03 00 02 6d"))->soa());
  // A whole message is refused for it.
  for (const std::string_view type : {"02", "05", "0c"}) {
    const std::string start = "00 00 " + std::string{type} + " 00 01 00 00 00 00 ";
    EXPECT_FALSE(DnsView::parse(one_record(start + "00 02 02 6d"))->check()) << type;
    EXPECT_TRUE(DnsView::parse(one_record(start + "00 03 01 6d 00"))->check()) << type;
    EXPECT_EQ(to_string(only_record(one_record(start + "00 03 01 6d 00"))->target().value()), "m");
  }
  // 255 is a question and no record; if it is one all the same, nothing is known of it.
  EXPECT_TRUE(DnsView::parse(one_record("00 00 ff 00 01 00 00 00 00 00 01 2a"))->check());
}

TEST(WireDns, AnAddressIsReadOfARecordOfAddressesOnly) {
  EXPECT_EQ(only_record(one_record("00 00 05 00 01 00 00 00 00 00 01 00"))->address().error().code,
            ParseErrc::bad_value);
}

TEST(WireDns, UnknownTypesDoNotSpoilAMessage) {
  const Buffer message = one_record("00 ff fe 00 01 00 00 00 05 00 03 c0 c0 c0");
  EXPECT_TRUE(DnsView::parse(message).value().check());
  EXPECT_EQ(static_cast<int>(only_record(message)->type), 0xfffe);
}

TEST(WireDns, NamesLeadBothWays) {
  for (const DnsType type : {DnsType::a, DnsType::aaaa, DnsType::cname, DnsType::opt}) {
    EXPECT_EQ(dns_type_by_name(name_of(type)), type);
  }
  EXPECT_EQ(dns_rcode_by_name(name_of(DnsRcode::nxdomain)), DnsRcode::nxdomain);
  EXPECT_EQ(dns_type_by_name("aaaa"), std::nullopt);
  EXPECT_EQ(name_of(static_cast<DnsType>(999)), "");
  EXPECT_EQ(name_of(static_cast<DnsRcode>(99)), "");
  EXPECT_EQ(dns_rcode_by_name("nonsense"), std::nullopt);
}

DnsHeader response_header() {
  DnsHeader header;
  header.id = 0x1234;
  header.qr = header.rd = header.ra = true;
  return header;
}

TEST(WireDnsWriter, MakesTheMessageSpeltOutAbove) {
  std::array<std::uint8_t, 128> storage{};
  const DnsName name = name_from("www.example.org");
  DnsWriter writer{storage, response_header(), DnsCompression::on};
  writer.question({name, DnsType::a, DnsClass::in})
      .address(DnsSection::answer, name, 60, IpAddress::v4(192, 0, 2, 9));
  EXPECT_FALSE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()), message_of({kHeader, kQuestion, kAnswer}));
}

TEST(WireDnsWriter, WithoutCompressionEveryNameIsSpeltOut) {
  std::array<std::uint8_t, 128> storage{};
  const DnsName name = name_from("www.example.org");
  DnsWriter writer{storage, response_header(), DnsCompression::off};
  writer.question({name, DnsType::a, DnsClass::in})
      .address(DnsSection::answer, name, 60, IpAddress::v4(192, 0, 2, 9));
  EXPECT_EQ(writer.written().size(), message_of({kHeader, kQuestion, kAnswer}).size() + 15);
}

TEST(WireDnsWriter, EveryRecordReadsBackCompressedOrNot) {
  for (const DnsCompression compression : {DnsCompression::off, DnsCompression::on}) {
    std::array<std::uint8_t, 1'024> storage{};
    const DnsName owner = name_from("example.org");
    const DnsName mail = name_from("mail.Example.org");
    const DnsSoa soa{name_from("ns.example.org"), name_from("root.example.org"), 1, 2, 3, 4, 5};
    const Buffer hello = text_octets("hello");
    const std::array<Bytes, 2> strings{Bytes{hello}, Bytes{}};
    const Buffer opaque = hex("c0 00 ff");
    DnsWriter writer{storage, response_header(), compression};
    writer.question({owner, DnsType::any, DnsClass::in})
        .address(DnsSection::answer, owner, 1, parse_address("2001:db8::1").value())
        .target(DnsSection::answer, owner, DnsType::cname, 2, mail)
        .mx(DnsSection::answer, owner, 3, {10, mail})
        .soa(DnsSection::authority, owner, 4, soa)
        .txt(DnsSection::authority, owner, 5, strings)
        .record(DnsSection::additional, owner, static_cast<DnsType>(65'000), DnsClass::in, 6,
                opaque)
        .opt({1'232, 1, 0, true, opaque});
    ASSERT_FALSE(writer.overflowed());
    const Buffer message = to_buffer(writer.written());
    const DnsView view = DnsView::parse(message).value();
    ASSERT_TRUE(view.check()) << to_string(view.check().error());
    EXPECT_EQ(view.header().answer_count, 3);
    EXPECT_EQ(view.header().authority_count, 2);
    EXPECT_EQ(view.header().additional_count, 2);
    DnsWalk walk{view};
    EXPECT_EQ(walk.next_question().value()->name, owner);
    EXPECT_EQ(walk.next_record().value()->address().value(), parse_address("2001:db8::1").value());
    EXPECT_EQ(walk.next_record().value()->target().value(), mail);
    const DnsRecord mx = walk.next_record().value().value();
    EXPECT_EQ(mx.ttl_s, 3u);
    EXPECT_EQ(mx.mx()->exchange, mail);
    const DnsSoa read = walk.next_record().value()->soa().value();
    EXPECT_EQ(read.mname, soa.mname);
    EXPECT_EQ(read.rname, soa.rname);
    EXPECT_EQ(read.serial, 1u);
    EXPECT_EQ(read.minimum_s, 5u);
    EXPECT_EQ(to_buffer(walk.next_record().value()->txt()->string(0)), hello);
    EXPECT_EQ(to_buffer(walk.next_record().value()->rdata), opaque);
    EXPECT_EQ(walk.next_record().value()->opt()->udp_size, 1'232);
    EXPECT_EQ(walk.offset(), message.size());
  }
}

TEST(WireDnsWriter, CompressionPointsToTheLongestNameThatIsThere) {
  std::array<std::uint8_t, 256> storage{};
  DnsWriter writer{storage, response_header(), DnsCompression::on};
  writer.question({name_from("www.example.org"), DnsType::a, DnsClass::in})
      .target(DnsSection::answer, name_from("www.example.org"), DnsType::cname, 1,
              name_from("ftp.example.org"));
  // The target is its first label and a pointer to "example.org", at 12 + 4.
  EXPECT_EQ(to_buffer(writer.written().last(6)), hex("03 66 74 70 c0 10"));
}

TEST(WireDnsWriter, CompressionDoesNotChangeHowANameIsSpelt) {
  std::array<std::uint8_t, 256> storage{};
  DnsWriter writer{storage, response_header(), DnsCompression::on};
  writer.question({name_from("example.org"), DnsType::a, DnsClass::in})
      .target(DnsSection::answer, name_from("EXAMPLE.org"), DnsType::cname, 1, name_from("org"));
  DnsWalk walk{DnsView::parse(writer.written()).value()};
  EXPECT_EQ(walk.next_record().value()->owner, name_from("EXAMPLE.org"));
}

TEST(WireDnsWriter, LeavesOutWholeWhatDoesNotFit) {
  std::array<std::uint8_t, 64> storage{};
  const DnsName name = name_from("www.example.org");
  DnsWriter writer{storage, response_header(), DnsCompression::on};
  writer.question({name, DnsType::a, DnsClass::in});
  const std::size_t before = writer.written().size();
  writer.target(DnsSection::answer, name_from("another.example.com"), DnsType::cname, 1, name);
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.written().size(), before);
  // What was left out is not pointed to either.
  writer.address(DnsSection::answer, name_from("com"), 1, IpAddress::v4(1));
  EXPECT_EQ(DnsView::parse(writer.written())->header().answer_count, 1);
  EXPECT_TRUE(DnsView::parse(writer.written())->check());
}

TEST(WireDnsWriter, NamesTooFarBackForAPointerAreSpeltOut) {
  // A pointer has 14 bits for the offset (RFC 1035, 4.1.4).
  Buffer storage(65'535);
  const Buffer filler(17'000, 0xaa);
  const DnsName name = name_from("far.example");
  DnsWriter writer{storage, response_header(), DnsCompression::on};
  writer
      .record(DnsSection::answer, DnsName{}, static_cast<DnsType>(65'000), DnsClass::in, 1, filler)
      .target(DnsSection::answer, name, DnsType::cname, 1, name)
      .target(DnsSection::answer, name, DnsType::cname, 1, name);
  DnsWalk walk{DnsView::parse(writer.written()).value()};
  EXPECT_EQ(walk.next_record().value()->rdata.size(), filler.size());
  for (int i = 0; i < 2; ++i) {
    const auto record = walk.next_record();
    ASSERT_TRUE(record && *record);
    EXPECT_EQ((*record)->owner, name);
    EXPECT_EQ((*record)->target().value(), name);
  }
}

TEST(WireDnsWriter, ManyNamesAreWrittenCorrectlyEvenIfNotAllAreCompressed) {
  Buffer storage(65'535);
  DnsWriter writer{storage, response_header(), DnsCompression::on};
  for (int i = 0; i < 900; ++i) {
    writer.target(DnsSection::answer, name_from("host" + std::to_string(i) + ".example.org"),
                  DnsType::cname, 1, name_from("other" + std::to_string(i) + ".example.org"));
  }
  ASSERT_FALSE(writer.overflowed());
  DnsWalk walk{DnsView::parse(writer.written()).value()};
  for (int i = 0; i < 900; ++i) {
    const auto record = walk.next_record();
    ASSERT_TRUE(record && *record) << i;
    ASSERT_EQ(to_string((*record)->owner), "host" + std::to_string(i) + ".example.org");
    ASSERT_EQ(to_string((*record)->target().value()), "other" + std::to_string(i) + ".example.org");
  }
}

}  // namespace
}  // namespace packetwright::wire
