// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <pybind11/pybind11.h>

#include "python/src/packet_state.hh"

// Packets and layers as objects of Python.
namespace packetwright::python {

namespace py = pybind11;

// One header of a packet.
struct LayerHandle {
  PacketPointer state;
  std::size_t index = 0;

  [[nodiscard]] packet::Proto proto() const { return state->proto(index); }
};

struct PacketHandle {
  PacketPointer state;
};

// The layer as an object of the class for its kind of header.
[[nodiscard]] py::object layer_object(const PacketPointer& state, std::size_t index);
// "TCP(src_port=4000, flags='S')".
[[nodiscard]] std::string layer_text(const LayerHandle& layer);

// A packet made of anything that stands for one: a packet, a layer, a packet of Scapy. TypeError:
// it is something else; octets are packets only where the caller knows what they begin with.
[[nodiscard]] PacketPointer packet_of(py::handle object);
// Whether it is a packet or a layer of ours.
[[nodiscard]] bool is_packet(py::handle object);
// Whether it is a packet of Scapy, which is asked only if somebody has loaded Scapy.
[[nodiscard]] bool is_scapy_packet(py::handle object);
// One behind another: layers and octets of `object` are added.
[[nodiscard]] PacketHandle joined(const PacketPointer& front, py::handle object);

// "tcp": packet::name_of(), but "icmp" for icmpv4.
[[nodiscard]] std::string attribute_of(packet::Proto proto);

}  // namespace packetwright::python
