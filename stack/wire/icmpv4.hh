// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/checksum.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kIcmpHeaderSize = 8;  // of ICMP and ICMPv6 alike

// RFC 792, RFC 950 and RFC 1256. Any other number is a value of this type too.
enum class Icmpv4Type : std::uint8_t {
  echo_reply = 0,
  unreachable = 3,
  source_quench = 4,
  redirect = 5,
  echo_request = 8,
  router_advertisement = 9,
  router_solicitation = 10,
  time_exceeded = 11,
  parameter_problem = 12,
  timestamp_request = 13,
  timestamp_reply = 14,
  information_request = 15,
  information_reply = 16,
  address_mask_request = 17,
  address_mask_reply = 18,
};

// Codes of Destination Unreachable (RFC 792; RFC 1122, 3.2.2.1; RFC 1812, 5.2.7.1).
enum class Icmpv4Unreachable : std::uint8_t {
  net = 0,
  host = 1,
  protocol = 2,
  port = 3,
  frag_needed = 4,
  source_route_failed = 5,
  net_unknown = 6,
  host_unknown = 7,
  source_host_isolated = 8,
  net_prohibited = 9,
  host_prohibited = 10,
  net_for_tos = 11,
  host_for_tos = 12,
  packet_filtered = 13,
  precedence_violation = 14,
  precedence_cutoff = 15,
};

inline constexpr std::uint8_t kIcmpv4TtlExceeded = 0;  // codes of time_exceeded
inline constexpr std::uint8_t kIcmpv4ReassemblyExceeded = 1;

// True for the messages that report trouble with another datagram and quote it. No error is sent
// about them (RFC 1122, 3.2.2).
[[nodiscard]] constexpr bool is_error(Icmpv4Type type) noexcept {
  return type == Icmpv4Type::unreachable || type == Icmpv4Type::source_quench ||
         type == Icmpv4Type::redirect || type == Icmpv4Type::time_exceeded ||
         type == Icmpv4Type::parameter_problem;
}

// "echo_request", or an empty view for a type without a name.
[[nodiscard]] std::string_view name_of(Icmpv4Type type) noexcept;
// "port_unreachable", "frag_needed" ...: the code of a type as scripts write it, or empty.
[[nodiscard]] std::string_view icmpv4_code_name(Icmpv4Type type, std::uint8_t code) noexcept;
// The reverse; nothing for an unknown name.
[[nodiscard]] std::optional<Icmpv4Type> icmpv4_type_by_name(std::string_view name) noexcept;
[[nodiscard]] std::optional<std::uint8_t> icmpv4_code_by_name(Icmpv4Type type,
                                                              std::string_view name) noexcept;

struct Icmpv4Timestamps {
  std::uint32_t originate = 0, receive = 0, transmit = 0;  // milliseconds since midnight UT
  friend constexpr bool operator==(const Icmpv4Timestamps&, const Icmpv4Timestamps&) = default;
};

// An ICMP message (RFC 792). Octets 4 to 7 mean something else in each type; every reader below
// reads them in one way, whatever the type.
class Icmpv4View {
 public:
  // Every message has at least 8 octets.
  [[nodiscard]] static Result<Icmpv4View, ParseError> parse(Bytes message) noexcept {
    if (message.size() < kIcmpHeaderSize) {
      return fail(ParseErrc::truncated, Layer::icmpv4, 0, kIcmpHeaderSize, message.size());
    }
    return Icmpv4View{message};
  }

  [[nodiscard]] Icmpv4Type type() const noexcept {
    return static_cast<Icmpv4Type>(load_u8(octets_, 0));
  }
  [[nodiscard]] std::uint8_t code() const noexcept { return load_u8(octets_, 1); }
  [[nodiscard]] std::uint16_t checksum() const noexcept { return load_be16(octets_, 2); }
  [[nodiscard]] std::uint32_t rest() const noexcept { return load_be32(octets_, 4); }

  // Echo, timestamp, information, address mask.
  [[nodiscard]] std::uint16_t id() const noexcept { return load_be16(octets_, 4); }
  [[nodiscard]] std::uint16_t seq() const noexcept { return load_be16(octets_, 6); }
  // Parameter problem: the octet at fault.
  [[nodiscard]] std::uint8_t pointer() const noexcept { return load_u8(octets_, 4); }
  // Redirect.
  [[nodiscard]] IpAddress gateway() const noexcept { return IpAddress::v4(rest()); }
  // Unreachable with code frag_needed (RFC 1191, 4); zero from an old router.
  [[nodiscard]] std::uint16_t next_hop_mtu() const noexcept { return load_be16(octets_, 6); }
  // Router advertisement (RFC 1256, 3).
  [[nodiscard]] std::uint8_t address_count() const noexcept { return load_u8(octets_, 4); }
  [[nodiscard]] std::uint8_t entry_words() const noexcept { return load_u8(octets_, 5); }
  [[nodiscard]] std::uint16_t lifetime_s() const noexcept { return load_be16(octets_, 6); }

  // Everything behind the first 8 octets: the data of an echo, the datagram an error quotes.
  [[nodiscard]] Bytes body() const noexcept { return octets_.subspan(kIcmpHeaderSize); }
  // Of a timestamp message; nothing if it is too short.
  [[nodiscard]] std::optional<Icmpv4Timestamps> timestamps() const noexcept {
    if (body().size() < 12) return std::nullopt;
    return Icmpv4Timestamps{load_be32(octets_, 8), load_be32(octets_, 12), load_be32(octets_, 16)};
  }
  // Of an address mask message; nothing if it is too short.
  [[nodiscard]] std::optional<IpAddress> address_mask() const noexcept {
    if (body().size() < 4) return std::nullopt;
    return IpAddress::v4(load_be32(octets_, 8));
  }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }
  [[nodiscard]] bool verify_checksum() const noexcept { return verify_internet_checksum(octets_); }

 private:
  explicit Icmpv4View(Bytes octets) noexcept : octets_(octets) {}

  Bytes octets_;
};

// A whole message. `rest` is octets 4 to 7; the makers below put into it what a type has there.
struct Icmpv4Fields {
  Icmpv4Type type = Icmpv4Type::echo_request;
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint32_t rest = 0;
  Bytes body;  // not owned

  [[nodiscard]] static Icmpv4Fields from(const Icmpv4View& view) noexcept {
    return {view.type(), view.code(), view.checksum(), view.rest(), view.body()};
  }
  [[nodiscard]] static Icmpv4Fields echo(Icmpv4Type type, std::uint16_t id, std::uint16_t seq,
                                         Bytes data) noexcept {
    return {type, 0, 0, (std::uint32_t{id} << 16) | seq, data};
  }
  // `quote` is the header of the datagram in question and as much of its payload as is quoted.
  [[nodiscard]] static Icmpv4Fields error(Icmpv4Type type, std::uint8_t code, std::uint32_t rest,
                                          Bytes quote) noexcept {
    return {type, code, 0, rest, quote};
  }
  [[nodiscard]] std::size_t encoded_size() const noexcept { return kIcmpHeaderSize + body.size(); }
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const Icmpv4Fields& a, const Icmpv4Fields& b) noexcept;
};

// Computes the checksum of an emitted message and stores it there.
void fill_icmpv4_checksum(MutableBytes message) noexcept;

}  // namespace packetwright::wire
