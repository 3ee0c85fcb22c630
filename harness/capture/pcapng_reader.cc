// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/pcapng_reader.hh"

#include <algorithm>
#include <string>
#include <string_view>

#include "harness/capture/pcapng_format.hh"

namespace packetwright::capture {
namespace {

using namespace pcapng;

constexpr std::size_t kOptionHeader = 4;

std::string text_of(Bytes octets) {
  // Some writers count a terminating NUL in; it is not part of the text.
  while (!octets.empty() && octets.back() == 0) octets = octets.first(octets.size() - 1);
  return {octets.begin(), octets.end()};
}

// Walks the options at the end of a block: code, length, value, padding.
class Options {
 public:
  Options(Bytes octets, ByteOrder order) : octets_(octets), order_(order) {}

  struct Option {
    std::uint16_t code;
    Bytes value;
  };

  // nullopt: no more, or the next one does not fit, which broken() tells apart.
  std::optional<Option> next() {
    if (octets_.size() < kOptionHeader) {
      broken_ = !octets_.empty();
      return std::nullopt;
    }
    const std::uint16_t code = load16(octets_, 0, order_);
    const std::size_t length = load16(octets_, 2, order_);
    if (code == kOptEnd) return std::nullopt;
    if (length > octets_.size() - kOptionHeader) {
      broken_ = true;
      return std::nullopt;
    }
    const Option option{code, octets_.subspan(kOptionHeader, length)};
    // The body is a multiple of four octets long, so the padding of an option that fits fits too.
    octets_ = octets_.subspan(std::min(octets_.size(), kOptionHeader + padded(length)));
    return option;
  }

  [[nodiscard]] bool broken() const { return broken_; }

