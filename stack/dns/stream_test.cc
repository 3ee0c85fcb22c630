// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/stream.hh"

#include <vector>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"

namespace packetwright::dns {
namespace {

//= RFC1035-4.2.2-a
TEST(DnsStream, AMessageTravelsBehindItsLength) {
  EXPECT_EQ(framed(Buffer{7, 8, 9}), (Buffer{0, 3, 7, 8, 9}));
  EXPECT_EQ(framed({}), (Buffer{0, 0}));
  EXPECT_EQ(framed(Buffer(0x0102)).size(), 0x0104u);
  EXPECT_EQ(framed(Buffer(0x0102))[0], 1);
}

TEST(DnsStream, MessagesComeOutHoweverTheOctetsAreCut) {
  Buffer octets;
  std::vector<Buffer> messages;
  for (const std::size_t size : {0u, 1u, 300u, 65'535u, 12u}) {
    Buffer message(size);
    Rng{size}.fill(message);
    const Buffer frame = framed(message);
    octets.insert(octets.end(), frame.begin(), frame.end());
    messages.push_back(message);
  }
  for (const std::size_t cut : {1u, 7u, 1'460u, 70'000u}) {
    Deframer deframer;
    std::vector<Buffer> got;
    for (std::size_t at = 0; at < octets.size(); at += cut) {
      deframer.add(Bytes{octets}.subspan(at, std::min(cut, octets.size() - at)));
      while (auto message = deframer.next()) got.push_back(std::move(*message));
      EXPECT_LT(deframer.held(), 65'538u);
    }
    EXPECT_TRUE(got == messages) << cut;
    EXPECT_EQ(deframer.held(), 0u);
  }
}

TEST(DnsStream, HalfAMessageIsNone) {
  Deframer deframer;
  deframer.add(Buffer{0});
  EXPECT_FALSE(deframer.next());
  deframer.add(Buffer{2, 7});
  EXPECT_FALSE(deframer.next());
  deframer.add(Buffer{8});
  EXPECT_EQ(deframer.next(), (Buffer{7, 8}));
}

}  // namespace
}  // namespace packetwright::dns
