// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ndp.hh"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "stack/wire/address_text.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

constexpr std::string_view kTarget = "fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 09";
constexpr std::string_view kPrefix = "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00";
constexpr std::string_view kSourceMac = "01 01 02 00 00 00 00 01";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

TEST(WireNdp, ReadsARouterSolicitation) {
  const Buffer message = hex(joined({"85 00 ab cd 00 00 00 05", kSourceMac}));
  const auto view = RouterSolicitationView::parse(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type(), Icmpv6Type::router_solicitation);
  EXPECT_EQ(view->checksum(), 0xabcd);
  EXPECT_EQ(view->reserved(), 5u);
  EXPECT_EQ(find_link_layer_address(view->options(), NdpOptionType::source_link_layer_address),
            (MacAddress{{2, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(find_link_layer_address(view->options(), NdpOptionType::target_link_layer_address),
            std::nullopt);
  EXPECT_EQ(emitted(RouterSolicitationFields::from(*view)), message);
}

TEST(WireNdp, ReadsARouterAdvertisement) {
  const Buffer message = hex(joined({"86 00 00 00 40 c0 07 08 00 00 75 30 00 00 03 e8",
                                     "03 04 40 c0 00 27 8d 00 00 09 3a 80 00 00 00 00", kPrefix,
                                     "05 01 00 00 00 00 05 dc"}));
  const auto view = RouterAdvertisementView::parse(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->cur_hop_limit(), 64);
  EXPECT_TRUE(view->managed());
  EXPECT_TRUE(view->other());
  EXPECT_EQ(view->router_lifetime_s(), 1'800);
  EXPECT_EQ(view->reachable_time_ms(), 30'000u);
  EXPECT_EQ(view->retrans_timer_ms(), 1'000u);
  std::vector<NdpOption> options;
  for (const auto& item : NdpOptions{view->options()}) options.push_back(item.value());
  ASSERT_EQ(options.size(), 2u);
  EXPECT_EQ(options[0].prefix_information(),
            (NdpPrefixInformation{64, true, true, 2'592'000, 604'800,
                                  parse_address("2001:db8::").value()}));
  EXPECT_EQ(options[1].mtu(), 1'500u);
  EXPECT_EQ(emitted(RouterAdvertisementFields::from(*view)), message);
}

TEST(WireNdp, ReadsANeighborSolicitation) {
  const Buffer message = hex(joined({"87 00 00 00 00 00 00 00", kTarget, kSourceMac}));
  const auto view = NeighborSolicitationView::parse(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->target(), parse_address("fe80::9").value());
  EXPECT_EQ(view->options().size(), 8u);
  EXPECT_EQ(emitted(NeighborSolicitationFields::from(*view)), message);
}

TEST(WireNdp, ReadsANeighborAdvertisement) {
  const Buffer message = hex(joined({"88 00 00 00 60 00 00 01", kTarget}));
  const auto view = NeighborAdvertisementView::parse(message);
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->router());
  EXPECT_TRUE(view->solicited());
  EXPECT_TRUE(view->override_flag());
  EXPECT_EQ(view->flags(), kNdpSolicitedFlag | kNdpOverrideFlag | 1u);
  EXPECT_EQ(view->target(), parse_address("fe80::9").value());
  EXPECT_EQ(emitted(NeighborAdvertisementFields::from(*view)), message);
}

TEST(WireNdp, ReadsARedirect) {
  const Buffer message = hex(joined({"89 00 00 00 00 00 00 00", kTarget, kPrefix,
                                     "04 02 00 00 00 00 00 00", "60 00 00 00 00 00 3b 40"}));
  const auto view = RedirectView::parse(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->target(), parse_address("fe80::9").value());
  EXPECT_EQ(view->destination(), parse_address("2001:db8::").value());
  const auto quoted = (*NdpOptions{view->options()}.begin())->redirected_header();
  ASSERT_TRUE(quoted);
  EXPECT_EQ(to_buffer(*quoted), hex("60 00 00 00 00 00 3b 40"));
  EXPECT_EQ(emitted(RedirectFields::from(*view)), message);
}

TEST(WireNdp, RefusesMessagesShorterThanTheirFixedPart) {
  // RFC 4861, 6.1.1, 6.1.2, 7.1.1, 7.1.2, 8.1.
  const Buffer octets(39);
  const auto refused = [&octets]<class View>(std::type_identity<View>) {
    const Buffer cut = to_buffer(Bytes{octets}.first(View::kSize - 1));
    return !View::parse(cut);
  };
  EXPECT_TRUE(refused(std::type_identity<RouterSolicitationView>{}));
  EXPECT_TRUE(refused(std::type_identity<RouterAdvertisementView>{}));
  EXPECT_TRUE(refused(std::type_identity<NeighborSolicitationView>{}));
  EXPECT_TRUE(refused(std::type_identity<NeighborAdvertisementView>{}));
  EXPECT_TRUE(refused(std::type_identity<RedirectView>{}));
  static_assert(RouterSolicitationView::kSize == 8 && RouterAdvertisementView::kSize == 16 &&
                NeighborSolicitationView::kSize == 24 && NeighborAdvertisementView::kSize == 24 &&
                RedirectView::kSize == 40);
}

//= RFC4861-4.6-a
TEST(WireNdpOptions, ALengthOfZeroSpoilsTheWholeMessage) {
  const Buffer options = hex(joined({kSourceMac, "05 00 00 00 00 00 05 dc"}));
  EXPECT_FALSE(ndp_options_valid(options));
  EXPECT_TRUE(ndp_options_valid(Bytes{options}.first(8)));
  EXPECT_TRUE(ndp_options_valid({}));
}

TEST(WireNdpOptions, ALengthPastTheEndSpoilsTheWholeMessage) {
  for (const char* text : {"01 02 02 00 00 00 00 01", "01 01 02 00 00 00 00", "01"}) {
    const Buffer options = hex(text);
    EXPECT_FALSE(ndp_options_valid(options)) << text;
  }
}

TEST(WireNdpOptions, UnknownTypesAreValues) {
  const Buffer options = hex(joined({"c8 01 01 02 03 04 05 06", kSourceMac}));
  EXPECT_TRUE(ndp_options_valid(options));
  EXPECT_TRUE(find_link_layer_address(options, NdpOptionType::source_link_layer_address));
}

TEST(WireNdpOptions, AnOptionOfTheWrongSizeSaysNothing) {
  const Buffer options =
      hex(joined({"03 01 40 c0 00 00 00 00", "05 02 00 00 00 00 05 dc 00 00 00 00 00 00 00 00",
                  "01 02 02 00 00 00 00 01 00 00 00 00 00 00 00 00", "19 02 00 00 00 00 00 3c",
                  "00 00 00 00", "00 00 00 00"}));
  ASSERT_TRUE(ndp_options_valid(options));
  for (const auto& item : NdpOptions{options}) {
    EXPECT_FALSE(item->prefix_information() || item->mtu() || item->link_layer_address() ||
                 item->dns_servers())
        << item->offset;
  }
}

TEST(WireNdpOptions, ReadsDnsServers) {
  const Buffer options = hex(joined({"19 05 00 00 00 00 00 3c", kTarget, kPrefix}));
  const auto servers = (*NdpOptions{options}.begin())->dns_servers();
  ASSERT_TRUE(servers);
  EXPECT_EQ(servers->lifetime_s, 60u);
  ASSERT_EQ(servers->count(), 2u);
  EXPECT_EQ(servers->address(0), parse_address("fe80::9").value());
}

//= RFC8106-5.3.1-a
TEST(WireNdpOptions, DnsServersOfHalfAnAddressSayNothing) {
  const Buffer options =
      hex(joined({"19 04 00 00 00 00 00 3c", kTarget, "20 01 0d b8 00 00 00 00"}));
  EXPECT_FALSE((*NdpOptions{options}.begin())->dns_servers());
}

TEST(WireNdpOptions, WriterMakesWhatTheReaderReads) {
  std::array<std::uint8_t, 160> storage{};
  const NdpPrefixInformation prefix{64, true, false, 7, 5, parse_address("2001:db8::").value()};
  const Buffer servers = hex(kTarget);
  const Buffer packet = hex("60 00 00 00 01");
  NdpOptionWriter writer{storage};
  writer.link_layer_address(NdpOptionType::source_link_layer_address, {{2, 0, 0, 0, 0, 1}})
      .prefix_information(prefix)
      .mtu(1'280)
      .dns_servers(9, servers)
      .redirected_header(packet)
      .raw(NdpOptionType::nonce, hex("01 02 03 04 05 06"));
  ASSERT_FALSE(writer.overflowed());
  EXPECT_EQ(writer.written().size() % 8, 0u);
  std::vector<NdpOption> options;
  for (const auto& item : NdpOptions{writer.written()}) options.push_back(item.value());
  ASSERT_EQ(options.size(), 6u);
  EXPECT_EQ(options[0].link_layer_address(), (MacAddress{{2, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(options[1].prefix_information(), prefix);
  EXPECT_EQ(options[2].mtu(), 1'280u);
  EXPECT_EQ(options[3].dns_servers()->lifetime_s, 9u);
  EXPECT_EQ(to_buffer(*options[4].redirected_header()), hex("60 00 00 00 01 00 00 00"));
  EXPECT_EQ(to_buffer(*options[5].nonce()), hex("01 02 03 04 05 06"));
}

TEST(WireNdpOptions, WriterCanLieAboutALengthAndLeavesOutWhatDoesNotFit) {
  std::array<std::uint8_t, 8> storage{};
  NdpOptionWriter writer{storage};
  writer.raw(NdpOptionType::mtu, hex("00 00 00 00 05 dc"), std::uint8_t{0}).mtu(1);
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()), hex("05 00 00 00 00 00 05 dc"));
}

}  // namespace
}  // namespace packetwright::wire
