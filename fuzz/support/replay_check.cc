// SPDX-License-Identifier: Apache-2.0

// A fuzz target that only says that it ran: for the tests of the replayer.

#include <cstddef>
#include <cstdint>
#include <cstdio>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (data == nullptr || size == 0) return 0;
  std::printf("ran\n");
  return 0;
}
