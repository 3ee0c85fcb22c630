// SPDX-License-Identifier: Apache-2.0
// One host, and frames made by hand: what it says about what it cannot use, what it believes of
// what others say, and what it tells those who watch.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "stack/iface/link.hh"
#include "stack/iface/stack.hh"
#include "stack/iface/tcp_header.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/udp/output.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/dns.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"
#include "stack/wire/udp.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;
using wire::Icmpv4Type;
using wire::IpProtocol;

constexpr IpAddress kFar = IpAddress::v4(192, 0, 2, 9);
constexpr IpAddress kRouter1 = IpAddress::v4(10, 0, 0, 101);
constexpr IpAddress kRouter2 = IpAddress::v4(10, 0, 0, 102);
constexpr MacAddress kRouter1Mac{{2, 0, 0, 0, 1, 1}};
constexpr MacAddress kRouter2Mac{{2, 0, 0, 0, 1, 2}};

StackConfig host() {
  StackConfig config = alice_config();
  config.gateways = {kRouter1};
  config.static_neighbors.emplace_back(kRouter1, kRouter1Mac);
  config.static_neighbors.emplace_back(kRouter2, kRouter2Mac);
  config.static_neighbors.emplace_back(kBob4, kBobMac);
  return config;
}

struct OneHost : testing::Test {
  Stack stack{host()};
  Instant now{};

  static Buffer datagram(const IpAddress& from, const IpAddress& to, IpProtocol protocol,
                         Bytes payload) {
    wire::Ipv4Fields ip;
    ip.src = from;
    ip.dst = to;
    ip.protocol = protocol;
    ip.set_lengths(payload.size());
    Buffer out(ip.encoded_size() + payload.size());
    ip.emit(out);
    store_bytes(out, ip.encoded_size(), payload);
    wire::fill_ipv4_checksum(MutableBytes{out}.first(ip.encoded_size()));
    return out;
  }
  static Buffer udp(const Endpoint& from, const Endpoint& to, std::string_view text) {
    Buffer payload;
    udp::emit(from, to, octets_of(text), payload);
    return datagram(from.address, to.address, IpProtocol::udp, payload);
  }
  static Buffer icmp(const IpAddress& from, const wire::Icmpv4Fields& fields) {
    Buffer message(fields.encoded_size());
    fields.emit(message);
    wire::fill_icmpv4_checksum(message);
    return datagram(from, kAlice4, IpProtocol::icmpv4, message);
  }
  void arrives(Bytes packet, const MacAddress& to = kAliceMac) {
    Buffer frame;
    emit_frame(to, kBobMac, wire::EtherType::ipv4, packet, frame);
    stack.on_frame(now, frame);
  }
  // The next frame that the host sent; its views refer to `frame`.
  struct Sent {
    Buffer frame;
    MacAddress to;
    [[nodiscard]] wire::Ipv4View ip() const {
      return wire::Ipv4View::parse(Bytes{frame}.subspan(14)).value();
    }
    [[nodiscard]] wire::Icmpv4View icmp() const {
      return wire::Icmpv4View::parse(ip().payload()).value();
    }
  };
  // A packet comes from Bob over IPv6; the ICMPv6 message that it draws.
  struct Icmpv6Answer {
    IpAddress from;
    wire::Icmpv6Type type{};
    std::uint8_t code = 0;
    std::uint32_t pointer = 0;
  };
  std::optional<Icmpv6Answer> answer_to_v6(const IpAddress& to, IpProtocol protocol,
                                           Bytes payload) {
    wire::Ipv6Fields ip;
    ip.src = kBob6;
    ip.dst = to;
    ip.next_header = protocol;
    ip.set_lengths(payload.size());
    Buffer packet(wire::kIpv6HeaderSize + payload.size());
    ip.emit(packet);
    store_bytes(packet, wire::kIpv6HeaderSize, payload);
    Buffer frame;
    emit_frame(kAliceMac, kBobMac, wire::EtherType::ipv6, packet, frame);
    stack.on_frame(now, frame);
    Buffer sent;
    if (!stack.next_tx(sent)) return std::nullopt;
    const auto answer = wire::Ipv6View::parse(Bytes{sent}.subspan(14)).value();
    EXPECT_EQ(answer.dst(), kBob6);
    const auto message = wire::Icmpv6View::parse(answer.payload()).value();
    return Icmpv6Answer{answer.src(), message.type(), message.code(), message.pointer()};
  }
  std::optional<Sent> next() {
    Sent sent;
    if (!stack.next_tx(sent.frame)) return std::nullopt;
    sent.to = wire::EthernetView::parse(sent.frame)->dst();
    return sent;
  }
};

