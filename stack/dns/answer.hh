// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "stack/base/ip_address.hh"
#include "stack/wire/dns_name.hh"

namespace packetwright::dns {

// Why a look-up has no answer. RFC 1123, 6.1.4.2 tells hard errors, which will be the same next
// time, from soft ones.
enum class DnsError : std::uint8_t {
  invalid_name,      // hard: cannot be a domain name (RFC 1035, 2.3.4)
  not_found,         // hard: there is no such name (NXDOMAIN)
  no_data,           // hard: the name exists, but has nothing of this type
  too_many_aliases,  // hard: a chain of aliases that is too long or goes round in circles
  server_failure,    // soft: every server answered that it cannot
  timed_out,         // soft: no server answered
  truncated,         // soft: the answer is too large for UDP, and TCP did not bring it
  no_server,         // soft: none is configured, and the name is not in the table of hosts
  too_many_queries,  // soft: no room to remember one more
};

[[nodiscard]] std::string_view name_of(DnsError error) noexcept;

[[nodiscard]] constexpr bool is_soft(DnsError error) noexcept {
  return error == DnsError::server_failure || error == DnsError::timed_out ||
         error == DnsError::truncated || error == DnsError::no_server ||
         error == DnsError::too_many_queries;
}

struct Answer {
  wire::DnsName canonical_name;  // where the aliases led; the name asked for if there were none
  // Of an address look-up, in the order of the response; of both families, IPv6 comes first.
  // The resolver knows nothing of routes: whoever does brings them into the order of RFC 6724, 6.
  std::vector<IpAddress> addresses;
  std::vector<wire::DnsName> names;  // of a reverse look-up
  std::uint32_t ttl_s = 0;           // the lowest of all records that were used
};

}  // namespace packetwright::dns
