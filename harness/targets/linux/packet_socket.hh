// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <functional>

#include <sys/socket.h>

#include "harness/targets/linux/host_clock.hh"
#include "harness/targets/target.hh"
#include "stack/base/bytes.hh"

// What those who listen with a packet socket that stamps its frames (SO_TIMESTAMPNS) have in
// common.
namespace packetwright::linux_stack {

// Larger than any frame: 64 KiB of IP, a header, a VLAN tag.
inline constexpr std::size_t kLargestFrame = 65536 + 64;

// Appends what came, oldest first, without waiting. `chunk` is scratch of kLargestFrame octets;
// `look` sees each frame with what the kernel says beside it, and may change it.
void receive_frames(int socket, const HostClock& clock, Buffer& chunk,
                    std::vector<targets::SentFrame>& out,
                    const std::function<void(msghdr&, targets::SentFrame&)>& look = {});

// Waits until there is something to receive, or until `deadline` of the monotonic clock.
void wait_for_frame(int socket, const timespec& deadline);

}  // namespace packetwright::linux_stack
