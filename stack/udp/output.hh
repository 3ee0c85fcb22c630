// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::udp {

// Writes header and data, checksum included, over whatever `out` held; its memory is reused.
// At most 65,527 octets of data; the families of both endpoints agree.
void emit(const Endpoint& source, const Endpoint& destination, Bytes data, Buffer& out);

}  // namespace packetwright::udp
