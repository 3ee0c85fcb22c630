// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "stack/icmp/icmp.hh"
#include "stack/icmp/input.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/ipv4.hh"

namespace packetwright::icmp {
namespace {

using wire::Icmpv4Fields;
using wire::Icmpv4Type;

const IpAddress kOurs = IpAddress::v4(192, 168, 0, 1);
const IpAddress kPeer = IpAddress::v4(192, 0, 2, 1);
const IpAddress kRouter = IpAddress::v4(192, 168, 0, 254);

Buffer octets_of(std::string_view text) {
  return Buffer(text.begin(), text.end());
}

Buffer message(const Icmpv4Fields& fields) {
  Buffer out(fields.encoded_size());
  fields.emit(out);
  wire::fill_icmpv4_checksum(out);
  return out;
}

// An IPv4 datagram of ours to the peer: what an error about it quotes.
Buffer datagram_of_ours(wire::IpProtocol protocol, Bytes payload) {
  wire::Ipv4Fields ip;
  ip.src = kOurs;
  ip.dst = kPeer;
  ip.protocol = protocol;
  ip.set_lengths(payload.size());
  Buffer out(ip.encoded_size() + payload.size());
  ip.emit(out);
  wire::fill_ipv4_checksum(MutableBytes{out}.first(20));
  store_bytes(out, 20, payload);
  return out;
}

const Buffer kTransport = {0x12, 0x34, 0x00, 0x35, 0, 8, 0, 0};

struct IcmpInputV4 : testing::Test {
  Icmp icmp{IcmpConfig{}, Rng{1}};
  Arrival from_peer{kPeer, kOurs};

  Input arrives(const Icmpv4Fields& fields) {
    stored = message(fields);
    return icmp.on_message(instant_at(0) + 5s, from_peer, stored);
  }
  Input arrives_error(Icmpv4Type type, std::uint8_t code, std::uint32_t rest = 0) {
    quote = datagram_of_ours(wire::IpProtocol::udp, kTransport);
    return arrives(Icmpv4Fields::error(type, code, rest, quote));
  }

