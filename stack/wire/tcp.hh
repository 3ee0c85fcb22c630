// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kTcpHeaderSize = 20;      // without options
inline constexpr std::size_t kTcpMaxOptionsSize = 40;  // what a data offset of 15 leaves

// The control bits (RFC 9293, 3.1) and the former NS bit, now AE of accurate ECN (RFC 9768).
class TcpFlags {
 public:
  constexpr TcpFlags() = default;
  // The lowest nine bits count.
  constexpr explicit TcpFlags(std::uint16_t bits) noexcept : bits_(bits & 0x1ff) {}

  [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }
  // True if every flag of `flags` is set here.
  [[nodiscard]] constexpr bool has(TcpFlags flags) const noexcept {
    return (bits_ & flags.bits_) == flags.bits_;
  }
  [[nodiscard]] constexpr TcpFlags without(TcpFlags flags) const noexcept {
    return TcpFlags{static_cast<std::uint16_t>(bits_ & ~flags.bits_)};
  }
  // The ACE counter of accurate ECN: AE, CWR and ECE as one number, 0 .. 7.
  [[nodiscard]] constexpr std::uint8_t ace() const noexcept {
    return static_cast<std::uint8_t>(bits_ >> 6);
  }

  // The ACE counter is bits 6 to 8, so that AE is its most significant bit: see ace().
  friend constexpr TcpFlags operator|(TcpFlags a, TcpFlags b) noexcept {
    return TcpFlags{static_cast<std::uint16_t>(a.bits_ | b.bits_)};
  }
  constexpr TcpFlags& operator|=(TcpFlags other) noexcept { return *this = *this | other; }
  friend constexpr bool operator==(TcpFlags, TcpFlags) noexcept = default;

 private:
  std::uint16_t bits_ = 0;
};

namespace tcp_flag {
inline constexpr TcpFlags fin{0x001};
inline constexpr TcpFlags syn{0x002};
inline constexpr TcpFlags rst{0x004};
inline constexpr TcpFlags psh{0x008};
inline constexpr TcpFlags ack{0x010};
inline constexpr TcpFlags urg{0x020};
inline constexpr TcpFlags ece{0x040};
inline constexpr TcpFlags cwr{0x080};
inline constexpr TcpFlags ae{0x100};
}  // namespace tcp_flag

// The flags as scripts write them: letters F S R P U E W A, then "." for ACK; "-" if none is set.
[[nodiscard]] std::string to_string(TcpFlags flags);

// A TCP segment (RFC 9293, 3.1).
class TcpView {
 public:
  // Asks for a Data Offset of at least 5 words that `segment` covers. Whether the options make
  // sense is for TcpOptions to say.
  [[nodiscard]] static Result<TcpView, ParseError> parse(Bytes segment) noexcept {
    if (segment.size() < kTcpHeaderSize) {
      return fail(ParseErrc::truncated, Layer::tcp, 0, kTcpHeaderSize, segment.size());
    }
    const std::size_t header_size = std::size_t{segment[12]} / 16 * 4;
    if (header_size < kTcpHeaderSize) {
      return fail(ParseErrc::bad_length, Layer::tcp, 12, kTcpHeaderSize, header_size);
    }
    if (segment.size() < header_size) {
      return fail(ParseErrc::truncated, Layer::tcp, 12, header_size, segment.size());
    }
    return TcpView{segment, header_size};
  }

  // For nonsensical segments: asks only for the 20 fixed octets. A Data Offset that lies is taken
  // as near to its value as the octets allow; data_offset() still says what it was.
  [[nodiscard]] static Result<TcpView, ParseError> parse_lax(Bytes segment) noexcept {
    if (segment.size() < kTcpHeaderSize) {
      return fail(ParseErrc::truncated, Layer::tcp, 0, kTcpHeaderSize, segment.size());
    }
    return TcpView{segment,
                   std::clamp(std::size_t{segment[12]} / 16 * 4, kTcpHeaderSize, segment.size())};
  }

  [[nodiscard]] std::uint16_t src_port() const noexcept { return load_be16(octets_, 0); }
  [[nodiscard]] std::uint16_t dst_port() const noexcept { return load_be16(octets_, 2); }
  [[nodiscard]] SeqNum seq() const noexcept { return SeqNum{load_be32(octets_, 4)}; }
  [[nodiscard]] SeqNum ack() const noexcept { return SeqNum{load_be32(octets_, 8)}; }
  // In 32-bit words, as in the header.
  [[nodiscard]] std::uint8_t data_offset() const noexcept { return load_u8(octets_, 12) >> 4; }
  // The three bits that have no meaning yet.
  [[nodiscard]] std::uint8_t reserved() const noexcept { return (load_u8(octets_, 12) >> 1) & 7; }
  [[nodiscard]] TcpFlags flags() const noexcept { return TcpFlags{load_be16(octets_, 12)}; }
  // Before any scaling.
  [[nodiscard]] std::uint16_t win() const noexcept { return load_be16(octets_, 14); }
  [[nodiscard]] std::uint16_t checksum() const noexcept { return load_be16(octets_, 16); }
  [[nodiscard]] std::uint16_t urgent() const noexcept { return load_be16(octets_, 18); }
  // In octets.
  [[nodiscard]] std::size_t header_size() const noexcept { return header_size_; }
  // The octets of the options, padding included: read them with TcpOptions.
  [[nodiscard]] Bytes options() const noexcept {
    return octets_.subspan(kTcpHeaderSize, header_size_ - kTcpHeaderSize);
  }
  [[nodiscard]] Bytes header() const noexcept { return octets_.first(header_size_); }
  [[nodiscard]] Bytes payload() const noexcept { return octets_.subspan(header_size_); }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }
  [[nodiscard]] bool verify_checksum(const IpAddress& src, const IpAddress& dst) const noexcept;

 private:
  TcpView(Bytes octets, std::size_t header_size) noexcept
      : octets_(octets), header_size_(header_size) {}

  Bytes octets_;
  std::size_t header_size_;
};

// Every field of the header, each with any value its bits can hold.
struct TcpFields {
  std::uint16_t src_port = 0;
  std::uint16_t dst_port = 0;
  SeqNum seq;
  SeqNum ack;
  std::uint8_t data_offset = 5;  // 4 bits, in 32-bit words
  std::uint8_t reserved = 0;     // 3 bits
  TcpFlags flags;
  std::uint16_t win = 0;
  std::uint16_t checksum = 0;
  std::uint16_t urgent = 0;
  Bytes options;  // as they are sent, padding included; not owned

  [[nodiscard]] static TcpFields from(const TcpView& view) noexcept;
  // 20 and the options, whatever data_offset says.
  [[nodiscard]] std::size_t encoded_size() const noexcept {
    return kTcpHeaderSize + options.size();
  }
  // Sets data_offset to what the options make it; they are a multiple of 4 octets.
  void set_lengths() noexcept;
  // Sets checksum to what the other fields, the payload and the pseudo-header make it; computed
  // from them, as in Ipv4Fields.
  void set_checksum(Bytes payload, const IpAddress& src, const IpAddress& dst) noexcept;
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const TcpFields& a, const TcpFields& b) noexcept;

 private:
  [[nodiscard]] std::uint16_t offset_and_flags() const noexcept {
    return static_cast<std::uint16_t>(((data_offset & 0x0fu) << 12) | ((reserved & 7u) << 9) |
                                      flags.bits());
  }
};

// Computes the checksum of an emitted segment (header and payload) and stores it there.
void fill_tcp_checksum(MutableBytes segment, const IpAddress& src, const IpAddress& dst) noexcept;

}  // namespace packetwright::wire
