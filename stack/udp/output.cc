// SPDX-License-Identifier: Apache-2.0
#include "stack/udp/output.hh"

#include "stack/wire/udp.hh"

namespace packetwright::udp {

//= RFC768-fields-b
//= RFC768-fields-c
//= RFC1122-4.1.3.4-a
void emit(const Endpoint& source, const Endpoint& destination, Bytes data, Buffer& out) {
  wire::UdpFields header;
  header.src_port = source.port;
  header.dst_port = destination.port;
  PW_ASSERT(data.size() <= std::size_t{65'535} - wire::kUdpHeaderSize);
  header.set_lengths(data.size());
  out.resize(wire::kUdpHeaderSize + data.size());
  header.emit(out);
  store_bytes(out, wire::kUdpHeaderSize, data);
  wire::fill_udp_checksum(out, source.address, destination.address);
}

}  // namespace packetwright::udp
