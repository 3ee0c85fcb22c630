// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/dns/answer.hh"
#include "stack/iface/errno.hh"

namespace packetwright::reference {

// The number that <cerrno> of this system has for an error of the stack.
[[nodiscard]] int system_errno(iface::Errno error) noexcept;
// Look-ups have no errno of their own in POSIX; these say the same in its words: ENOENT there is no
// such name, ENODATA it has no such address, ETIMEDOUT nobody answered, EIO every server failed.
[[nodiscard]] int system_errno(dns::DnsError error) noexcept;

}  // namespace packetwright::reference
