// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/checksum.hh"

using namespace packetwright;

namespace {

// The definition of RFC 1071, one word at a time.
std::uint16_t sum_by_definition(Bytes octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    const std::uint32_t low = i + 1 < octets.size() ? octets[i + 1] : 0u;
    sum += (std::uint32_t{octets[i]} << 8) | low;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

// The first octet says into how many pieces the rest is cut, the next ones where.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FuzzInput slices{Bytes{data, size}};
  const std::size_t pieces = slices.below(8);
  std::size_t sizes[8] = {};
  for (std::size_t i = 0; i < pieces; ++i) sizes[i] = slices.u8();
  const fuzz::ExactBuffer whole{slices.take_rest()};
  wire::Checksum sum;
  fuzz::FuzzInput rest{whole.octets()};
  for (std::size_t i = 0; i < pieces; ++i) {
    const fuzz::ExactBuffer piece{rest.take(sizes[i])};
    sum.add(piece.octets());
  }
  const fuzz::ExactBuffer last{rest.take_rest()};
  sum.add(last.octets());
  PW_ASSERT(sum.sum() == sum_by_definition(whole.octets()));
  PW_ASSERT(wire::internet_checksum(whole.octets()) == sum.value());
  return 0;
}
