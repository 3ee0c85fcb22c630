// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/answer.hh"

namespace packetwright::dns {

std::string_view name_of(DnsError error) noexcept {
  switch (error) {
    case DnsError::invalid_name: return "invalid_name";
    case DnsError::not_found: return "not_found";
    case DnsError::no_data: return "no_data";
    case DnsError::too_many_aliases: return "too_many_aliases";
    case DnsError::server_failure: return "server_failure";
    case DnsError::timed_out: return "timed_out";
    case DnsError::truncated: return "truncated";
    case DnsError::no_server: return "no_server";
    case DnsError::too_many_queries: return "too_many_queries";
  }
  return "unknown";
}

}  // namespace packetwright::dns
