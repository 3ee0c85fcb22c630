// SPDX-License-Identifier: Apache-2.0

// Runs a fuzz target over files without a fuzzing engine, so that every test run with any compiler
// repeats what fuzzing found. Arguments are files and directories; files of a directory run in the
// order of their paths. A directory that is absent or holds no file is an error: a corpus that went
// missing must not pass for one that was replayed.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

// Adds the files at `path` to `files`; false, with a message, if there are none.
bool gather(const fs::path& path, std::vector<fs::path>& files) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    files.push_back(path);
    return true;
  }
  if (!fs::is_directory(path, error)) {
    std::fprintf(stderr, "%s: no such file or directory\n", path.c_str());
    return false;
  }
  const std::size_t before = files.size();
  for (fs::recursive_directory_iterator entry{path, error}, end; entry != end && !error;
       entry.increment(error)) {
    if (entry->is_regular_file()) files.push_back(entry->path());
  }
  if (error) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), error.message().c_str());
    return false;
  }
  if (files.size() == before) {
    std::fprintf(stderr, "%s: holds no file\n", path.c_str());
    return false;
  }
  return true;
}

bool replay(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return false;
  }
  const std::string content{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad()) {
    std::fprintf(stderr, "%s: cannot be read to its end\n", path.c_str());
    return false;
  }
  // A copy of exactly the right size: one octet of over-read is seen.
  std::vector<std::uint8_t> octets(content.begin(), content.end());
  octets.shrink_to_fit();
  LLVMFuzzerTestOneInput(octets.data(), octets.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE-OR-DIRECTORY...\n", argv[0]);
    return 2;
  }
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    if (!gather(argv[i], files)) return 1;
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    // Said before, not after: if it ends the program, the last line names the culprit.
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    if (!replay(file)) return 1;
  }
  std::printf("replayed %zu files\n", files.size());
  return 0;
}
