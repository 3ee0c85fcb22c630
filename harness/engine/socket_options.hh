// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "harness/script/expression.hh"
#include "harness/targets/target.hh"

namespace packetwright::engine {

// The core's option for a level and a name as getsockopt() and setsockopt() get them; nullopt: it
// is none of the core's, and the target's PosixCalls are to be asked.
[[nodiscard]] std::optional<targets::Option> option_of(const script::Expression& level,
                                                       const script::Expression& name) noexcept;

}  // namespace packetwright::engine
