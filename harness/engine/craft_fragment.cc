// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/craft_fragment.hh"

#include <algorithm>

#include "harness/packet/numbers.hh"

namespace packetwright::engine {

using packet::Field;
using packet::Layer;
using packet::Proto;

void cut_fragment(const script::Fragment& fragment, bool inbound, packet::Packet& out) {
  std::size_t network = 0;
  while (network < out.layers.size() && out.layers[network].proto != Proto::ipv4 &&
         out.layers[network].proto != Proto::ipv6) {
    ++network;
  }
  if (network == out.layers.size()) return;
  const Buffer whole = packet::build(out);
  packet::Packet front;
  front.layers.assign(out.layers.begin(), out.layers.begin() + static_cast<long>(network) + 1);
  const std::size_t header = packet::build(front).size();
  const bool v4 = out.layers[network].proto == Proto::ipv4;
  const std::optional<Proto> next =
      network + 1 < out.layers.size() ? std::optional{out.layers[network + 1].proto} : std::nullopt;
  Layer ip = std::move(out.layers[network]);
  const std::size_t size = whole.size() - header;
  const auto first = std::min(static_cast<std::size_t>(fragment.first.value), size);
  const auto last = std::max(first, std::min(static_cast<std::size_t>(fragment.last.value), size));
  const bool more = fragment.more.value_or(last < size);
  const std::uint64_t id = fragment.id.has_value() ? fragment.id->u32() : 0;
  const bool compares_id = inbound || fragment.id.has_value();

  out.layers.resize(network);
  if (v4) {
    if (next.has_value()) {
      ip.set(Field::ipv4_protocol, packet::ip_protocol_of(*next).value_or(packet::kIpProtoNoNext));
    }
    ip.set(Field::ipv4_offset, first / 8).set(Field::ipv4_mf, more ? 1 : 0);
    if (compares_id) ip.set(Field::ipv4_id, id);
    out.layers.push_back(std::move(ip));
  } else {
    Layer extension(Proto::fragment);
    if (next.has_value()) {
      extension.set(Field::fragment_next_header,
                    packet::ip_protocol_of(*next).value_or(packet::kIpProtoNoNext));
    }
    extension.set(Field::fragment_offset, first / 8).set(Field::fragment_mf, more ? 1 : 0);
    if (compares_id) extension.set(Field::fragment_id, id);
    out.layers.push_back(std::move(ip));
    out.layers.push_back(std::move(extension));
  }
  if (inbound) {
    const auto begin = whole.begin() + static_cast<long>(header);
    out.payload = Buffer(begin + static_cast<long>(first), begin + static_cast<long>(last));
    out.payload_size.reset();
  } else {
    out.payload.reset();
    out.payload_size = last - first;
  }
}

}  // namespace packetwright::engine
