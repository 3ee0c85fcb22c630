// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/checksum.hh"

#include <array>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

// The definition, without any cleverness: 16-bit words in network order, end-around carry.
std::uint16_t sum_by_definition(Bytes octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    const std::uint32_t low = i + 1 < octets.size() ? octets[i + 1] : 0;
    sum += (std::uint32_t{octets[i]} << 8) | low;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(sum);
}

Buffer random_octets(Rng& rng, std::size_t size) {
  Buffer octets(size);
  rng.fill(octets);
  return octets;
}

TEST(WireChecksum, AgreesWithTheExampleOfRfc1071) {
  // RFC 1071, 3: the words 0001 f203 f4f5 f6f7 sum to ddf2.
  const Buffer octets = hex("00 01 f2 03 f4 f5 f6 f7");
  EXPECT_EQ(Checksum{}.add(octets).sum(), 0xddf2);
  EXPECT_EQ(internet_checksum(octets), 0x220d);
}

TEST(WireChecksum, OfNothingIsAllOnes) {
  EXPECT_EQ(internet_checksum({}), 0xffff);
  EXPECT_EQ(Checksum{}.add({}).sum(), 0);
}

TEST(WireChecksum, AgreesWithTheDefinitionForEverySizeAndAlignment) {
  Rng rng{1};
  const Buffer octets = random_octets(rng, 400);
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t size = 0; size + start <= octets.size(); ++size) {
      const Bytes part = Bytes{octets}.subspan(start, size);
      ASSERT_EQ(Checksum{}.add(part).sum(), sum_by_definition(part))
          << "start " << start << " size " << size;
    }
  }
}

TEST(WireChecksum, CarriesAreNotLostInTheLargestPacketOfOnes) {
  const Buffer octets(65'535, 0xff);
  EXPECT_EQ(Checksum{}.add(octets).sum(), sum_by_definition(octets));
  Checksum many;
  for (int i = 0; i < 1'000; ++i) many.add(Bytes{octets}.first(65'534));
  EXPECT_EQ(many.sum(), 0xffff);
}

TEST(WireChecksum, CarriesAreNotLostInMegabytesOfOnes) {
  const Buffer octets(5'000'003, 0xff);  // more than is summed at once
  EXPECT_EQ(Checksum{}.add(octets).sum(), sum_by_definition(octets));
}

TEST(WireChecksum, PiecesOfAnySizeSumAsOne) {
  Rng rng{2};
  for (int round = 0; round < 2'000; ++round) {
    const Buffer octets = random_octets(rng, 1 + rng.below(90));
    Checksum pieces;
    Bytes rest = octets;
    while (!rest.empty()) {
      const Bytes piece = rest.first(rng.below(rest.size() + 1));
      pieces.add(piece);
      rest = rest.subspan(piece.size());
    }
    ASSERT_EQ(pieces.sum(), sum_by_definition(octets)) << "round " << round;
  }
}

TEST(WireChecksum, NumbersAreOctetsInNetworkOrderAtOddPlacesToo) {
  const Buffer octets = hex("ab 12 34 56 78 9a bc");
  Checksum by_number;
  by_number.add(hex("ab")).add_u16(0x1234).add_u32(0x56789abc);
  EXPECT_EQ(by_number.sum(), sum_by_definition(octets));
}

//= RFC1071-1-a
TEST(WireChecksum, VerifiesMinusZeroOnly) {
  Buffer octets = hex("45 00 00 1c  00 00 00 00  40 11");
  store_be16(octets, 4, internet_checksum(octets));
  EXPECT_TRUE(verify_internet_checksum(octets));
  octets[9] ^= 1;
  EXPECT_FALSE(verify_internet_checksum(octets));
  EXPECT_FALSE(verify_internet_checksum(hex("00 00")));  // plus zero is no sum of a real header
  EXPECT_TRUE(verify_internet_checksum(hex("ff ff")));
}

TEST(WireChecksum, PseudoHeaderOfIpv4) {
  // RFC 9293, 3.1: addresses, zero, protocol, length.
  const Buffer by_hand = hex("c0 00 02 01  c0 00 02 02  00 06  00 14");
  EXPECT_EQ(Checksum{}
                .add_pseudo_header(IpAddress::v4(192, 0, 2, 1), IpAddress::v4(192, 0, 2, 2),
                                   IpProtocol::tcp, 20)
                .sum(),
            sum_by_definition(by_hand));
}

//= RFC8200-8.1-a
TEST(WireChecksum, PseudoHeaderOfIpv6HasA32BitLength) {
  // RFC 8200, 8.1: addresses, length, three zeros, next header.
  const Buffer by_hand =
      hex("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
          "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02"
          "00 01 23 45  00 00 00 3a");
  const IpAddress src = IpAddress::from_octets(Bytes{by_hand}.first(16));
  const IpAddress dst = IpAddress::from_octets(Bytes{by_hand}.subspan(16, 16));
  EXPECT_EQ(Checksum{}.add_pseudo_header(src, dst, IpProtocol::icmpv6, 0x12345).sum(),
            sum_by_definition(by_hand));
}

TEST(WireChecksum, UpdateAgreesWithTheExampleOfRfc1624) {
  // RFC 1624, 4: HC = dd2f, m = 5555, m' = 3285 gives 0000, where equation 2 would give ffff.
  EXPECT_EQ(update_checksum(0xdd2f, 0x5555, 0x3285), 0x0000);
}

TEST(WireChecksum, UpdateAgreesWithComputingAfresh) {
  Rng rng{3};
  for (int round = 0; round < 10'000; ++round) {
    // The version octet keeps the sum from being plus zero, as in every real header.
    Buffer header = random_octets(rng, 20);
    header[0] = 0x45;
    const std::uint16_t before = internet_checksum(header);
    const std::uint16_t from = load_be16(header, 8);
    const std::uint16_t to = round % 16 == 0 ? 0xffff : rng.next16();
    store_be16(header, 8, to);
    ASSERT_EQ(update_checksum(before, from, to), internet_checksum(header)) << "round " << round;
  }
}

}  // namespace
}  // namespace packetwright::wire
