// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace packetwright::report {

enum class Colour : std::uint8_t { none, bold, dim, red, green, yellow, blue, magenta, cyan };

// Puts colours around words, or not.
class Paint {
 public:
  explicit Paint(bool enabled) noexcept : enabled_(enabled) {}

  [[nodiscard]] std::string operator()(Colour colour, std::string_view text) const;

 private:
  bool enabled_;
};

// What a user says about colours, and what the environment says. --color wins over NO_COLOR, that
// over CLICOLOR_FORCE, that over whether there is a terminal that can show them.
struct ColourWishes {
  std::string_view option;    // --color: "always", "never", "auto" or empty
  std::string_view no_color;  // the variables as they are set; empty: not set
  std::string_view clicolor_force;
  std::string_view term;
  bool terminal = false;
};
[[nodiscard]] bool wants_colour(const ColourWishes& wishes) noexcept;

// `text` with `?` for every control character but the end of a line and the tabulator: what a
// script or a dying stack says must not drive the terminal.
[[nodiscard]] std::string harmless(std::string_view text);

// Columns that a text takes, for texts without escape sequences: UTF-8 sequences count once.
[[nodiscard]] std::size_t columns_of(std::string_view text) noexcept;
// `text` with blanks up to `width` columns.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);
// `text` shortened in the middle to at most `width` columns, if it is longer.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

}  // namespace packetwright::report
