// SPDX-License-Identifier: Apache-2.0
// What others make of the captures that we write. Skipped where Wireshark's tools are missing.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/capture/pcapng_writer.hh"
#include "harness/capture/reader.hh"

namespace packetwright::capture {
namespace {

using ::testing::HasSubstr;

// Standard output of a command, or nothing if it failed.
std::optional<std::string> output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 4096> chunk{};
  while (const std::size_t got = fread(chunk.data(), 1, chunk.size(), pipe)) {
    text.append(chunk.data(), got);
  }
  return pclose(pipe) == 0 ? std::optional{text} : std::nullopt;
}

class Wireshark : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!output_of("tshark --version") || !output_of("capinfos --version")) {
      GTEST_SKIP() << "tshark and capinfos are not installed";
    }
    path_ = std::filesystem::temp_directory_path() /
            ("packetwright_capture_" + std::to_string(getpid()) + ".pcapng");
    std::ofstream out{path_, std::ios::binary};
    PcapngWriter writer{out, "packetwright 0.1.0"};
    Interface interface;
    interface.name = "memory";
    interface.description = "reference stack";
    writer.add_interface(interface);
    // A gratuitous ARP announcement of 192.168.0.1.
    const Buffer frame = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x50, 0x57, 0, 0,
                          1,    0x08, 0x06, 0,    1,    0x08, 0,    6,    4,    0, 1,
                          0x02, 0x50, 0x57, 0,    0,    1,    192,  168,  0,    1, 0,
                          0,    0,    0,    0,    0,    192,  168,  0,    1};
    Packet packet;
    packet.octets = frame;
    packet.time_ns = 1'000'000'001;
    packet.direction = Direction::outbound;
    packet.comment = "established.pkt:7";
    writer.write(packet);
    packet.time_ns = 2'500'000'000;
    packet.direction = Direction::inbound;
    packet.comment.clear();
    writer.write(packet);
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  std::filesystem::path path_;
};

TEST_F(Wireshark, TsharkReadsTimeDirectionAndComment) {
  const auto text =
      output_of("tshark -r " + path_.string() +
                " -T fields -E separator='|' -e frame.time_epoch -e frame.packet_flags_direction"
                " -e frame.comment -e frame.interface_name -e arp.src.proto_ipv4");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text,
            "1.000000001|0x00000002|established.pkt:7|memory|192.168.0.1\n"
            "2.500000000|0x00000001||memory|192.168.0.1\n");
}

TEST_F(Wireshark, CapinfosFindsTheApplicationAndTheInterface) {
  const auto text = output_of("capinfos " + path_.string());
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("packetwright 0.1.0"));
  EXPECT_THAT(*text, HasSubstr("Name = memory"));
  EXPECT_THAT(*text, HasSubstr("Description = reference stack"));
  EXPECT_THAT(*text, HasSubstr("Time precision = nanoseconds (9)"));
  EXPECT_THAT(*text, HasSubstr("Number of packets:   2"));
}

TEST_F(Wireshark, FormatsThatEditcapWritesAreRead) {
  if (!output_of("editcap --version")) GTEST_SKIP() << "editcap is not installed";
  for (const std::string format : {"pcap", "nsecpcap", "modpcap", "pcapng"}) {
    const std::filesystem::path converted = path_.string() + "." + format;
    ASSERT_TRUE(
        output_of("editcap -F " + format + " " + path_.string() + " " + converted.string()));
    std::ifstream in{converted, std::ios::binary};
    const Buffer octets{std::istreambuf_iterator<char>{in}, {}};
    std::filesystem::remove(converted);
    const auto capture = read_all(octets);
    ASSERT_TRUE(capture.ok()) << format << ": " << capture.error().what;
    EXPECT_FALSE(capture->damage) << format << ": " << capture->damage->what;
    ASSERT_EQ(capture->packets.size(), 2u) << format;
    EXPECT_EQ(capture->packets[1].time_ns, 2'500'000'000) << format;
    EXPECT_EQ(capture->packets[1].octets.size(), 42u) << format;
  }
}

}  // namespace
}  // namespace packetwright::capture
