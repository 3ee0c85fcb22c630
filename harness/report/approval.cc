// SPDX-License-Identifier: Apache-2.0
#include "harness/report/approval.hh"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace packetwright::report {
namespace {

std::optional<std::string> next_line(std::istream& in) {
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return line;
}

std::string shown(const std::optional<std::string>& line) {
  return line ? "'" + *line + "'" : "the end";
}

// The first line in which two texts differ.
std::string first_difference(const std::string& approved, const std::string& text) {
  std::istringstream want(approved), got(text);
  for (int number = 1;; ++number) {
    const auto a = next_line(want), b = next_line(got);
    if (a != b) {
      return "line " + std::to_string(number) + "\n  approved " + shown(a) + "\n  now      " +
             shown(b);
    }
    if (!a) return "the end of the last line";
  }
}

}  // namespace

std::string differs_from_approved(std::string_view name, const std::string& text,
                                  std::string_view folder) {
  const std::filesystem::path path = std::filesystem::path(PW_SOURCE_DIR) / folder / name;
  const char* const approve = std::getenv("PW_APPROVE");
  if (approve != nullptr && std::string_view(approve) == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return {};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return path.string() + " is not there; PW_APPROVE=1 makes it";
  const std::string approved{std::istreambuf_iterator<char>(file), {}};
  if (approved == text) return {};
  return std::string(name) + " differs at " + first_difference(approved, text) +
         "\nPW_APPROVE=1 approves what is printed now";
}

}  // namespace packetwright::report
