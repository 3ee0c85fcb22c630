// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/header_template.hh"

#include "stack/ip/fragmenter.hh"
#include "stack/wire/ipv4.hh"

namespace packetwright::ip {
namespace {

constexpr std::size_t kEcnAt4 = 1;
constexpr std::size_t kTotalLengthAt = 2;
constexpr std::size_t kChecksumAt = 10;
constexpr std::size_t kPayloadLengthAt = 4;
constexpr std::uint32_t kEcnShift6 = 20;  // in the first word of an IPv6 header

}  // namespace

HeaderTemplate::HeaderTemplate(const Datagram& datagram) noexcept
    : v4_(datagram.family() == Family::ipv4) {
  PW_ASSERT(datagram.options.empty() && (!v4_ || datagram.dont_fragment));
  Datagram plain = datagram;
  plain.traffic_class &= 0xfc;
  plain.flow_label = 0;
  plain.payload = {};
  size_ = v4_ ? wire::kIpv4HeaderSize : wire::kIpv6HeaderSize;
  const MutableBytes header = MutableBytes{octets_}.first(size_);
  if (!v4_) {
    emit_header_v6(plain, header);
    return;
  }
  emit_header_v4(plain, header);
  store_be16(header, kTotalLengthAt, 0);
  store_be16(header, kChecksumAt, 0);
  sum_.add(header);
}

void HeaderTemplate::emit(std::uint8_t ecn, std::uint32_t flow_label, std::size_t payload_size,
                          MutableBytes out) const noexcept {
  PW_ASSERT(size_ > 0 && out.size() >= size_);
  if (v4_) {
    store_bytes(out, 0, Bytes{octets_}.first(wire::kIpv4HeaderSize));
    const auto length = static_cast<std::uint16_t>(wire::kIpv4HeaderSize + payload_size);
    store_u8(out, kEcnAt4, static_cast<std::uint8_t>(octets_[kEcnAt4] | ecn));
    store_be16(out, kTotalLengthAt, length);
    store_be16(out, kChecksumAt, wire::Checksum{sum_}.add_u16(ecn).add_u16(length).value());
    return;
  }
  store_bytes(out, 0, octets_);
  const std::uint32_t first_word = load_be32(octets_, 0);
  store_be32(out, 0, first_word | (std::uint32_t{ecn} << kEcnShift6) | flow_label);
  store_be16(out, kPayloadLengthAt, static_cast<std::uint16_t>(payload_size));
}

}  // namespace packetwright::ip
