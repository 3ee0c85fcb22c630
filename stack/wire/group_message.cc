// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/group_message.hh"

#include "stack/wire/checksum.hh"

namespace packetwright::wire {
namespace {

// Offsets and sizes that differ between the two.
struct Shape {
  std::size_t address;   // octets of one
  std::size_t group_at;  // in queries and in reports of one group
  std::size_t old_size;  // of a message before the last version
  std::size_t new_size;  // of a query of the last version without sources
};
constexpr Shape kIgmp{4, 4, 8, 12};
constexpr Shape kMld{16, 8, 24, 28};
constexpr std::size_t kReportHeader = 8;  // of reports of the last version
constexpr std::size_t kRecordHeader = 4;  // of a record, without its group

constexpr const Shape& shape_of(Family family) noexcept {
  return family == Family::ipv4 ? kIgmp : kMld;
}

IpAddress address_at(const Shape& shape, Bytes octets, std::size_t at) noexcept {
  return IpAddress::from_octets(octets.subspan(at, shape.address));
}

}  // namespace

std::uint32_t value_of_code(std::uint8_t code) noexcept {
  if (code < 0x80) return code;
  return (std::uint32_t{code & 0x0fu} | 0x10u) << (((code >> 4) & 7) + 3);
}

std::uint32_t value_of_code(std::uint16_t code) noexcept {
  if (code < 0x8000) return code;
  return (std::uint32_t{code & 0x0fffu} | 0x1000u) << (((code >> 12) & 7) + 3);
}

bool GroupMessageView::is_query(Family family, Bytes octets) noexcept {
  const std::uint8_t type = load_u8(octets, 0);
  return type == (family == Family::ipv4 ? static_cast<std::uint8_t>(IgmpType::query)
                                         : static_cast<std::uint8_t>(Icmpv6Type::mld_query));
}

Result<GroupMessageView, ParseError> GroupMessageView::parse(Family family,
                                                             Bytes message) noexcept {
  // IGMP is a part of IP (RFC 1112, appendix I).
  const Layer layer = family == Family::ipv4 ? Layer::ipv4 : Layer::icmpv6;
  const Shape& shape = shape_of(family);
  const std::size_t size = message.size();
  if (size < kReportHeader) return fail(ParseErrc::truncated, layer, 0, kReportHeader, size);
  const std::uint8_t type = load_u8(message, 0);
  const bool has_records =
      type == (family == Family::ipv4 ? static_cast<std::uint8_t>(IgmpType::report_v3)
                                      : static_cast<std::uint8_t>(Icmpv6Type::mld_report_v2));
  if (!has_records && size < shape.old_size) {
    return fail(ParseErrc::truncated, layer, 0, shape.old_size, size);
  }
  if (is_query(family, message) && size > shape.old_size) {
    //= RFC3376-7.1-a
    //= RFC3810-6.2-c
    // Between the two sizes lies no version.
    if (size < shape.new_size) return fail(ParseErrc::truncated, layer, 0, shape.new_size, size);
    const std::size_t count = load_be16(message, shape.new_size - 2);
    const std::size_t need = shape.new_size + count * shape.address;
    if (size < need) return fail(ParseErrc::truncated, layer, shape.new_size - 2, need, size);
  }
  return GroupMessageView{family, message};
}

IpAddress GroupMessageView::group() const noexcept {
  const Shape& shape = shape_of(family_);
  return address_at(shape, octets_, shape.group_at);
}

std::uint8_t GroupMessageView::version() const noexcept {
  if (octets_.size() > shape_of(family_).old_size) return 3;
  return family_ == Family::ipv4 && load_u8(octets_, 1) == 0 ? 1 : 2;
}

Duration GroupMessageView::max_response() const noexcept {
  constexpr Duration kTenth = 100ms;
  const std::uint8_t version = this->version();
  if (family_ == Family::ipv4) {
    // RFC 2236, 4: version 1 does not say and means ten seconds.
    if (version == 1) return 10s;
    const std::uint8_t code = load_u8(octets_, 1);
    return kTenth * static_cast<std::int64_t>(version == 2 ? code : value_of_code(code));
  }
  const std::uint16_t code = load_be16(octets_, 4);
  return 1ms * static_cast<std::int64_t>(version == 2 ? code : value_of_code(code));
}

std::uint8_t GroupMessageView::robustness() const noexcept {
  if (version() < 3) return 0;
  return load_u8(octets_, shape_of(family_).new_size - 4) & 7;
}

Duration GroupMessageView::query_interval() const noexcept {
  if (version() < 3) return Duration{0};
  const std::uint8_t code = load_u8(octets_, shape_of(family_).new_size - 3);
  return 1s * static_cast<std::int64_t>(value_of_code(code));
}

std::size_t GroupMessageView::source_count() const noexcept {
  return version() < 3 ? 0 : load_be16(octets_, shape_of(family_).new_size - 2);
}

IpAddress GroupMessageView::source(std::size_t i) const noexcept {
  const Shape& shape = shape_of(family_);
  return address_at(shape, octets_, shape.new_size + i * shape.address);
}

Buffer encode_group_report(Family family, std::span<const GroupRecord> records) {
  const Shape& shape = shape_of(family);
  std::size_t size = kReportHeader;
  for (const GroupRecord& record : records) {
    size += kRecordHeader + (1 + record.sources.size()) * shape.address;
  }
  Buffer message(size);
  const MutableBytes out{message};
  const bool v4 = family == Family::ipv4;
  out[0] = v4 ? static_cast<std::uint8_t>(IgmpType::report_v3)
              : static_cast<std::uint8_t>(Icmpv6Type::mld_report_v2);
  store_be16(out, 6, static_cast<std::uint16_t>(records.size()));
  std::size_t at = kReportHeader;
  for (const GroupRecord& record : records) {
    out[at] = static_cast<std::uint8_t>(record.type);
    store_be16(out, at + 2, static_cast<std::uint16_t>(record.sources.size()));
    at += kRecordHeader;
    store_bytes(out, at, record.group.octets());
    at += shape.address;
    for (const IpAddress& source : record.sources) {
      store_bytes(out, at, source.octets());
      at += shape.address;
    }
  }
  if (v4) store_be16(out, 2, internet_checksum(message));
  return message;
}

Buffer encode_old_group_report(const IpAddress& group, std::uint8_t version, bool left) {
  const Shape& shape = shape_of(group.family());
  Buffer message(shape.old_size);
  const MutableBytes out{message};
  store_bytes(out, shape.group_at, group.octets());
  if (group.is_v6()) {
    out[0] = static_cast<std::uint8_t>(left ? Icmpv6Type::mld_done : Icmpv6Type::mld_report);
    return message;
  }
  const IgmpType report = version == 1 ? IgmpType::report_v1 : IgmpType::report_v2;
  out[0] = static_cast<std::uint8_t>(left ? IgmpType::leave : report);
  store_be16(out, 2, internet_checksum(message));
  return message;
}

}  // namespace packetwright::wire
