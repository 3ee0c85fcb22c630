// SPDX-License-Identifier: Apache-2.0
// One host and what IPv6 does by itself: neighbours, routers, own addresses.
#include <array>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "stack/iface/link.hh"
#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/multicast.hh"
#include "stack/wire/ndp.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;
using wire::Icmpv6Type;
using wire::NdpOptionType;

constexpr MacAddress kRouter1Mac{{2, 0, 0, 0, 1, 1}};
constexpr MacAddress kRouter2Mac{{2, 0, 0, 0, 1, 2}};
constexpr MacAddress kTargetMac{{2, 0, 0, 0, 1, 3}};
constexpr IpAddress kRouter1 =
    IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1});
constexpr IpAddress kRouter2 =
    IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2});
constexpr IpAddress kFar = IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});
constexpr IpAddress kPrefix = IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 1});
// Of kAliceMac.
constexpr IpAddress kLinkLocal =
    IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 1});
constexpr IpAddress kGlobal =
    IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 1});

// No address is configured: whatever it has, it has made.
StackConfig bare() {
  StackConfig config = alice_config();
  config.addresses.clear();
  config.static_neighbors.clear();
  config.autoconfiguration.link_local = true;
  config.autoconfiguration.identifier = neighbor::IdentifierKind::eui64;
  return config;
}

struct Sent {
  Buffer frame;
  MacAddress to;
  [[nodiscard]] wire::Ipv6View ip() const {
    return wire::Ipv6View::parse(Bytes{frame}.subspan(14)).value();
  }
  [[nodiscard]] Icmpv6Type type() const {
    return wire::Icmpv6View::parse(ip().payload()).value().type();
  }
};

struct Ipv6Host : testing::Test {
  explicit Ipv6Host(const StackConfig& config = bare()) : stack(config) {}

  Stack stack;
  Instant now{};
  std::array<std::uint8_t, 256> storage{};
  wire::NdpOptionWriter options{storage};

  std::vector<Sent> sent() {
    std::vector<Sent> all;
    Buffer frame;
    while (stack.next_tx(frame)) {
      const auto ethernet = wire::EthernetView::parse(frame).value();
      all.push_back({frame, ethernet.dst()});
    }
    return all;
  }
  // Lets time pass, and gives what was sent.
  std::vector<Sent> pass(Duration time) {
    const Instant until = now + time;
    std::vector<Sent> all = sent();
    while (stack.next_deadline() && *stack.next_deadline() <= until) {
      now = std::max(now, *stack.next_deadline());
      stack.on_deadline(now);
      for (Sent& one : sent()) all.push_back(std::move(one));
    }
    now = until;
    return all;
  }
  template <class Fields>
  void arrives(const IpAddress& from, const IpAddress& to, Fields fields,
               std::uint8_t hop_limit = 255) {
    fields.options = options.written();
    Buffer message(fields.encoded_size());
    fields.emit(message);
    wire::fill_icmpv6_checksum(message, from, to);
    storage = {};
    options = wire::NdpOptionWriter{storage};

    wire::Ipv6Fields ip;
    ip.src = from;
    ip.dst = to;
    ip.next_header = wire::IpProtocol::icmpv6;
    ip.hop_limit = hop_limit;
    ip.set_lengths(message.size());
    Buffer packet(wire::kIpv6HeaderSize + message.size());
    ip.emit(packet);
    store_bytes(packet, wire::kIpv6HeaderSize, message);
    Buffer frame;
    emit_frame(to.is_multicast() ? wire::multicast_mac(to) : kAliceMac, kRouter1Mac,
               wire::EtherType::ipv6, packet, frame);
    stack.on_frame(now, frame);
  }
  void advertise_router(const IpAddress& router, const MacAddress& mac,
                        std::uint16_t lifetime = 1800) {
    options.link_layer_address(NdpOptionType::source_link_layer_address, mac);
    wire::RouterAdvertisementFields fields;
    fields.router_lifetime_s = lifetime;
    arrives(router, wire::kAllNodes, fields);
  }
  void offer(std::uint32_t valid, std::uint32_t preferred, bool on_link = false) {
    options.prefix_information({64, on_link, true, valid, preferred, kPrefix});
  }
  // Sends a datagram; its frame, or why there is none.
  std::optional<Sent> datagram_to(const IpAddress& to) {
    const auto socket = stack.socket(Domain::inet6, SocketType::datagram);
    const Endpoint remote{to, 7};
    (void)stack.write(now, *socket, octets_of("x"), {}, &remote);
    (void)stack.close(now, *socket);
    auto all = sent();
    if (all.empty()) return std::nullopt;
    return std::move(all.back());
  }
  [[nodiscard]] bool owns(const IpAddress& address) const {
    return stack.network().addresses().is_own(address);
  }
  [[nodiscard]] std::uint64_t drops(DropReason reason) const { return stack.drops()[reason]; }
};

