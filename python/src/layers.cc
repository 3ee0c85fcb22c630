// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "harness/packet/checksums.hh"
#include "python/src/bindings.hh"
#include "python/src/convert.hh"
#include "python/src/fields.hh"
#include "python/src/packet_handle.hh"
#include "stack/wire/tcp_options.hh"

namespace packetwright::python {
namespace {

using packet::Field;
using packet::Form;
using packet::HeaderOption;
using packet::Layer;
using packet::Packet;
using packet::Proto;

// A class of Python for each kind of header.
template <Proto proto>
struct LayerOf : LayerHandle {};

// X(header, its class, what it is)
#define PW_LAYERS(X)                                                               \
  X(ethernet, "Ethernet", "Ethernet header (IEEE 802.3)")                          \
  X(arp, "ARP", "ARP message for IPv4 over Ethernet (RFC 826)")                    \
  X(ipv4, "IPv4", "IPv4 header (RFC 791)")                                         \
  X(ipv6, "IPv6", "IPv6 header (RFC 8200, 3)")                                     \
  X(hop_by_hop, "HopByHop", "IPv6 hop-by-hop options header (RFC 8200, 4.3)")      \
  X(routing, "Routing", "IPv6 routing header (RFC 8200, 4.4)")                     \
  X(fragment, "Fragment", "IPv6 fragment header (RFC 8200, 4.5)")                  \
  X(destination, "Destination", "IPv6 destination options header (RFC 8200, 4.6)") \
  X(icmpv4, "ICMP", "ICMP header (RFC 792); the second word by its uses")          \
  X(icmpv6, "ICMPv6", "ICMPv6 header (RFC 4443)")                                  \
  X(udp, "UDP", "UDP header (RFC 768)")                                            \
  X(udplite, "UDPLite", "UDP-Lite header (RFC 3828)")                              \
  X(tcp, "TCP", "TCP header (RFC 9293, 3.1)")                                      \
  X(gre, "GRE", "GRE header (RFC 2784)")                                           \
  X(mpls, "MPLS", "Label stack entry (RFC 3032)")                                  \
  X(dns, "DNS", "Header of a DNS message (RFC 1035, 4.1.1); the rest of it is payload")

Layer& edited(LayerHandle& layer) {
  return layer.state->edit().layers[layer.index];
}

std::optional<std::vector<HeaderOption>> options_of(const LayerHandle& layer) {
  if (const packet::Dissected* const seen = layer.state->seen()) {
    return seen->options(seen->parts()[layer.index]);
  }
  return layer.state->described().layers[layer.index].options;
}

// What describes the octets behind the fields, of a header that has such.
std::optional<py::bytes> rest_of(const LayerHandle& layer) {
  const packet::Packet described = layer.state->described();
  const auto& rest = described.layers[layer.index].rest;
  if (!rest) return std::nullopt;
  return bytes_of(*rest);
}

bool has_options(Proto proto) {
  return proto == Proto::tcp || proto == Proto::ipv4;
}
bool has_rest(Proto proto) {
  return proto == Proto::hop_by_hop || proto == Proto::destination || proto == Proto::routing ||
         proto == Proto::gre || proto == Proto::tcp || proto == Proto::ipv4;
}

void set_options(LayerHandle& layer, std::optional<std::vector<HeaderOption>> options) {
  edited(layer).options = std::move(options);
}

void set_rest(LayerHandle& layer, const py::object& octets) {
  std::optional<Buffer> rest;
  if (!octets.is_none()) rest = buffer_of(octets);
  edited(layer).rest = std::move(rest);
}

void set_by_name(LayerHandle& layer, const std::string& name, const py::object& value) {
  if (name == "options" && has_options(layer.proto())) {
    return set_options(layer, py::cast<std::optional<std::vector<HeaderOption>>>(value));
  }
  if (name == "data" && has_rest(layer.proto())) return set_rest(layer, value);
  set_field(*layer.state, layer.index, field_of(layer.proto(), name), value);
}

py::dict fields_of(const LayerHandle& layer) {
  py::dict out;
  for (const Field field : packet::fields_of(layer.proto())) {
    py::object value = field_value(*layer.state, layer.index, field);
    if (!value.is_none()) out[py::str(std::string(packet::info_of(field).name))] = value;
  }
  if (!has_options(layer.proto())) return out;
  if (const auto options = options_of(layer)) out["options"] = py::cast(*options);
  return out;
}

// A field as a property whose type the stubs can tell.
template <class Class>
void add_field(Class& python_class, Field field) {
  const std::string name(packet::info_of(field).name);
  const std::string doc = field_doc(field);
  const auto set = [field](LayerHandle& layer, const py::object& value) {
    set_field(*layer.state, layer.index, field, value);
  };
  const auto get = [field](const LayerHandle& layer) {
    return layer.state->get(layer.index, field);
  };
  if (field == Field::tcp_flags) {
    python_class.def_property(
        name.c_str(),
        [get](const LayerHandle& layer) -> std::optional<std::string> {
          const auto value = get(layer);
          if (!value) return std::nullopt;
          return flags_text(value->low);
        },
        set, doc.c_str());
    return;
  }
  switch (packet::info_of(field).form) {
    case Form::decimal:
    case Form::hex:
      python_class.def_property(
          name.c_str(),
          [get](const LayerHandle& layer) -> std::optional<std::uint64_t> {
            const auto value = get(layer);
            if (!value) return std::nullopt;
            return value->low;
          },
          set, doc.c_str());
      return;
    case Form::flag:
      python_class.def_property(
          name.c_str(),
          [get](const LayerHandle& layer) -> std::optional<bool> {
            const auto value = get(layer);
            if (!value) return std::nullopt;
            return value->low != 0;
          },
          set, doc.c_str());
      return;
    case Form::mac:
    case Form::ipv4:
    case Form::ipv6:
      python_class.def_property(
          name.c_str(),
          [get, field](const LayerHandle& layer) -> std::optional<std::string> {
            const auto value = get(layer);
            if (!value) return std::nullopt;
            return packet::field_text(field, *value);
          },
          set, doc.c_str());
      return;
  }
}

wire::TcpOptionSet tcp_options(const LayerHandle& layer, Buffer& storage) {
  if (const packet::Dissected* const seen = layer.state->seen()) {
    const packet::Part& part = seen->parts()[layer.index];
    if (part.size <= 20) return {};
    return wire::read_tcp_options(seen->header(part).subspan(20));
  }
  storage = packet::encode_options(options_of(layer).value_or(std::vector<HeaderOption>{}));
  return wire::read_tcp_options(storage);
}

void add_tcp_options(py::class_<LayerOf<Proto::tcp>, LayerHandle>& tcp) {
  tcp.def_property_readonly(
      "mss",
      [](const LayerHandle& layer) {
        Buffer storage;
        return tcp_options(layer, storage).mss;
      },
      "Of the MSS option, octets; None: there is none.");
  tcp.def_property_readonly(
      "wscale",
      [](const LayerHandle& layer) -> std::optional<unsigned> {
        Buffer storage;
        return tcp_options(layer, storage).window_scale;
      },
      "Of the window scale option, as sent; None: there is none.");
  tcp.def_property_readonly(
      "sack_permitted",
      [](const LayerHandle& layer) {
        Buffer storage;
        return tcp_options(layer, storage).sack_permitted;
      },
      "Whether the SACK permitted option is there.");
  tcp.def_property_readonly(
      "timestamps",
      [](const LayerHandle& layer) -> std::optional<std::pair<std::uint32_t, std::uint32_t>> {
        Buffer storage;
        const auto stamps = tcp_options(layer, storage).timestamps;
        if (!stamps) return std::nullopt;
        return std::pair{stamps->val, stamps->ecr};
      },
      "TSval and TSecr of the timestamps option; None: there is none.");
  tcp.def_property_readonly(
      "sack",
      [](const LayerHandle& layer) {
        Buffer storage;
        std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
        const wire::TcpOptionSet options = tcp_options(layer, storage);  // its blocks are in it
        for (const wire::SackBlock& block : options.sack()) {
          edges.emplace_back(block.left.value(), block.right.value());
        }
        return edges;
      },
      "The blocks of the SACK option as (left, right); empty: there is none.");
}

template <Proto proto>
void add_layer(py::module_& module, const char* name, const char* doc) {
  py::class_<LayerOf<proto>, LayerHandle> python_class(module, name, doc);
  python_class.def(py::init([](const py::kwargs& fields) {
                     LayerOf<proto> layer;
                     Packet described;
                     described.layers.emplace_back(proto);
                     layer.state = std::make_shared<PacketState>(std::move(described));
                     for (const auto& [key, value] : fields) {
                       set_by_name(layer, py::cast<std::string>(key),
                                   py::reinterpret_borrow<py::object>(value));
                     }
                     return layer;
                   }),
                   "A header of which the named fields are said. Built, the others have their "
                   "right or usual value; expected, they are not compared.");
  for (const Field field : packet::fields_of(proto)) add_field(python_class, field);
  if constexpr (proto == Proto::tcp || proto == Proto::ipv4) {
    python_class.def_property(
        "options", &options_of, &set_options,
        "Options in the order of the wire. Built, they are padded with zeros; None: none are "
        "said, so that a pattern matches any.");
  }
  if constexpr (proto == Proto::tcp) add_tcp_options(python_class);
  if (has_rest(proto)) {
    python_class.def_property("data", &rest_of, &set_rest,
                              "Octets of the header behind its fields and options.");
  }
}

template <Proto proto>
py::object object_of(const PacketPointer& state, std::size_t index) {
  return py::cast(LayerOf<proto>{{state, index}});
}

}  // namespace

std::string attribute_of(Proto proto) {
  return proto == Proto::icmpv4 ? "icmp" : std::string(packet::name_of(proto));
}

py::object layer_object(const PacketPointer& state, std::size_t index) {
  switch (state->proto(index)) {
#define PW_X(header, name, doc) \
  case Proto::header: return object_of<Proto::header>(state, index);
    PW_LAYERS(PW_X)
#undef PW_X
  }
  return py::none();
}

std::string layer_text(const LayerHandle& layer) {
  std::string text;
  for (const Field field : packet::fields_of(layer.proto())) {
    const py::object value = field_value(*layer.state, layer.index, field);
    // What the first field over some bits says need not be said again.
    if (value.is_none()) continue;
    const Form form = packet::info_of(field).form;
    const bool part_of_flags =
        layer.proto() == Proto::tcp && form == Form::flag && field != Field::tcp_flags;
    if (part_of_flags && layer.state->get(layer.index, Field::tcp_flags)) continue;
    if (!text.empty()) text += ", ";
    text += std::string(packet::info_of(field).name) + "=" + py::cast<std::string>(py::repr(value));
  }
  if (has_options(layer.proto())) {
    if (const auto options = options_of(layer); options && !options->empty()) {
      text += (text.empty() ? "options=" : ", options=") +
              py::cast<std::string>(py::repr(py::cast(*options)));
    }
  }
  const auto name = py::type::of(layer_object(layer.state, layer.index)).attr("__name__");
  return py::cast<std::string>(name) + "(" + text + ")";
}

void add_layers(py::module_& module) {
  py::class_<LayerHandle>(module, "Layer", "One header of a packet.")
      .def("__repr__", &layer_text)
      .def("__bytes__",
           [](const LayerHandle& layer) {
             Packet alone;
             alone.layers.push_back(layer.state->described().layers[layer.index]);
             return bytes_of(packet::build(alone));
           })
      .def(
          "__eq__",
          [](const LayerHandle& a, const LayerHandle& b) {
            return a.proto() == b.proto() && fields_of(a).equal(fields_of(b));
          },
          py::is_operator())
      .def("fields", &fields_of, "What is said of its fields, by name.");
#define PW_X(header, name, doc) add_layer<Proto::header>(module, name, doc ".");
  PW_LAYERS(PW_X)
#undef PW_X
}

}  // namespace packetwright::python
