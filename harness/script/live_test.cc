// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "harness/script/testing.hh"

// Live values, `${rcv.nxt}`: where they may stand, and how they are kept. What they mean is the
// engine's.
namespace packetwright::script {
namespace {

using testing::event_of;
using testing::extensions;
using ::testing::HasSubstr;
using testing::packet_of;
using testing::parsed;
using testing::remarks;
using testing::tcp_of;

TEST(Live, StandInSequenceNumbersAckAndSack) {
  const Tcp tcp = tcp_of(
      "< P. ${rcv.nxt}:${rcv.nxt+rcv.wnd}(${rcv.wnd}) ack ${snd.una} win 1 "
      "<nop,nop,sack ${snd.una+1}:${snd.nxt}>");
  const auto& sack = std::get<OptSack>(tcp.options.at(2));
  for (const Number* number : {&tcp.seq.first, &tcp.seq.last, &tcp.seq.length, &*tcp.ack,
                               &sack.blocks[0].left, &sack.blocks[0].right}) {
    EXPECT_TRUE(number->live) << number->spelling;
  }
  EXPECT_EQ(tcp.seq.last.spelling, "${rcv.nxt+rcv.wnd}");
  const Packet icmp = packet_of("< icmp unreachable host_unreachable [${snd.una}:${snd.una}(0)]");
  EXPECT_TRUE(std::get<QuotedTcp>(*icmp.as<Icmp>()->quote).seq.first.live);
}

TEST(Live, FormattingKeepsThem) {
  for (const std::string_view text :
       {"+0     < P. ${rcv.nxt}:${ rcv.nxt + rcv.wnd }(${rcv.wnd}) ack ${snd.una-1} win 1\n",
        "+0     > . ${snd.nxt}:${snd.nxt}(0) ack ${rcv.nxt} <nop,nop,sack ${rcv.nxt+5}:9>\n",
        "for $n in 1, 2\n+0     < R ${rcv.nxt+n}:${rcv.nxt+n}(0)\n"}) {
    const Script script = parsed(text);
    EXPECT_EQ(print(script), text);
    EXPECT_TRUE(parsed(print(script)) == script);
  }
}

TEST(Live, ArePartOfNoPlainScript) {
  EXPECT_THAT(extensions("+0 < . 1:1(0) ack ${snd.nxt} win 1\n"),
              HasSubstr("1:19: packetdrill has no live values"));
  EXPECT_TRUE(event_of("+0 < . 1:1(0) ack ${snd.nxt} win 1\n").ours);
}

TEST(Live, AreRefusedWhereNoneCanBe) {
  constexpr std::string_view kRefused = "a live value cannot stand here";
  for (const std::string_view text :
       {"+0 write(4, ..., ${rcv.wnd}) = 10\n", "+0 write(4, ..., 10) = ${rcv.wnd}\n",
        "+${rcv.wnd} < . 1:1(0) win 1\n", "+0 silence ${rcv.wnd}\n",
        "+0 < . 1:1(0) win ${rcv.wnd}\n", "+0 < . 1:1(0) win 1 urg ${rcv.wnd}\n",
        "+0 < . 1:1(0) win 1 {tcp.seq=${rcv.nxt}}\n", "+0 < . 1:1(0) win 1 {tcp.seq=+${rcv.wnd}}\n",
        "+0 < . 1:1(0) win 1 <mss ${rcv.wnd}>\n", "+0 < udp (${rcv.wnd})\n",
        "+0 < icmp type_${rcv.wnd}\n", "+0 = info(4, rcv_wnd) ${rcv.wnd}\n",
        "+0 < ${rcv.wnd} > 80 S 0:0(0) win 1\n"}) {
    EXPECT_THAT(remarks(text), HasSubstr(kRefused)) << text;
  }
  EXPECT_EQ(remarks("+0 write(4, ..., ${rcv.wnd}) = 10\n"),
            "1:18: a live value cannot stand here\n");
  EXPECT_THAT(remarks("use p with $n=${rcv.wnd}\n"), HasSubstr("cannot be handed to a prelude"));
  EXPECT_THAT(remarks("+0 > . ${snd.nxt}:1(0)!\n"), HasSubstr("cannot be absolute"));
  EXPECT_THAT(remarks("+0 > . 1:1(0) <sack 1:${rcv.nxt}!,nop,nop>\n"),
              HasSubstr("cannot be absolute"));
  EXPECT_THAT(remarks("+0 < . 1:${1+rcv.wnd}(${rcv.wnd}) win 1 \"hello\"\n"),
              HasSubstr("1:41: a live length is not known here"));
}

TEST(Live, AreIntegers) {
  EXPECT_THAT(remarks("for $t in 0.5\n+0 < . 1:1(0) ack ${snd.una+t} win 1\n"),
              HasSubstr("live values are integers"));
  EXPECT_THAT(remarks("for $w in word\n+0 < . 1:1(0) ack ${snd.una+w} win 1\n"),
              HasSubstr("words cannot be calculated with"));
  EXPECT_THAT(remarks("+0 < . 1:1(0) ack ${snd.wnd} win 1\n"),
              HasSubstr("there is no live value 'snd.wnd'"));
}

}  // namespace
}  // namespace packetwright::script
