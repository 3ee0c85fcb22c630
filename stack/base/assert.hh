// SPDX-License-Identifier: Apache-2.0
#pragma once

// PW_ASSERT states what the programmer believes. It is on in every build, release included, and is
// never used on input: whatever arrives from a peer, a script or a file is handled, not asserted.

namespace packetwright::inline base {

// Prints "FILE:LINE: assertion failed: EXPRESSION" to standard error and aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace packetwright::inline base

#define PW_ASSERT(condition)    \
  (static_cast<bool>(condition) \
       ? static_cast<void>(0)   \
       : ::packetwright::assertion_failed(#condition, __FILE__, __LINE__))
