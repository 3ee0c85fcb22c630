// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/script/cursor.hh"
#include "harness/script/tree.hh"

// The rules of the language, one file each. All of them follow the conventions of Cursor.
namespace packetwright::script {

// parse_expression.cc
[[nodiscard]] bool parse_expression(Cursor& in, Expression& out, int depth = 0);

// parse_call.cc: NAME(arguments) = result [errno (note)] [(note)]; `end` is set by the caller.
[[nodiscard]] bool parse_call(Cursor& in, SystemCall& out);

// parse_ip.cc
[[nodiscard]] bool at_ip_info(const Cursor& in) noexcept;
[[nodiscard]] bool parse_ip_info(Cursor& in, IpInfo& out, Direction direction);
[[nodiscard]] bool at_encapsulation(const Cursor& in) noexcept;
[[nodiscard]] bool parse_encapsulation(Cursor& in, std::vector<Encapsulation>& out,
                                       Direction direction);
[[nodiscard]] bool parse_gre_fields(Cursor& in, GreHeader& out);
[[nodiscard]] bool parse_mpls_entry(Cursor& in, MplsEntry& out);
// parse_ip_options.cc
[[nodiscard]] bool parse_ip_options(Cursor& in, std::vector<IpOption>& out);  // from '<' to '>'
[[nodiscard]] bool at_ipv6_extension(const Cursor& in) noexcept;
[[nodiscard]] bool parse_ipv6_extension(Cursor& in, Ipv6Extension& out);
// Reports an offset of fragments that is none; always true, as that is no error of syntax.
bool check_multiple_of_8(Cursor& in, const Token& at, const Number& number);

// parse_tcp.cc
[[nodiscard]] bool parse_tcp(Cursor& in, Tcp& out, Direction direction);
[[nodiscard]] bool parse_seq_range(Cursor& in, SeqRange& out);
[[nodiscard]] bool parse_ports(Cursor& in, std::optional<Ports>& out);
// `/udp(src > dst)`, if it stands here.
[[nodiscard]] bool parse_udp_encapsulation(Cursor& in, std::optional<Ports>& out);
// parse_tcp_options.cc, behind the '<'
[[nodiscard]] bool parse_tcp_options(Cursor& in, Tcp& out, Direction direction);

// parse_icmp.cc, parse_arp.cc, parse_dns.cc, each behind its keyword
[[nodiscard]] bool parse_icmp(Cursor& in, Icmp& out);
[[nodiscard]] bool parse_arp(Cursor& in, Arp& out);
[[nodiscard]] bool parse_dns(Cursor& in, Dns& out);

// parse_packet.cc, behind '<' or '>'
[[nodiscard]] bool parse_packet(Cursor& in, Packet& out);
// "(LENGTH, COVERAGE)" of UDP-Lite.
[[nodiscard]] bool parse_length_and_coverage(Cursor& in, Number& length,
                                             std::optional<Number>& coverage);

// parse_header.cc
// Options, `for` and `default` lines up to the first event. Comments are the caller's.
struct HeaderLines {
  std::vector<HeaderItem> items;    // without comments
  std::vector<std::size_t> starts;  // index of the first token of each item
  std::vector<std::size_t> ends;    // index of the token behind each item
};
[[nodiscard]] HeaderLines parse_header(Cursor& in);
[[nodiscard]] bool parse_parameter_value(Cursor& in, ParameterValue& out);

// metadata.cc: what the comments above the first event say.
void read_metadata(Cursor& in, const std::vector<HeaderItem>& header, Metadata& out);

// parse_event.cc: one event with its time, or `use`.
[[nodiscard]] bool parse_event(Cursor& in, Event& out);
// Whether an event could begin at the token `ahead` of the next one; errors end there.
[[nodiscard]] bool could_begin_event(const Cursor& in) noexcept;

}  // namespace packetwright::script
