// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "stack/base/bytes.hh"

namespace packetwright::packet {

// A DNS message as a script writes it: `dns query "www.example" A`, `dns response "www.example" A,
// answer "www.example" 60 A 192.0.2.9 [flags: aa]`. What cannot be read is `dns raw hex ".."`.
[[nodiscard]] std::string dns_text(Bytes message);

}  // namespace packetwright::packet
