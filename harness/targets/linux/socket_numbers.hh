// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <poll.h>
#include <sys/socket.h>

#include "harness/targets/target.hh"

// The words of the core calls as the numbers that socket calls take.
namespace packetwright::linux_stack {

[[nodiscard]] int family_of(targets::Domain domain) noexcept;
[[nodiscard]] int type_of(targets::SocketType type) noexcept;
[[nodiscard]] int protocol_of(targets::Protocol protocol) noexcept;
[[nodiscard]] int how_of(targets::ShutdownHow how) noexcept;
[[nodiscard]] int flags_of(targets::ReadFlags flags) noexcept;
[[nodiscard]] int flags_of(targets::WriteFlags flags) noexcept;

struct LevelAndName {
  int level = -1;
  int name = -1;
};
[[nodiscard]] LevelAndName numbers_of(targets::Option option) noexcept;

// The setting of so_linger: seconds, or -1 for off.
[[nodiscard]] ::linger linger_of(std::int64_t seconds) noexcept;
[[nodiscard]] std::int64_t seconds_of(const ::linger& setting) noexcept;

// What poll() is asked, and its answer.
inline constexpr short kPolled = POLLIN | POLLPRI | POLLOUT | POLLRDHUP;
[[nodiscard]] targets::Readiness readiness_of(short revents) noexcept;

}  // namespace packetwright::linux_stack
