// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Numbers of the pcapng format that its reader and its writer share.
namespace packetwright::capture::pcapng {

inline constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;  // the same in both byte orders
inline constexpr std::uint32_t kInterfaceDescription = 1;
inline constexpr std::uint32_t kPacket = 2;  // obsolete; old files have it
inline constexpr std::uint32_t kSimplePacket = 3;
inline constexpr std::uint32_t kEnhancedPacket = 6;

inline constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;

// Type, total length, and the total length again at the end.
inline constexpr std::size_t kBlockOverhead = 12;

inline constexpr std::uint16_t kOptEnd = 0;
inline constexpr std::uint16_t kOptComment = 1;
inline constexpr std::uint16_t kShbUserApplication = 4;
inline constexpr std::uint16_t kIfName = 2;
inline constexpr std::uint16_t kIfDescription = 3;
inline constexpr std::uint16_t kIfTsResolution = 9;
inline constexpr std::uint16_t kIfFcsLength = 13;
inline constexpr std::uint16_t kIfTsOffset = 14;
inline constexpr std::uint16_t kEpbFlags = 2;

// The word of the option epb_flags.
inline constexpr std::uint32_t kDirectionMask = 3;
inline constexpr std::uint32_t kInbound = 1;
inline constexpr std::uint32_t kOutbound = 2;
inline constexpr unsigned kFcsLengthShift = 5;
inline constexpr std::uint32_t kFcsLengthMask = 0xf;

// Everything is padded to 32 bits.
[[nodiscard]] constexpr std::size_t padded(std::size_t octets) noexcept {
  return (octets + 3) & ~std::size_t{3};
}

}  // namespace packetwright::capture::pcapng
