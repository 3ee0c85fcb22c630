// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace packetwright::linux_stack {

// The value of a C macro that system calls use (SO_RCVBUF, EPOLLIN, ECONNRESET, ...) on the system
// for which this was compiled; nullopt: not known here.
[[nodiscard]] std::optional<std::int64_t> symbol_value(std::string_view name) noexcept;

}  // namespace packetwright::linux_stack
