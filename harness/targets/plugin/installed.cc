// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/plugin/installed.hh"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace packetwright::plugin {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kEnding = ".so";

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
         });
}

std::vector<fs::path> folders() {
  std::vector<fs::path> all;
  if (const char* const named = std::getenv("PACKETWRIGHT_PLUGINS")) {
    std::string_view rest{named};
    while (!rest.empty()) {
      const std::size_t colon = std::min(rest.find(':'), rest.size());
      if (colon > 0) all.emplace_back(rest.substr(0, colon));
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
  }
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return all;
  all.push_back(here / ".." / PW_INSTALL_LIBDIR / "packetwright" / "plugins");
  all.push_back(here / ".." / ".." / "plugins");  // harness/cli in a folder of a build
  return all;
}

}  // namespace

std::optional<std::string> find_installed(std::string_view name) {
  if (!is_name(name)) return std::nullopt;
  for (const fs::path& folder : folders()) {
    const fs::path file = folder / (std::string{name} + std::string{kEnding});
    std::error_code error;
    if (fs::is_regular_file(file, error)) return file.lexically_normal().string();
  }
  return std::nullopt;
}

std::vector<std::string> installed() {
  std::vector<std::string> names;
  for (const fs::path& folder : folders()) {
    std::error_code error;
    for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator();
         it.increment(error)) {
      const std::string name = it->path().stem().string();
      if (it->path().extension() == kEnding && is_name(name)) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace packetwright::plugin
