// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/pcapng_writer.hh"

#include <algorithm>
#include <cstddef>
#include <string>

#include "harness/capture/pcapng_format.hh"
#include "stack/base/assert.hh"

namespace packetwright::capture {
namespace {

using namespace pcapng;

// One block, built in memory because its length stands in front of it.
class Block {
 public:
  explicit Block(std::uint32_t type) {
    put32(type);
    put32(0);  // the length, known at the end
  }

  void put16(std::uint16_t value) {
    octets_ += static_cast<char>(value & 0xff);
    octets_ += static_cast<char>(value >> 8);
  }
  void put32(std::uint32_t value) {
    put16(static_cast<std::uint16_t>(value & 0xffff));
    put16(static_cast<std::uint16_t>(value >> 16));
  }
  void put_padded(std::string_view octets) {
    octets_ += octets;
    octets_.append(padded(octets.size()) - octets.size(), '\0');
  }
  void option(std::uint16_t code, std::string_view value) {
    put16(code);
    put16(static_cast<std::uint16_t>(value.size()));
    put_padded(value);
    has_options_ = true;
  }
  void text_option(std::uint16_t code, std::string_view text) {
    constexpr std::size_t kLongest = 0xffff;
    if (text.empty()) return;
    if (text.size() > kLongest) {
      // Not in the middle of a UTF-8 character: those go on with octets of the form 10xxxxxx.
      std::size_t end = kLongest;
      while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
      text = text.substr(0, end);
    }
    option(code, text);
  }

  void write_to(std::ostream& out) {
    if (has_options_) put32(kOptEnd);
    const auto total = static_cast<std::uint32_t>(octets_.size() + 4);
    put32(total);
    for (std::size_t i = 0; i < 4; ++i) octets_[4 + i] = static_cast<char>(total >> (8 * i));
    out.write(octets_.data(), static_cast<std::streamsize>(octets_.size()));
  }

 private:
  std::string octets_;
  bool has_options_ = false;
};

std::string_view view_of(Bytes octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

}  // namespace

PcapngWriter::PcapngWriter(std::ostream& out, std::string_view application) : out_(out) {
  Block block{kSectionHeader};
  block.put32(kByteOrderMagic);
  block.put16(1);  // version 1.0
  block.put16(0);
  block.put32(0xffff'ffff);  // the length of the section is not known beforehand
  block.put32(0xffff'ffff);
  block.text_option(kShbUserApplication, application);
  block.write_to(out_);
}

std::uint32_t PcapngWriter::add_interface(const Interface& interface) {
  Block block{kInterfaceDescription};
  block.put16(static_cast<std::uint16_t>(interface.link_type));
  block.put16(0);
  block.put32(interface.snaplen);
  block.text_option(kIfName, interface.name);
  block.text_option(kIfDescription, interface.description);
  block.option(kIfTsResolution, "\x09");  // 10^-9 seconds
  block.write_to(out_);
  return interfaces_++;
}

void PcapngWriter::write(const Packet& packet) {
  PW_ASSERT(packet.interface < interfaces_);
  const auto length = static_cast<std::uint32_t>(packet.octets.size());
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(packet.time_ns, 0));
  Block block{kEnhancedPacket};
  block.put32(static_cast<std::uint32_t>(packet.interface));
  block.put32(static_cast<std::uint32_t>(time >> 32));
  block.put32(static_cast<std::uint32_t>(time));
  block.put32(length);
  block.put32(std::max(packet.original_length, length));
  block.put_padded(view_of(packet.octets));
  if (packet.direction != Direction::unknown) {
    const char flags =
        static_cast<char>(packet.direction == Direction::inbound ? kInbound : kOutbound);
    block.option(kEpbFlags, std::string{flags, '\0', '\0', '\0'});
  }
  block.text_option(kOptComment, packet.comment);
  block.write_to(out_);
}

}  // namespace packetwright::capture
