// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stack/base/result.hh"

namespace packetwright::runner {

// The files of a conformance folder. The runner does no I/O of its own; the command reads a disk,
// tests have the files in memory.
class Files {
 public:
  virtual ~Files() = default;

  // Every file below the folder, as relative paths with '/', in any order. An error says why the
  // folder cannot be listed.
  [[nodiscard]] virtual Result<std::vector<std::string>, std::string> list() = 0;
  // The octets of one of them. An error says why it cannot be read, without its name.
  [[nodiscard]] virtual Result<std::string, std::string> read(std::string_view path) = 0;
};

}  // namespace packetwright::runner
