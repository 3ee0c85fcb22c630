// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/runner/files.hh"
#include "stack/base/result.hh"

// Files on a disk, with messages instead of exceptions.
namespace packetwright::cli {

// The octets of a regular file of at most `limit` octets. The error says why not, without the name.
[[nodiscard]] Result<std::string, std::string> read_file(const std::filesystem::path& path,
                                                         std::size_t limit);
inline constexpr std::size_t kMaxScript = std::size_t{4} << 20;
inline constexpr std::size_t kMaxResults = std::size_t{1} << 30;

// Whether what is written there replaces a file as a whole. Pipes and devices cannot be replaced,
// and a name like /dev/stdout, which stands for a descriptor, must not be.
[[nodiscard]] bool is_replaceable(const std::filesystem::path& path);
// A new and empty file in the folder of `path`, under a name that nobody else uses: two runs may
// have the same output. It has the permissions of the file that it is to replace. The errors here
// and below say why not, without the name.
[[nodiscard]] Result<std::filesystem::path, std::string> make_beside(
    const std::filesystem::path& path);
// Moves it to where `path` leads; a symbolic link stays one.
[[nodiscard]] Result<void, std::string> put_in_place(const std::filesystem::path& beside,
                                                     const std::filesystem::path& path);
// Writes a file as a whole or not at all: beside it first, then in its place. What is not
// replaceable is written directly.
[[nodiscard]] Result<void, std::string> write_file(const std::filesystem::path& path,
                                                   std::string_view text);

// Cuts a file after `size` octets and writes `text` behind them.
[[nodiscard]] Result<void, std::string> rewrite_end(const std::filesystem::path& path,
                                                    std::uintmax_t size, std::string_view text);

// Every .pkt file below a folder, sorted; what cannot be listed is left out.
[[nodiscard]] std::vector<std::filesystem::path> scripts_below(const std::filesystem::path& folder);

// A folder of cases on a disk.
class DiskFiles : public runner::Files {
 public:
  explicit DiskFiles(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] Result<std::vector<std::string>, std::string> list() override;
  [[nodiscard]] Result<std::string, std::string> read(std::string_view path) override;

 private:
  std::filesystem::path root_;
};

// Where the conformance folder is: what the user named, else `conformance` in the working directory
// or above it, else the checkout or the installation that the program belongs to. nullopt: nowhere.
[[nodiscard]] std::optional<std::filesystem::path> find_conformance(const std::string& named);

// A path as a user would type it: relative to the working directory if it lies below it.
[[nodiscard]] std::string shown(const std::filesystem::path& path);

}  // namespace packetwright::cli