 private:
  Bytes octets_;
  ByteOrder order_;
  bool broken_ = false;
};

Error too_short(std::size_t offset, std::string_view block, std::size_t need, std::size_t have) {
  return {offset, "the " + std::string{block} + " is too short: " + std::to_string(need) +
                      " octets wanted, " + std::to_string(have) + " there"};
}

Error broken_options(std::size_t offset) {
  return {offset, "an option of the block is longer than what is left of the block"};
}

}  // namespace

bool PcapngReader::recognises(Bytes file) noexcept {
  return file.size() >= 4 && load32(file, 0, ByteOrder::little) == kSectionHeader;
}

Result<PcapngReader, Error> PcapngReader::open(Bytes file) {
  if (!recognises(file)) {
    return Err{Error{0, "not a pcapng file: it does not begin with a section header"}};
  }
  PcapngReader reader{file};
  const Result<Block, Error> block = reader.take_block();
  if (!block) return Err{block.error()};
  const Result<void, Error> started = reader.start_section(*block);
  if (!started) return Err{started.error()};
  return reader;
}

Result<PcapngReader::Block, Error> PcapngReader::take_block() {
  const Bytes rest = file_.subspan(offset_);
  if (rest.size() < kBlockOverhead) {
    return Err{too_short(offset_, "block", kBlockOverhead, rest.size())};
  }
  Block block;
  block.offset = offset_;
  block.type = load32(rest, 0, order_);
  if (block.type == kSectionHeader) {
    if (load32(rest, 8, ByteOrder::little) == kByteOrderMagic) {
      order_ = ByteOrder::little;
    } else if (load32(rest, 8, ByteOrder::big) == kByteOrderMagic) {
      order_ = ByteOrder::big;
    } else {
      return Err{Error{offset_ + 8, "the section header's byte order mark is missing"}};
    }
  }
  const std::size_t total = load32(rest, 4, order_);
  if (total < kBlockOverhead || total % 4 != 0) {
    return Err{Error{offset_ + 4, "a block length of " + std::to_string(total) +
                                      " octets is impossible: at least 12, a multiple of 4"}};
  }
  if (total > rest.size()) return Err{too_short(offset_, "block", total, rest.size())};
  if (load32(rest, total - 4, order_) != total) {
    return Err{Error{offset_ + total - 4,
                     "the length at the end of the block differs from the "
                     "one at its start"}};
  }
  block.body = rest.subspan(8, total - kBlockOverhead);
  offset_ += total;
  return block;
}

Result<void, Error> PcapngReader::start_section(const Block& block) {
  constexpr std::size_t kFixed = 16;
  if (block.body.size() < kFixed) {
    return Err{too_short(block.offset, "section header", kFixed, block.body.size())};
  }
  const std::uint16_t major = load16(block.body, 4, order_);
  if (major != 1) {
    return Err{Error{block.offset + 12,
                     "version " + std::to_string(major) + " of pcapng is unknown; 1 is known"}};
  }
  section_start_ = interfaces_.size();
  return {};
}

Result<void, Error> PcapngReader::add_interface(const Block& block) {
  constexpr std::size_t kFixed = 8;
  if (block.body.size() < kFixed) {
    return Err{too_short(block.offset, "interface description", kFixed, block.body.size())};
  }
  Interface interface;
  interface.link_type = static_cast<LinkType>(load16(block.body, 0, order_));
  interface.snaplen = load32(block.body, 4, order_);
  Resolution clock;
  std::int64_t clock_offset = 0;
  Options options{block.body.subspan(kFixed), order_};
  while (const auto option = options.next()) {
    const Bytes value = option->value;
    if (option->code == kIfName) interface.name = text_of(value);
    if (option->code == kIfDescription) interface.description = text_of(value);
    if (option->code == kIfTsResolution && value.size() == 1) {
      clock = Resolution::from_octet(value[0]);
    }
    if (option->code == kIfTsOffset && value.size() == 8) {
      clock_offset = static_cast<std::int64_t>(load64(value, 0, order_));
    }
    // In bits here, unlike in the flags of a packet.
    if (option->code == kIfFcsLength && value.size() == 1) interface.fcs_octets = value[0] / 8;
  }
  if (options.broken()) return Err{broken_options(block.offset)};
  clock.offset_s = clock_offset;
  interfaces_.push_back(std::move(interface));
  clocks_.push_back(clock);
  return {};
}

Result<std::optional<Packet>, Error> PcapngReader::next() {
  while (offset_ < file_.size()) {
    const std::size_t start = offset_;
    const Result<Block, Error> block = take_block();
    if (!block) return Err{block.error()};
    Found found = std::optional<Packet>{};
    Result<void, Error> taken;
    switch (block->type) {
      case kSectionHeader: taken = start_section(*block); break;
      case kInterfaceDescription: taken = add_interface(*block); break;
      case kEnhancedPacket: found = enhanced_packet(*block); break;
      case kPacket: found = obsolete_packet(*block); break;
      case kSimplePacket: found = simple_packet(*block); break;
      default: break;
    }
    if (!taken || !found) {
      offset_ = start;  // asked again, the answer is the same
      return Err{taken ? found.error() : taken.error()};
    }
    if (found->has_value()) return found;
  }
  return std::optional<Packet>{};
}

PcapngReader::Found PcapngReader::enhanced_packet(const Block& block) const {
  constexpr std::size_t kFixed = 20;
  if (block.body.size() < kFixed) {
    return Err{too_short(block.offset, "packet block", kFixed, block.body.size())};
  }
  const std::uint64_t high = load32(block.body, 4, order_);
  return packet_with_options(
      block, {load32(block.body, 0, order_), high << 32 | load32(block.body, 8, order_),
              load32(block.body, 12, order_), load32(block.body, 16, order_)});
}

PcapngReader::Found PcapngReader::obsolete_packet(const Block& block) const {
  constexpr std::size_t kFixed = 20;
  if (block.body.size() < kFixed) {
    return Err{too_short(block.offset, "packet block", kFixed, block.body.size())};
  }
  // As the enhanced one, but the first word is half interface, half a count of dropped packets.
  const std::uint64_t high = load32(block.body, 4, order_);
  return packet_with_options(
      block, {load16(block.body, 0, order_), high << 32 | load32(block.body, 8, order_),
              load32(block.body, 12, order_), load32(block.body, 16, order_)});
}

PcapngReader::Found PcapngReader::packet_with_options(const Block& block,
                                                      const PacketHeader& header) const {
  constexpr std::size_t kFixed = 20;
  const std::size_t known = interfaces_.size() - section_start_;
  if (header.interface >= known) {
    return Err{Error{block.offset, "the packet is of interface " +
                                       std::to_string(header.interface) + ", but the section has " +
                                       std::to_string(known)}};
  }
  const Bytes data = block.body.subspan(kFixed);
  if (header.captured > data.size()) {
    return Err{too_short(block.offset, "packet", header.captured, data.size())};
  }
  Packet packet;
  packet.interface = section_start_ + header.interface;
  packet.time_ns = to_nanoseconds(header.units, clocks_[packet.interface]);
  packet.octets = data.first(header.captured);
  packet.original_length = header.original;
  packet.offset = block.offset;
  std::uint8_t fcs = interfaces_[packet.interface].fcs_octets;

  Options options{data.subspan(std::min(data.size(), padded(header.captured))), order_};
  while (const auto option = options.next()) {
    if (option->code == kOptComment) {
      if (!packet.comment.empty()) packet.comment += '\n';
      packet.comment += text_of(option->value);
    }
    if (option->code == kEpbFlags && option->value.size() == 4) {
      const std::uint32_t flags = load32(option->value, 0, order_);
      if ((flags & kDirectionMask) == kInbound) packet.direction = Direction::inbound;
      if ((flags & kDirectionMask) == kOutbound) packet.direction = Direction::outbound;
      const auto said = static_cast<std::uint8_t>(flags >> kFcsLengthShift & kFcsLengthMask);
      if (said != 0) fcs = said;
    }
  }
  if (options.broken()) return Err{broken_options(block.offset)};
  drop_frame_check(packet, fcs);
  return std::optional<Packet>{std::move(packet)};
}

PcapngReader::Found PcapngReader::simple_packet(const Block& block) const {
  constexpr std::size_t kFixed = 4;
  if (block.body.size() < kFixed) {
    return Err{too_short(block.offset, "simple packet block", kFixed, block.body.size())};
  }
  if (interfaces_.size() == section_start_) {
    return Err{Error{block.offset, "a simple packet needs an interface, but the section has none"}};
  }
  // It says neither how much was kept nor when: the first interface's snaplen decides the former.
  const Interface& interface = interfaces_[section_start_];
  Packet packet;
  packet.interface = section_start_;
  packet.offset = block.offset;
  packet.original_length = load32(block.body, 0, order_);
  std::size_t kept = packet.original_length;
  if (interface.snaplen != 0) kept = std::min<std::size_t>(kept, interface.snaplen);
  const Bytes data = block.body.subspan(kFixed);
  if (kept > data.size()) return Err{too_short(block.offset, "packet", kept, data.size())};
  packet.octets = data.first(kept);
  drop_frame_check(packet, interface.fcs_octets);
  return std::optional<Packet>{std::move(packet)};
}

}  // namespace packetwright::capture