//= RFC8106-5.1-a
//= RFC8106-5.3.1-a
TEST_F(Ipv6Host, AsksTheDnsServersOfItsRouterWhileTheyAreOffered) {
  pass(2s);
  EXPECT_EQ(stack.resolve(now, "www.example", Family::ipv6).error(), dns::DnsError::no_server);
  options.dns_servers(10, kRouter2.octets());
  advertise_router(kRouter1, kRouter1Mac);
  const auto query = stack.resolve(now, "www.example", Family::ipv6);
  ASSERT_TRUE(query);
  // The server is on the link: it is looked for there, and not behind the router.
  const auto all = sent();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.back().type(), Icmpv6Type::neighbor_solicitation);
  EXPECT_EQ(all.back().ip().dst(), wire::solicited_node_group(kRouter2));
  stack.cancel_resolve(*query);

  // What was configured comes first, and a server that is known twice is asked once.
  stack.set_dns_servers({{kFar, 53}, {kRouter2, 53}});
  EXPECT_EQ(stack.network().resolver().config().servers,
            (std::vector<Endpoint>{{kFar, 53}, {kRouter2, 53}}));
  stack.set_dns_servers({{kFar, 53}});
  EXPECT_EQ(stack.network().resolver().config().servers,
            (std::vector<Endpoint>{{kFar, 53}, {kRouter2, 53}}));
  pass(10s);
  EXPECT_EQ(stack.network().resolver().config().servers, (std::vector<Endpoint>{{kFar, 53}}));
}

//= RFC4862-5.3-a
TEST_F(Ipv6Host, HasALinkLocalAddressFromTheStart) {
  EXPECT_TRUE(owns(kLinkLocal));
  EXPECT_EQ(datagram_to(kFar), std::nullopt);  // and no router
}

//= RFC4862-5.5.3-c
//= RFC4861-6.3.4-g
//= RFC4861-5.2-a
TEST_F(Ipv6Host, ARouterGivesAnAddressAndAWay) {
  offer(3600, 1800);
  advertise_router(kRouter1, kRouter1Mac);
  EXPECT_TRUE(owns(kGlobal));
  const auto frame = datagram_to(kFar);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->to, kRouter1Mac);
  EXPECT_EQ(frame->ip().src(), kGlobal);
  EXPECT_EQ(frame->ip().dst(), kFar);
}

// RFC 4862, 5.5.3 says nothing about who is on the link; RFC 4861, 6.3.4 does.
//= RFC4861-4.6.2-a
TEST_F(Ipv6Host, AnAddressOfAPrefixDoesNotMakeItOnLink) {
  constexpr IpAddress kSamePrefix =
      IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
  offer(3600, 1800, false);
  advertise_router(kRouter1, kRouter1Mac);
  EXPECT_EQ(datagram_to(kSamePrefix)->to, kRouter1Mac);
  offer(3600, 1800, true);
  advertise_router(kRouter1, kRouter1Mac);
  const auto frame = datagram_to(kSamePrefix);
  EXPECT_EQ(frame->type(), Icmpv6Type::neighbor_solicitation);
  //= RFC4861-6.3.4-i
  (void)pass(3600s);
  advertise_router(kRouter1, kRouter1Mac);
  EXPECT_EQ(datagram_to(kSamePrefix)->to, kRouter1Mac);
}

