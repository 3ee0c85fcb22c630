// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace packetwright::uml {

// Where the program inside a kernel is linked: below all that is the kernel's own. Its system calls
// are the kernel's to answer and never reach this machine, but for what confine() makes of them.
inline constexpr unsigned long kGuestBegin = 0x200000, kGuestEnd = 0x60000000;

// Narrows what this process, its children and whatever it executes may ask of this machine:
// getrandom() is not there, so that a kernel draws from nothing but what it is given; and a system
// call out of the guest's code, which happens only if the guest has lost its kernel and runs on by
// itself, ends it. False: errno says why not.
[[nodiscard]] bool confine() noexcept;

}  // namespace packetwright::uml
