// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

// The sysctls under which the kernel's stack is tested, whoever sets them: the target linux, or an
// agent beside another kernel, which must mean the same by a case and takes nothing else from here.
namespace packetwright::linux_stack {

using Setting = std::pair<const char*, const char*>;

// Makes the stack answer every time it is asked, as the RFCs describe it, and behave in the same
// way however many cases came before.
inline constexpr Setting kSteadySettings[] = {
    // Limits on how often the stack answers what it should not have been sent.
    {"tcp_invalid_ratelimit", "0"},
    {"tcp_challenge_ack_limit", "2147483647"},
    {"icmp_ratelimit", "0"},
    {"icmp_msgs_per_sec", "2147483647"},
    {"icmp_msgs_burst", "2147483647"},
    {"net.ipv6.icmp.ratelimit", "0"},
    {"icmp_echo_ignore_broadcasts", "0"},
    // What one connection learns is not for the next one.
    {"tcp_no_metrics_save", "1"},
    {"tcp_fastopen_blackhole_timeout_sec", "0"},
    // A queue that fills is full; cookies would hide it.
    {"tcp_syncookies", "0"},
    {"tcp_ecn", "2"},
    // Datagram sockets for ICMP, for everyone.
    {"ping_group_range", "0 0"},
};

// Without these a device that comes up asks for routers, looks for duplicates of its addresses and
// makes addresses of its own, whenever it likes.
inline constexpr Setting kQuietDevices[] = {
    {"net.ipv6.conf.default.router_solicitations", "0"},
    {"net.ipv6.conf.default.accept_dad", "0"},
    {"net.ipv6.conf.default.dad_transmits", "0"},
    {"net.ipv6.conf.default.addr_gen_mode", "1"},
    {"net.ipv6.conf.default.use_tempaddr", "0"},
    // Joining a group is announced twice; the second time at once, not within a second.
    {"net.ipv6.conf.default.mldv2_unsolicited_report_interval", "1"},
    // The path back to a peer is its own business.
    {"net.ipv4.conf.all.rp_filter", "0"},
    {"net.ipv4.conf.default.rp_filter", "0"},
};

}  // namespace packetwright::linux_stack
