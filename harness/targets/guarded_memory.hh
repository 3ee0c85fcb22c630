// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"

namespace packetwright::targets {

// Memory that ends where nothing may be touched: a plug-in that reads or writes one octet past the
// end of what it was given dies of it, there and then, whatever it was compiled with.
class GuardedMemory {
 public:
  GuardedMemory() = default;
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  // The last `size` octets before the guard; any former answer is void. Their contents are what
  // the last user left.
  [[nodiscard]] MutableBytes last(std::size_t size);
  // The same, as a copy of `octets`.
  [[nodiscard]] MutableBytes copy_of(Bytes octets);

 private:
  void release() noexcept;

  std::uint8_t* start_ = nullptr;
  std::size_t size_ = 0;  // without the guard
};

}  // namespace packetwright::targets
