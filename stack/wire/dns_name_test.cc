// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/dns_name.hh"

#include <string>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/wire/address_text.hh"
#include "stack/wire/dns.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

// A message whose names start right behind its header, at offset 12.
Buffer behind_header(std::string_view names) {
  Buffer message(kDnsHeaderSize);
  const Buffer rest = hex(names);
  message.insert(message.end(), rest.begin(), rest.end());
  return message;
}

constexpr std::string_view kExample = "07 65 78 61 6d 70 6c 65 03 6f 72 67 00";  // example.org

DnsName name_from(std::string_view text) {
  return DnsName::from_text(text).value();
}

TEST(WireDnsName, ReadsLabelsUpToTheFinalZero) {
  const Buffer message = behind_header(kExample);
  const auto read = DnsName::decode(message, 12);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_string(read->name), "example.org");
  EXPECT_EQ(read->end, message.size());
  EXPECT_EQ(read->name.label_count(), 2u);
}

TEST(WireDnsName, TheRootIsAnEmptyName) {
  const Buffer message = behind_header("00");
  const auto read = DnsName::decode(message, 12);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->name.is_root());
  EXPECT_EQ(to_string(read->name), ".");
  EXPECT_EQ(read->end, 13u);
}

//= RFC1035-4.1.4-a
TEST(WireDnsName, FollowsAPointerAndEndsBehindIt) {
  const Buffer message = behind_header(std::string{kExample} + "03 77 77 77 c0 0c ff");
  const auto read = DnsName::decode(message, 25);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_string(read->name), "www.example.org");
  EXPECT_EQ(read->end, 31u);
}

TEST(WireDnsName, FollowsAChainOfPointers) {
  // 12: org, 17: example -> 12, 27: www -> 17
  const Buffer message =
      behind_header("03 6f 72 67 00 07 65 78 61 6d 70 6c 65 c0 0c 03 77 77 77 c0 11");
  EXPECT_EQ(to_string(DnsName::decode(message, 27).value().name), "www.example.org");
}

// RFC 9267, 2: compression pointers.

//= RFC1035-4.1.4-b
TEST(WireDnsName, RefusesAPointerToItself) {
  const Buffer message = behind_header("c0 0c");
  EXPECT_EQ(DnsName::decode(message, 12).error().code, ParseErrc::bad_pointer);
}

TEST(WireDnsName, RefusesAPointerToTheStartOfItsOwnLabels) {
  const Buffer message = behind_header("01 61 c0 0c");
  EXPECT_EQ(DnsName::decode(message, 12).error(),
            (ParseError{ParseErrc::bad_pointer, Layer::dns, 14, 12, 12}));
}

TEST(WireDnsName, RefusesTwoPointersThatLoop) {
  const Buffer message = behind_header("c0 0e c0 0c");
  EXPECT_EQ(DnsName::decode(message, 14).error().code, ParseErrc::bad_pointer);
  EXPECT_EQ(DnsName::decode(message, 12).error().code, ParseErrc::bad_pointer);
}

TEST(WireDnsName, RefusesAForwardPointer) {
  const Buffer message = behind_header("c0 0e " + std::string{kExample});
  EXPECT_EQ(DnsName::decode(message, 12).error().code, ParseErrc::bad_pointer);
}

TEST(WireDnsName, RefusesAPointerPastTheEnd) {
  for (const char* text : {"00 c0 ff", "00 ff ff"}) {
    EXPECT_EQ(DnsName::decode(behind_header(text), 13).error().code, ParseErrc::bad_pointer);
  }
}

TEST(WireDnsName, RefusesAPointerIntoTheMessageHeader) {
  Buffer message = behind_header("c0 04");  // octet 4 is zero: it would read as the root
  EXPECT_EQ(DnsName::decode(message, 12).error().code, ParseErrc::bad_pointer);
}

TEST(WireDnsName, RefusesHalfAPointer) {
  EXPECT_EQ(DnsName::decode(behind_header("00 c0"), 13).error().code, ParseErrc::truncated);
}

// RFC 9267, 3: lengths of labels and names.

TEST(WireDnsName, RefusesALabelPastTheEnd) {
  EXPECT_EQ(DnsName::decode(behind_header("07 65 78 61"), 12).error(),
            (ParseError{ParseErrc::truncated, Layer::dns, 12, 20, 16}));
}

//= RFC1035-3.1-a
TEST(WireDnsName, RefusesTheReservedKindsOfLabels) {
  EXPECT_EQ(DnsName::decode(behind_header("40 61 00"), 12).error().code, ParseErrc::bad_value);
  EXPECT_EQ(DnsName::decode(behind_header("80 61 00"), 12).error().code, ParseErrc::bad_value);
}

//= RFC1035-2.3.4-a
TEST(WireDnsName, TakesNamesOfUpTo255OctetsAndNoMore) {
  // Three labels of 63 (192 octets), one of 61 (62 octets) and the zero: exactly 255.
  const auto name_of_size = [](std::size_t last) {
    Buffer message(kDnsHeaderSize);
    for (const std::size_t label : {std::size_t{63}, std::size_t{63}, std::size_t{63}, last}) {
      message.push_back(static_cast<std::uint8_t>(label));
      message.insert(message.end(), label, 'a');
    }
    message.push_back(0);
    return message;
  };
  const auto longest = DnsName::decode(name_of_size(61), 12);
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->name.octets().size(), 255u);
  EXPECT_EQ(DnsName::decode(name_of_size(62), 12).error().code, ParseErrc::too_long);
}

