// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/script/tree.hh"

namespace packetwright::script {

// The script in its canonical layout, comments kept. print(parse(print(x))) is print(x), and
// parse(print(x)) is x. Expanded scripts print as the concrete script they are, without metadata of
// preludes.
[[nodiscard]] std::string print(const Script& script);

// One event on one line (commands and code may have several), without comments or a newline.
[[nodiscard]] std::string print_event(const Event& event);

// "> P. 1:501(500) ack 1 win 64240 <nop,nop,TS val 1 ecr 2>"
[[nodiscard]] std::string print_packet(const Packet& packet);

[[nodiscard]] std::string print_when(const When& when);       // "+0.5", "*", "" for none
[[nodiscard]] std::string print_duration(Duration duration);  // seconds: "0.5", "1", "-0.001"
[[nodiscard]] std::string print_expression(const Expression& expression);
[[nodiscard]] std::string print_tcp_flags(const TcpFlags& flags);     // "P.", "-"
[[nodiscard]] std::string print_tcp_option(const TcpOption& option);  // "mss 1460"
[[nodiscard]] std::string print_ip_info(const IpInfo& info);   // "[ect0, ttl 5]", "" if empty
[[nodiscard]] std::string print_call(const SystemCall& call);  // "read(4, ..., 100) = 5"

}  // namespace packetwright::script
