// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/pcap_reader.hh"

#include <string>

#include "harness/capture/timestamp.hh"

namespace packetwright::capture {
namespace {

constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kModified = 0xa1b2cd34;  // records carry 8 octets more
constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kRecordHeader = 16;
constexpr std::size_t kModifiedRecordHeader = 24;

struct Magic {
  std::uint32_t number;
  ByteOrder order;
};

std::optional<Magic> magic_of(Bytes file) {
  if (file.size() < 4) return std::nullopt;
  for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
    const std::uint32_t number = load32(file, 0, order);
    if (number == kMicroseconds || number == kNanoseconds || number == kModified) {
      return Magic{number, order};
    }
  }
  return std::nullopt;
}

}  // namespace

bool PcapReader::recognises(Bytes file) noexcept {
  return magic_of(file).has_value();
}

Result<PcapReader, Error> PcapReader::open(Bytes file) {
  const std::optional<Magic> magic = magic_of(file);
  if (!magic) return Err{Error{0, "not a pcap file: its magic number is missing"}};
  if (file.size() < kFileHeader) {
    return Err{Error{0, "the file header is cut short: 24 octets wanted, " +
                            std::to_string(file.size()) + " there"}};
  }
  PcapReader reader{file};
  reader.order_ = magic->order;
  reader.nanoseconds_ = magic->number == kNanoseconds;
  reader.record_header_ = magic->number == kModified ? kModifiedRecordHeader : kRecordHeader;
  const std::uint16_t major = load16(file, 4, magic->order);
  if (major != 2) {
    return Err{Error{4, "version " + std::to_string(major) + " of pcap is unknown; 2 is known"}};
  }

  Interface interface;
  interface.snaplen = load32(file, 16, magic->order);
  // The upper half of the link type word says whether frames end with their check sequence (bit 26)
  // and how long it is, in units of 16 bits (bits 28 to 31).
  const std::uint32_t link = load32(file, 20, magic->order);
  interface.link_type = static_cast<LinkType>(link & 0xffff);
  if ((link & 0x0400'0000) != 0) {
    interface.fcs_octets = static_cast<std::uint8_t>((link >> 28) * 2);
  }
  reader.interfaces_.push_back(std::move(interface));
  reader.offset_ = kFileHeader;
  return reader;
}

Result<std::optional<Packet>, Error> PcapReader::next() {
  const std::size_t left = file_.size() - offset_;
  if (left == 0) return std::optional<Packet>{};
  if (left < record_header_) {
    return Err{Error{offset_, "the record header is cut short: " + std::to_string(record_header_) +
                                  " octets wanted, " + std::to_string(left) + " left"}};
  }
  const std::uint32_t captured = load32(file_, offset_ + 8, order_);
  if (captured > left - record_header_) {
    return Err{Error{offset_, "the record is cut short: " + std::to_string(captured) +
                                  " octets wanted, " + std::to_string(left - record_header_) +
                                  " left"}};
  }

  Packet packet;
  packet.offset = offset_;
  const std::uint64_t fraction = load32(file_, offset_ + 4, order_);
  packet.time_ns =
      to_nanoseconds(load32(file_, offset_, order_), nanoseconds_ ? fraction : fraction * 1000);
  packet.octets = file_.subspan(offset_ + record_header_, captured);
  packet.original_length = load32(file_, offset_ + 12, order_);
  drop_frame_check(packet, interfaces_.front().fcs_octets);
  offset_ += record_header_ + captured;
  return std::optional<Packet>{std::move(packet)};
}

}  // namespace packetwright::capture
