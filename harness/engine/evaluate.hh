// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/script/expression.hh"
#include "harness/targets/posix_calls.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"

namespace packetwright::engine {

// The integer that an expression stands for: a number, a symbol, several of them joined by `|`, or
// htons(..) (in host order). `posix`, if not nullptr, is asked for symbols not known here. An error
// names what is not an integer or not known.
[[nodiscard]] Result<std::int64_t, std::string> integer_of(const script::Expression& expression,
                                                           targets::PosixCalls* posix);
// The same for [x]: the one element of an array.
[[nodiscard]] Result<std::int64_t, std::string> pointed_integer_of(
    const script::Expression& expression, targets::PosixCalls* posix);

[[nodiscard]] bool is_ellipsis(const script::Expression& expression) noexcept;
// The address of {sa_family = .., sin_port = htons(..), sin_addr = inet_addr("..")}; nullopt: it is
// something else.
[[nodiscard]] std::optional<Endpoint> endpoint_of(const script::Expression& expression);

// The IPv4 address that an address of ::ffff:0:0/96 stands for; others as they are.
[[nodiscard]] IpAddress unmapped(const IpAddress& address);

// The expression as an argument for PosixCalls.
[[nodiscard]] targets::Value value_of(const script::Expression& expression);
// Whether what a call wrote is what the script says; `...` matches anything.
[[nodiscard]] bool same_value(const script::Expression& want, const targets::Value& got,
                              targets::PosixCalls* posix);
[[nodiscard]] std::string value_text(const targets::Value& value);

}  // namespace packetwright::engine
