// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/search.hh"

#include <string>

#include <gtest/gtest.h>

namespace packetwright::dns {
namespace {

using wire::DnsName;
using Names = std::vector<std::string>;

Names candidates_of(std::string_view text, std::uint8_t ndots = 1,
                    const std::vector<std::string>& domains = {"one.example", "two.example"}) {
  std::vector<DnsName> list;
  for (const std::string& domain : domains) list.push_back(DnsName::from_text(domain).value());
  Names names;
  for (const DnsName& name : candidates(text, DnsName::from_text(text).value(), list, ndots)) {
    names.push_back(to_string(name));
  }
  return names;
}

//= RFC1123-6.1.4.3-b
TEST(DnsSearch, ANameWithFewDotsIsCompletedFirst) {
  EXPECT_EQ(candidates_of("www"), (Names{"www.one.example", "www.two.example", "www"}));
  EXPECT_EQ(candidates_of("a.b", 2), (Names{"a.b.one.example", "a.b.two.example", "a.b"}));
}

TEST(DnsSearch, ANameWithEnoughDotsIsTriedAsItIsFirst) {
  EXPECT_EQ(candidates_of("a.b"), (Names{"a.b", "a.b.one.example", "a.b.two.example"}));
  EXPECT_EQ(candidates_of("www", 0), (Names{"www", "www.one.example", "www.two.example"}));
}

//= RFC1123-6.1.4.3-a
TEST(DnsSearch, AFinalDotMarksACompleteName) {
  EXPECT_EQ(candidates_of("www."), Names{"www"});
  EXPECT_EQ(candidates_of("a.b."), Names{"a.b"});
  // An escaped dot is a character of the label.
  EXPECT_EQ(candidates_of("www\\.", 1, {"example"}), (Names{"www\\..example", "www\\."}));
  EXPECT_EQ(candidates_of("www\\\\.", 1, {"example"}), Names{"www\\\\"});
}

TEST(DnsSearch, WithoutDomainsANameIsTakenAsItIs) {
  EXPECT_EQ(candidates_of("www", 1, {}), Names{"www"});
}

TEST(DnsSearch, NamesThatGetTooLongAreLeftOut) {
  const std::string label(63, 'a');
  const std::string name = label + '.' + label + '.' + label + '.' + std::string(50, 'a');
  EXPECT_EQ(candidates_of(name, 9, {"one.example", "b"}), (Names{name + ".b", name}));
}

}  // namespace
}  // namespace packetwright::dns
