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

}  // namespace packetwright::script
