// SPDX-License-Identifier: Apache-2.0
// RFC 6724, 6, with the examples of its section 10.2, each of which one rule decides.
#include "stack/ip/destination_order.hh"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/ip/address_policy.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::ip {
namespace {

using testing::ElementsAre;

IpAddress at(const std::string& text) {
  return wire::parse_address(text).value();
}

// Sources that hosts have; the next hop is no neighbour of any.
struct Host {
  Addresses addresses;

  Host& has(const std::string& address, std::uint8_t length,
            AddressState state = AddressState::preferred) {
    EXPECT_TRUE(addresses.add({at(address), length}, state));
    return *this;
  }

  // What becomes of these destinations, given in either order: the rules and not chance decide.
  [[nodiscard]] std::vector<std::string> order(std::vector<std::string> names) const {
    const std::vector<std::string> forward = as_given(names);
    std::reverse(names.begin(), names.end());
    EXPECT_EQ(as_given(names), forward);
    return forward;
  }

  [[nodiscard]] std::vector<std::string> as_given(const std::vector<std::string>& names) const {
    std::vector<Destination> destinations;
    for (const std::string& name : names) {
      const IpAddress to = at(name);
      const auto source = addresses.select_source(to, to);
      destinations.push_back({to, source ? std::optional{*addresses.find(*source)} : std::nullopt});
    }
    order_destinations(destinations);
    std::vector<std::string> ordered;
    for (const Destination& to : destinations) ordered.push_back(wire::to_string(to.address));
    return ordered;
  }
};

//= RFC6724-6-a
TEST(DestinationOrder, Rule1AvoidsWhatCannotBeReached) {
  const Host host = Host{}.has("10.1.2.4", 24);
  EXPECT_THAT(host.order({"2001:db8:1::1", "198.51.100.121"}),
              ElementsAre("198.51.100.121", "2001:db8:1::1"));
  // Two of them are as good as each other.
  EXPECT_THAT(host.as_given({"2001:db8:1::1", "2001:db8:2::1", "10.1.2.3"}),
              ElementsAre("10.1.2.3", "2001:db8:1::1", "2001:db8:2::1"));
}

TEST(DestinationOrder, Rule2PrefersASourceOfTheSameScope) {
  const Host no_ipv4 = Host{}.has("2001:db8:1::2", 64).has("fe80::1", 64).has("169.254.13.78", 16);
  EXPECT_THAT(no_ipv4.order({"198.51.100.121", "2001:db8:1::1"}),
              ElementsAre("2001:db8:1::1", "198.51.100.121"));
  const Host no_ipv6 = Host{}.has("fe80::1", 64).has("198.51.100.117", 24);
  EXPECT_THAT(no_ipv6.order({"2001:db8:1::1", "198.51.100.121"}),
              ElementsAre("198.51.100.121", "2001:db8:1::1"));
}

TEST(DestinationOrder, Rule3AvoidsDeprecatedSources) {
  const Host host = Host{}.has("2001:db8:1::2", 64).has("fe80::2", 64, AddressState::deprecated);
  EXPECT_THAT(host.order({"fe80::1", "2001:db8:1::1"}), ElementsAre("2001:db8:1::1", "fe80::1"));
}

TEST(DestinationOrder, Rule5PrefersASourceOfTheSameLabel) {
  const Host host = Host{}.has("2002:c633:6401::2", 64).has("fe80::2", 64);
  EXPECT_THAT(host.order({"2001:db8:1::1", "2002:c633:6401::1"}),
              ElementsAre("2002:c633:6401::1", "2001:db8:1::1"));
}

TEST(DestinationOrder, Rule6PrefersTheHigherPrecedence) {
  const Host dual = Host{}.has("2001:db8:1::2", 64).has("fe80::1", 64).has("10.1.2.4", 24);
  EXPECT_THAT(dual.order({"10.1.2.3", "2001:db8:1::1"}), ElementsAre("2001:db8:1::1", "10.1.2.3"));
  const Host tunnel =
      Host{}.has("2002:c633:6401::2", 64).has("2001:db8:1::2", 64).has("fe80::2", 64);
  EXPECT_THAT(tunnel.order({"2002:c633:6401::1", "2001:db8:1::1"}),
              ElementsAre("2001:db8:1::1", "2002:c633:6401::1"));
}

TEST(DestinationOrder, Rule8PrefersTheSmallerScope) {
  const Host host = Host{}.has("2001:db8:1::2", 64).has("fe80::2", 64);
  EXPECT_THAT(host.order({"2001:db8:1::1", "fe80::1"}), ElementsAre("fe80::1", "2001:db8:1::1"));
}

TEST(DestinationOrder, Rule9PrefersTheLongestPrefixInCommonWithTheSource) {
  const Host host = Host{}.has("2001:db8:1::2", 64).has("2001:db8:3f44::2", 64).has("fe80::2", 64);
  EXPECT_THAT(host.order({"2001:db8:3ffe::1", "2001:db8:1::1"}),
              ElementsAre("2001:db8:1::1", "2001:db8:3ffe::1"));
  // What lies behind the network part of the source does not count.
  const Host ipv4 = Host{}.has("10.1.2.4", 24);
  EXPECT_THAT(ipv4.order({"10.2.0.1", "10.1.2.200"}), ElementsAre("10.1.2.200", "10.2.0.1"));
  EXPECT_THAT(ipv4.as_given({"10.1.2.200", "10.1.2.5"}), ElementsAre("10.1.2.200", "10.1.2.5"));
}

TEST(DestinationOrder, Rule10LeavesTheOrder) {
  const Host host = Host{}.has("10.1.2.4", 24);
  EXPECT_THAT(host.as_given({"192.0.2.3", "192.0.2.1", "192.0.2.2"}),
              ElementsAre("192.0.2.3", "192.0.2.1", "192.0.2.2"));
}

TEST(AddressPolicy, IsThatOfTheLongestPrefix) {
  EXPECT_EQ(policy_of(at("::1")), (AddressPolicy{50, 0}));
  EXPECT_EQ(policy_of(at("::2")), (AddressPolicy{1, 3}));
  EXPECT_EQ(policy_of(at("192.0.2.1")), (AddressPolicy{35, 4}));
  EXPECT_EQ(policy_of(at("::ffff:192.0.2.1")), (AddressPolicy{35, 4}));
  EXPECT_EQ(policy_of(at("2001:0:1::1")), (AddressPolicy{5, 5}));
  EXPECT_EQ(policy_of(at("2001:db8::1")), (AddressPolicy{40, 1}));
  EXPECT_EQ(policy_of(at("2002::1")), (AddressPolicy{30, 2}));
  EXPECT_EQ(policy_of(at("3ffe::1")), (AddressPolicy{1, 12}));
  EXPECT_EQ(policy_of(at("fec0::1")), (AddressPolicy{1, 11}));
  EXPECT_EQ(policy_of(at("fd00::1")), (AddressPolicy{3, 13}));
}

TEST(AddressPolicy, UnicastAddressesHaveAScopeToo) {
  EXPECT_EQ(scope_of(at("fe80::1")), scope_of(at("ff02::1")));
  EXPECT_EQ(scope_of(at("fec0::1")), scope_of(at("ff05::1")));
  EXPECT_EQ(scope_of(at("2001:db8::1")), scope_of(at("ff0e::1")));
  EXPECT_EQ(scope_of(at("169.254.1.1")), scope_of(at("fe80::1")));
  EXPECT_EQ(scope_of(at("127.0.0.1")), scope_of(at("::1")));
  EXPECT_EQ(scope_of(at("192.168.1.1")), scope_of(at("2001:db8::1")));
}

}  // namespace
}  // namespace packetwright::ip