TEST_F(OneHost, SaysThatNobodyListensAndQuotesWhatItGot) {
  const Buffer packet = udp({kBob4, 1'000}, {kAlice4, 9}, "hello");
  arrives(packet);
  const auto sent = next();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->ip().src(), kAlice4);
  EXPECT_EQ(sent->ip().dst(), kBob4);
  EXPECT_EQ(sent->ip().tos(), 0);
  EXPECT_EQ(sent->icmp().type(), Icmpv4Type::unreachable);
  EXPECT_EQ(sent->icmp().code(), 3);
  EXPECT_TRUE(sent->icmp().verify_checksum());
  EXPECT_EQ(Buffer(sent->icmp().body().begin(), sent->icmp().body().end()), packet);
  EXPECT_FALSE(next());
  EXPECT_EQ(stack.drops()[DropReason::udp_no_socket], 1u);
}

TEST_F(OneHost, SaysThatItDoesNotSpeakAProtocol) {
  arrives(datagram(kBob4, kAlice4, static_cast<IpProtocol>(253), Buffer(20)));
  const auto sent = next();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->icmp().type(), Icmpv4Type::unreachable);
  EXPECT_EQ(sent->icmp().code(), 2);
  EXPECT_EQ(stack.drops()[DropReason::ip_protocol_unknown], 1u);
}

