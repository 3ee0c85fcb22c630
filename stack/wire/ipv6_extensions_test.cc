// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ipv6_extensions.hh"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

constexpr std::string_view kHopByHop = "3c 00 05 02 00 00 01 00";  // router alert, PadN
constexpr std::string_view kFragment = "06 00 00 09 12 34 56 78";  // offset 8, more

TEST(WireIpv6Extensions, ReadsTlvOptions) {
  const Buffer header = hex(kHopByHop);
  std::vector<Ipv6Option> options;
  for (const auto& item : Ipv6Options{header}) options.push_back(item.value());
  ASSERT_EQ(options.size(), 2u);
  EXPECT_EQ(options[0].router_alert(), 0);
  EXPECT_EQ(options[0].offset, 2);
  EXPECT_EQ(options[1].type, Ipv6OptionType::padn);
  EXPECT_EQ(options[1].offset, 6);
  EXPECT_TRUE(options[1].data.empty());
}

TEST(WireIpv6Extensions, TheTypeSaysWhatToDoIfItIsUnknown) {
  const auto action = [](int type) {
    return Ipv6Option{static_cast<Ipv6OptionType>(type), 2, {}}.action_if_unknown();
  };
  // RFC 8200, 4.2: the two highest bits.
  EXPECT_EQ(action(0x3e), UnknownOptionAction::skip);
  EXPECT_EQ(action(0x7e), UnknownOptionAction::discard);
  EXPECT_EQ(action(0xbe), UnknownOptionAction::discard_and_report);
  EXPECT_EQ(action(0xfe), UnknownOptionAction::discard_and_report_unless_multicast);
  EXPECT_TRUE((Ipv6Option{static_cast<Ipv6OptionType>(0x3e), 2, {}}.may_change()));
  EXPECT_FALSE((Ipv6Option{static_cast<Ipv6OptionType>(0x1e), 2, {}}.may_change()));
}

TEST(WireIpv6Extensions, AnOptionThatRunsPastItsHeaderIsTheLastItem) {
  for (const char* text : {"3b 00 1e 05 00 00 00 00", "3b 00 01 03 00 00 00 1e"}) {
    const Buffer header = hex(text);
    std::size_t count = 0;
    bool failed = false;
    for (const auto& item : Ipv6Options{header}) {
      ++count;
      failed = !item;
    }
    EXPECT_TRUE(failed) << text;
    EXPECT_LE(count, 2u);
  }
}

TEST(WireIpv6Extensions, ReadsAFragmentHeader) {
  const Buffer octets = hex(kFragment);
  const auto view = Ipv6ExtensionView::parse(IpProtocol::fragment, octets);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->next_header(), IpProtocol::tcp);
  EXPECT_EQ(view->fragment_offset(), 8);
  EXPECT_TRUE(view->more_fragments());
  EXPECT_EQ(view->fragment_id(), 0x12345678u);
  EXPECT_FALSE(view->is_atomic_fragment());
}

TEST(WireIpv6Extensions, AFragmentHeaderHasNoLengthField) {
  const Buffer octets = hex("06 ff 00 06 00 00 00 01");
  const auto view = Ipv6ExtensionView::parse(IpProtocol::fragment, octets);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->octets().size(), 8u);
  EXPECT_TRUE(view->is_atomic_fragment());
  EXPECT_FALSE(Ipv6ExtensionView::parse(IpProtocol::routing, octets));
}

TEST(WireIpv6Extensions, ReadsARoutingHeader) {
  const Buffer octets = hex("06 00 04 01 00 00 00 00");
  const auto view = Ipv6ExtensionView::parse(IpProtocol::routing, octets);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->routing_type(), 4);
  EXPECT_EQ(view->segments_left(), 1);
}

TEST(WireIpv6Extensions, WalkReachesTheUpperLayer) {
  const Buffer payload =
      hex(std::string{kHopByHop} + "06 01 1e 04 a1 a2 a3 a4" + "01 06 00 00 00 00 00 00" + "aa bb");
  const auto upper = find_upper_layer(IpProtocol::hop_by_hop, payload);
  ASSERT_TRUE(upper);
  EXPECT_EQ(upper->protocol, IpProtocol::tcp);
  EXPECT_EQ(upper->offset, 24u);
  EXPECT_EQ(upper->next_header_offset, 48u);  // the first octet of the second extension header
  EXPECT_FALSE(upper->fragment);
}

TEST(WireIpv6Extensions, WithoutExtensionsTheUpperLayerIsAtTheStart) {
  const auto upper = find_upper_layer(IpProtocol::udp, {});
  ASSERT_TRUE(upper);
  EXPECT_EQ(upper->protocol, IpProtocol::udp);
  EXPECT_EQ(upper->offset, 0u);
  EXPECT_EQ(upper->next_header_offset, 6u);  // in the IPv6 header
}

