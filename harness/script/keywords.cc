// SPDX-License-Identifier: Apache-2.0
#include "harness/script/keywords.hh"

#include <algorithm>
#include <array>

namespace packetwright::script {
namespace {

// Sorted, for binary search.
constexpr auto kReserved = std::to_array<std::string_view>({
    "ECN",        "FO",        "FOEXP",       "Flags",     "GREv0",      "TS",        "ack",
    "ce",         "ceb",       "checksum",    "cmsg_data", "cmsg_level", "cmsg_type", "e0b",
    "e1b",        "ecr",       "ect0",        "ect01",     "ect1",       "ee_code",   "ee_data",
    "ee_errno",   "ee_info",   "ee_origin",   "ee_type",   "encap",      "eol",       "events",
    "fd",         "flags",     "flowlabel",   "gre",       "htons",      "icmp",      "id",
    "inet6_addr", "inet_addr", "ipv4",        "ipv6",      "key",        "label",     "linger",
    "md5",        "mpls",      "msg_control", "msg_flags", "msg_iov",    "msg_name",  "mss",
    "mtu",        "noecn",     "none",        "nop",       "off",        "onoff",     "present",
    "psp",        "ptr",       "raw",         "revents",   "sa_family",  "sack",      "sackOK",
    "scm_nsec",   "scm_sec",   "seq",         "sin_addr",  "sin_port",   "spi",       "sum",
    "tc",         "tos",       "ttl",         "u32",       "u64",        "udp",       "urg",
    "val",        "win",       "wscale",
});
static_assert(std::is_sorted(kReserved.begin(), kReserved.end()));

}  // namespace

bool is_reserved(std::string_view word) noexcept {
  return std::binary_search(kReserved.begin(), kReserved.end(), word);
}

}  // namespace packetwright::script
