// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

// RFC 4443, RFC 4861, RFC 2710 and RFC 3810. Any other number is a value of this type too; below
// 128 it is an error message.
enum class Icmpv6Type : std::uint8_t {
  unreachable = 1,
  packet_too_big = 2,
  time_exceeded = 3,
  parameter_problem = 4,
  echo_request = 128,
  echo_reply = 129,
  mld_query = 130,
  mld_report = 131,
  mld_done = 132,
  router_solicitation = 133,
  router_advertisement = 134,
  neighbor_solicitation = 135,
  neighbor_advertisement = 136,
  redirect = 137,
  mld_report_v2 = 143,
};

// Codes of Destination Unreachable (RFC 4443, 3.1).
enum class Icmpv6Unreachable : std::uint8_t {
  no_route = 0,
  admin_prohibited = 1,
  beyond_scope = 2,
  address = 3,
  port = 4,
  source_policy = 5,
  reject_route = 6,
};

inline constexpr std::uint8_t kIcmpv6HopLimitExceeded = 0;  // codes of time_exceeded
inline constexpr std::uint8_t kIcmpv6ReassemblyExceeded = 1;

// Codes of Parameter Problem (RFC 4443, 3.4; RFC 7112).
enum class Icmpv6ParameterProblem : std::uint8_t {
  header_field = 0,
  unknown_next_header = 1,
  unknown_option = 2,
  incomplete_header_chain = 3,
};

[[nodiscard]] constexpr bool is_error(Icmpv6Type type) noexcept {
  return static_cast<std::uint8_t>(type) < 128;
}

// "packet_too_big", or an empty view for a type without a name.
[[nodiscard]] std::string_view name_of(Icmpv6Type type) noexcept;
// "port_unreachable", "unknown_option" ...: the code of a type as scripts write it, or empty.
[[nodiscard]] std::string_view icmpv6_code_name(Icmpv6Type type, std::uint8_t code) noexcept;
// The reverse; nothing for an unknown name.
[[nodiscard]] std::optional<Icmpv6Type> icmpv6_type_by_name(std::string_view name) noexcept;
[[nodiscard]] std::optional<std::uint8_t> icmpv6_code_by_name(Icmpv6Type type,
                                                              std::string_view name) noexcept;

// An ICMPv6 message (RFC 4443, 2.1). Octets 4 to 7 mean something else in each type; every reader
// below reads them in one way, whatever the type. Neighbor discovery has views of its own: ndp.hh.
class Icmpv6View {
 public:
  // The general format ends after 4 octets, but every message that is defined has at least 8.
  [[nodiscard]] static Result<Icmpv6View, ParseError> parse(Bytes message) noexcept {
    if (message.size() < kIcmpHeaderSize) {
      return fail(ParseErrc::truncated, Layer::icmpv6, 0, kIcmpHeaderSize, message.size());
    }
    return Icmpv6View{message};
  }

  [[nodiscard]] Icmpv6Type type() const noexcept {
    return static_cast<Icmpv6Type>(load_u8(octets_, 0));
  }
  [[nodiscard]] std::uint8_t code() const noexcept { return load_u8(octets_, 1); }
  [[nodiscard]] std::uint16_t checksum() const noexcept { return load_be16(octets_, 2); }
  [[nodiscard]] std::uint32_t rest() const noexcept { return load_be32(octets_, 4); }

  // Echo.
  [[nodiscard]] std::uint16_t id() const noexcept { return load_be16(octets_, 4); }
  [[nodiscard]] std::uint16_t seq() const noexcept { return load_be16(octets_, 6); }
  // Packet too big.
  [[nodiscard]] std::uint32_t mtu() const noexcept { return rest(); }
  // Parameter problem: offset of the octet at fault in the packet that was sent.
  [[nodiscard]] std::uint32_t pointer() const noexcept { return rest(); }

  // Everything behind the first 8 octets: the data of an echo, the packet an error quotes.
  [[nodiscard]] Bytes body() const noexcept { return octets_.subspan(kIcmpHeaderSize); }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }
  [[nodiscard]] bool verify_checksum(const IpAddress& src, const IpAddress& dst) const noexcept;

 private:
  explicit Icmpv6View(Bytes octets) noexcept : octets_(octets) {}

  Bytes octets_;
};

// A whole message. `rest` is octets 4 to 7.
struct Icmpv6Fields {
  Icmpv6Type type = Icmpv6Type::echo_request;
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint32_t rest = 0;
  Bytes body;  // not owned

  [[nodiscard]] static Icmpv6Fields from(const Icmpv6View& view) noexcept {
    return {view.type(), view.code(), view.checksum(), view.rest(), view.body()};
  }
  [[nodiscard]] static Icmpv6Fields echo(Icmpv6Type type, std::uint16_t id, std::uint16_t seq,
                                         Bytes data) noexcept {
    return {type, 0, 0, (std::uint32_t{id} << 16) | seq, data};
  }
  // `quote` is as much of the packet in question as is quoted.
  [[nodiscard]] static Icmpv6Fields error(Icmpv6Type type, std::uint8_t code, std::uint32_t rest,
                                          Bytes quote) noexcept {
    return {type, code, 0, rest, quote};
  }
  [[nodiscard]] std::size_t encoded_size() const noexcept { return kIcmpHeaderSize + body.size(); }
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const Icmpv6Fields& a, const Icmpv6Fields& b) noexcept;
};

// Computes the checksum of an emitted message and stores it there; the pseudo-header is part of it
// (RFC 4443, 2.3). Serves every ICMPv6 message, neighbor discovery included.
void fill_icmpv6_checksum(MutableBytes message, const IpAddress& src,
                          const IpAddress& dst) noexcept;

}  // namespace packetwright::wire
