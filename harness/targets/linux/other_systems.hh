// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

// What scripts say that were written for another system than Linux.
namespace packetwright::linux_stack {

// "TCP_KEEPINIT is a symbol of FreeBSD, not of Linux"; nullopt: the symbol is of Linux, or of no
// system that is known here.
[[nodiscard]] std::optional<std::string> of_another_system(std::string_view symbol);

// The same of a shell command: a setting (`sysctl`) or a program of FreeBSD.
[[nodiscard]] std::optional<std::string> command_of_another_system(std::string_view command);

}  // namespace packetwright::linux_stack
