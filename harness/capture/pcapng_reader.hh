// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/capture/byte_order.hh"
#include "harness/capture/packet.hh"
#include "harness/capture/timestamp.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

namespace packetwright::capture {

// The block-structured capture format: any number of sections, each with its own byte order and
// interfaces, each interface with its own link type and clock. Enhanced, simple and the obsolete
// packet blocks are read; blocks of other kinds are passed over.
class PcapngReader {
 public:
  [[nodiscard]] static bool recognises(Bytes file) noexcept;

  // `file` must outlive the reader and its packets.
  [[nodiscard]] static Result<PcapngReader, Error> open(Bytes file);

  // The next packet; nullopt at the end; an error when the rest cannot be read, and from then on.
  [[nodiscard]] Result<std::optional<Packet>, Error> next();

  // Of all sections met so far, in the order of the file. Grows while packets are read; a packet's
  // interface is there when the packet is.
  [[nodiscard]] const std::vector<Interface>& interfaces() const noexcept { return interfaces_; }

 private:
  struct Block {
    std::uint32_t type = 0;
    std::size_t offset = 0;  // in the file
    Bytes body;              // between the two length words
  };
  struct PacketHeader {
    std::uint32_t interface = 0;
    std::uint64_t units = 0;
    std::uint32_t captured = 0;
    std::uint32_t original = 0;
  };
  using Found = Result<std::optional<Packet>, Error>;

  explicit PcapngReader(Bytes file) : file_(file) {}

  // The block at offset_, which is moved past it. A section header sets the byte order first.
  Result<Block, Error> take_block();
  Result<void, Error> start_section(const Block& block);
  Result<void, Error> add_interface(const Block& block);
  Found enhanced_packet(const Block& block) const;
  Found obsolete_packet(const Block& block) const;
  Found simple_packet(const Block& block) const;
  // What the two blocks with options have in common, from octet 20 of the body on.
  Found packet_with_options(const Block& block, const PacketHeader& header) const;

  Bytes file_;
  std::size_t offset_ = 0;
  ByteOrder order_ = ByteOrder::little;
  std::size_t section_start_ = 0;  // the section's first interface among interfaces_
  std::vector<Interface> interfaces_;
  std::vector<Resolution> clocks_;  // one for each interface
};

}  // namespace packetwright::capture
