// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/link.hh"

#include <gtest/gtest.h>

namespace packetwright::iface {
namespace {

constexpr MacAddress kOurs{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kTheirs{{2, 0, 0, 0, 0, 2}};

Buffer frame(const MacAddress& to, std::uint16_t type, Bytes payload) {
  Buffer out;
  emit_frame(to, kTheirs, static_cast<wire::EtherType>(type), payload, out);
  return out;
}

std::optional<DropReason> reason(Bytes octets) {
  const auto packet = read_frame(kOurs, octets);
  return packet ? std::nullopt : std::optional{packet.error()};
}

TEST(IfaceLink, ReadsWhatItWrites) {
  const Buffer payload{1, 2, 3};
  const Buffer octets = frame(kOurs, 0x0800, payload);
  ASSERT_EQ(octets.size(), 17u);
  const auto packet = read_frame(kOurs, octets);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->ether_type, wire::EtherType::ipv4);
  EXPECT_EQ(packet->cast, ip::LinkCast::unicast);
  EXPECT_EQ(Buffer(packet->payload.begin(), packet->payload.end()), payload);
}

TEST(IfaceLink, SaysHowItCame) {
  EXPECT_EQ(read_frame(kOurs, frame(MacAddress::broadcast(), 0x0800, {}))->cast,
            ip::LinkCast::broadcast);
  EXPECT_EQ(read_frame(kOurs, frame({{1, 0, 0x5e, 0, 0, 1}}, 0x0800, {}))->cast,
            ip::LinkCast::multicast);
  EXPECT_EQ(reason(frame({{2, 0, 0, 0, 0, 9}}, 0x0800, {})), DropReason::frame_not_for_us);
}

TEST(IfaceLink, RefusesWhatIsShorterThanAHeader) {
  const Buffer whole = frame(kOurs, 0x0800, {});
  for (std::size_t size = 0; size < 14; ++size) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(reason(cut), DropReason::frame_too_short);
  }
  EXPECT_EQ(reason(whole), std::nullopt);
}

TEST(IfaceLink, UnwrapsTheEncapsulationOfRfc1042) {
  const Buffer inside{0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0x00, 7, 8};
  Buffer octets = frame(kOurs, 10, inside);
  octets.resize(60);  // padding
  const auto packet = read_frame(kOurs, octets);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->ether_type, wire::EtherType::ipv4);
  EXPECT_EQ(Buffer(packet->payload.begin(), packet->payload.end()), (Buffer{7, 8}));
}

TEST(IfaceLink, RefusesOther8023Frames) {
  EXPECT_EQ(reason(frame(kOurs, 10, Buffer{0x42, 0x42, 3, 0, 0, 0, 8, 0, 7, 8})),
            DropReason::ethertype_unknown);
  EXPECT_EQ(reason(frame(kOurs, 11, Buffer{0xaa, 0xaa, 3, 0, 0, 0, 8, 0, 7, 8})),
            DropReason::frame_too_short);
  EXPECT_EQ(reason(frame(kOurs, 3, Buffer{0xaa, 0xaa, 3})), DropReason::frame_too_short);
}

TEST(IfaceLink, AcceptsAPriorityTagButNoVlan) {
  const auto tagged = [](std::uint16_t control) {
    Buffer payload(4);
    store_be16(payload, 0, control);
    store_be16(payload, 2, 0x0800);
    return frame(kOurs, 0x8100, payload);
  };
  EXPECT_EQ(reason(tagged(0xe000)), std::nullopt);
  EXPECT_EQ(reason(tagged(0xe007)), DropReason::frame_not_for_us);
}

}  // namespace
}  // namespace packetwright::iface
