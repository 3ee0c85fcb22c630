// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/packet/dissect.hh"
#include "stack/base/bytes.hh"

namespace packetwright::packet {

using Md5Digest = std::array<std::uint8_t, 16>;

// The MD5 message digest (RFC 1321). It protects nothing any more; segments are still signed by it.
[[nodiscard]] Md5Digest md5(Bytes octets);

// The signature that a TCP segment must have (RFC 2385, 2), over the addresses, the header without
// options, the payload and the secret; nullopt: the frame holds no whole TCP segment. What the
// checksum and the signature in the frame are does not count.
[[nodiscard]] std::optional<Md5Digest> tcp_signature(const Dissected& frame,
                                                     std::string_view secret);

}  // namespace packetwright::packet