TEST(WireIpv6Extensions, WalkStopsAtAFragmentThatIsNotTheFirst) {
  // Behind it stands what would be a hop-by-hop header if it were read.
  const Buffer payload =
      hex("00 00 00 08 00 00 00 01"
          "00 ff");
  const auto upper = find_upper_layer(IpProtocol::fragment, payload);
  ASSERT_TRUE(upper);
  EXPECT_FALSE(upper->is_first_fragment);
  EXPECT_EQ(upper->protocol, IpProtocol::hop_by_hop);
  EXPECT_EQ(upper->offset, 8u);
  ASSERT_TRUE(upper->fragment);
  EXPECT_EQ(upper->fragment->fragment_offset(), 8);
}

TEST(WireIpv6Extensions, WalkGoesOnBehindTheFirstFragment) {
  const Buffer payload =
      hex("3c 00 00 01 00 00 00 01"
          "11 00 01 04 00 00 00 00"
          "00");
  const auto upper = find_upper_layer(IpProtocol::fragment, payload);
  ASSERT_TRUE(upper);
  EXPECT_TRUE(upper->is_first_fragment);
  EXPECT_EQ(upper->protocol, IpProtocol::udp);
  EXPECT_EQ(upper->offset, 16u);
}

TEST(WireIpv6Extensions, AChainThatIsCutOffIsAnErrorWhereItIsCut) {
  const Buffer payload = hex(std::string{kHopByHop} + "06 02 01 04 00 00 00 00");
  const auto upper = find_upper_layer(IpProtocol::hop_by_hop, payload);
  ASSERT_FALSE(upper);
  EXPECT_EQ(upper.error(), (ParseError{ParseErrc::truncated, Layer::ipv6_extension, 8, 24, 8}));
}

TEST(WireIpv6Extensions, AnEndlessChainIsNotFollowed) {
  Buffer payload;
  for (int i = 0; i < 1'000; ++i) {
    const Buffer next = hex("3c 00 01 04 00 00 00 00");
    payload.insert(payload.end(), next.begin(), next.end());
  }
  const auto upper = find_upper_layer(IpProtocol::destination_options, payload);
  ASSERT_FALSE(upper);
  EXPECT_EQ(upper.error().code, ParseErrc::too_many);
}

TEST(WireIpv6Extensions, NoNextHeaderEndsTheChain) {
  const Buffer payload = hex("3b 00 01 04 00 00 00 00 ff ff");
  const auto upper = find_upper_layer(IpProtocol::destination_options, payload);
  ASSERT_TRUE(upper);
  EXPECT_EQ(upper->protocol, IpProtocol::no_next_header);
}

TEST(WireIpv6Extensions, EmitsWhatItRead) {
  const Buffer fragment = hex("06 5a 12 3f 12 34 56 78");  // every reserved bit set
  EXPECT_EQ(emitted(Ipv6FragmentFields::from(
                Ipv6ExtensionView::parse(IpProtocol::fragment, fragment).value())),
            fragment);
  const Buffer destination = hex("2c 01 1e 04 a1 a2 a3 a4 01 06 00 00 00 00 00 00");
  EXPECT_EQ(emitted(Ipv6ExtensionFields::from(
                Ipv6ExtensionView::parse(IpProtocol::destination_options, destination).value())),
            destination);
}

//= RFC8200-4.2-h
TEST(WireIpv6Extensions, WriterPadsTheHeaderToEightOctets) {
  for (std::size_t data_size = 0; data_size < 12; ++data_size) {
    std::array<std::uint8_t, 64> storage{};
    const Buffer data(data_size, 0xaa);
    Ipv6OptionWriter writer{storage};
    writer.raw(static_cast<Ipv6OptionType>(0x1e), data).pad();
    Ipv6ExtensionFields fields;
    fields.data = writer.written();
    fields.set_lengths();
    const Buffer header = emitted(fields);
    ASSERT_EQ(header.size() % 8, 0u) << data_size;
    ASSERT_EQ(
        Ipv6ExtensionView::parse(IpProtocol::destination_options, header).value().octets().size(),
        header.size());
    for (const auto& item : Ipv6Options{header}) ASSERT_TRUE(item) << data_size;
  }
}

TEST(WireIpv6Extensions, WriterLeavesOutWhatDoesNotFit) {
  std::array<std::uint8_t, 6> storage{};
  Ipv6OptionWriter writer{storage};
  writer.router_alert().jumbo(70'000);
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()), hex("05 02 00 00"));
}

TEST(WireIpv6Extensions, JumboLengthIsReadBack) {
  std::array<std::uint8_t, 6> storage{};
  Buffer header = hex("06 00");
  const Buffer option = to_buffer(Ipv6OptionWriter{storage}.jumbo(70'000).written());
  header.insert(header.end(), option.begin(), option.end());
  EXPECT_EQ((*Ipv6Options{header}.begin())->jumbo_length(), 70'000u);
}

}  // namespace
}  // namespace packetwright::wire
