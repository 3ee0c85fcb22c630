// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/stream.hh"

namespace packetwright::engine {
namespace {

// A prime, so that no power of two and no common segment size is a multiple of the period.
constexpr std::uint64_t kPeriod = 251;

}  // namespace

std::uint8_t Stream::pattern(std::uint64_t offset) const noexcept {
  return static_cast<std::uint8_t>((offset + std::uint64_t{salt_} * 97) % kPeriod);
}

Buffer Stream::pattern(std::uint64_t offset, std::size_t size) const {
  Buffer octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = pattern(offset + i);
  return octets;
}

void Stream::remember(std::uint64_t offset, Bytes octets) {
  if (octets.empty()) return;
  given_.emplace_back(offset, Buffer(octets.begin(), octets.end()));
}

Buffer Stream::expected(std::uint64_t offset, std::size_t size) const {
  Buffer octets = pattern(offset, size);
  for (std::size_t n = given_.size(); n-- > 0;) {  // the first one last, so that it counts
    const auto& [start, content] = given_[n];
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t at = offset + i;
      if (at >= start && at - start < content.size()) octets[i] = content[at - start];
    }
  }
  return octets;
}

bool Stream::accepts_one(std::uint64_t offset, std::uint8_t octet) const {
  if (octet == pattern(offset)) return true;
  for (const auto& [start, content] : given_) {
    if (offset >= start && offset - start < content.size() && content[offset - start] == octet) {
      return true;
    }
  }
  return false;
}

bool Stream::accepts(std::uint64_t offset, Bytes octets) const {
  if (!verifiable_) return true;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (!accepts_one(offset + i, octets[i])) return false;
  }
  return true;
}

}  // namespace packetwright::engine
