// SPDX-License-Identifier: Apache-2.0
// Two hosts with a cable in memory between their drivers, which can be pulled out.
#include <algorithm>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/iface/driver_pump.hh"
#include "stack/iface/link.hh"
#include "stack/iface/memory_link.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

// A cable and the hosts at its ends.
struct Cable {
  explicit Cable(const StackConfig& first = alice_config(),
                 const StackConfig& second = bob_config(), std::size_t max_frames = 256)
      : link({kAliceMac, kBobMac, 1500, max_frames}), alice(first), bob(second) {}

  // Carries frames to and fro until both are quiet; the number of them.
  std::size_t settle() {
    std::size_t moved = 0;
    for (;;) {
      const std::size_t more = alice_pump.run(now) + bob_pump.run(now);
      if (more == 0) return moved;
      moved += more;
    }
  }
  void run_until(Instant until) {
    settle();
    for (;;) {
      std::optional<Instant> next = alice.next_deadline();
      if (const auto other = bob.next_deadline(); other && (!next || *other < *next)) next = other;
      if (!next || *next > until) break;
      now = std::max(now, *next);
      settle();
    }
    now = until;
  }
  void run_for(Duration duration) { run_until(now + duration); }

  // A connection of Alice's to Bob, and Bob's end of it.
  ConnectedPair connect() {
    ConnectedPair pair;
    pair.listener = bob.socket(Domain::inet, SocketType::stream).value();
    EXPECT_TRUE(bob.bind(pair.listener, {IpAddress{}, 80}));
    EXPECT_TRUE(bob.listen(pair.listener, 5));
    pair.client = alice.socket(Domain::inet, SocketType::stream).value();
    EXPECT_FALSE(alice.connect(now, pair.client, {kBob4, 80}));
    settle();
    pair.server = bob.accept(now, pair.listener).value();
    return pair;
  }

  MemoryLink link;
  Stack alice, bob;
  DriverPump alice_pump{alice, link.first()};
  DriverPump bob_pump{bob, link.second()};
  Instant now{};
};

StackConfig probing(StackConfig config) {
  config.claim.probe = true;
  config.detection.transmits = 1;
  return config;
}

// A frame in which another host says that an address is its own.
Buffer announcement_of(const IpAddress& address) {
  wire::ArpFields arp;
  arp.sender_mac = {{2, 0, 0, 0, 0, 9}};
  arp.sender_ip = address;
  arp.target_ip = address;
  Buffer payload(arp.encoded_size());
  arp.emit(payload);
  Buffer frame;
  emit_frame(MacAddress::broadcast(), arp.sender_mac, wire::EtherType::arp, payload, frame);
  return frame;
}

std::uint64_t lost(const Stack& stack) {
  return stack.drops()[DropReason::link_down];
}

TEST(Driver, CarriesAConnection) {
  Cable cable;
  const ConnectedPair pair = cable.connect();
  EXPECT_TRUE(cable.alice.write(cable.now, pair.client, octets_of("over the wire")));
  EXPECT_GT(cable.settle(), 0u);
  EXPECT_EQ(cable.settle(), 0u);
  EXPECT_EQ(read_text(cable.bob, cable.now, pair.server), "over the wire");
  EXPECT_EQ(cable.link.first().mac(), kAliceMac);
  EXPECT_EQ(cable.link.second().mac(), kBobMac);
  EXPECT_EQ(cable.link.first().mtu(), 1500);
}