TEST(WireDnsName, RefusesANameThatGrowsTooLongThroughPointers) {
  // Each of these is 64 octets and points to the one before: small to send, long to spell.
  Buffer message(kDnsHeaderSize);
  message.push_back(0);
  std::size_t previous = 12;
  for (int i = 0; i < 4; ++i) {
    const std::size_t start = message.size();
    message.push_back(63);
    message.insert(message.end(), 63, 'a');
    message.push_back(0xc0);
    message.push_back(static_cast<std::uint8_t>(previous));
    previous = start;
  }
  EXPECT_EQ(DnsName::decode(message, previous).error().code, ParseErrc::too_long);
}

// RFC 9267, 4: the final zero.

TEST(WireDnsName, RefusesANameWithoutItsFinalZero) {
  const Buffer whole = behind_header(kExample);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const Buffer message = to_buffer(Bytes{whole}.first(n));
    ASSERT_EQ(DnsName::decode(message, 12).error().code, ParseErrc::truncated) << n;
  }
}

TEST(WireDnsName, AnyOctetsMakeADefiniteAnswerQuickly) {
  Rng rng{11};
  for (int round = 0; round < 20'000; ++round) {
    Buffer message(12 + rng.below(80));
    for (std::uint8_t& octet : message) {
      octet = static_cast<std::uint8_t>(rng.chance(1, 3) ? 0xc0 : rng.below(64));
    }
    const auto read = DnsName::decode(message, rng.below(message.size() + 2));
    if (!read) continue;
    ASSERT_LE(read->name.octets().size(), kMaxDnsNameSize);
    ASSERT_LE(read->end, message.size());
    ASSERT_EQ(DnsName::from_text(to_string(read->name)).value(), read->name);
  }
}

TEST(WireDnsName, ReadsTextWithAndWithoutTheFinalDot) {
  EXPECT_EQ(name_from("example.org"), name_from("example.org."));
  EXPECT_EQ(to_buffer(name_from("example.org").octets()), hex(kExample));
  EXPECT_TRUE(name_from(".").is_root());
}

TEST(WireDnsName, RefusesTextThatIsNoName) {
  for (const char* text : {"", "..", ".org", "a..b", "a..", "\\", "a\\25", "a\\256", "a\\2x5"}) {
    EXPECT_FALSE(DnsName::from_text(text)) << text;
  }
  EXPECT_EQ(DnsName::from_text("ab..c").error().offset, 3);
}

//= RFC1035-2.3.1-a
TEST(WireDnsName, RefusesTextWithLabelsOver63OrNamesOver255Octets) {
  const std::string label(63, 'a');
  EXPECT_TRUE(DnsName::from_text(label + ".org"));
  EXPECT_EQ(DnsName::from_text(label + "a.org").error().code, ParseErrc::too_long);
  const std::string three = label + '.' + label + '.' + label + '.';
  EXPECT_TRUE(DnsName::from_text(three + std::string(61, 'b')));
  EXPECT_EQ(DnsName::from_text(three + std::string(62, 'b')).error().code, ParseErrc::too_long);
}

//= RFC2181-11-a
TEST(WireDnsName, AnyOctetsMayStandInALabel) {
  const Buffer message = behind_header("05 00 2e 5c ff 20 01 41 00");
  const DnsName name = DnsName::decode(message, 12).value().name;
  EXPECT_EQ(to_string(name), "\\000\\.\\\\\\255\\032.A");
  EXPECT_EQ(name_from(to_string(name)), name);
}

//= RFC1035-2.3.3-a
TEST(WireDnsName, ComparesLettersWithoutCaseAndNothingElse) {
  EXPECT_TRUE(same_name(name_from("WWW.Example.ORG"), name_from("www.example.org")));
  EXPECT_FALSE(name_from("WWW.Example.ORG") == name_from("www.example.org"));
  EXPECT_FALSE(same_name(name_from("a-b"), name_from("a\\013b")));  // '-' xor 0x20
  EXPECT_FALSE(same_name(name_from("a[b"), name_from("a{b")));      // '[' xor 0x20
  EXPECT_FALSE(same_name(name_from("www.example.org"), name_from("example.org")));
  EXPECT_FALSE(same_name(name_from("ab.c"), name_from("a.bc")));
}

//= RFC3596-2.5-a
TEST(WireDnsName, ReverseNames) {
  EXPECT_EQ(to_string(DnsName::reverse_of(IpAddress::v4(192, 0, 2, 100))),
            "100.2.0.192.in-addr.arpa");
  // RFC 3596, 2.5.
  EXPECT_EQ(to_string(DnsName::reverse_of(parse_address("4321:0:1:2:3:4:567:89ab").value())),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa");
}

}  // namespace
}  // namespace packetwright::wire
