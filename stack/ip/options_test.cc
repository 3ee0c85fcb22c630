// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/options.hh"

#include <gtest/gtest.h>

namespace packetwright::ip {
namespace {

constexpr Instant kNow = instant_at(0) + 1234ms;
constexpr IpAddress kHere = IpAddress::v4(10, 0, 0, 2);
constexpr IpAddress kSource = IpAddress::v4(10, 0, 0, 1);
constexpr OptionPolicy kDeliver{SourceRoutePolicy::deliver};

std::optional<OptionError> receive(Buffer& options, const OptionPolicy& policy = {}) {
  return receive_options(kNow, options, kHere, policy);
}

// Expects a Parameter Problem that points at this octet of the option field.
void expect_problem_at(Buffer options, std::uint32_t octet, const OptionPolicy& policy = kDeliver) {
  const Buffer before = options;
  const auto error = receive(options, policy);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->reason, DropReason::ip_bad_option);
  EXPECT_EQ(error->problem, ProblemKind::bad_header_field);
  EXPECT_EQ(error->pointer, 20 + octet);
  EXPECT_EQ(options, before) << "nothing is written";
}

//= RFC1122-3.2.1.8-c
//= RFC1122-3.2.1.8-d
//= RFC791-3.1-f
TEST(Ipv4Options, UnknownAndObsoleteOnesAreSkipped) {
  Buffer options{1, 30, 4, 9, 9, 158, 3, 9, 136, 4, 0, 1, 130, 3, 0, 0};
  const Buffer before = options;
  EXPECT_EQ(receive(options), std::nullopt);
  EXPECT_EQ(options, before);
}

//= RFC791-3.1-g
TEST(Ipv4Options, NothingIsReadBehindTheEnd) {
  Buffer options{1, 0, 7, 0};
  EXPECT_EQ(receive(options), std::nullopt);
}

TEST(Ipv4Options, ALengthThatIsMissingZeroOneOrTooLargeIsAnError) {
  for (const std::uint8_t type : {7, 30, 68, 131, 137, 255}) {
    for (const std::uint8_t length : {0, 1, 5, 41, 255}) {
      Buffer options{type, length, 4, 0};
      const auto error = receive(options, kDeliver);
      ASSERT_TRUE(error) << int{type} << " " << int{length};
      EXPECT_EQ(error->reason, DropReason::ip_bad_option);
      EXPECT_EQ(error->problem, ProblemKind::bad_header_field);
    }
    Buffer missing{1, 1, 1, type};
    EXPECT_TRUE(receive(missing, kDeliver));
  }
}

//= RFC1122-3.2.1.8-h
TEST(Ipv4Options, RecordRouteGetsThisHost) {
  Buffer options{7, 11, 8, 192, 0, 2, 9, 0, 0, 0, 0, 0};
  EXPECT_EQ(receive(options), std::nullopt);
  EXPECT_EQ(options, (Buffer{7, 11, 12, 192, 0, 2, 9, 10, 0, 0, 2, 0}));
}

TEST(Ipv4Options, AFullRecordRouteStaysAsItIs) {
  Buffer options{7, 7, 8, 192, 0, 2, 9, 0};
  const Buffer before = options;
  EXPECT_EQ(receive(options), std::nullopt);
  EXPECT_EQ(options, before);
}

//= RFC791-3.1-i
TEST(Ipv4Options, RoutePointersBelowFourOrBetweenAddressesAreErrors) {
  for (const std::uint8_t type : {7, 131, 137}) {
    for (const std::uint8_t pointer : {0, 1, 2, 3, 5, 6, 7}) {
      expect_problem_at({type, 11, pointer, 1, 2, 3, 4, 5, 6, 7, 8, 0}, 2);
    }
  }
}

//= RFC791-3.1-j
TEST(Ipv4Options, ARouteWithRoomForAPartOfAnAddressIsAnError) {
  for (const std::uint8_t length : {4, 5, 6}) {
    Buffer options{7, length, 4, 0, 0, 0, 0, 0};
    options.resize(8);
    expect_problem_at(options, 2);
  }
  expect_problem_at({7, 2, 0, 0}, 1);
}

//= RFC1122-3.2.1.8-i
TEST(Ipv4Options, TimestampGetsTheTimeMarkedAsNotOfTheDay) {
  Buffer options{68, 12, 5, 0x00, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(receive(options), std::nullopt);
  EXPECT_EQ(options, (Buffer{68, 12, 9, 0x00, 0x80, 0, 0x04, 0xd2, 0, 0, 0, 0}));
}

TEST(Ipv4Options, TimestampWithAddressesGetsBoth) {
  Buffer options{68, 12, 5, 0x01, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(receive(options), std::nullopt);
  EXPECT_EQ(options, (Buffer{68, 12, 13, 0x01, 10, 0, 0, 2, 0x80, 0, 0x04, 0xd2}));
}

TEST(Ipv4Options, TimestampForGivenAddressesIsStampedOnlyByThem) {
  Buffer ours{68, 12, 5, 0x03, 10, 0, 0, 2, 0, 0, 0, 0};
  EXPECT_EQ(receive(ours), std::nullopt);
  EXPECT_EQ(ours, (Buffer{68, 12, 13, 0x03, 10, 0, 0, 2, 0x80, 0, 0x04, 0xd2}));
  Buffer foreign{68, 12, 5, 0x03, 10, 0, 0, 9, 0, 0, 0, 0};
  const Buffer before = foreign;
  EXPECT_EQ(receive(foreign), std::nullopt);
  EXPECT_EQ(foreign, before);
}

//= RFC791-3.1-k
TEST(Ipv4Options, AFullTimestampCountsTheHostsThatFoundNoRoom) {
  Buffer options{68, 8, 9, 0x00, 1, 2, 3, 4};
  EXPECT_EQ(receive(options), std::nullopt);
  EXPECT_EQ(options, (Buffer{68, 8, 9, 0x10, 1, 2, 3, 4}));
  expect_problem_at({68, 8, 9, 0xf0, 1, 2, 3, 4}, 3);
}

//= RFC791-3.1-i
TEST(Ipv4Options, TimestampPointersAndFlagsThatMakeNoSenseAreErrors) {
  for (const std::uint8_t pointer : {0, 1, 4, 6, 7, 8}) {
    expect_problem_at({68, 12, pointer, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 2);
  }
  expect_problem_at({68, 12, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 2);  // between two entries
  expect_problem_at({68, 8, 5, 1, 0, 0, 0, 0}, 2);               // half an entry left
  expect_problem_at({68, 8, 5, 2, 0, 0, 0, 0}, 3);
  expect_problem_at({68, 3, 5, 0}, 1);
}

//= RFC1122-3.2.1.8-e
TEST(Ipv4Options, ACompletedSourceRouteIsDeliveredOnlyIfThePolicySaysSo) {
  for (const std::uint8_t type : {131, 137}) {
    Buffer options{type, 7, 8, 10, 0, 0, 9, 0};
    EXPECT_EQ(receive(options, kDeliver), std::nullopt);
    const auto error = receive(options);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->reason, DropReason::ip_source_route);
    EXPECT_EQ(error->problem, std::nullopt);
  }
}

//= RFC1122-3.3.5-a
//= RFC1122-3.3.5-b
TEST(Ipv4Options, ASourceRouteWithHopsLeftIsNeverFollowed) {
  for (const auto policy : {SourceRoutePolicy::refuse, SourceRoutePolicy::deliver}) {
    Buffer options{131, 7, 4, 10, 0, 0, 9, 0};
    const auto error = receive(options, OptionPolicy{policy});
    ASSERT_TRUE(error);
    EXPECT_EQ(error->reason, DropReason::ip_source_route);
    EXPECT_EQ(error->problem, ProblemKind::source_route_failed);
  }
}

TEST(Ipv4Options, TwoSourceRoutesAreAnError) {
  expect_problem_at({131, 7, 8, 10, 0, 0, 9, 137, 7, 8, 10, 0, 0, 9, 0, 0}, 7);
}

// --- replies

ReplyOptions reply_to(const Buffer& options) {
  Datagram datagram;
  datagram.source = kSource;
  datagram.destination = kHere;
  datagram.options = options;
  return reply_options(datagram);
}

//= RFC1122-3.2.2.6-e
TEST(ReplyOptions, ReturnRecordRouteAndTimestampAndNothingElse) {
  const ReplyOptions reply =
      reply_to({1, 7, 7, 8, 10, 0, 0, 2, 148, 4, 0, 0, 68, 8, 9, 0, 1, 2, 3, 4});
  EXPECT_EQ(reply.octets, (Buffer{7, 7, 8, 10, 0, 0, 2, 68, 8, 9, 0, 1, 2, 3, 4}));
  EXPECT_EQ(reply.destination, kSource);
}

//= RFC1122-3.2.2.6-f
TEST(ReplyOptions, ReverseASourceRoute) {
  // From S by G1 and G2: what arrives is {G1, G2 >>}; back it goes to G2, then G1, then S.
  const ReplyOptions reply = reply_to({131, 11, 12, 10, 0, 1, 1, 10, 0, 1, 2, 0});
  EXPECT_EQ(reply.destination, IpAddress::v4(10, 0, 1, 2));
  EXPECT_EQ(reply.octets, (Buffer{131, 11, 4, 10, 0, 1, 1, 10, 0, 0, 1}));
}

//= RFC1122-3.2.1.8-f
TEST(ReplyOptions, ASourceThatListsItselfIsVisitedOnce) {
  const ReplyOptions reply = reply_to({131, 11, 12, 10, 0, 0, 1, 10, 0, 1, 2, 0});
  EXPECT_EQ(reply.destination, IpAddress::v4(10, 0, 1, 2));
  EXPECT_EQ(reply.octets, (Buffer{131, 7, 4, 10, 0, 0, 1}));
}

// --- sending

//= RFC791-3.1-l
TEST(PaddedOptions, EndInZerosAtAWholeWord) {
  EXPECT_EQ(padded_options(Buffer{148, 4, 0, 0, 1}), (Buffer{148, 4, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(padded_options(Buffer{148, 4, 0, 0}), (Buffer{148, 4, 0, 0}));
  EXPECT_EQ(padded_options({}), Buffer{});
}

//= RFC1122-3.2.1.8-g
TEST(PaddedOptions, RefuseWhatMayNotBeSent) {
  EXPECT_EQ(padded_options(Buffer(41, 1)), std::nullopt);
  EXPECT_EQ(padded_options(Buffer{7, 1}), std::nullopt);
  EXPECT_EQ(padded_options(Buffer{7, 9, 4}), std::nullopt);
  EXPECT_EQ(padded_options(Buffer{131, 3, 4, 137, 3, 4}), std::nullopt);
  EXPECT_NE(padded_options(Buffer(40, 1)), std::nullopt);
}

//= RFC791-3.1-h
TEST(CopiedOptions, AreThoseWithTheCopiedFlag) {
  EXPECT_EQ(copied_options(Buffer{7, 3, 4, 131, 7, 4, 1, 2, 3, 4, 68, 4, 5, 0, 1, 0}),
            (Buffer{131, 7, 4, 1, 2, 3, 4, 0}));
  EXPECT_EQ(copied_options(Buffer{7, 3, 4, 0}), Buffer{});
}

}  // namespace
}  // namespace packetwright::ip
