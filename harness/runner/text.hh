// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Small questions about text that several parts of the runner ask.
namespace packetwright::runner {

// ASCII only; ids, options and keywords are ASCII.
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view part);
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
// At each `separator`, parts trimmed, empty parts dropped.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view between);

// Does `text` match `pattern` as a whole? `*` stands for any run of characters except '/', `**` for
// any run, `?` for one character except '/'. Everything else stands for itself. Linear in space;
// worst case quadratic in time.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text) noexcept;
// Whether `text` has a character that glob_matches() treats specially.
[[nodiscard]] bool is_glob(std::string_view text) noexcept;

// Up to `limit` of the candidates that a person who typed `word` may have meant, best first. Empty
// when nothing is near.
[[nodiscard]] std::vector<std::string> near_misses(std::string_view word,
                                                   std::span<const std::string> candidates,
                                                   std::size_t limit = 3);
// "; did you mean a, b or c?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string> candidates);

// A stable 64-bit hash of text (SipHash-2-4 under a fixed key): the same in every build.
[[nodiscard]] std::uint64_t stable_hash(std::string_view text) noexcept;

// "0x7f3a".
[[nodiscard]] std::string hex(std::uint64_t value);

// As a word for a shell: quoted only where it must be. Control characters are written as escapes in
// $'...', so that a command stays one line.
[[nodiscard]] std::string shell_word(std::string_view word);

}  // namespace packetwright::runner