//= RFC4862-5.5.4-a
//= RFC4862-5.5.4-b
//= RFC4862-5.5.4-c
TEST_F(Ipv6Host, AnAddressIsDeprecatedThenInvalid) {
  offer(20'000, 10'000);
  advertise_router(kRouter1, kRouter1Mac, 65'535);
  (void)pass(10'000s);
  EXPECT_TRUE(owns(kGlobal));
  EXPECT_EQ(stack.network().addresses().find(kGlobal)->state, ip::AddressState::deprecated);
  EXPECT_EQ(datagram_to(kFar)->ip().src(), kGlobal);  // still better than none
  (void)pass(10'000s);
  EXPECT_FALSE(owns(kGlobal));
}

//= RFC4861-6.3.6-a
//= RFC4861-6.3.4-d
TEST_F(Ipv6Host, AnotherRouterTakesOver) {
  offer(3600, 1800);
  advertise_router(kRouter1, kRouter1Mac);
  advertise_router(kRouter2, kRouter2Mac);
  EXPECT_EQ(datagram_to(kFar)->to, kRouter1Mac);
  // Nothing confirms that the first one lives: it is asked, and forgotten.
  const auto asked = pass(5s);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type(), Icmpv6Type::neighbor_solicitation);
  EXPECT_EQ(asked[0].to, kRouter1Mac);
  (void)pass(3s);
  EXPECT_EQ(datagram_to(kFar)->to, kRouter2Mac);
}

//= RFC4861-6.3.4-c
//= RFC4861-6.3.5-a
TEST_F(Ipv6Host, ARouterThatSaysGoodbyeIsNotUsed) {
  offer(3600, 1800);
  advertise_router(kRouter1, kRouter1Mac);
  advertise_router(kRouter2, kRouter2Mac);
  advertise_router(kRouter1, kRouter1Mac, 0);
  EXPECT_EQ(datagram_to(kFar)->to, kRouter2Mac);
}

//= RFC4861-7.2.5-f
TEST_F(Ipv6Host, ARouterThatBecomesAHostIsNotUsed) {
  offer(3600, 1800);
  advertise_router(kRouter1, kRouter1Mac);
  advertise_router(kRouter2, kRouter2Mac);
  wire::NeighborAdvertisementFields fields;
  fields.target = kRouter1;
  arrives(kRouter1, wire::kAllNodes, fields);
  EXPECT_EQ(datagram_to(kFar)->to, kRouter2Mac);
}

//= RFC4861-6.3.4-e
//= RFC4861-6.3.4-h
TEST_F(Ipv6Host, ARouterSetsHopLimitAndMtu) {
  offer(3600, 1800);
  options.mtu(1280);
  wire::RouterAdvertisementFields fields;
  fields.cur_hop_limit = 9;
  arrives(kRouter1, wire::kAllNodes, fields);
  advertise_router(kRouter1, kRouter1Mac);  // says 64
  fields.cur_hop_limit = 9;
  arrives(kRouter1, wire::kAllNodes, fields);
  EXPECT_EQ(datagram_to(kFar)->ip().hop_limit(), 9);
  EXPECT_EQ(stack.network().path_mtu(now, kFar), 1280);
  EXPECT_EQ(stack.network().tcp_path(now, kFar).send_mss, 1220);
}

struct Stubborn : Ipv6Host {
  static StackConfig config() {
    StackConfig config = bare();
    config.routers.accept = false;
    return config;
  }
  Stubborn() : Ipv6Host(config()) {}
};

TEST_F(Stubborn, DoesNotBelieveRouters) {
  advertise_router(kRouter1, kRouter1Mac);
  EXPECT_EQ(drops(DropReason::ndp_switched_off), 1u);
  EXPECT_EQ(stack.network().path_mtu(now, kFar), std::nullopt);
}

//= RFC4861-6.1.2-b
TEST_F(Ipv6Host, DropsHaveNames) {
  arrives(kRouter1, wire::kAllNodes, wire::RouterAdvertisementFields{}, 254);
  EXPECT_EQ(drops(DropReason::ndp_hop_limit), 1u);
  //= RFC4861-6.1.1-a
  arrives(kRouter1, wire::kAllNodes, wire::RouterSolicitationFields{});
  EXPECT_EQ(drops(DropReason::ndp_not_a_router), 1u);
  advertise_router(kRouter1, MacAddress::broadcast());
  EXPECT_EQ(drops(DropReason::ndp_bad_link_address), 1u);
}

struct Redirected : Ipv6Host {
  Redirected() {
    offer(3600, 1800);
    advertise_router(kRouter1, kRouter1Mac);
  }
  void redirect(const IpAddress& from, const IpAddress& target, const IpAddress& destination,
                std::optional<MacAddress> mac) {
    if (mac) options.link_layer_address(NdpOptionType::target_link_layer_address, *mac);
    wire::RedirectFields fields;
    fields.target = target;
    fields.destination = destination;
    arrives(from, kGlobal, fields);
  }
};

//= RFC4861-8.3-a
TEST_F(Redirected, ToABetterRouter) {
  redirect(kRouter1, kRouter2, kFar, kTargetMac);
  EXPECT_EQ(datagram_to(kFar)->to, kTargetMac);
  // Its target counts as a router from now on.
  EXPECT_TRUE(stack.network().neighbors().cache(Family::ipv6).is_router(kRouter2));
}

//= RFC4861-8.3-b
//= RFC4861-8.1-d
TEST_F(Redirected, ToTheDestinationItself) {
  redirect(kRouter1, kFar, kFar, kTargetMac);
  EXPECT_EQ(datagram_to(kFar)->to, kTargetMac);
  EXPECT_FALSE(stack.network().neighbors().cache(Family::ipv6).is_router(kFar));
}

TEST_F(Redirected, WithoutALinkLayerAddressItIsAskedFor) {
  redirect(kRouter1, kRouter2, kFar, std::nullopt);
  EXPECT_EQ(datagram_to(kFar)->ip().dst(), wire::solicited_node_group(kRouter2));
}

//= RFC4861-8.1-b
TEST_F(Redirected, OnlyByTheRouterInUse) {
  redirect(kRouter2, kRouter2, kFar, kTargetMac);
  EXPECT_EQ(drops(DropReason::ndp_redirect_refused), 1u);
  EXPECT_EQ(datagram_to(kFar)->to, kRouter1Mac);
}

//= RFC4861-6.3.5-a
TEST_F(Redirected, EndsWithTheRouterItLedTo) {
  advertise_router(kRouter2, kRouter2Mac);
  redirect(kRouter1, kRouter2, kFar, kRouter2Mac);
  EXPECT_EQ(datagram_to(kFar)->to, kRouter2Mac);
  advertise_router(kRouter2, kRouter2Mac, 0);
  EXPECT_EQ(datagram_to(kFar)->to, kRouter1Mac);
}

struct Careful : Ipv6Host {
  static StackConfig config(neighbor::IdentifierKind kind = neighbor::IdentifierKind::eui64) {
    StackConfig config = bare();
    config.detection.transmits = 1;
    config.routers.solicit = true;
    config.autoconfiguration.identifier = kind;
    return config;
  }
  explicit Careful(const StackConfig& wanted = config()) : Ipv6Host(wanted) {}
  // The owner of an address answers a question about it.
  void object(const IpAddress& address) {
    wire::NeighborAdvertisementFields fields;
    fields.target = address;
    fields.flags = wire::kNdpOverrideFlag;
    options.link_layer_address(NdpOptionType::target_link_layer_address, kTargetMac);
    arrives(address, wire::kAllNodes, fields);
  }
};

//= RFC4862-5.4.2-b
//= RFC4862-5.4-c
TEST_F(Careful, EveryAddressIsTested) {
  auto packets = pass(2s);
  int questions = 0;
  for (const Sent& one : packets) {
    if (one.type() != Icmpv6Type::neighbor_solicitation) continue;
    ++questions;
    EXPECT_TRUE(one.ip().src().is_unspecified());
  }
  EXPECT_EQ(questions, 1);
  EXPECT_TRUE(owns(kLinkLocal));
  offer(3600, 1800);
  advertise_router(kRouter1, kRouter1Mac);
  EXPECT_FALSE(owns(kGlobal));
  EXPECT_EQ(datagram_to(kFar)->ip().src(), kLinkLocal);
  (void)pass(2s);
  EXPECT_TRUE(owns(kGlobal));
  EXPECT_EQ(datagram_to(kFar)->ip().src(), kGlobal);
}

// An address whose time was up before it was tested is never preferred.
TEST_F(Careful, ATentativeAddressMayBecomeDeprecated) {
  (void)pass(2s);
  offer(3600, 0);
  advertise_router(kRouter1, kRouter1Mac);
  (void)pass(2s);
  EXPECT_EQ(stack.network().addresses().find(kGlobal)->state, ip::AddressState::deprecated);
}

//= RFC4862-5.4.5-b
TEST_F(Careful, SomebodyHasOurHardwareAddress) {
  object(kLinkLocal);
  EXPECT_TRUE(pass(60s).empty() || !owns(kLinkLocal));
  EXPECT_FALSE(owns(kLinkLocal));
  advertise_router(kRouter1, kRouter1Mac);
  EXPECT_EQ(drops(DropReason::ndp_switched_off), 1u);
}

//= RFC4862-5.4.5-a
TEST_F(Careful, AGlobalDuplicateIsNotUsed) {
  (void)pass(2s);
  offer(3600, 1800);
  advertise_router(kRouter1, kRouter1Mac);
  object(kGlobal);
  (void)pass(5s);
  EXPECT_FALSE(owns(kGlobal));
  EXPECT_EQ(stack.network().addresses().find(kGlobal), nullptr);
}

struct CarefulStable : Careful {
  CarefulStable() : Careful(config(neighbor::IdentifierKind::stable)) {}
};

TEST_F(CarefulStable, ADuplicateIsReplaced) {
  ASSERT_EQ(stack.network().addresses().all().size(), 1u);
  const IpAddress first = stack.network().addresses().all()[0].prefix.address;
  object(first);
  ASSERT_EQ(stack.network().addresses().all().size(), 1u);
  const IpAddress second = stack.network().addresses().all()[0].prefix.address;
  EXPECT_NE(first, second);
  (void)pass(3s);
  EXPECT_TRUE(owns(second));
}

//= RFC4861-6.3.7-b
TEST_F(Careful, AsksForRoutersUntilThereIsOne) {
  int questions = 0;
  for (const Sent& one : pass(20s)) {
    questions += one.type() == Icmpv6Type::router_solicitation ? 1 : 0;
  }
  EXPECT_GE(questions, 3);
  advertise_router(kRouter1, kRouter1Mac);
  (void)sent();
  for (const Sent& one : pass(1000s)) EXPECT_NE(one.type(), Icmpv6Type::router_solicitation);
}

// Two hosts, nothing configured of each other.
TEST(TwoIpv6Hosts, FindEachOtherAndStayReachable) {
  StackConfig first = alice_config(), second = bob_config();
  first.static_neighbors.clear();
  second.static_neighbors.clear();
  TwoHosts hosts(first, second);
  const ConnectedPair pair = connect(hosts, Domain::inet6);
  EXPECT_TRUE(hosts.alice.write(hosts.now, pair.client, octets_of("hello")));
  hosts.run_for(10ms);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "hello");
  const auto state = [&] {
    return hosts.alice.network().neighbors().cache(Family::ipv6).find(hosts.now, kBob6)->state;
  };
  EXPECT_EQ(state(), neighbor::EntryState::reachable);

  //= RFC4861-7.3.1-a
  // After a minute the entry is stale, and what bob acknowledges makes it fresh: nobody is asked.
  hosts.run_for(60s);
  EXPECT_EQ(state(), neighbor::EntryState::stale);
  const std::size_t before = hosts.log().size();
  EXPECT_TRUE(hosts.alice.write(hosts.now, pair.client, octets_of("again")));
  hosts.run_for(10s);
  for (std::size_t i = before; i < hosts.log().size(); ++i) {
    const auto& frame = hosts.log()[i];
    if (!frame.from_alice) continue;
    const auto ip = wire::Ipv6View::parse(Bytes{frame.octets}.subspan(14)).value();
    if (ip.next_header() != wire::IpProtocol::icmpv6) continue;
    EXPECT_NE(load_u8(ip.payload(), 0), 135) << i;
  }
  EXPECT_EQ(state(), neighbor::EntryState::reachable);
}

}  // namespace
}  // namespace packetwright::iface
