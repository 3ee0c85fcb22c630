// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/hosts_table.hh"

#include <gtest/gtest.h>

#include "stack/wire/address_text.hh"

namespace packetwright::dns {
namespace {

using wire::DnsName;

DnsName name_from(std::string_view text) {
  return DnsName::from_text(text).value();
}

const IpAddress kFour = IpAddress::v4(192, 0, 2, 9);
const IpAddress kSix = wire::parse_address("2001:db8::9").value();

TEST(DnsHostsTable, ReadsNamesAliasesCommentsAndBlanks) {
  const auto table = HostsTable::from_text(
      "# the table\n"
      "\n"
      "192.0.2.9\thost.example www  # a comment\r\n"
      "  2001:db8::9 host.example\n"
      "192.0.2.10 host.example");
  ASSERT_TRUE(table);
  const auto both = table->find(name_from("WWW"), std::nullopt);
  ASSERT_TRUE(both);
  EXPECT_EQ(to_string(both->canonical_name), "host.example");
  EXPECT_EQ(both->addresses, std::vector<IpAddress>{kFour});
  const auto host = table->find(name_from("Host.Example"), std::nullopt);
  EXPECT_EQ(host->addresses, (std::vector<IpAddress>{kFour, kSix, IpAddress::v4(192, 0, 2, 10)}));
  EXPECT_EQ(table->find(name_from("host.example"), Family::ipv6)->addresses,
            std::vector<IpAddress>{kSix});
  EXPECT_FALSE(table->find(name_from("example"), std::nullopt));
}

TEST(DnsHostsTable, ANameWithoutAnAddressOfOneFamilyIsKnownAllTheSame) {
  const auto table = HostsTable::from_text("192.0.2.9 a\n");
  const auto six = table->find(name_from("a"), Family::ipv6);
  ASSERT_TRUE(six);
  EXPECT_TRUE(six->addresses.empty());
}

TEST(DnsHostsTable, TellsTheNamesOfAnAddress) {
  const auto table = HostsTable::from_text("192.0.2.9 a b\n192.0.2.9 c\n");
  const auto names = table->names_of(kFour);
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(to_string(names[0]), "a");
  EXPECT_EQ(to_string(names[1]), "c");
  EXPECT_TRUE(table->names_of(kSix).empty());
}

TEST(DnsHostsTable, SaysWhereItCannotBeRead) {
  using Kind = HostsError::Kind;
  const auto error_of = [](std::string_view text) { return HostsTable::from_text(text).error(); };
  EXPECT_EQ(error_of("192.0.2.9 a\n 192.0.2.300 b"), (HostsError{Kind::not_an_address, 2, 2}));
  EXPECT_EQ(error_of("192.0.2.9 a b..c d"), (HostsError{Kind::not_a_name, 1, 13}));
  EXPECT_EQ(error_of("192.0.2.9 ."), (HostsError{Kind::not_a_name, 1, 11}));
  EXPECT_EQ(error_of("\n192.0.2.9  # a"), (HostsError{Kind::no_name, 2, 12}));
  EXPECT_TRUE(HostsTable::from_text(""));
}

}  // namespace
}  // namespace packetwright::dns
