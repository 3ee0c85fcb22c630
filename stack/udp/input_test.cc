// SPDX-License-Identifier: Apache-2.0
#include "stack/udp/input.hh"

#include <string_view>

#include <gtest/gtest.h>

#include "stack/udp/output.hh"
#include "stack/udp/udp.hh"

namespace packetwright::udp {
namespace {

const IpAddress kOurs = IpAddress::v4(192, 168, 0, 1);
const IpAddress kPeer = IpAddress::v4(192, 0, 2, 1);
const IpAddress kOurs6 = IpAddress::v6({0xfd, 0, 1});
const IpAddress kPeer6 = IpAddress::v6({0xfd, 0, 2});
const UdpConfig kConfig{};

Buffer datagram(const IpAddress& from, const IpAddress& to, std::string_view text) {
  Buffer out;
  emit({from, 1'000}, {to, 7}, Buffer(text.begin(), text.end()), out);
  return out;
}

std::optional<DropReason> reason(const IpAddress& from, const IpAddress& to, Bytes octets,
                                 const UdpConfig& config = kConfig) {
  const auto input = check_input(from, to, octets, config);
  return input ? std::nullopt : std::optional{input.error()};
}

TEST(UdpInput, ReadsPortsAndData) {
  const Buffer octets = datagram(kPeer, kOurs, "odd");
  const auto input = check_input(kPeer, kOurs, octets, kConfig);
  ASSERT_TRUE(input);
  EXPECT_EQ(input->src_port, 1'000);
  EXPECT_EQ(input->dst_port, 7);
  EXPECT_EQ(input->data.size(), 3u);
}

TEST(UdpInput, RefusesWhatIsShorterThanAHeaderOrThanItsLength) {
  const Buffer octets = datagram(kPeer, kOurs, "hello");
  for (std::size_t size = 0; size < octets.size(); ++size) {
    // An exact copy, so that a sanitizer sees an octet read too many.
    const Buffer cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(reason(kPeer, kOurs, cut), DropReason::udp_malformed) << size;
  }
}

TEST(UdpInput, RefusesALengthBelowTheHeader) {
  for (std::uint16_t length = 0; length < 8; ++length) {
    Buffer octets = datagram(kPeer, kOurs, "hello");
    store_be16(octets, 4, length);
    store_be16(octets, 6, 0);
    EXPECT_EQ(reason(kPeer, kOurs, octets), DropReason::udp_malformed) << length;
  }
}

TEST(UdpInput, WhatFollowsTheLengthIsNotData) {
  Buffer octets = datagram(kPeer, kOurs, "hello");
  octets.resize(octets.size() + 40, 0xaa);
  const auto input = check_input(kPeer, kOurs, octets, kConfig);
  ASSERT_TRUE(input);
  EXPECT_EQ(input->data.size(), 5u);
}

TEST(UdpInput, EveryFlippedBitIsNoticed) {
  const Buffer good = datagram(kPeer, kOurs, "hello");
  ASSERT_EQ(reason(kPeer, kOurs, good), std::nullopt);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Buffer octets = good;
    octets[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    EXPECT_NE(reason(kPeer, kOurs, octets), std::nullopt) << bit;
  }
}

TEST(UdpInput, TheChecksumCoversTheAddresses) {
  const Buffer octets = datagram(kPeer, kOurs, "hello");
  EXPECT_EQ(reason(kPeer, IpAddress::v4(192, 168, 0, 2), octets), DropReason::udp_bad_checksum);
  EXPECT_EQ(reason(IpAddress::v4(192, 0, 2, 2), kOurs, octets), DropReason::udp_bad_checksum);
}

TEST(UdpInput, NoChecksumIsFineOverIpv4UnlessConfiguredOtherwise) {
  Buffer octets = datagram(kPeer, kOurs, "hello");
  store_be16(octets, 6, 0);
  EXPECT_EQ(reason(kPeer, kOurs, octets), std::nullopt);
  UdpConfig strict;
  strict.accept_zero_checksum_v4 = false;
  EXPECT_EQ(reason(kPeer, kOurs, octets, strict), DropReason::udp_bad_checksum);
}

TEST(UdpInput, NoChecksumIsNotFineOverIpv6) {
  Buffer octets = datagram(kPeer6, kOurs6, "hello");
  EXPECT_EQ(reason(kPeer6, kOurs6, octets), std::nullopt);
  store_be16(octets, 6, 0);
  EXPECT_EQ(reason(kPeer6, kOurs6, octets), DropReason::udp_bad_checksum);
}

TEST(UdpInput, AFuzzerMaySkipTheChecksum) {
  Buffer octets = datagram(kPeer, kOurs, "hello");
  octets.back() ^= 1;
  UdpConfig lenient;
  lenient.verify_checksum = false;
  EXPECT_EQ(reason(kPeer, kOurs, octets, lenient), std::nullopt);
}

}  // namespace
}  // namespace packetwright::udp
