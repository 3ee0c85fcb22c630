// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/header_template.hh"

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/ip/fragmenter.hh"
#include "stack/wire/ipv4.hh"

namespace packetwright::ip {
namespace {

// A datagram of either family, with everything in its header drawn at random.
Datagram any_datagram(Family family, Rng& rng) {
  Datagram datagram;
  if (family == Family::ipv4) {
    datagram.source = IpAddress::v4(rng.next32());
    datagram.destination = IpAddress::v4(rng.next32());
    datagram.dont_fragment = true;
  } else {
    std::array<std::uint8_t, 16> octets{};
    rng.fill(octets);
    datagram.source = IpAddress::v6(octets);
    rng.fill(octets);
    datagram.destination = IpAddress::v6(octets);
    datagram.flow_label = rng.next32() & 0xfffff;
  }
  datagram.protocol = static_cast<wire::IpProtocol>(rng.next32() & 0xff);
  datagram.hop_limit = static_cast<std::uint8_t>(1 + rng.below(255));
  datagram.traffic_class = static_cast<std::uint8_t>(rng.next32());
  return datagram;
}

class HeaderTemplates : public ::testing::TestWithParam<Family> {};

TEST_P(HeaderTemplates, AreFilledInToBeWhatIsWrittenAtOnce) {
  Rng rng{1};
  for (int i = 0; i < 1000; ++i) {
    Datagram datagram = any_datagram(GetParam(), rng);
    const HeaderTemplate header{datagram};
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{20}, std::size_t{1 + rng.below(65'000)}}) {
      datagram.traffic_class =
          static_cast<std::uint8_t>((datagram.traffic_class & 0xfc) | rng.below(4));
      const Buffer payload(size);
      datagram.payload = payload;
      Buffer at_once(header.size()), filled_in(header.size());
      if (GetParam() == Family::ipv4) {
        emit_header_v4(datagram, at_once);
      } else {
        emit_header_v6(datagram, at_once);
      }
      header.emit(datagram.ecn(), datagram.flow_label, size, filled_in);
      ASSERT_EQ(filled_in, at_once);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(BothFamilies, HeaderTemplates,
                         ::testing::Values(Family::ipv4, Family::ipv6));

TEST(HeaderTemplate, LeavesWhatFollowsTheHeaderAlone) {
  Rng rng{2};
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const HeaderTemplate header{any_datagram(family, rng)};
    EXPECT_EQ(header.size(), family == Family::ipv4 ? 20u : 40u);
    Buffer out(header.size() + 4, 0xa5);
    header.emit(0, 0, 4, out);
    EXPECT_EQ(Buffer(out.end() - 4, out.end()), Buffer(4, 0xa5));
  }
}

}  // namespace
}  // namespace packetwright::ip
