// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "harness/capture/reader.hh"
#include "harness/packet/print.hh"
#include "python/src/bindings.hh"
#include "python/src/convert.hh"
#include "python/src/packet_handle.hh"

namespace packetwright::python {
namespace {

using packet::Difference;
using packet::Dissected;
using packet::Layer;
using packet::Packet;
using packet::Proto;

constexpr std::array kProtos = {Proto::ethernet,    Proto::arp,     Proto::ipv4,     Proto::ipv6,
                                Proto::hop_by_hop,  Proto::routing, Proto::fragment, Proto::icmpv4,
                                Proto::destination, Proto::icmpv6,  Proto::udp,      Proto::udplite,
                                Proto::tcp,         Proto::gre,     Proto::mpls,     Proto::dns};

// The innermost layer of that kind that no ICMP error quotes, else any; nullopt: there is none.
std::optional<std::size_t> find(const PacketState& state, Proto proto) {
  std::optional<std::size_t> found;
  bool quoted = false;
  for (std::size_t i = 0; i < state.size(); ++i) {
    const Proto here = state.proto(i);
    if (here == proto && (!quoted || !found)) found = i;
    quoted = quoted || here == Proto::icmpv4 || here == Proto::icmpv6;
  }
  return found;
}

py::object layer_of(const PacketHandle& packet, Proto proto) {
  if (const auto index = find(*packet.state, proto)) return layer_object(packet.state, *index);
  raise("MissingLayer", "this packet has no " + attribute_of(proto) + " header");
}

// The kind of header that a class stands for.
Proto proto_of(py::handle type) {
  for (const Proto proto : kProtos) {
    Packet probe;
    probe.layers.emplace_back(proto);
    const auto state = std::make_shared<PacketState>(std::move(probe));
    if (py::type::of(layer_object(state, 0)).is(type)) return proto;
  }
  throw py::type_error("expected a class of a header, such as TCP");
}

py::object item(const PacketHandle& packet, const py::object& key) {
  if (py::isinstance<py::int_>(key)) {
    const auto size = static_cast<py::ssize_t>(packet.state->size());
    auto index = py::cast<py::ssize_t>(key);
    if (index < 0) index += size;
    if (index < 0 || index >= size) throw py::index_error("the packet has fewer layers");
    return layer_object(packet.state, static_cast<std::size_t>(index));
  }
  return layer_of(packet, proto_of(key));
}

std::optional<py::bytes> payload_of(const PacketHandle& packet) {
  if (const Dissected* const seen = packet.state->seen()) return bytes_of(seen->payload());
  const Packet described = packet.state->described();
  if (!described.payload) return std::nullopt;
  return bytes_of(*described.payload);
}

void set_payload(PacketHandle& packet, const py::object& octets) {
  std::optional<Buffer> payload;
  if (!octets.is_none()) payload = buffer_of(octets);
  packet.state->edit().payload = std::move(payload);
}

Dissected dissected(const PacketState& state) {
  if (state.seen() != nullptr) return *state.seen();
  const bool ethernet = state.size() > 0 && state.proto(0) == Proto::ethernet;
  return packet::dissect(state.octets(), ethernet);
}

std::string text_of(const PacketHandle& packet) {
  packet::PrintContext context;
  context.ports = true;
  return packet::print(dissected(*packet.state), context);
}

std::string repr_of(const PacketHandle& packet) {
  std::string text;
  for (std::size_t i = 0; i < packet.state->size(); ++i) {
    if (!text.empty()) text += " / ";
    text += layer_text({packet.state, i});
  }
  const auto payload = payload_of(packet);
  if (payload && py::len(*payload) > 0) {
    text += (text.empty() ? "" : " / ") + py::cast<std::string>(py::repr(*payload));
  }
  return text.empty() ? "Packet()" : text;
}

PacketHandle copy_of(const PacketHandle& packet) {
  return {std::make_shared<PacketState>(*packet.state)};
}

bool equal(const PacketHandle& packet, const py::object& other) {
  if (PyObject_CheckBuffer(other.ptr()) != 0) return packet.state->octets() == buffer_of(other);
  if (is_scapy_packet(other)) {
    return packet.state->octets() ==
           buffer_of(py::reinterpret_steal<py::object>(PyObject_Bytes(other.ptr())));
  }
  if (!is_packet(other)) return false;
  return packet.state->octets() == packet_of(other)->octets();
}

PacketHandle dissect(const py::object& octets, bool ethernet) {
  auto state = std::make_shared<PacketState>(packet::dissect(buffer_of(octets), ethernet));
  state->ethernet = ethernet;
  return {std::move(state)};
}

bool begins_with_ethernet(const capture::Interface& interface) {
  switch (interface.link_type) {
    case capture::LinkType::ethernet: return true;
    case capture::LinkType::raw:
    case capture::LinkType::ipv4:
    case capture::LinkType::ipv6: return false;
    default: break;
  }
  throw py::value_error("packets of link type " +
                        std::to_string(static_cast<int>(interface.link_type)) +
                        " are neither Ethernet nor IP");
}

std::vector<PacketHandle> read_capture(const py::object& octets) {
  const Buffer file = buffer_of(octets);
  const auto capture = capture::read_all(file);
  if (!capture) throw py::value_error("this is no capture: " + capture.error().what);
  std::vector<PacketHandle> out;
  std::optional<std::int64_t> start;
  for (const capture::Packet& one : capture->packets) {
    const bool ethernet = begins_with_ethernet(capture->interfaces.at(one.interface));
    auto state = std::make_shared<PacketState>(packet::dissect(one.octets, ethernet));
    if (!start) start = one.time_ns;
    state->at = instant_at(one.time_ns - *start);
    state->from_target = one.direction == capture::Direction::outbound;
    state->ethernet = ethernet;
    out.push_back({std::move(state)});
  }
  if (capture->damage) {
    const std::string what = "the capture is damaged: " + capture->damage->what;
    if (PyErr_WarnEx(PyExc_UserWarning, what.c_str(), 1) != 0) throw py::error_already_set();
  }
  return out;
}

std::vector<Difference> compare(const py::object& pattern, const PacketHandle& packet) {
  return differences(packet_of(pattern)->described(), dissected(*packet.state));
}

void add_layer_attributes(py::class_<PacketHandle>& python_class) {
  for (const Proto proto : kProtos) {
    const std::string name = attribute_of(proto);
    Packet probe;
    probe.layers.emplace_back(proto);
    const py::object type =
        py::type::of(layer_object(std::make_shared<PacketState>(std::move(probe)), 0));
    const std::string doc = "(self: packetwright._core.Packet) -> packetwright._core." +
                            py::cast<std::string>(type.attr("__name__")) +
                            "\n\nThe innermost such header that is not quoted by an ICMP error. "
                            "MissingLayer: there is none.";
    python_class.def_property_readonly(
        name.c_str(), [proto](const PacketHandle& packet) { return layer_of(packet, proto); },
        doc.c_str());
  }
}

}  // namespace

bool is_packet(py::handle object) {
  return py::isinstance<PacketHandle>(object) || py::isinstance<LayerHandle>(object);
}

bool is_scapy_packet(py::handle object) {
  const py::dict loaded = py::module_::import("sys").attr("modules");
  if (!loaded.contains("scapy.packet")) return false;
  return py::isinstance(object, loaded["scapy.packet"].attr("Packet"));
}

PacketPointer packet_of(py::handle object) {
  if (py::isinstance<PacketHandle>(object)) return py::cast<PacketHandle&>(object).state;
  if (py::isinstance<LayerHandle>(object)) {
    const auto& layer = py::cast<LayerHandle&>(object);
    if (layer.state->size() == 1 && layer.state->seen() == nullptr) return layer.state;
    Packet alone;
    alone.layers.push_back(layer.state->described().layers[layer.index]);
    return std::make_shared<PacketState>(std::move(alone));
  }
  if (is_scapy_packet(object)) {
    const py::object ours = py::module_::import("packetwright.scapy").attr("pattern_of")(object);
    return py::cast<PacketHandle&>(ours).state;
  }
  throw py::type_error("expected a packet of packetwright or of Scapy, not " +
                       py::cast<std::string>(py::str(py::type::of(object).attr("__name__"))));
}

PacketHandle joined(const PacketPointer& front, py::handle object) {
  Packet out = front->described();
  if (out.payload && !out.payload->empty()) {
    throw py::value_error("nothing can follow a payload");
  }
  if (PyObject_CheckBuffer(object.ptr()) != 0) {
    out.payload = buffer_of(object);
  } else {
    Packet more = packet_of(object)->described();
    out.layers.insert(out.layers.end(), std::make_move_iterator(more.layers.begin()),
                      std::make_move_iterator(more.layers.end()));
    out.payload = std::move(more.payload);
  }
  return {std::make_shared<PacketState>(std::move(out))};
}

void add_packets(py::module_& module) {
  py::class_<Difference>(module, "Difference",
                         "One field that is not what was expected, in the words of the script "
                         "language.")
      .def_readonly("name", &Difference::name, "\"tcp.win\", \"option TS\", \"payload\".")
      .def_readonly("want", &Difference::want, "\"none\": it should not be there.")
      .def_readonly("got", &Difference::got, "\"none\": it was not there.")
      .def("__repr__", [](const Difference& one) {
        return "<" + one.name + ": want " + one.want + ", got " + one.got + ">";
      });

  py::class_<PacketHandle> python_class(
      module, "Packet",
      "Headers from the outside in, and a payload. One that was seen on a wire has all its "
      "fields; one that was put together with `/` has those that were said, and is a pattern as "
      "well. A change to one that was seen keeps its lengths and checksums right if they were.");
  python_class
      .def(py::init([](const py::object& object) {
             if (object.is_none()) return PacketHandle{std::make_shared<PacketState>(Packet{})};
             return PacketHandle{packet_of(object)};
           }),
           py::arg("object") = py::none(),
           "From a layer, a packet, or a packet of Scapy; octets need dissect().")
      .def_property_readonly(
          "layers",
          [](const PacketHandle& packet) {
            py::list out;
            for (std::size_t i = 0; i < packet.state->size(); ++i) {
              out.append(layer_object(packet.state, i));
            }
            return out;
          },
          "All headers, those that an ICMP error quotes included.")
      .def("__getitem__", &item, py::arg("key"),
           "The header of a class, or the one at a place. MissingLayer, IndexError.")
      .def("__contains__",
           [](const PacketHandle& packet, const py::object& type) {
             return find(*packet.state, proto_of(type)).has_value();
           })
      .def_property("payload", &payload_of, &set_payload,
                    "What follows the innermost header; None: nothing is said about it.")
      .def_property_readonly(
          "time",
          [](const PacketHandle& packet) -> std::optional<double> {
            if (!packet.state->at) return std::nullopt;
            return seconds_of(*packet.state->at);
          },
          "When it was on the wire, seconds since the reset of the target or the first packet of "
          "the capture; None: it was not.")
      .def_property_readonly(
          "from_target", [](const PacketHandle& packet) { return packet.state->from_target; },
          "Whether the target sent it; in a capture, whether the capturing host did.")
      .def_property_readonly("text", &text_of, "As a script writes it.")
      .def_property_readonly(
          "flaw", [](const PacketHandle& packet) { return dissected(*packet.state).flaw(); },
          "Why the list of headers ends early; empty: it does not.")
      .def_property_readonly(
          "bad_checksums",
          [](const PacketHandle& packet) {
            std::vector<std::string> names;
            for (const packet::Field field : dissected(*packet.state).bad_checksums()) {
              names.push_back(packet::full_name_of(field));
            }
            return names;
          },
          "Checksums that are not the right ones: \"tcp.checksum\".")
      .def("copy", &copy_of, "One of its own, to be changed.")
      .def(
          "differences",
          [](const PacketHandle& packet, const py::object& pattern) {
            return compare(pattern, packet);
          },
          py::arg("pattern"),
          "Every field that is not what the pattern says; empty: it matches. Headers around and "
          "behind those of the pattern, fields of which it says nothing and the order of options "
          "do not matter.")
      .def(
          "matches",
          [](const PacketHandle& packet, const py::object& pattern) {
            return compare(pattern, packet).empty();
          },
          py::arg("pattern"), "Whether differences() finds none.")
      .def("__truediv__", [](const PacketHandle& packet,
                             const py::object& more) { return joined(packet.state, more); })
      .def("__bytes__", [](const PacketHandle& packet) { return bytes_of(packet.state->octets()); })
      .def("__len__", [](const PacketHandle& packet) { return packet.state->octets().size(); })
      .def("__eq__", &equal, py::is_operator())
      .def("__repr__", &repr_of)
      .def("__str__", &text_of);
  add_layer_attributes(python_class);
  // Of a layer, too; its class was there before this one.
  const py::object layer = module.attr("Layer");
  layer.attr("__truediv__") = py::cpp_function(
      [](const LayerHandle& front, const py::object& more) {
        return joined(packet_of(py::cast(front)), more);
      },
      py::name("__truediv__"), py::is_method(layer));

  module.def("dissect", &dissect, py::arg("octets"), py::arg("ethernet") = true,
             "A packet of octets that begin with an Ethernet header, else with an IP header. Any "
             "octets make one: what is not understood is payload.");
  module.def("read_capture", &read_capture, py::arg("octets"),
             "The packets of a pcap or pcapng file, times from the first. ValueError: it is none, "
             "or its packets are neither Ethernet nor IP. A file that ends in the middle of a "
             "packet gives those before, and a warning.");
}

}  // namespace packetwright::python
