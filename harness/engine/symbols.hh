// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The C macros that scripts use, with the values of Linux: scripts were written against those, and
// a stack without an operating system has none of its own. They mean something only between a
// script and the engine; the target is asked by Option, Domain and so on.
namespace packetwright::engine {

namespace symbol {
inline constexpr std::int64_t kAfInet = 2, kAfInet6 = 10, kSockStream = 1, kSockDgram = 2,
                              kSockRaw = 3, kSockTypeMask = 0xf, kSockNonblock = 0x800,
                              kSockCloexec = 0x80000, kIpprotoIcmp = 1, kIpprotoTcp = 6,
                              kIpprotoUdp = 17, kIpprotoIcmpv6 = 58, kORdwr = 2, kONonblock = 0x800,
                              kFGetfd = 1, kFSetfd = 2, kFGetfl = 3, kFSetfl = 4, kMsgOob = 1,
                              kMsgPeek = 2, kMsgEor = 0x80, kMsgDontwait = 0x40,
                              kMsgWaitall = 0x100, kMsgNosignal = 0x4000, kMsgMore = 0x8000,
                              kMsgFastopen = 0x20000000, kMsgTrunc = 0x20, kShutRd = 0, kShutWr = 1,
                              kShutRdwr = 2, kPollin = 1, kPollpri = 2, kPollout = 4, kPollerr = 8,
                              kPollhup = 16, kPollrdhup = 0x2000, kPollrdnorm = 0x40,
                              kPollwrnorm = 0x100;
}  // namespace symbol

// The value of a macro that is no errno; nullopt: not known here.
[[nodiscard]] std::optional<std::int64_t> symbol_value(std::string_view name) noexcept;

// Errno values are those of <cerrno>, as targets give them.
[[nodiscard]] std::optional<int> errno_value(std::string_view name) noexcept;
[[nodiscard]] std::string errno_name(int value);  // "EAGAIN", "errno 1234"

}  // namespace packetwright::engine
