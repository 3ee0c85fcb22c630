// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace packetwright::linux_stack {

// Whether the stack of the namespace that the process is in still waits for the rest of a datagram,
// of either family. It may for half a minute, and nothing but the end of the namespace ends that.
[[nodiscard]] bool waits_for_fragments();

}  // namespace packetwright::linux_stack
