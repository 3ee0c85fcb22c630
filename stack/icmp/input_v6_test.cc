// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include <gtest/gtest.h>

#include "stack/icmp/icmp.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv6.hh"

namespace packetwright::icmp {
namespace {

using wire::Icmpv6Fields;
using wire::Icmpv6Type;

const IpAddress kOurs = IpAddress::v6({0xfd, 0, 1});
const IpAddress kPeer = IpAddress::v6({0xfd, 0, 2});
const IpAddress kAllNodes = IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

Buffer octets_of(std::string_view text) {
  return Buffer(text.begin(), text.end());
}

Buffer packet_of_ours(wire::IpProtocol next_header, Bytes payload) {
  wire::Ipv6Fields ip;
  ip.src = kOurs;
  ip.dst = kPeer;
  ip.next_header = next_header;
  ip.set_lengths(payload.size());
  Buffer out(ip.encoded_size() + payload.size());
  ip.emit(out);
  store_bytes(out, 40, payload);
  return out;
}

const Buffer kTransport = {0x12, 0x34, 0x00, 0x35, 0, 8, 0, 0};

struct IcmpInputV6 : testing::Test {
  Icmp icmp{IcmpConfig{}, Rng{1}};
  Arrival from_peer{kPeer, kOurs};

  Input arrives(const Icmpv6Fields& fields) {
    stored.resize(fields.encoded_size());
    fields.emit(stored);
    wire::fill_icmpv6_checksum(stored, from_peer.source, from_peer.destination);
    return icmp.on_message(instant_at(0), from_peer, stored);
  }
  Input arrives_error(Icmpv6Type type, std::uint8_t code, std::uint32_t rest = 0) {
    quote = packet_of_ours(wire::IpProtocol::udp, kTransport);
    return arrives(Icmpv6Fields::error(type, code, rest, quote));
  }

