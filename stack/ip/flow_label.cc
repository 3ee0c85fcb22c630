// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/flow_label.hh"

#include <array>

namespace packetwright::ip {

FlowLabels::FlowLabels(Rng rng) noexcept {
  key_.k0 = rng.next();
  key_.k1 = rng.next();
}

//= RFC6437-3-a
//= RFC6437-3-b
//= RFC6437-3-c
std::uint32_t FlowLabels::label_of(const Datagram& datagram) const noexcept {
  constexpr std::size_t kPorts = 4;
  const bool has_ports =
      datagram.protocol == wire::IpProtocol::tcp || datagram.protocol == wire::IpProtocol::udp;
  //= RFC6437-3-d
  if (!has_ports || datagram.payload.size() < kPorts) return 0;
  std::array<std::uint8_t, 16 + 16 + kPorts + 1> flow{};
  store_bytes(flow, 0, datagram.source.octets());
  store_bytes(flow, 16, datagram.destination.octets());
  store_bytes(flow, 32, datagram.payload.first(kPorts));
  flow[36] = static_cast<std::uint8_t>(datagram.protocol);
  const auto label = static_cast<std::uint32_t>(siphash24(key_, flow) & 0xfffff);
  return label == 0 ? 1 : label;
}

}  // namespace packetwright::ip
