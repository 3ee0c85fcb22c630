// SPDX-License-Identifier: Apache-2.0
#include "stack/base/assert.hh"

#include <cstdio>
#include <cstdlib>

namespace packetwright::inline base {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
  std::abort();
}

}  // namespace packetwright::inline base
