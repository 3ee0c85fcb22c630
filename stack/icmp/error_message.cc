// SPDX-License-Identifier: Apache-2.0
#include "stack/icmp/error_message.hh"

#include <algorithm>
#include <cstddef>

#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"

namespace packetwright::icmp {
namespace {

struct Numbers {
  std::uint8_t type = 0, code = 0;
};

Numbers numbers_v4(OffenceKind kind) noexcept {
  using wire::Icmpv4Type;
  const auto numbers = [](Icmpv4Type type, auto code) {
    return Numbers{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code)};
  };
  switch (kind) {
    case OffenceKind::port_unreachable:
      return numbers(Icmpv4Type::unreachable, wire::Icmpv4Unreachable::port);
    case OffenceKind::protocol_unreachable:
      return numbers(Icmpv4Type::unreachable, wire::Icmpv4Unreachable::protocol);
    case OffenceKind::source_route_failed:
      return numbers(Icmpv4Type::unreachable, wire::Icmpv4Unreachable::source_route_failed);
    case OffenceKind::reassembly_time_exceeded:
      return numbers(Icmpv4Type::time_exceeded, wire::kIcmpv4ReassemblyExceeded);
    // The last two do not exist in IPv4, whose nearest word is "something is wrong at octet N".
    case OffenceKind::bad_header_field:
    case OffenceKind::unknown_option:
    case OffenceKind::incomplete_header_chain: return numbers(Icmpv4Type::parameter_problem, 0);
  }
  return numbers(Icmpv4Type::parameter_problem, 0);
}

Numbers numbers_v6(OffenceKind kind) noexcept {
  using wire::Icmpv6ParameterProblem;
  using wire::Icmpv6Type;
  const auto numbers = [](Icmpv6Type type, auto code) {
    return Numbers{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code)};
  };
  switch (kind) {
    case OffenceKind::port_unreachable:
      return numbers(Icmpv6Type::unreachable, wire::Icmpv6Unreachable::port);
    case OffenceKind::protocol_unreachable:
      return numbers(Icmpv6Type::parameter_problem, Icmpv6ParameterProblem::unknown_next_header);
    case OffenceKind::reassembly_time_exceeded:
      return numbers(Icmpv6Type::time_exceeded, wire::kIcmpv6ReassemblyExceeded);
    // Source routes of IPv4 have no counterpart here.
    case OffenceKind::source_route_failed:
    case OffenceKind::bad_header_field:
      return numbers(Icmpv6Type::parameter_problem, Icmpv6ParameterProblem::header_field);
    case OffenceKind::unknown_option:
      return numbers(Icmpv6Type::parameter_problem, Icmpv6ParameterProblem::unknown_option);
    case OffenceKind::incomplete_header_chain:
      return numbers(Icmpv6Type::parameter_problem,
                     Icmpv6ParameterProblem::incomplete_header_chain);
  }
  return numbers(Icmpv6Type::parameter_problem, Icmpv6ParameterProblem::header_field);
}

// Only a Parameter Problem has anything in octets 4 to 7; elsewhere they are unused and zero.
//= RFC792-fmt-a
//= RFC4443-3.1-c
bool has_pointer(OffenceKind kind, Family family) noexcept {
  switch (kind) {
    case OffenceKind::bad_header_field:
    case OffenceKind::unknown_option:
    case OffenceKind::incomplete_header_chain: return true;
    case OffenceKind::protocol_unreachable: return family == Family::ipv6;
    case OffenceKind::port_unreachable:
    case OffenceKind::source_route_failed:
    case OffenceKind::reassembly_time_exceeded: return false;
  }
  return false;
}

constexpr std::size_t kSmallestQuoteV4 = 60 + 8;  // the longest header, and RFC 792's 64 bits
constexpr std::size_t kMinimumMtuV6 = 1'280;

}  // namespace

//= RFC792-du-a
//= RFC1122-3.2.2-b
//= RFC1812-4.3.2.3-a
//= RFC1812-4.3.2.3-b
void emit_error_v4(const Offence& offence, std::uint16_t max_size, Buffer& out) {
  const std::size_t headers = wire::kIpv4HeaderSize + wire::kIcmpHeaderSize;
  const std::size_t room = max_size > headers ? max_size - headers : 0;
  const std::size_t quote = std::min(offence.packet.size(), std::max(room, kSmallestQuoteV4));
  //= RFC792-pp-a
  const std::uint32_t rest =
      has_pointer(offence.kind, Family::ipv4) ? (offence.pointer & 0xff) << 24 : 0;
  const Numbers numbers = numbers_v4(offence.kind);
  const auto fields = wire::Icmpv4Fields::error(static_cast<wire::Icmpv4Type>(numbers.type),
                                                numbers.code, rest, offence.packet.first(quote));
  out.resize(fields.encoded_size());
  fields.emit(out);
}

//= RFC4443-2.4-c
//= RFC4443-3.4-b
void emit_error_v6(const Offence& offence, Buffer& out) {
  const std::size_t room = kMinimumMtuV6 - wire::kIpv6HeaderSize - wire::kIcmpHeaderSize;
  const Bytes quote = offence.packet.first(std::min(offence.packet.size(), room));
  const std::uint32_t rest = has_pointer(offence.kind, Family::ipv6) ? offence.pointer : 0;
  const Numbers numbers = numbers_v6(offence.kind);
  const auto fields = wire::Icmpv6Fields::error(static_cast<wire::Icmpv6Type>(numbers.type),
                                                numbers.code, rest, quote);
  out.resize(fields.encoded_size());
  fields.emit(out);
}

}  // namespace packetwright::icmp
