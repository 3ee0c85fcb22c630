// SPDX-License-Identifier: Apache-2.0
#include "stack/icmp/report.hh"

#include "stack/wire/icmp_quote.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"

namespace packetwright::icmp {
namespace {

// RFC 792 promises 64 bits of the transport header: both ports, and the sequence number of TCP.
constexpr std::size_t kQuotedTransport = 8;

//= RFC1122-3.2.2-c
//= RFC4443-2.4-d
std::optional<DropReason> copy(const Result<wire::QuotedDatagram, wire::ParseError>& quoted,
                               ErrorReport& report) noexcept {
  if (!quoted) return DropReason::icmp_malformed;
  if (!quoted->is_first_fragment || quoted->transport.size() < kQuotedTransport) {
    return DropReason::icmp_error_unmatched;
  }
  report.local = quoted->src;
  report.remote = quoted->dst;
  report.protocol = quoted->protocol;
  report.transport = quoted->transport;
  return std::nullopt;
}

}  // namespace

std::optional<DropReason> read_quote_v4(Bytes quote, ErrorReport& report) noexcept {
  const auto drop = copy(wire::parse_ipv4_quote(quote), report);
  if (!drop) report.quoted_size = load_be16(quote, 2);
  return drop;
}

std::optional<DropReason> read_quote_v6(Bytes quote, ErrorReport& report) noexcept {
  const auto drop = copy(wire::parse_ipv6_quote(quote), report);
  if (!drop) report.quoted_size = std::uint32_t{40} + load_be16(quote, 4);
  return drop;
}

std::optional<ErrorReport> report_unreachable(Family family, Bytes packet) noexcept {
  ErrorReport report;
  report.problem = Problem::host_unreachable;
  if (family == Family::ipv4) {
    report.type = static_cast<std::uint8_t>(wire::Icmpv4Type::unreachable);
    report.code = static_cast<std::uint8_t>(wire::Icmpv4Unreachable::host);
    if (read_quote_v4(packet, report)) return std::nullopt;
  } else {
    report.type = static_cast<std::uint8_t>(wire::Icmpv6Type::unreachable);
    report.code = static_cast<std::uint8_t>(wire::Icmpv6Unreachable::address);
    if (read_quote_v6(packet, report)) return std::nullopt;
  }
  report.reporter = report.local;
  return report;
}

}  // namespace packetwright::icmp
