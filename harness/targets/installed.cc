// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/installed.hh"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <unistd.h>

namespace packetwright::targets {
namespace {

namespace fs = std::filesystem;

// The value, or nothing where it is not set or empty.
std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
         });
}

bool counts(const Installable& what, const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && (!what.is_program || access(file.c_str(), X_OK) == 0);
}

std::vector<fs::path> folders(const Installable& what) {
  std::vector<fs::path> all;
  const std::string named = variable(what.variable);
  std::string_view rest{named};
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (colon > 0) all.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) {
    all.push_back(here / ".." / PW_INSTALL_LIBDIR / "packetwright" / what.folder);
    all.push_back(here / ".." / ".." / what.folder);  // harness/cli in a folder of a build
  }
  all.push_back(fs::path{cache_folder()} / what.folder);
  return all;
}

}  // namespace

// As tools/front_door.sh has it.
std::string cache_folder() {
  if (std::string own = variable("PACKETWRIGHT_CACHE"); !own.empty()) return own;
  if (const std::string all = variable("XDG_CACHE_HOME"); !all.empty()) {
    return (fs::path{all} / "packetwright").string();
  }
  const std::string home = variable("HOME");
  return (fs::path{home.empty() ? "/tmp" : home} / ".cache" / "packetwright").string();
}

std::optional<std::string> find_installed(const Installable& what, std::string_view name) {
  if (!is_name(name)) return std::nullopt;
  for (const fs::path& folder : folders(what)) {
    const fs::path file = folder / (std::string{name} + std::string{what.ending});
    if (counts(what, file)) return file.lexically_normal().string();
  }
  return std::nullopt;
}

std::vector<std::string> installed(const Installable& what) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders(what)) {
    std::error_code error;
    for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator();
         it.increment(error)) {
      std::string name = it->path().filename().string();
      if (!name.ends_with(what.ending)) continue;
      name.resize(name.size() - what.ending.size());
      if (is_name(name) && counts(what, it->path())) names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace packetwright::targets
