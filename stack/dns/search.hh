// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "stack/wire/dns_name.hh"

namespace packetwright::dns {

// The complete names that a name may be short for, in the order in which they are to be tried.
//
// `text` is what `name` was read from: with a final dot it is complete, and stands for itself alone
// (RFC 1123, 6.1.4.3). Otherwise it is completed by each of `domains`, once; one that has at least
// `ndots` dots is tried as it is before that, any other after it. Names that get too long are left
// out.
[[nodiscard]] std::vector<wire::DnsName> candidates(std::string_view text,
                                                    const wire::DnsName& name,
                                                    std::span<const wire::DnsName> domains,
                                                    std::uint8_t ndots);

}  // namespace packetwright::dns
