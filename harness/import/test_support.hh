// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/import/import.hh"
#include "harness/import/mend.hh"
#include "harness/packet/packet.hh"
#include "harness/script/parser.hh"
#include "harness/script/printer.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

// Captures put together for tests: bare IP packets between 192.0.2.1:40000, the client, and
// 192.0.2.2:80, in a pcap file.
namespace packetwright::import {

inline constexpr bool kFromClient = true, kFromServer = false;

struct TestSegment {
  bool from_client = true;
  std::uint16_t flags = kAck;
  std::uint32_t seq = 0, ack = 0;  // counted from the ISNs, 1000 and 5000
  std::string payload;
  std::vector<packet::HeaderOption> options;
  std::uint16_t ip_id = 0;
};

inline Buffer packet_of(const TestSegment& one) {
  using packet::Field;
  packet::Packet out;
  const IpAddress client = IpAddress::v4(192, 0, 2, 1), server = IpAddress::v4(192, 0, 2, 2);
  out.layers.push_back(packet::Layer(packet::Proto::ipv4)
                           .set(Field::ipv4_src, packet::Wide{one.from_client ? client : server})
                           .set(Field::ipv4_dst, packet::Wide{one.from_client ? server : client})
                           .set(Field::ipv4_id, one.ip_id));
  packet::Layer tcp(packet::Proto::tcp);
  tcp.set(Field::tcp_src_port, one.from_client ? 40000 : 80)
      .set(Field::tcp_dst_port, one.from_client ? 80 : 40000)
      .set(Field::tcp_flags, one.flags)
      .set(Field::tcp_seq, (one.from_client ? 1000u : 5000u) + one.seq)
      .set(Field::tcp_win, 1000);
  if ((one.flags & kAck) != 0) {
    tcp.set(Field::tcp_ack, (one.from_client ? 5000u : 1000u) + one.ack);
  }
  tcp.options = one.options;
  out.layers.push_back(std::move(tcp));
  out.payload = Buffer(one.payload.begin(), one.payload.end());
  return packet::build(out);
}

// Milliseconds lie between the packets.
inline Buffer capture_of(const std::vector<Buffer>& packets, std::uint32_t snaplen = 65535) {
  Buffer out;
  const auto u32 = [&out](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  for (const std::uint32_t word : {0xa1b2c3d4u, 0x00020004u, 0u, 0u, snaplen, 101u}) u32(word);
  std::uint32_t time_us = 0;
  for (const Buffer& packet : packets) {
    const std::size_t kept = std::min<std::size_t>(packet.size(), snaplen);
    for (const std::uint32_t word : {1u, time_us, static_cast<std::uint32_t>(kept),
                                     static_cast<std::uint32_t>(packet.size())}) {
      u32(word);
    }
    out.insert(out.end(), packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(kept));
    time_us += 1000;
  }
  return out;
}

inline Recording recorded(const std::vector<TestSegment>& segments, std::uint32_t snaplen = 65535) {
  std::vector<Buffer> packets;
  for (const TestSegment& one : segments) packets.push_back(packet_of(one));
  auto recording = read_recording(capture_of(packets, snaplen));
  EXPECT_TRUE(recording.ok());
  return std::move(recording).value();
}

// A script of the only conversation, which has the layout of the formatter.
inline Imported imported(const std::vector<TestSegment>& segments, ImportOptions options,
                         std::uint32_t snaplen = 65535) {
  const Recording recording = recorded(segments, snaplen);
  EXPECT_EQ(recording.conversations.size(), 1u);
  options.capture_name = "test.pcap";
  auto out = import(recording.conversations.at(0), options);
  EXPECT_TRUE(out.ok()) << (out.ok() ? "" : out.error());
  if (!out.ok()) return {};
  const script::ParseResult parsed = script::parse({"imported", out->text});
  EXPECT_TRUE(parsed.ok()) << out->text;
  EXPECT_EQ(script::print(parsed.script), out->text);
  EXPECT_EQ(parsed.script.events.size(), out->frames.size());
  return std::move(out).value();
}

// A handshake, a request in one segment, its answer, and the end of both directions.
inline std::vector<TestSegment> exchange() {
  packet::HeaderOption mss;
  mss.kind = 2;
  mss.data = {0x05, 0xb4};
  return {{kFromClient, kSyn, 0, 0, "", {mss}, 1},
          {kFromServer, kSyn | kAck, 0, 1, "", {mss}, 1},
          {kFromClient, kAck, 1, 1, "", {}, 2},
          {kFromClient, kPsh | kAck, 1, 1, "GET /\r\n", {}, 3},
          {kFromServer, kAck, 1, 8, "", {}, 2},
          {kFromServer, kPsh | kAck, 1, 8, "say \"hello\"", {}, 3},
          {kFromClient, kAck, 8, 12, "", {}, 4},
          {kFromClient, kFin | kAck, 8, 12, "", {}, 5},
          {kFromServer, kFin | kAck, 12, 9, "", {}, 4},
          {kFromClient, kAck, 9, 13, "", {}, 6}};
}

}  // namespace packetwright::import
