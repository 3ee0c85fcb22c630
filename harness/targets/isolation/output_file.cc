// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/output_file.hh"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace packetwright::isolation {

OutputFile OutputFile::make() {
  OutputFile file;
  file.fd_ = memfd_create("packetwright-output", MFD_CLOEXEC);
  // Appending, so that clear() also rewinds, and so that children share the end of the file.
  if (file.ok()) fcntl(file.fd_, F_SETFL, O_APPEND);
  return file;
}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
}

OutputFile::OutputFile(OutputFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

std::uint64_t OutputFile::size() const {
  struct stat status{};
  return fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::string OutputFile::tail(std::uint64_t start, std::size_t limit) const {
  const std::uint64_t end = size();
  if (end <= start) return {};
  if (end - start > limit) start = end - limit;
  std::string text(static_cast<std::size_t>(end - start), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got =
        pread(fd_, text.data() + have, text.size() - have, static_cast<off_t>(start + have));
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

void OutputFile::clear() const {
  static_cast<void>(ftruncate(fd_, 0));
}

void OutputFile::become_standard_output() const {
  dup2(fd_, STDOUT_FILENO);
  dup2(fd_, STDERR_FILENO);
}

}  // namespace packetwright::isolation
