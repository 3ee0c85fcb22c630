// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/iface/errno.hh"

namespace packetwright::reference {

// The number that <cerrno> of this system has for an error of the stack.
[[nodiscard]] int system_errno(iface::Errno error) noexcept;

}  // namespace packetwright::reference
