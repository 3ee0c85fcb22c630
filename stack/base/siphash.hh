// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"

namespace packetwright::inline base {

struct SipKey {
  std::uint64_t k0 = 0, k1 = 0;
};

// SipHash-2-4 of `message`: a keyed 64-bit function that cannot be predicted without the key. It
// stands for F() of RFC 6528, 3, and salts every table whose keys a peer can choose.
[[nodiscard]] std::uint64_t siphash24(const SipKey& key, Bytes message) noexcept;
// The same of the twelve octets that `first` and the lower half of `last` hold, lowest octet first:
// an IPv4 four-tuple, which is hashed for every segment.
[[nodiscard]] std::uint64_t siphash24(const SipKey& key, std::uint64_t first,
                                      std::uint32_t last) noexcept;

}  // namespace packetwright::inline base
