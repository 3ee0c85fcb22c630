// SPDX-License-Identifier: Apache-2.0
#include "harness/report/paint.hh"

#include <algorithm>

namespace packetwright::report {
namespace {

std::string_view code_of(Colour colour) noexcept {
  switch (colour) {
    case Colour::none: return "";
    case Colour::bold: return "1";
    case Colour::dim: return "2";
    case Colour::red: return "31";
    case Colour::green: return "32";
    case Colour::yellow: return "33";
    case Colour::blue: return "34";
    case Colour::magenta: return "35";
    case Colour::cyan: return "36";
  }
  return "";
}

}  // namespace

std::string Paint::operator()(Colour colour, std::string_view text) const {
  if (!enabled_ || colour == Colour::none || text.empty()) return std::string(text);
  std::string out = "\x1b[";
  out += code_of(colour);
  out += 'm';
  out += text;
  return out + "\x1b[0m";
}

bool wants_colour(const ColourWishes& wishes) noexcept {
  if (wishes.option == "always") return true;
  if (wishes.option == "never") return false;
  if (!wishes.no_color.empty()) return false;
  if (!wishes.clicolor_force.empty() && wishes.clicolor_force != "0") return true;
  return wishes.terminal && wishes.term != "dumb";
}

std::string harmless(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(),
      [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
      },
      '?');
  return out;
}

std::size_t columns_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t columns = columns_of(text);
  return std::string(text) + std::string(columns < width ? width - columns : 0, ' ');
}

std::string shortened(std::string_view text, std::size_t width) {
  if (columns_of(text) <= width) return std::string(text);
  if (width < 8) return std::string(text.substr(0, width));
  const std::size_t front = (width - 3) / 2, back = width - 3 - front;
  return std::string(text.substr(0, front)) + "..." + std::string(text.substr(text.size() - back));
}

}  // namespace packetwright::report
