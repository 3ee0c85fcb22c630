// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/terminal.hh"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/report/paint.hh"

namespace packetwright::cli {
namespace {

// Text in a file is read in editors and CI pages, which are wider than 80 columns.
constexpr std::size_t kWidthOfFiles = 100;

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

std::size_t width_of_terminal(int fd) {
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string_view columns = environment("COLUMNS");
  std::size_t width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  return width > 0 ? width : 80;
}

}  // namespace

report::ConsoleOptions console_options(const std::string& colour, const std::string& progress,
                                       int fd) {
  const bool terminal = ::isatty(fd) != 0;
  const std::string_view term = environment("TERM");
  report::ConsoleOptions options;
  options.colour = report::wants_colour(
      {colour, environment("NO_COLOR"), environment("CLICOLOR_FORCE"), term, terminal});
  const bool draws = terminal && term != "dumb" && environment("CI").empty();
  options.progress = progress == "always" || (progress != "never" && draws);
  options.width = terminal ? width_of_terminal(fd) : kWidthOfFiles;
  return options;
}

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out, line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \n", at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find_first_of(" \n", begin), text.size());
    const std::string_view word = text.substr(begin, at - begin);
    if (!line.empty() && indent + line.size() + 1 + word.size() > 80) {
      out += std::string(indent, ' ') + line + '\n';
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return line.empty() ? out : out + std::string(indent, ' ') + line + '\n';
}

}  // namespace packetwright::cli
