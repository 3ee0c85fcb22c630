// SPDX-License-Identifier: Apache-2.0
// What does not fit is left out whole, and said: no option is written in part, and none longer than
// its length octet can tell.
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "stack/wire/ipv4_options.hh"
#include "stack/wire/ipv6_extensions.hh"
#include "stack/wire/ndp.hh"
#include "stack/wire/tcp_options.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

const Buffer kTooLong(300);

// Every option of `Writer` that takes more than `kRoom` octets.
constexpr std::size_t kRoom = 3;

template <class Writer>
void expect_left_out(std::initializer_list<void (*)(Writer&)> options) {
  int number = 0;
  for (const auto option : options) {
    std::array<std::uint8_t, kRoom> storage{};
    Writer writer{storage};
    option(writer);
    EXPECT_TRUE(writer.overflowed()) << number;
    EXPECT_TRUE(writer.written().empty()) << number;
    EXPECT_EQ(storage, (std::array<std::uint8_t, kRoom>{})) << number;
    ++number;
  }
}

TEST(WireOptionWriters, Ipv4OptionsThatDoNotFit) {
  using W = Ipv4OptionWriter;
  expect_left_out<W>({
      [](W& w) {
        const std::array addresses{IpAddress::v4(1)};
        w.route(Ipv4OptionType::record_route, 4, addresses);
      },
      [](W& w) { w.timestamp({}); },
      [](W& w) { w.router_alert(); },
      [](W& w) { w.raw(Ipv4OptionType::record_route, kTooLong); },
  });
  Buffer full(8);
  W writer{full};
  for (int i = 0; i < 9; ++i) writer.nop();
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()), Buffer(8, 1));
  Buffer large(400);
  EXPECT_TRUE(W{large}.raw(Ipv4OptionType::record_route, kTooLong).overflowed());
  // Behind what did not fit there is nothing to fill up.
  Buffer little(3);
  W padded{little};
  padded.nop().router_alert().pad();
  EXPECT_EQ(to_buffer(padded.written()), (Buffer{1}));
}

TEST(WireOptionWriters, TcpOptionsThatDoNotFit) {
  using W = TcpOptionWriter;
  expect_left_out<W>({
      [](W& w) { w.mss(1460); },
      [](W& w) {
        const std::array blocks{SackBlock{SeqNum{1}, SeqNum{2}}};
        w.sack(blocks);
      },
      [](W& w) { w.timestamps({1, 2}); },
      [](W& w) { w.user_timeout({}); },
      [](W& w) { w.fast_open(kTooLong); },
      [](W& w) { w.fast_open_experimental({}); },
      [](W& w) { w.md5(kTooLong); },
      [](W& w) {
        AccurateEcn counters;
        counters.count = 1;
        w.accurate_ecn(TcpOptionKind::accurate_ecn_0, counters);
      },
  });
  Buffer full(8);
  W writer{full};
  for (int i = 0; i < 9; ++i) writer.nop();
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()), Buffer(8, 1));
  Buffer large(400);
  EXPECT_TRUE(W{large}.raw(TcpOptionKind::md5, kTooLong).overflowed());
  Buffer little(3);
  W padded{little};
  padded.nop().mss(1460).pad();
  EXPECT_EQ(to_buffer(padded.written()), (Buffer{1}));
}

TEST(WireOptionWriters, AUserTimeoutSaysItsUnit) {
  Buffer storage(8);
  TcpOptionWriter writer{storage};
  writer.user_timeout({true, 5}).user_timeout({false, 5});
  EXPECT_EQ(to_buffer(writer.written()), hex("1c 04 80 05 1c 04 00 05"));
}

TEST(WireOptionWriters, Ipv6OptionsThatDoNotFit) {
  using W = Ipv6OptionWriter;
  expect_left_out<W>({
      [](W& w) { w.padn(2); },
      [](W& w) { w.router_alert(); },
      [](W& w) { w.jumbo(70'000); },
      [](W& w) { w.raw(Ipv6OptionType::jumbo, kTooLong); },
  });
  Buffer full(2);
  W writer{full};
  writer.pad1().pad1().pad1();
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.written().size(), 2u);
  Buffer large(400);
  EXPECT_TRUE(W{large}.raw(Ipv6OptionType::jumbo, kTooLong).overflowed());
}

TEST(WireOptionWriters, NdpOptionsThatDoNotFit) {
  using W = NdpOptionWriter;
  expect_left_out<W>({
      [](W& w) { w.link_layer_address(NdpOptionType::source_link_layer_address, MacAddress{}); },
      [](W& w) { w.prefix_information({}); },
      [](W& w) { w.mtu(1500); },
      [](W& w) { w.redirected_header(kTooLong); },
      [](W& w) { w.dns_servers(1, kTooLong); },
      [](W& w) { w.raw(NdpOptionType::nonce, kTooLong); },
  });
  // Its length counts units of eight octets, and has one octet itself.
  const Buffer huge(2048);
  Buffer large(4096);
  EXPECT_TRUE(W{large}.raw(NdpOptionType::nonce, huge).overflowed());
}

TEST(WireOptionWriters, APrefixSaysWhatItIsFor) {
  for (const bool on_link : {false, true}) {
    for (const bool autonomous : {false, true}) {
      Buffer storage(32);
      NdpOptionWriter writer{storage};
      writer.prefix_information({64, on_link, autonomous, 7, 5, IpAddress::v6({0x20, 1})});
      EXPECT_EQ(storage[3], (on_link ? 0x80 : 0) | (autonomous ? 0x40 : 0));
    }
  }
}

}  // namespace
}  // namespace packetwright::wire
