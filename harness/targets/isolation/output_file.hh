// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace packetwright::isolation {

// Where a worker's standard output and error go: an anonymous file in memory, not a pipe. What a
// job wrote is then exactly what lies between two sizes, nobody has to read along, and a flood is
// seen as a size.
class OutputFile {
 public:
  // No file yet; it takes no descriptor.
  OutputFile() = default;
  // A new, empty one; not ok() where there are no more descriptors.
  [[nodiscard]] static OutputFile make();
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;

  [[nodiscard]] bool ok() const { return fd_ >= 0; }
  [[nodiscard]] std::uint64_t size() const;
  // What was written from `start` on, at most the last `limit` octets of it.
  [[nodiscard]] std::string tail(std::uint64_t start, std::size_t limit) const;
  // Forgets what was written.
  void clear() const;
  // Makes this file the standard output and error of the process.
  void become_standard_output() const;

 private:
  int fd_ = -1;
};

}  // namespace packetwright::isolation
