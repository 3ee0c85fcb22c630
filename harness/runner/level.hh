// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace packetwright::runner {

// How strongly a requirement is worded (RFC 2119). MUST NOT counts as must, SHOULD NOT as should.
// Ordered: the strongest level cited is the level of a case.
enum class Level : std::uint8_t { may, should, must };

// "MUST", "SHOULD", "MAY".
[[nodiscard]] std::string_view name_of(Level level) noexcept;
// Any spelling of RFC 2119's words, in either case: "must", "SHALL NOT", "RECOMMENDED".
// nullopt: not one of them.
[[nodiscard]] std::optional<Level> level_named(std::string_view word) noexcept;

}  // namespace packetwright::runner
