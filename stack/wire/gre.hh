// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kGreHeaderSize = 4;  // without optional fields

// A GRE packet (RFC 2784, with the key and the sequence number of RFC 2890). The presence bits say
// which fields follow, and the order is fixed: checksum, key, sequence number.
class GreView {
 public:
  [[nodiscard]] static Result<GreView, ParseError> parse(Bytes packet) noexcept {
    if (packet.size() < kGreHeaderSize) {
      return fail(ParseErrc::truncated, Layer::gre, 0, kGreHeaderSize, packet.size());
    }
    const std::size_t size = header_size_for(load_be16(packet, 0));
    if (packet.size() < size) {
      return fail(ParseErrc::truncated, Layer::gre, 0, size, packet.size());
    }
    return GreView{packet};
  }

  // C, R, K, S, s, Recur, Flags and Ver as they stand.
  [[nodiscard]] std::uint16_t flags() const noexcept { return load_be16(octets_, 0); }
  [[nodiscard]] bool has_checksum() const noexcept { return (flags() & 0x8000) != 0; }
  [[nodiscard]] bool has_key() const noexcept { return (flags() & 0x2000) != 0; }
  [[nodiscard]] bool has_seq() const noexcept { return (flags() & 0x1000) != 0; }
  [[nodiscard]] std::uint8_t version() const noexcept { return flags() & 7; }
  // An EtherType.
  [[nodiscard]] std::uint16_t protocol_type() const noexcept { return load_be16(octets_, 2); }
  [[nodiscard]] std::optional<std::uint16_t> checksum() const noexcept {
    if (!has_checksum()) return std::nullopt;
    return load_be16(octets_, 4);
  }
  [[nodiscard]] std::optional<std::uint16_t> reserved1() const noexcept {
    if (!has_checksum()) return std::nullopt;
    return load_be16(octets_, 6);
  }
  [[nodiscard]] std::optional<std::uint32_t> key() const noexcept {
    if (!has_key()) return std::nullopt;
    return load_be32(octets_, has_checksum() ? 8 : 4);
  }
  [[nodiscard]] std::optional<std::uint32_t> seq() const noexcept {
    if (!has_seq()) return std::nullopt;
    return load_be32(octets_, header_size() - 4);
  }
  [[nodiscard]] std::size_t header_size() const noexcept { return header_size_for(flags()); }
  [[nodiscard]] Bytes payload() const noexcept { return octets_.subspan(header_size()); }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }
  // True if there is no checksum or it is right; it covers header and payload.
  [[nodiscard]] bool verify_checksum() const noexcept;

  [[nodiscard]] static constexpr std::size_t header_size_for(std::uint16_t flags) noexcept {
    std::size_t size = kGreHeaderSize;
    if ((flags & 0x8000) != 0) size += 4;
    if ((flags & 0x2000) != 0) size += 4;
    if ((flags & 0x1000) != 0) size += 4;
    return size;
  }

 private:
  explicit GreView(Bytes octets) noexcept : octets_(octets) {}

  Bytes octets_;
};

// Every field. A field that has a value is written, whatever its presence bit says.
struct GreFields {
  std::uint16_t flags = 0;
  std::uint16_t protocol_type = 0x0800;
  std::optional<std::uint16_t> checksum;
  std::uint16_t reserved1 = 0;  // written beside the checksum
  std::optional<std::uint32_t> key;
  std::optional<std::uint32_t> seq;

  [[nodiscard]] static GreFields from(const GreView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept;
  // Sets the presence bits to what the fields make them.
  void set_presence() noexcept;
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const GreFields&, const GreFields&) = default;
};

// Computes the checksum of an emitted packet that has one and stores it there.
void fill_gre_checksum(MutableBytes packet) noexcept;

}  // namespace packetwright::wire