TEST_F(OneHost, KeepsSilentAboutWhatWentToMany) {
  arrives(udp({kBob4, 1'000}, {IpAddress::v4(10, 0, 0, 255), 9}, "x"), MacAddress::broadcast());
  arrives(udp({kBob4, 1'000}, {IpAddress::v4(224, 0, 0, 1), 9}, "x"), {{1, 0, 0x5e, 0, 0, 1}});
  arrives(udp({kBob4, 1'000}, {kAlice4, 9}, "x"), MacAddress::broadcast());
  EXPECT_FALSE(next());
}

TEST_F(OneHost, KeepsSilentAboutErrors) {
  const Buffer ours = udp({kAlice4, 9}, {kBob4, 9}, "x");
  for (const Icmpv4Type type : {Icmpv4Type::unreachable, Icmpv4Type::source_quench,
                                Icmpv4Type::time_exceeded, Icmpv4Type::parameter_problem}) {
    arrives(icmp(kBob4, wire::Icmpv4Fields::error(type, 0, 0, ours)));
  }
  EXPECT_FALSE(next());
}

TEST_F(OneHost, BoundsTheErrorsItSends) {
  int sent = 0;
  for (int i = 0; i < 1'000; ++i) {
    arrives(udp({kBob4, 1'000}, {kAlice4, 9}, "x"));
    now += 1ms;
  }
  while (next()) ++sent;
  EXPECT_GE(sent, 10);
  EXPECT_LE(sent, 25);
  EXPECT_GT(stack.drops()[DropReason::icmp_rate_limited], 900u);
}

TEST_F(OneHost, AnswersEchoWithItsRecordRouteFilledIn) {
  wire::Ipv4Fields ip;
  ip.src = kBob4;
  ip.dst = kAlice4;
  ip.protocol = IpProtocol::icmpv4;
  const Buffer route{7, 7, 4, 0, 0, 0, 0, 0};  // room for one address
  ip.options = route;
  const Buffer data = octets_of("data");
  const auto request = wire::Icmpv4Fields::echo(Icmpv4Type::echo_request, 1, 2, data);
  Buffer message(request.encoded_size());
  request.emit(message);
  wire::fill_icmpv4_checksum(message);
  ip.set_lengths(message.size());
  Buffer packet(ip.encoded_size());
  ip.emit(packet);
  wire::fill_ipv4_checksum(packet);
  packet.insert(packet.end(), message.begin(), message.end());
  arrives(packet);
  const auto sent = next();
  ASSERT_TRUE(sent);
  const auto options = sent->ip().options();
  ASSERT_EQ(options.size(), 8u);
  EXPECT_EQ(IpAddress::from_octets(options.subspan(3, 4)), kAlice4);
  EXPECT_EQ(sent->icmp().type(), Icmpv4Type::echo_reply);
}

TEST_F(OneHost, BelievesARedirectOfItsFirstHopOnly) {
  const Descriptor socket = stack.socket(Domain::inet, SocketType::datagram).value();
  const Endpoint far{kFar, 7};
  const auto first_hop = [&] {
    EXPECT_TRUE(stack.write(now, socket, octets_of("x"), {}, &far));
    const auto sent = next();
    return sent ? sent->to : MacAddress{};
  };
  EXPECT_EQ(first_hop(), kRouter1Mac);
  const Buffer ours = udp({kAlice4, 9}, {kFar, 7}, "x");
  const auto redirect = [&](const IpAddress& from, const IpAddress& gateway) {
    arrives(
        icmp(from, wire::Icmpv4Fields::error(Icmpv4Type::redirect, 1, gateway.v4_value(), ours)));
  };
  redirect(kBob4, kRouter2);  // not the first hop
  EXPECT_EQ(first_hop(), kRouter1Mac);
  redirect(kRouter1, IpAddress::v4(172, 16, 0, 1));  // not on this link
  EXPECT_EQ(first_hop(), kRouter1Mac);
  redirect(kRouter1, kRouter2);
  EXPECT_EQ(first_hop(), kRouter2Mac);
}

TEST_F(OneHost, MayBeToldToIgnoreRedirects) {
  StackConfig config = host();
  config.accept_redirects = false;
  Stack stubborn{config};
  Buffer frame;
  emit_frame(kAliceMac, kBobMac, wire::EtherType::ipv4,
             icmp(kRouter1, wire::Icmpv4Fields::error(Icmpv4Type::redirect, 1, kRouter2.v4_value(),
                                                      udp({kAlice4, 9}, {kFar, 7}, "x"))),
             frame);
  stubborn.on_frame(now, frame);
  EXPECT_EQ(stubborn.drops()[DropReason::icmp_error_unmatched], 1u);
}

TEST_F(OneHost, AnErrorAboutSomebodyElsesDatagramChangesNothing) {
  const Descriptor socket = stack.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(stack.connect(now, socket, {kBob4, 7}));
  const std::uint16_t port = stack.local_endpoint(socket)->port;
  const auto error_about = [&](const Endpoint& from, const Endpoint& to) {
    arrives(
        icmp(kBob4, wire::Icmpv4Fields::error(Icmpv4Type::unreachable, 3, 0, udp(from, to, "x"))));
    return stack.get_option(now, socket, SocketOption::so_error).value();
  };
  EXPECT_EQ(error_about({kFar, port}, {kBob4, 7}), 0);
  EXPECT_EQ(error_about({kAlice4, port}, {kBob4, 8}), 0);
  EXPECT_EQ(error_about({kAlice4, 1}, {kBob4, 7}), 0);
  EXPECT_NE(error_about({kAlice4, port}, {kBob4, 7}), 0);
}

TEST_F(OneHost, AnErrorAboutADatagramOfAnotherHostIsNotOurs) {
  const Descriptor socket = stack.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(stack.bind(socket, {IpAddress{}, 7}));
  ASSERT_TRUE(stack.set_option(now, socket, SocketOption::ip_recverr, 1));
  const auto error_about = [&](const IpAddress& source) {
    arrives(icmp(kRouter1, wire::Icmpv4Fields::error(Icmpv4Type::unreachable, 1, 0,
                                                     udp({source, 7}, {kFar, 7}, "x"))));
    return stack.get_option(now, socket, SocketOption::so_error).value();
  };
  EXPECT_EQ(error_about(kBob4), 0);
  EXPECT_EQ(error_about(kAlice4), static_cast<int>(Errno::ehostunreach) + 1);
}

TEST_F(OneHost, OnlyARouterThatQuotesOurTrafficLowersThePathMtu) {
  const Descriptor socket = stack.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(stack.connect(now, socket, {kFar, 7}));
  const std::uint16_t port = stack.local_endpoint(socket)->port;
  const auto mtu_after = [&](const Endpoint& from) {
    arrives(icmp(kRouter1, wire::Icmpv4Fields::error(Icmpv4Type::unreachable, 4, 1'000,
                                                     udp(from, {kFar, 7}, "x"))));
    return stack.get_option(now, socket, SocketOption::ip_mtu).value();
  };
  EXPECT_EQ(mtu_after({kAlice4, static_cast<std::uint16_t>(port ^ 1)}), 1'500);
  EXPECT_EQ(mtu_after({kBob4, port}), 1'500);
  EXPECT_EQ(mtu_after({kAlice4, port}), 1'000);
}

TEST_F(OneHost, ARedirectAboutADatagramOfAnotherHostIsNotOurs) {
  const auto redirect = [&](const IpAddress& source) {
    arrives(icmp(kRouter1, wire::Icmpv4Fields::error(Icmpv4Type::redirect, 1, kRouter2.v4_value(),
                                                     udp({source, 9}, {kFar, 7}, "x"))));
    return stack.drops()[DropReason::icmp_error_unmatched];
  };
  EXPECT_EQ(redirect(kBob4), 1u);
  EXPECT_EQ(redirect(kAlice4), 1u);
}

TEST_F(OneHost, TcpIsNotSpokenToGroups) {
  const Descriptor listener = stack.socket(Domain::inet, SocketType::stream).value();
  ASSERT_TRUE(stack.bind(listener, {IpAddress{}, 80}));
  ASSERT_TRUE(stack.listen(listener, 1));
  const IpAddress everybody = IpAddress::v4(10, 0, 0, 255);
  tcp::Segment syn;
  syn.local = {kBob4, 4'000};
  syn.remote = {everybody, 80};
  syn.syn = true;
  Buffer payload;
  emit_segment(syn, {}, payload);
  arrives(datagram(kBob4, everybody, IpProtocol::tcp, payload), MacAddress::broadcast());
  EXPECT_EQ(stack.drops()[DropReason::tcp_bad_address], 1u);
  EXPECT_FALSE(next());
}

TEST_F(OneHost, AnEchoReplyIsMarkedAsItsRequestButForEcn) {
  Buffer request = icmp(kBob4, wire::Icmpv4Fields::echo(Icmpv4Type::echo_request, 1, 2, {}));
  request[1] = 0xb8 | 3;
  store_be16(request, 10, 0);
  wire::fill_ipv4_checksum(MutableBytes{request}.first(20));
  arrives(request);
  const auto sent = next();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->ip().tos(), 0xb8);
}

TEST_F(OneHost, GivesUpAnIncompleteDatagramAndSaysSoIfItHasTheBeginning) {
  Buffer first = udp({kBob4, 1'000}, {kAlice4, 9}, std::string(24, 'x'));
  store_be16(first, 6, 0x2000);  // more fragments
  store_be16(first, 10, 0);
  wire::fill_ipv4_checksum(MutableBytes{first}.first(20));
  arrives(first);
  ASSERT_TRUE(stack.next_deadline());
  now = *stack.next_deadline();
  EXPECT_EQ(now, instant_at(0) + 60s);
  stack.on_deadline(now);
  const auto sent = next();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->icmp().type(), Icmpv4Type::time_exceeded);
  EXPECT_EQ(sent->icmp().code(), 1);
  EXPECT_EQ(stack.drops()[DropReason::fragment_timeout], 1u);
}

struct TwoRouters : OneHost {
  // The first router answers no ARP until somebody does it for it.
  static StackConfig config() {
    StackConfig config = alice_config();
    config.gateways = {kRouter1, kRouter2};
    config.static_neighbors = {{kRouter2, kRouter2Mac}};
    return config;
  }
  Stack host{config()};
  Descriptor socket = host.socket(Domain::inet, SocketType::datagram).value();

  // Where the next datagram to a far host goes first; broadcast: ARP asks.
  MacAddress first_hop() {
    const Endpoint far{kFar, 7};
    Buffer frame;
    while (host.next_tx(frame)) {
    }
    EXPECT_TRUE(host.write(now, socket, octets_of("x"), {}, &far));
    return host.next_tx(frame) ? wire::EthernetView::parse(frame)->dst() : MacAddress{};
  }
  void first_router_answers() {
    wire::ArpFields reply;
    reply.operation = wire::ArpOperation::reply;
    reply.sender_mac = kRouter1Mac;
    reply.sender_ip = kRouter1;
    reply.target_mac = kAliceMac;
    reply.target_ip = kAlice4;
    Buffer payload(reply.encoded_size());
    reply.emit(payload);
    Buffer frame;
    emit_frame(kAliceMac, kRouter1Mac, wire::EtherType::arp, payload, frame);
    host.on_frame(now, frame);
  }
  void wait(Duration duration) {
    const Instant until = now + duration;
    while (host.next_deadline() && *host.next_deadline() <= until) {
      now = std::max(now, *host.next_deadline());
      host.on_deadline(now);
    }
    now = until;
  }
};

TEST_F(TwoRouters, ASecondGatewayStandsInForOneThatDoesNotAnswer) {
  EXPECT_EQ(first_hop(), MacAddress::broadcast());
  wait(10s);
  EXPECT_EQ(first_hop(), kRouter2Mac);
}

TEST_F(TwoRouters, AGatewayThatAnswersAfterAllIsUsedAgain) {
  (void)first_hop();
  wait(10s);
  ASSERT_EQ(first_hop(), kRouter2Mac);
  // Something else is sent to it, and now it answers.
  const Endpoint router{kRouter1, 7};
  ASSERT_TRUE(host.write(now, socket, octets_of("x"), {}, &router));
  first_router_answers();
  EXPECT_EQ(first_hop(), kRouter1Mac);
}

// RFC 9293, 3.8.3, (b): after R1 retransmissions TCP tells IP, which asks the first hop and,
// hearing nothing, takes another. An entry that was only aging would go on for a minute.
TEST_F(TwoRouters, AGatewayThatLetsNoSegmentThroughIsReplaced) {
  (void)first_hop();
  first_router_answers();
  ASSERT_EQ(first_hop(), kRouter1Mac);
  const Descriptor stream = host.socket(Domain::inet, SocketType::stream).value();
  EXPECT_EQ(host.connect(now, stream, {kFar, 80}).error(), Errno::einprogress);
  wait(30s);
  EXPECT_EQ(first_hop(), kRouter2Mac);
}

// RFC 8200, 4.5: both errors are about fragments that are not, or need not be, the first.
TEST_F(OneHost, TellsTheSenderOfAnIpv6FragmentThatCannotBePlaced) {
  struct Row {
    std::uint16_t offset;
    bool more;
    std::size_t size;
    std::uint32_t pointer;
  };
  for (const Row& row :
       {Row{16, true, 13, 4}, Row{0, true, 13, 4}, Row{65'528, false, 1'000, 42}}) {
    wire::Ipv6FragmentFields fragment;
    fragment.next_header = IpProtocol::udp;
    fragment.fragment_offset = row.offset;
    fragment.more_fragments = row.more;
    fragment.id = 7;
    Buffer payload(wire::kIpv6FragmentSize + row.size);
    fragment.emit(payload);
    const auto error = answer_to_v6(kAlice6, IpProtocol::fragment, payload);
    ASSERT_TRUE(error) << row.offset;
    EXPECT_EQ(error->type, wire::Icmpv6Type::parameter_problem);
    EXPECT_EQ(error->code, 0);
    EXPECT_EQ(error->pointer, row.pointer);
  }
}

// RFC 4443, 2.4 (e.3): the one error that is owed even for what went to a group. It comes from an
// address of one host.
TEST_F(OneHost, AnswersAnOptionThatDemandsItFromAnAddressOfItsOwn) {
  const IpAddress all_nodes = IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  // Destination Options with one unknown option, type 0x80: discard, and say so whoever was meant.
  const Buffer options{59, 0, 0x80, 4, 0, 0, 0, 0};
  const auto error = answer_to_v6(all_nodes, IpProtocol::destination_options, options);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->from, kAlice6);
  EXPECT_EQ(error->type, wire::Icmpv6Type::parameter_problem);
  EXPECT_EQ(error->code, 2);
  EXPECT_EQ(error->pointer, 42u);
}

TEST_F(OneHost, TellsThatAFirstFragmentLacksHeaders) {
  Buffer fragment{6, 0, 0, 1, 0, 0, 0, 7};  // TCP, offset 0, more to come
  fragment.resize(fragment.size() + 16);
  const auto error = answer_to_v6(kAlice6, IpProtocol::fragment, fragment);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->type, wire::Icmpv6Type::parameter_problem);
  EXPECT_EQ(error->code, 3);
}

TEST_F(OneHost, FollowsNoSourceRoute) {
  wire::Ipv4Fields ip;
  const Buffer route{131, 7, 4, 192, 0, 2, 9, 0};
  ip.src = kBob4;
  ip.dst = kAlice4;
  ip.options = route;
  ip.set_lengths(0);
  Buffer packet(ip.encoded_size());
  ip.emit(packet);
  wire::fill_ipv4_checksum(packet);
  arrives(packet);
  const auto sent = next();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->ip().dst(), kBob4);
  EXPECT_EQ(sent->icmp().type(), Icmpv4Type::unreachable);
  EXPECT_EQ(sent->icmp().code(), 5);
}

TEST_F(OneHost, APingSocketHearsOfErrorsAboutItsOwnRequests) {
  const auto ping = [&] {
    return stack.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
  };
  const Descriptor connected = ping(), loose = ping(), other = ping();
  ASSERT_TRUE(stack.connect(now, connected, {kFar, 0}));
  ASSERT_TRUE(stack.connect(now, other, {kBob4, 0}));
  const Buffer request{8, 0, 0, 0, 0, 0, 0, 1};
  ASSERT_TRUE(stack.write(now, connected, request));
  const auto sent = next();
  ASSERT_TRUE(sent);
  arrives(icmp(kRouter1,
               wire::Icmpv4Fields::error(Icmpv4Type::unreachable, 2, 0, sent->ip().octets())));
  const auto error_of = [&](Descriptor descriptor) {
    return stack.get_option(now, descriptor, SocketOption::so_error).value();
  };
  EXPECT_EQ(error_of(loose), 0);
  EXPECT_EQ(error_of(other), 0);
  EXPECT_EQ(error_of(connected), static_cast<int>(Errno::enoprotoopt) + 1);
  EXPECT_EQ(error_of(connected), 0);

  // An error about an answer of ours is about nothing that anybody asked.
  Buffer quoted(sent->ip().octets().begin(), sent->ip().octets().end());
  quoted[20] = 0;
  arrives(icmp(kRouter1, wire::Icmpv4Fields::error(Icmpv4Type::unreachable, 2, 0, quoted)));
  EXPECT_EQ(error_of(connected), 0);
  EXPECT_EQ(stack.drops()[DropReason::icmp_error_unmatched], 1u);
}

TEST_F(OneHost, APingSocketHearsOnceThatARequestWasTooBigAndAllLearnOfThePath) {
  const Descriptor ping = stack.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
  const Descriptor other = stack.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(stack.connect(now, ping, {kFar, 0}));
  ASSERT_TRUE(stack.connect(now, other, {kFar, 7}));
  ASSERT_TRUE(stack.set_option(now, ping, SocketOption::ip_recverr, 1));
  ASSERT_TRUE(stack.write(now, ping, Buffer{8, 0, 0, 0, 0, 0, 0, 1}));
  const auto sent = next();
  ASSERT_TRUE(sent);
  arrives(icmp(kRouter1,
               wire::Icmpv4Fields::error(Icmpv4Type::unreachable, 4, 1'000, sent->ip().octets())));
  const auto error = stack.read_error(ping);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->error, Errno::emsgsize);
  EXPECT_EQ(error->info, 1'000u);
  EXPECT_EQ(stack.read_error(ping).error(), Errno::eagain) << "told once";
  EXPECT_EQ(stack.get_option(now, other, SocketOption::ip_mtu).value(), 1'000);

  // Nobody has sent this one: it teaches nothing.
  Buffer quoted(sent->ip().octets().begin(), sent->ip().octets().end());
  quoted[24] ^= 1;  // the identifier
  arrives(icmp(kRouter1, wire::Icmpv4Fields::error(Icmpv4Type::unreachable, 4, 700, quoted)));
  EXPECT_EQ(stack.get_option(now, other, SocketOption::ip_mtu).value(), 1'000);
  EXPECT_EQ(stack.drops()[DropReason::icmp_error_unmatched], 1u);
}

TEST_F(OneHost, ALookUpEndsAtOnceWhenNobodyListensAtTheServer) {
  stack.set_dns_servers({{kBob4, 53}});
  const auto query = stack.resolve(now, "www.example", Family::ipv4);
  ASSERT_TRUE(query);
  const auto sent = next();
  ASSERT_TRUE(sent);
  arrives(
      icmp(kBob4, wire::Icmpv4Fields::error(Icmpv4Type::unreachable, 3, 0, sent->ip().octets())));
  const auto result = stack.take_resolved(now, *query);
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error(), dns::DnsError::server_failure);
}

TEST_F(OneHost, LooksUpANameBesideItsSockets) {
  stack.set_dns_servers({{kBob4, 53}});
  const auto query = stack.resolve(now, "www.example", Family::ipv4);
  ASSERT_TRUE(query);
  EXPECT_EQ(stack.take_resolved(now, *query), std::nullopt);
  const auto sent = next();
  ASSERT_TRUE(sent);
  const auto question = wire::UdpView::parse(sent->ip().payload()).value();
  EXPECT_EQ(question.dst_port(), 53);
  // The question comes back with an answer behind it: a pointer to the name, A, IN, 60 s. Its OPT
  // record, the last 11 octets, does not.
  Buffer response(question.payload().begin(), question.payload().end() - 11);
  response[2] |= 0x80;
  response[7] = 1;
  response[11] = 0;
  for (const int octet : {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 9}) {
    response.push_back(static_cast<std::uint8_t>(octet));
  }
  const auto answer = [&](const Endpoint& from) {
    Buffer payload;
    udp::emit(from, {kAlice4, question.src_port()}, response, payload);
    arrives(datagram(from.address, kAlice4, IpProtocol::udp, payload));
  };
  answer({kRouter2, 53});  // from somebody else: ignored, and not refused either
  EXPECT_EQ(stack.take_resolved(now, *query), std::nullopt);
  EXPECT_EQ(stack.drops()[DropReason::dns_unexpected], 1u);
  EXPECT_FALSE(next());
  // To everybody on the link: right in all else, but nobody asked from there.
  const Endpoint everyone{IpAddress::v4(10, 0, 0, 255), question.src_port()};
  Buffer to_all;
  udp::emit({kBob4, 53}, everyone, response, to_all);
  arrives(datagram(kBob4, everyone.address, IpProtocol::udp, to_all), MacAddress::broadcast());
  EXPECT_EQ(stack.take_resolved(now, *query), std::nullopt);
  EXPECT_EQ(stack.drops()[DropReason::dns_unexpected], 2u);
  answer({kBob4, 53});
  const auto result = stack.take_resolved(now, *query);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((**result).addresses, std::vector<IpAddress>{kFar});
  EXPECT_EQ(stack.next_deadline(), std::nullopt);
}

TEST_F(OneHost, TellsWhatItDoesToThoseWhoWatch) {
  std::vector<TraceEvent::What> events;
  std::vector<DropReason> reasons;
  stack.set_trace([&](const TraceEvent& event) {
    events.push_back(event.what);
    if (event.reason) reasons.push_back(*event.reason);
  });
  arrives(udp({kBob4, 1'000}, {kAlice4, 9}, "hello"));
  using What = TraceEvent::What;
  EXPECT_EQ(events, (std::vector{What::frame_in, What::dropped, What::frame_out}));
  EXPECT_EQ(reasons, std::vector{DropReason::udp_no_socket});
  stack.set_trace({});
  arrives(udp({kBob4, 1'000}, {kAlice4, 9}, "hello"));
  EXPECT_EQ(events.size(), 3u);
}

TEST_F(OneHost, AFullQueueOfFramesDropsWhatComesAfter) {
  StackConfig config = host();
  config.max_queued_frames = 3;
  Stack small{config};
  const Descriptor socket = small.socket(Domain::inet, SocketType::datagram).value();
  const Endpoint to{kBob4, 7};
  for (int i = 0; i < 5; ++i) (void)small.write(now, socket, Buffer(1), {}, &to);
  EXPECT_EQ(small.drops()[DropReason::frame_queue_full], 2u);
  Buffer frame;
  int sent = 0;
  while (small.next_tx(frame)) ++sent;
  EXPECT_EQ(sent, 3);
}

}  // namespace
}  // namespace packetwright::iface
