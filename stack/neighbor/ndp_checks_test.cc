// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/ndp_checks.hh"

#include <gtest/gtest.h>

#include "stack/wire/multicast.hh"

namespace packetwright::neighbor {
namespace {

constexpr IpAddress kRouter = IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});
constexpr IpAddress kGlobal = IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
constexpr IpAddress kOther = IpAddress::v6({0xfd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3});
constexpr IpAddress kAny = IpAddress::v6({});
constexpr std::uint8_t kLinkLayerOption[] = {1, 1, 2, 0, 0, 0, 0, 2};
constexpr std::uint8_t kUnknownOption[] = {200, 1, 0, 0, 0, 0, 0, 0};
constexpr std::uint8_t kEmptyOption[] = {200, 0, 0, 0, 0, 0, 0, 0};
constexpr std::uint8_t kLongOption[] = {200, 2, 0, 0, 0, 0, 0, 0};

template <class Fields>
Buffer encode(const Fields& fields) {
  Buffer octets(fields.encoded_size());
  fields.emit(octets);
  return octets;
}

NdpArrival from(const IpAddress& source, const IpAddress& destination = kGlobal) {
  return {source, destination, 255, false};
}

// The checks that all messages share, on each of them.
template <class Fields, class Check>
void expect_common_checks(Check check, const NdpArrival& good, Fields fields) {
  const Buffer message = encode(fields);
  EXPECT_TRUE(check(good, message));

  NdpArrival routed = good;
  routed.hop_limit = 254;
  EXPECT_EQ(check(routed, message).error(), DropReason::ndp_hop_limit);
  //= RFC6980-5-b
  NdpArrival fragment = good;
  fragment.fragmented = true;
  EXPECT_EQ(check(fragment, message).error(), DropReason::ndp_fragmented);

  const Bytes all = message;
  EXPECT_EQ(check(good, all.first(all.size() - 1)).error(), DropReason::ndp_malformed);
  Fields coded = fields;
  coded.code = 1;
  EXPECT_EQ(check(good, encode(coded)).error(), DropReason::ndp_malformed);

  //= RFC4861-4.6-a
  fields.options = kEmptyOption;
  EXPECT_EQ(check(good, encode(fields)).error(), DropReason::ndp_malformed);
  fields.options = kLongOption;
  EXPECT_EQ(check(good, encode(fields)).error(), DropReason::ndp_malformed);
  //= RFC4861-9-a
  fields.options = kUnknownOption;
  EXPECT_TRUE(check(good, encode(fields)));
}

//= RFC4861-6.1.2-a
//= RFC4861-6.1.2-b
//= RFC4861-6.1.2-c
TEST(NdpChecks, RouterAdvertisement) {
  expect_common_checks(check_router_advertisement, from(kRouter, wire::kAllNodes),
                       wire::RouterAdvertisementFields{});
  const Buffer message = encode(wire::RouterAdvertisementFields{});
  EXPECT_EQ(check_router_advertisement(from(kGlobal, wire::kAllNodes), message).error(),
            DropReason::ndp_bad_source);
}

//= RFC4861-7.1.1-a
//= RFC4861-7.1.1-b
TEST(NdpChecks, NeighborSolicitation) {
  wire::NeighborSolicitationFields fields;
  fields.target = kGlobal;
  expect_common_checks(check_neighbor_solicitation, from(kRouter), fields);
  fields.target = wire::kAllNodes;
  EXPECT_EQ(check_neighbor_solicitation(from(kRouter), encode(fields)).error(),
            DropReason::ndp_bad_target);
}

//= RFC4861-7.1.1-c
//= RFC4861-7.1.1-d
TEST(NdpChecks, NeighborSolicitationFromNobody) {
  wire::NeighborSolicitationFields fields;
  fields.target = kGlobal;
  const NdpArrival good = from(kAny, wire::solicited_node_group(kGlobal));
  EXPECT_TRUE(check_neighbor_solicitation(good, encode(fields)));
  for (const IpAddress& elsewhere : {kGlobal, wire::kAllNodes}) {
    EXPECT_EQ(check_neighbor_solicitation(from(kAny, elsewhere), encode(fields)).error(),
              DropReason::ndp_bad_source);
  }
  fields.options = kLinkLayerOption;
  EXPECT_EQ(check_neighbor_solicitation(good, encode(fields)).error(), DropReason::ndp_bad_source);
}

//= RFC4861-7.1.2-a
//= RFC4861-7.1.2-b
TEST(NdpChecks, NeighborAdvertisement) {
  wire::NeighborAdvertisementFields fields;
  fields.target = kRouter;
  fields.flags = wire::kNdpSolicitedFlag;
  expect_common_checks(check_neighbor_advertisement, from(kRouter), fields);
  EXPECT_EQ(check_neighbor_advertisement(from(kRouter, wire::kAllNodes), encode(fields)).error(),
            DropReason::ndp_malformed);
  fields.flags = 0;
  EXPECT_TRUE(check_neighbor_advertisement(from(kRouter, wire::kAllNodes), encode(fields)));
  fields.target = wire::kAllNodes;
  EXPECT_EQ(check_neighbor_advertisement(from(kRouter), encode(fields)).error(),
            DropReason::ndp_bad_target);
}

//= RFC4861-8.1-a
//= RFC4861-8.1-c
TEST(NdpChecks, Redirect) {
  wire::RedirectFields fields;
  fields.target = kRouter;
  fields.destination = kOther;
  expect_common_checks(check_redirect, from(kRouter), fields);
  EXPECT_EQ(check_redirect(from(kGlobal), encode(fields)).error(), DropReason::ndp_bad_source);
  fields.destination = wire::kAllNodes;
  EXPECT_EQ(check_redirect(from(kRouter), encode(fields)).error(), DropReason::ndp_bad_target);
  fields.destination = fields.target = kOther;
  EXPECT_TRUE(check_redirect(from(kRouter), encode(fields)));
  fields.target = kGlobal;
  EXPECT_EQ(check_redirect(from(kRouter), encode(fields)).error(), DropReason::ndp_bad_target);
}

}  // namespace
}  // namespace packetwright::neighbor
