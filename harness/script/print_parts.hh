// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/script/tree.hh"

// Parts that several printers need. Each appends to `out`.
namespace packetwright::script {

void print_number(std::string& out, const Number& number);
void print_text(std::string& out, const Text& text);  // a literal, quotes included
void print_octets(std::string& out, const Octets& octets);
void print_address(std::string& out, const Address& address);
void print_link_address(std::string& out, const LinkAddress& address);
void print_time(std::string& out, const Time& time);
// "flags [key present], sum 0, off 0, key 5, seq 0"
void print_gre_fields(std::string& out, const Number& flags, const Number& sum,
                      const Number& offset, const Number& key, const Number& sequence);
// "(label 5, tc 0, [S], ttl 64)"
void print_mpls_entry(std::string& out, const Number& label, const Number& traffic_class,
                      bool bottom, const Number& ttl);

// " name N", or nothing.
void print_field(std::string& out, std::string_view name, const std::optional<Number>& number);
// "1 > 2 ", or nothing.
void print_ports(std::string& out, const std::optional<Ports>& ports);
// "(32)"
void print_length(std::string& out, const Number& length);
// " hex ..", or nothing.
void print_data(std::string& out, const std::optional<Octets>& data);
// "1:1001(1000)"
void print_seq_range(std::string& out, const SeqRange& seq);
// "/udp(1 > 2)", or nothing.
void print_udp_encapsulation(std::string& out, const std::optional<Ports>& ports);
// "[ect0, ttl 5]", or nothing.
void print_info(std::string& out, const IpInfo& info);
// "gre: "
void print_encapsulation(std::string& out, const Encapsulation& header);
void print_tcp(std::string& out, const Tcp& tcp);

}  // namespace packetwright::script
