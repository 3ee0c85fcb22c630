// SPDX-License-Identifier: Apache-2.0
// A host without an IPv4 address makes one that is good on its link (RFC 3927).
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "stack/iface/link.hh"
#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

struct LinkLocalHost : testing::Test {
  static StackConfig without_address() {
    StackConfig config = alice_config();
    config.addresses.clear();
    config.ipv4_link_local = true;
    config.claim = {};
    return config;
  }

  struct SentArp {
    MacAddress to;
    IpAddress sender, target;
  };

  std::vector<SentArp> sent() {
    std::vector<SentArp> all;
    Buffer frame;
    while (stack.next_tx(frame)) {
      const auto ethernet = wire::EthernetView::parse(frame).value();
      EXPECT_EQ(ethernet.ether_type(), wire::EtherType::arp);
      const auto arp = wire::ArpView::parse(ethernet.payload()).value();
      all.push_back({ethernet.dst(), arp.sender_ip(), arp.target_ip()});
    }
    return all;
  }
  std::vector<SentArp> pass(Duration time) {
    const Instant until = now + time;
    std::vector<SentArp> all = sent();
    while (stack.next_deadline() && *stack.next_deadline() <= until) {
      now = std::max(now, *stack.next_deadline());
      stack.on_deadline(now);
      for (const SentArp& one : sent()) all.push_back(one);
    }
    now = until;
    return all;
  }
  // Bob says that he is at `address`, and asks who is at `target`.
  void bob_asks(const IpAddress& address, const IpAddress& target) {
    wire::ArpFields arp;
    arp.sender_mac = kBobMac;
    arp.sender_ip = address;
    arp.target_ip = target;
    Buffer octets(arp.encoded_size());
    arp.emit(octets);
    Buffer frame;
    emit_frame(MacAddress::broadcast(), kBobMac, wire::EtherType::arp, octets, frame);
    stack.on_frame(now, frame);
  }
  [[nodiscard]] std::optional<IpAddress> own() const {
    for (const ip::LocalAddress& known : stack.network().addresses().all()) {
      if (stack.network().addresses().is_own(known.prefix.address)) return known.prefix.address;
    }
    return std::nullopt;
  }
  // The address, once it is claimed.
  IpAddress claim() {
    pass(20s);
    EXPECT_TRUE(own());
    return own().value_or(IpAddress{});
  }

  Stack stack{without_address()};
  Instant now{};
};

TEST_F(LinkLocalHost, ProbesForAnAddressBeforeItUsesIt) {
  const auto all = pass(1s);
  ASSERT_FALSE(all.empty());
  EXPECT_TRUE(all.front().sender.is_unspecified());
  const IpAddress wanted = all.front().target;
  EXPECT_TRUE(wanted.is_v4() && wanted.is_link_local());
  EXPECT_EQ(own(), std::nullopt);
  EXPECT_EQ(claim(), wanted);
}

TEST_F(LinkLocalHost, TakesAnotherAddressIfSomebodyHasIt) {
  const IpAddress wanted = pass(1s).at(0).target;
  bob_asks(wanted, kBob4);
  EXPECT_NE(claim(), wanted);
}

TEST_F(LinkLocalHost, DefendsItOnceAndThenTakesAnother) {
  const IpAddress first = claim();
  bob_asks(first, kBob4);
  const auto defence = sent();
  ASSERT_EQ(defence.size(), 1u);
  EXPECT_EQ(defence[0].sender, first);
  EXPECT_EQ(own(), first);
  now += 9s;
  bob_asks(first, kBob4);
  EXPECT_EQ(own(), std::nullopt);
  const IpAddress second = claim();
  EXPECT_NE(second, first);
  EXPECT_TRUE(second.is_link_local());
}

TEST_F(LinkLocalHost, EverybodyHearsItsAnswers) {
  const IpAddress address = claim();
  bob_asks(kBob4, address);
  const auto answer = sent();
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_EQ(answer[0].to, MacAddress::broadcast());
  EXPECT_EQ(answer[0].sender, address);
}

TEST(StackLinkLocal, AHostThatWasGivenAnAddressMakesNone) {
  StackConfig config = alice_config();
  config.ipv4_link_local = true;
  const Stack stack{config};
  for (const ip::LocalAddress& known : stack.network().addresses().all()) {
    EXPECT_FALSE(known.prefix.address.is_link_local());
  }
}

// RFC 3927, 2.6.2: such a destination is on the link, and no gateway is asked to forward to it.
TEST(StackLinkLocal, ALinkLocalDestinationIsNotSentToTheGateway) {
  StackConfig config = alice_config();
  config.gateways = {kBob4};
  config.static_neighbors.emplace_back(kBob4, kBobMac);
  Stack stack{config};
  const Instant now{};
  const Descriptor fd = stack.socket(Domain::inet, SocketType::datagram).value();
  const Endpoint far{IpAddress::v4(169, 254, 7, 7), 9};
  ASSERT_TRUE(stack.write(now, fd, octets_of("x"), {}, &far));
  Buffer frame;
  ASSERT_TRUE(stack.next_tx(frame));
  const auto ethernet = wire::EthernetView::parse(frame).value();
  ASSERT_EQ(ethernet.ether_type(), wire::EtherType::arp);
  EXPECT_EQ(wire::ArpView::parse(ethernet.payload()).value().target_ip(), far.address);
}

}  // namespace
}  // namespace packetwright::iface