  Buffer stored, quote;
};

TEST_F(IcmpInputV4, AnEchoReplyIsTheRequestWithItsAddressesSwapped) {
  for (const std::string_view text : {"", "x", "even", "seven!!"}) {
    const auto input =
        arrives(Icmpv4Fields::echo(Icmpv4Type::echo_request, 0xbeef, 0xffff, octets_of(text)));
    ASSERT_TRUE(std::holds_alternative<Answer>(input));
    Answer answer = std::get<Answer>(input);
    EXPECT_EQ(answer.source, kOurs);
    EXPECT_EQ(answer.destination, kPeer);
    fill_checksum(answer);
    EXPECT_EQ(answer.octets,
              message(Icmpv4Fields::echo(Icmpv4Type::echo_reply, 0xbeef, 0xffff, octets_of(text))));
  }
}

TEST_F(IcmpInputV4, KeepsSilentWhenAGroupIsAskedForEcho) {
  from_peer.destination = IpAddress::v4(0xffffffff);
  from_peer.to_group = true;
  const auto input = arrives(Icmpv4Fields::echo(Icmpv4Type::echo_request, 1, 1, {}));
  EXPECT_EQ(std::get<DropReason>(input), DropReason::icmp_broadcast_echo);
}

TEST_F(IcmpInputV4, MayBeToldToAnswerGroupsFromAnAddressOfItsOwn) {
  IcmpConfig config;
  config.answer_group_echo_v4 = true;
  icmp = Icmp{config, Rng{1}};
  from_peer.destination = IpAddress::v4(0xffffffff);
  from_peer.to_group = true;
  const auto input = arrives(Icmpv4Fields::echo(Icmpv4Type::echo_request, 1, 1, {}));
  ASSERT_TRUE(std::holds_alternative<Answer>(input));
  EXPECT_TRUE(std::get<Answer>(input).source.is_unspecified());
}

TEST_F(IcmpInputV4, WhatIsSwitchedOffIsNotAnswered) {
  IcmpConfig config;
  config.answer_echo = config.answer_timestamp = false;
  icmp = Icmp{config, Rng{1}};
  const auto echo = arrives(Icmpv4Fields::echo(Icmpv4Type::echo_request, 1, 1, {}));
  EXPECT_EQ(std::get<DropReason>(echo), DropReason::icmp_unknown_type);
  const Buffer body(12);
  const auto stamp = arrives(Icmpv4Fields{Icmpv4Type::timestamp_request, 0, 0, 0, body});
  EXPECT_EQ(std::get<DropReason>(stamp), DropReason::icmp_unknown_type);
}

TEST_F(IcmpInputV4, KeepsSilentWhenAGroupIsAskedForTheTime) {
  from_peer.destination = IpAddress::v4(0xffffffff);
  from_peer.to_group = true;
  const Buffer body(12);
  const auto input = arrives(Icmpv4Fields{Icmpv4Type::timestamp_request, 0, 0, 0, body});
  EXPECT_EQ(std::get<DropReason>(input), DropReason::icmp_broadcast_echo);
}

TEST_F(IcmpInputV4, FuzzingMayLookBehindTheChecksum) {
  IcmpConfig config;
  config.verify_checksum = false;
  icmp = Icmp{config, Rng{1}};
  Buffer bad = message(Icmpv4Fields::echo(Icmpv4Type::echo_request, 1, 1, {}));
  bad[2] ^= 1;
  EXPECT_TRUE(std::holds_alternative<Answer>(icmp.on_message(instant_at(0), from_peer, bad)));
}

TEST_F(IcmpInputV4, ARedirectThatQuotesNothingIsMalformed) {
  const auto input = arrives(Icmpv4Fields::error(Icmpv4Type::redirect, 1, 0, {}));
  EXPECT_EQ(std::get<DropReason>(input), DropReason::icmp_malformed);
}

TEST(IcmpProblem, OnlyErrorsHaveOne) {
  for (unsigned type = 0; type <= 255; ++type) {
    const auto octet = static_cast<std::uint8_t>(type);
    EXPECT_EQ(problem_v4(octet, 0) == Problem::unknown, type != 3 && type != 11 && type != 12)
        << type;
    EXPECT_EQ(problem_v6(octet, 0) == Problem::unknown, type < 1 || type > 4) << type;
  }
}

TEST(IcmpProblem, ACodeThatNobodyKnowsSaysNothing) {
  for (const std::uint8_t type : {std::uint8_t{3}, std::uint8_t{11}, std::uint8_t{12}}) {
    EXPECT_EQ(problem_v4(type, 77), Problem::unknown) << int{type};
  }
  EXPECT_EQ(problem_v6(1, 77), Problem::unknown);
  EXPECT_EQ(problem_v6(3, 77), Problem::unknown);
  EXPECT_EQ(problem_v4(12, 1), Problem::required_option_missing);
  EXPECT_EQ(problem_v6(4, 2), Problem::unrecognised_option);
}

TEST_F(IcmpInputV4, ABadChecksumIsDropped) {
  Buffer bad = message(Icmpv4Fields::echo(Icmpv4Type::echo_request, 1, 1, octets_of("hello")));
  for (std::size_t bit = 0; bit < bad.size() * 8; ++bit) {
    bad[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    const auto input = icmp.on_message(instant_at(0), from_peer, bad);
    EXPECT_EQ(std::get<DropReason>(input), DropReason::icmp_bad_checksum) << bit;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
  }
}

TEST_F(IcmpInputV4, WhatIsShorterThanAHeaderIsDropped) {
  const Buffer whole = message(Icmpv4Fields::echo(Icmpv4Type::echo_request, 1, 1, {}));
  for (std::size_t size = 0; size < 8; ++size) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(std::get<DropReason>(icmp.on_message(instant_at(0), from_peer, cut)),
              DropReason::icmp_malformed);
  }
}

TEST_F(IcmpInputV4, ATimestampReplyKeepsTheOriginateTimeAndMarksItsOwnAsNotUniversal) {
  Buffer body(12);
  store_be32(body, 0, 0x01020304);
  const auto input = arrives(Icmpv4Fields{Icmpv4Type::timestamp_request, 0, 0, 0x00070009, body});
  ASSERT_TRUE(std::holds_alternative<Answer>(input));
  const Answer& answer = std::get<Answer>(input);
  const auto reply = wire::Icmpv4View::parse(answer.octets);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->type(), Icmpv4Type::timestamp_reply);
  EXPECT_EQ(reply->id(), 7);
  EXPECT_EQ(reply->seq(), 9);
  const auto stamps = reply->timestamps();
  ASSERT_TRUE(stamps);
  EXPECT_EQ(stamps->originate, 0x01020304u);
  EXPECT_EQ(stamps->receive, 0x80000000u + 5'000);
  EXPECT_EQ(stamps->transmit, 0x80000000u + 5'000);
}

TEST_F(IcmpInputV4, ATimestampRequestThatIsCutOffIsDropped) {
  const auto input =
      arrives(Icmpv4Fields{Icmpv4Type::timestamp_request, 0, 0, 0, Bytes{kTransport}});
  EXPECT_EQ(std::get<DropReason>(input), DropReason::icmp_malformed);
}

TEST_F(IcmpInputV4, UnknownAndObsoleteTypesAreDropped) {
  for (const int type : {1, 2, 7, 9, 10, 14, 15, 16, 17, 18, 30, 44, 253, 255}) {
    Buffer body(12);
    const auto input = arrives(Icmpv4Fields{static_cast<Icmpv4Type>(type), 0, 0, 0, body});
    EXPECT_EQ(std::get<DropReason>(input), DropReason::icmp_unknown_type) << type;
  }
}

TEST_F(IcmpInputV4, SourceQuenchIsIgnored) {
  EXPECT_EQ(std::get<DropReason>(arrives_error(Icmpv4Type::source_quench, 0)),
            DropReason::icmp_source_quench);
}

TEST_F(IcmpInputV4, AnEchoReplyGoesToWhoeverAsked) {
  const auto input =
      arrives(Icmpv4Fields::echo(Icmpv4Type::echo_reply, 0x1111, 2, octets_of("pong")));
  ASSERT_TRUE(std::holds_alternative<EchoReply>(input));
  EXPECT_EQ(std::get<EchoReply>(input).identifier, 0x1111);
  EXPECT_EQ(std::get<EchoReply>(input).message.size(), 12u);
}

TEST_F(IcmpInputV4, EveryUnreachableCodeIsReportedWithItsMeaning) {
  using P = Problem;
  const P expected[] = {P::net_unreachable,  P::host_unreachable, P::protocol_unreachable,
                        P::port_unreachable, P::packet_too_big,   P::source_route_failed,
                        P::net_unreachable,  P::host_unreachable, P::host_unreachable,
                        P::prohibited,       P::prohibited,       P::net_unreachable,
                        P::host_unreachable, P::prohibited,       P::prohibited,
                        P::prohibited,       P::unknown};
  for (std::uint8_t code = 0; code < std::size(expected); ++code) {
    const auto input = arrives_error(Icmpv4Type::unreachable, code);
    ASSERT_TRUE(std::holds_alternative<ErrorReport>(input));
    const auto& report = std::get<ErrorReport>(input);
    EXPECT_EQ(report.problem, expected[code]) << int{code};
    EXPECT_EQ(report.type, 3);
    EXPECT_EQ(report.code, code);
    EXPECT_EQ(report.local, kOurs);
    EXPECT_EQ(report.remote, kPeer);
    EXPECT_EQ(report.protocol, wire::IpProtocol::udp);
    EXPECT_EQ(report.quoted_size, 28);
    EXPECT_EQ(Buffer(report.transport.begin(), report.transport.end()), kTransport);
  }
}

TEST_F(IcmpInputV4, FragmentationNeededTellsTheMtu) {
  const auto input = arrives_error(Icmpv4Type::unreachable, 4, 1'000);
  EXPECT_EQ(std::get<ErrorReport>(input).value, 1'000u);
}

TEST_F(IcmpInputV4, TimeExceededAndParameterProblemAreReported) {
  EXPECT_EQ(std::get<ErrorReport>(arrives_error(Icmpv4Type::time_exceeded, 0)).problem,
            Problem::hop_limit_exceeded);
  EXPECT_EQ(std::get<ErrorReport>(arrives_error(Icmpv4Type::time_exceeded, 1)).problem,
            Problem::reassembly_timeout);
  const auto input = arrives_error(Icmpv4Type::parameter_problem, 0, 22u << 24);
  EXPECT_EQ(std::get<ErrorReport>(input).problem, Problem::erroneous_header);
  EXPECT_EQ(std::get<ErrorReport>(input).value, 22u);
  EXPECT_EQ(std::get<ErrorReport>(arrives_error(Icmpv4Type::parameter_problem, 1)).problem,
            Problem::required_option_missing);
}

TEST_F(IcmpInputV4, TheUnusedFieldOfAnErrorIsIgnored) {
  const auto input = arrives_error(Icmpv4Type::unreachable, 3, 0x00ffffff);
  EXPECT_EQ(std::get<ErrorReport>(input).problem, Problem::port_unreachable);
}

TEST_F(IcmpInputV4, AQuotationThatIsCutOffHasNoEffect) {
  const Buffer whole = datagram_of_ours(wire::IpProtocol::tcp, kTransport);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto input = arrives(Icmpv4Fields::error(Icmpv4Type::unreachable, 3, 0, cut));
    ASSERT_TRUE(std::holds_alternative<DropReason>(input)) << size;
    EXPECT_EQ(std::get<DropReason>(input),
              size < 20 ? DropReason::icmp_malformed : DropReason::icmp_error_unmatched);
  }
}

TEST_F(IcmpInputV4, AQuotedFragmentWithoutATransportHeaderHasNoEffect) {
  quote = datagram_of_ours(wire::IpProtocol::udp, kTransport);
  store_be16(quote, 6, 1);  // offset 8
  const auto input = arrives(Icmpv4Fields::error(Icmpv4Type::unreachable, 3, 0, quote));
  EXPECT_EQ(std::get<DropReason>(input), DropReason::icmp_error_unmatched);
}

TEST_F(IcmpInputV4, AnErrorSentToAGroupHasNoEffect) {
  from_peer.to_group = true;
  EXPECT_EQ(std::get<DropReason>(arrives_error(Icmpv4Type::unreachable, 3)),
            DropReason::icmp_error_unmatched);
}

TEST_F(IcmpInputV4, ARedirectNamesTheDestinationAndTheGateway) {
  for (std::uint8_t code = 0; code < 4; ++code) {
    const auto input = arrives_error(Icmpv4Type::redirect, code, kRouter.v4_value());
    ASSERT_TRUE(std::holds_alternative<Redirect>(input));
    EXPECT_EQ(std::get<Redirect>(input).local, kOurs);
    EXPECT_EQ(std::get<Redirect>(input).destination, kPeer);
    EXPECT_EQ(std::get<Redirect>(input).gateway, kRouter);
  }
  EXPECT_EQ(std::get<DropReason>(arrives_error(Icmpv4Type::redirect, 4, kRouter.v4_value())),
            DropReason::icmp_unknown_type);
}

}  // namespace
}  // namespace packetwright::icmp