  Buffer stored, quote;
};

TEST_F(IcmpInputV6, AnEchoReplyReturnsTheDataFromTheAddressThatWasAsked) {
  const auto input =
      arrives(Icmpv6Fields::echo(Icmpv6Type::echo_request, 7, 9, octets_of("hello")));
  ASSERT_TRUE(std::holds_alternative<Answer>(input));
  Answer answer = std::get<Answer>(input);
  EXPECT_EQ(answer.source, kOurs);
  EXPECT_EQ(answer.destination, kPeer);
  fill_checksum(answer);
  const auto reply = wire::Icmpv6View::parse(answer.octets);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->type(), Icmpv6Type::echo_reply);
  EXPECT_EQ(reply->id(), 7);
  EXPECT_EQ(reply->seq(), 9);
  EXPECT_EQ(Buffer(reply->body().begin(), reply->body().end()), octets_of("hello"));
  EXPECT_TRUE(reply->verify_checksum(kOurs, kPeer));
}

TEST_F(IcmpInputV6, AGroupIsAnsweredFromAnAddressOfTheInterface) {
  from_peer.destination = kAllNodes;
  from_peer.to_group = true;
  const auto input = arrives(Icmpv6Fields::echo(Icmpv6Type::echo_request, 7, 9, {}));
  ASSERT_TRUE(std::holds_alternative<Answer>(input));
  EXPECT_EQ(std::get<Answer>(input).source, IpAddress::v6({}));
}

TEST_F(IcmpInputV6, WhatIsSwitchedOffIsNotAnswered) {
  IcmpConfig config;
  config.answer_group_echo_v6 = false;
  icmp = Icmp{config, Rng{1}};
  const auto request = Icmpv6Fields::echo(Icmpv6Type::echo_request, 7, 9, {});
  EXPECT_TRUE(std::holds_alternative<Answer>(arrives(request)));
  from_peer.destination = kAllNodes;
  from_peer.to_group = true;
  EXPECT_EQ(std::get<DropReason>(arrives(request)), DropReason::icmp_broadcast_echo);
  from_peer = {kPeer, kOurs};
  config.answer_echo = false;
  icmp = Icmp{config, Rng{1}};
  EXPECT_EQ(std::get<DropReason>(arrives(request)), DropReason::icmp_unknown_type);
}

TEST_F(IcmpInputV6, TheChecksumCoversThePseudoHeader) {
  const Buffer data = octets_of("hello");
  const auto fields = Icmpv6Fields::echo(Icmpv6Type::echo_request, 7, 9, data);
  Buffer without(fields.encoded_size());
  fields.emit(without);
  wire::fill_icmpv4_checksum(without);  // as ICMPv4 does it: the message alone
  EXPECT_EQ(std::get<DropReason>(icmp.on_message(instant_at(0), from_peer, without)),
            DropReason::icmp_bad_checksum);
}

TEST_F(IcmpInputV6, UnknownInformationalMessagesAreDropped) {
  for (const int type : {200, 254, 255}) {
    const auto input = arrives(Icmpv6Fields{static_cast<Icmpv6Type>(type), 0, 0, 0, {}});
    EXPECT_EQ(std::get<DropReason>(input), DropReason::icmp_unknown_type) << type;
  }
}

TEST_F(IcmpInputV6, WhatIsSaidOfGroupsIsHandedOn) {
  for (const int type : {130, 131, 132, 143}) {
    const auto input = arrives(Icmpv6Fields{static_cast<Icmpv6Type>(type), 0, 0, 0, {}});
    EXPECT_TRUE(std::holds_alternative<NeighborMessage>(input)) << type;
  }
}

TEST_F(IcmpInputV6, UnknownErrorsAreReportedToTheTransport) {
  for (const int type : {5, 100, 127}) {
    const auto input = arrives_error(static_cast<Icmpv6Type>(type), 3);
    ASSERT_TRUE(std::holds_alternative<ErrorReport>(input)) << type;
    EXPECT_EQ(std::get<ErrorReport>(input).problem, Problem::unknown);
    EXPECT_EQ(std::get<ErrorReport>(input).type, type);
    EXPECT_EQ(std::get<ErrorReport>(input).protocol, wire::IpProtocol::udp);
  }
}

TEST_F(IcmpInputV6, EveryUnreachableCodeIsReportedWithItsMeaning) {
  using P = Problem;
  const P expected[] = {P::net_unreachable,  P::prohibited,       P::host_unreachable,
                        P::host_unreachable, P::port_unreachable, P::prohibited,
                        P::prohibited,       P::unknown};
  for (std::uint8_t code = 0; code < std::size(expected); ++code) {
    const auto input = arrives_error(Icmpv6Type::unreachable, code, 0x00ffffff);
    ASSERT_TRUE(std::holds_alternative<ErrorReport>(input));
    const auto& report = std::get<ErrorReport>(input);
    EXPECT_EQ(report.problem, expected[code]) << int{code};
    EXPECT_EQ(report.local, kOurs);
    EXPECT_EQ(report.remote, kPeer);
    EXPECT_EQ(report.quoted_size, 48u);
  }
}

TEST_F(IcmpInputV6, PacketTooBigCountsWhateverItsCode) {
  for (const std::uint8_t code : {std::uint8_t{0}, std::uint8_t{7}}) {
    const auto input = arrives_error(Icmpv6Type::packet_too_big, code, 1'300);
    ASSERT_TRUE(std::holds_alternative<ErrorReport>(input));
    EXPECT_EQ(std::get<ErrorReport>(input).problem, Problem::packet_too_big);
    EXPECT_EQ(std::get<ErrorReport>(input).value, 1'300u);
  }
}

TEST_F(IcmpInputV6, TimeExceededAndParameterProblemAreReported) {
  EXPECT_EQ(std::get<ErrorReport>(arrives_error(Icmpv6Type::time_exceeded, 0)).problem,
            Problem::hop_limit_exceeded);
  EXPECT_EQ(std::get<ErrorReport>(arrives_error(Icmpv6Type::time_exceeded, 1)).problem,
            Problem::reassembly_timeout);
  const auto input = arrives_error(Icmpv6Type::parameter_problem, 1, 40);
  EXPECT_EQ(std::get<ErrorReport>(input).problem, Problem::protocol_unreachable);
  EXPECT_EQ(std::get<ErrorReport>(input).value, 40u);
}

TEST_F(IcmpInputV6, TheTransportIsFoundBehindExtensionHeaders) {
  Buffer payload{static_cast<std::uint8_t>(wire::IpProtocol::tcp), 0, 1, 4, 0, 0, 0, 0};
  payload.insert(payload.end(), kTransport.begin(), kTransport.end());
  quote = packet_of_ours(wire::IpProtocol::destination_options, payload);
  const auto input = arrives(Icmpv6Fields::error(Icmpv6Type::unreachable, 4, 0, quote));
  ASSERT_TRUE(std::holds_alternative<ErrorReport>(input));
  EXPECT_EQ(std::get<ErrorReport>(input).protocol, wire::IpProtocol::tcp);
  EXPECT_EQ(std::get<ErrorReport>(input).transport.size(), 8u);
}

TEST_F(IcmpInputV6, AQuotationThatIsCutOffHasNoEffect) {
  const Buffer whole = packet_of_ours(wire::IpProtocol::tcp, kTransport);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto input = arrives(Icmpv6Fields::error(Icmpv6Type::unreachable, 4, 0, cut));
    EXPECT_TRUE(std::holds_alternative<DropReason>(input)) << size;
  }
}

TEST_F(IcmpInputV6, AnErrorSentToAGroupHasNoEffect) {
  from_peer.destination = kAllNodes;
  from_peer.to_group = true;
  EXPECT_EQ(std::get<DropReason>(arrives_error(Icmpv6Type::unreachable, 4)),
            DropReason::icmp_error_unmatched);
}

TEST_F(IcmpInputV6, NeighborDiscoveryIsPassedOn) {
  for (const int type : {133, 134, 135, 136, 137}) {
    const auto input = arrives(Icmpv6Fields{static_cast<Icmpv6Type>(type), 0, 0, 0, {}});
    EXPECT_TRUE(std::holds_alternative<NeighborMessage>(input)) << type;
  }
}

}  // namespace
}  // namespace packetwright::icmp