TEST(Driver, WithoutRoomNothingIsLost) {
  Cable cable(alice_config(), bob_config(), 2);
  const ConnectedPair pair = cable.connect();
  const Buffer text(20'000, 'x');
  ASSERT_EQ(cable.alice.write(cable.now, pair.client, text).value(), text.size());
  cable.alice_pump.run(cable.now);
  EXPECT_TRUE(cable.alice_pump.has_unsent());
  cable.settle();
  EXPECT_FALSE(cable.alice_pump.has_unsent());
  cable.run_for(100ms);
  EXPECT_EQ(read_text(cable.bob, cable.now, pair.server), text_of(text));
  // The time is too short for a retransmission: all of them arrived the first time.
  EXPECT_LT(cable.now, instant_at(Duration{200ms}.count()));
}

// Whoever waits when nothing was done must not miss what the time alone has changed.
TEST(Driver, ADeadlineThatPassesCounts) {
  Cable cable;
  cable.link.plug(false);
  const Descriptor socket = cable.alice.socket(Domain::inet, SocketType::stream).value();
  EXPECT_FALSE(cable.alice.connect(cable.now, socket, {kBob4, 80}));
  cable.settle();
  while (!cable.alice.poll(socket)->error) {
    ASSERT_TRUE(cable.alice.next_deadline().has_value());
    cable.now = *cable.alice.next_deadline();
    EXPECT_GT(cable.alice_pump.run(cable.now), 0u);
  }
}

TEST(Driver, AFloodOfFramesDoesNotKeepTheProgramFromItsWork) {
  MemoryLink link({kAliceMac, kBobMac, 1500, 1'000});
  Stack alice{alice_config()};
  DriverPump pump{alice, link.first()};
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(link.second().transmit(announcement_of(kBob4)));
  EXPECT_LT(pump.run(Instant{}), 1'000u);
  Buffer frame;
  EXPECT_TRUE(link.first().receive(frame));
}

TEST(Link, WhatIsSentWithoutOneIsLostAndTheConnectionLivesOn) {
  Cable cable;
  const ConnectedPair pair = cable.connect();
  cable.link.plug(false);
  cable.settle();
  EXPECT_TRUE(cable.alice.write(cable.now, pair.client, octets_of("still here")));
  cable.run_for(5s);
  EXPECT_GT(lost(cable.alice), 2u);  // sent again and again
  EXPECT_EQ(read_text(cable.bob, cable.now, pair.server), "EAGAIN");

  cable.link.plug(true);
  cable.run_for(10s);
  EXPECT_EQ(read_text(cable.bob, cable.now, pair.server), "still here");
}

TEST(Link, WhatWaitsForTheDriverIsLostWithTheLink) {
  Stack alice{alice_config()};
  const Descriptor socket = alice.socket(Domain::inet, SocketType::datagram).value();
  const Endpoint everybody{IpAddress::v4(10, 0, 0, 255), 9};
  ASSERT_TRUE(alice.set_option(Instant{}, socket, SocketOption::so_broadcast, 1));
  ASSERT_TRUE(alice.write(Instant{}, socket, octets_of("to nobody"), {}, &everybody));
  alice.set_link(Instant{}, false);
  Buffer frame;
  EXPECT_FALSE(alice.next_tx(frame));
  EXPECT_EQ(lost(alice), 1u);
}

TEST(Link, NothingArrivesWithoutOne) {
  Stack alice{alice_config()};
  alice.set_link(Instant{}, false);
  alice.on_frame(Instant{}, announcement_of(kBob4));
  EXPECT_EQ(lost(alice), 1u);
}

TEST(Link, NeighboursAreForgotten) {
  Cable cable;
  cable.connect();
  const neighbor::Cache& arp = cable.alice.network().neighbors().cache(Family::ipv4);
  EXPECT_TRUE(arp.find(cable.now, kBob4).has_value());
  const neighbor::Cache& ndp = cable.alice.network().neighbors().cache(Family::ipv6);
  cable.link.plug(false);
  cable.settle();
  EXPECT_FALSE(arp.find(cable.now, kBob4).has_value());
  EXPECT_TRUE(ndp.find(cable.now, kBob6).has_value());  // permanent
}

TEST(Link, SayingTheSameTwiceChangesNothing) {
  Cable cable;
  cable.connect();
  const neighbor::Cache& arp = cable.alice.network().neighbors().cache(Family::ipv4);
  cable.alice.set_link(cable.now, true);
  EXPECT_TRUE(arp.find(cable.now, kBob4).has_value());
}

// RFC 5227, 2.1 and RFC 4862, 5.4: the cable may lead to another network now.
TEST(Link, AddressesAreClaimedAnew) {
  Cable cable(probing(alice_config()), probing(bob_config()));
  const ip::Addresses& ours = cable.alice.network().addresses();
  cable.run_for(20s);
  ASSERT_TRUE(ours.is_own(kAlice4));
  ASSERT_TRUE(ours.is_own(kAlice6));
  cable.link.plug(false);
  cable.settle();
  EXPECT_TRUE(ours.is_own(kAlice4));
  cable.link.plug(true);
  cable.settle();
  EXPECT_FALSE(ours.is_own(kAlice4));
  EXPECT_FALSE(ours.is_own(kAlice6));
  cable.run_for(20s);
  EXPECT_TRUE(ours.is_own(kAlice4));
  EXPECT_TRUE(ours.is_own(kAlice6));
}

TEST(Link, AnAddressThatIsTakenOnTheNewLinkIsGivenUpThere) {
  Cable cable(probing(alice_config()), probing(bob_config()));
  const ip::Addresses& ours = cable.alice.network().addresses();
  cable.run_for(20s);
  cable.link.plug(false);
  cable.settle();
  cable.link.plug(true);
  cable.settle();
  cable.alice.on_frame(cable.now, announcement_of(kAlice4));
  cable.run_for(20s);
  EXPECT_EQ(ours.find(kAlice4), nullptr);

  // On the next one it is free.
  cable.link.plug(false);
  cable.settle();
  cable.link.plug(true);
  cable.run_for(20s);
  EXPECT_TRUE(ours.is_own(kAlice4));
}

TEST(Link, AnAddressIsAnnouncedWhenItComesBack) {
  StackConfig config = alice_config();
  config.claim.announce = true;
  Stack alice{config};
  Buffer frame;
  while (alice.next_tx(frame)) {
  }
  alice.set_link(Instant{}, false);
  alice.set_link(Instant{}, true);
  ASSERT_TRUE(alice.next_tx(frame));
  const auto arp = wire::ArpView::parse(wire::EthernetView::parse(frame).value().payload()).value();
  EXPECT_EQ(arp.sender_ip(), kAlice4);
  EXPECT_EQ(arp.target_ip(), kAlice4);
}

// RFC 4861, 6.3.7: also when an interface is enabled again.
TEST(Link, RoutersAreAskedWhenItComesBack) {
  StackConfig config = alice_config();
  config.routers.solicit = true;
  Stack alice{config};
  alice.set_link(Instant{}, false);
  alice.on_deadline(instant_at(Duration{10min}.count()));
  const Instant back = instant_at(Duration{11min}.count());
  alice.set_link(back, true);
  ASSERT_TRUE(alice.next_deadline().has_value());
  EXPECT_GE(*alice.next_deadline(), back);  // and not what was still due from before
  EXPECT_LE(*alice.next_deadline(), back + 1s);
  alice.on_deadline(back + 1s);
  Buffer frame;
  ASSERT_TRUE(alice.next_tx(frame));
  EXPECT_EQ(wire::EthernetView::parse(frame).value().ether_type(), wire::EtherType::ipv6);
}

}  // namespace
}  // namespace packetwright::iface
