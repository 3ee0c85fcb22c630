// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/parse_error.hh"

// What hosts and routers of a link say of multicast groups: IGMP for IPv4 (RFC 1112, 2236, 3376),
// and MLD for IPv6 (RFC 2710, 3810), which is the same with longer addresses, inside ICMPv6.
namespace packetwright::wire {

enum class IgmpType : std::uint8_t {
  query = 0x11,
  report_v1 = 0x12,
  report_v2 = 0x16,
  leave = 0x17,
  report_v3 = 0x22,
};

// Where reports of the last version go, and where leaving is told (RFC 3376, 4.2.14; RFC 3810,
// 5.2.14; RFC 2236, 3; RFC 2710, 4).
inline constexpr IpAddress kReportsV4 = IpAddress::v4(224, 0, 0, 22);
inline constexpr IpAddress kReportsV6 =
    IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16});
inline constexpr IpAddress kAllRoutersV4 = IpAddress::v4(224, 0, 0, 2);

// A time as queries write it: linear, and beyond the half of its range with an exponent (RFC 3376,
// 4.1.1 and 4.1.7; RFC 3810, 5.1.3 and 5.1.9). In units of whoever asks.
[[nodiscard]] std::uint32_t value_of_code(std::uint8_t code) noexcept;
[[nodiscard]] std::uint32_t value_of_code(std::uint16_t code) noexcept;

// Any message of either protocol; of what is only in some, nothing may be asked of the others.
class GroupMessageView {
 public:
  // An IGMP message, or a whole ICMPv6 message of MLD. Queries have the length of a version that is
  // known, and all the sources they promise.
  [[nodiscard]] static Result<GroupMessageView, ParseError> parse(Family family,
                                                                  Bytes message) noexcept;

  [[nodiscard]] IgmpType igmp_type() const noexcept {
    return static_cast<IgmpType>(load_u8(octets_, 0));
  }
  [[nodiscard]] Icmpv6Type mld_type() const noexcept {
    return static_cast<Icmpv6Type>(load_u8(octets_, 0));
  }
  [[nodiscard]] bool is_query() const noexcept { return is_query(family_, octets_); }
  // Of queries, and reports of one group. Unspecified: all groups are asked for.
  [[nodiscard]] IpAddress group() const noexcept;

  // --- queries: the version of IGMP, 1 to 3; MLD 1 and 2 count as 2 and 3, which they are like
  [[nodiscard]] std::uint8_t version() const noexcept;
  // At once, or within this time.
  [[nodiscard]] Duration max_response() const noexcept;
  // Of version 3; 0: not said.
  [[nodiscard]] std::uint8_t robustness() const noexcept;
  [[nodiscard]] Duration query_interval() const noexcept;
  [[nodiscard]] std::size_t source_count() const noexcept;
  [[nodiscard]] IpAddress source(std::size_t i) const noexcept;

 private:
  GroupMessageView(Family family, Bytes octets) noexcept : family_(family), octets_(octets) {}
  [[nodiscard]] static bool is_query(Family family, Bytes octets) noexcept;

  Family family_;
  Bytes octets_;
};

// One group of a report (RFC 3376, 4.2.12; RFC 3810, 5.2.12).
enum class GroupRecordType : std::uint8_t {
  is_include = 1,
  is_exclude = 2,
  to_include = 3,
  to_exclude = 4,
  allow = 5,
  block = 6,
};
struct GroupRecord {
  GroupRecordType type = GroupRecordType::is_exclude;
  IpAddress group;
  std::span<const IpAddress> sources = {};  // not owned; of the group's family
};

// Whole messages. That of IGMP has its checksum; that of MLD has none yet, since it covers the
// addresses of the packet: fill_icmpv6_checksum().
[[nodiscard]] Buffer encode_group_report(Family family, std::span<const GroupRecord> records);
// Of one group, in the older form: a report of `version` 1 or 2, or of version 2 that it was left.
[[nodiscard]] Buffer encode_old_group_report(const IpAddress& group, std::uint8_t version,
                                             bool left);

}  // namespace packetwright::wire
