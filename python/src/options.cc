// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "harness/packet/dissect.hh"
#include "harness/packet/packet.hh"
#include "harness/packet/text.hh"
#include "python/src/bindings.hh"
#include "python/src/convert.hh"
#include "stack/wire/tcp_options.hh"

namespace packetwright::python {
namespace {

using packet::HeaderOption;
using wire::TcpOptionKind;
using wire::TcpOptionWriter;

// The option that `write` puts there.
template <class Write>
HeaderOption written(const Write& write) {
  std::array<std::uint8_t, 64> room{};
  TcpOptionWriter writer(room);
  write(writer);
  const std::vector<HeaderOption> options = packet::decode_options(writer.written());
  return options.at(0);
}

HeaderOption sack(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& edges) {
  if (edges.empty() || edges.size() > wire::kMaxSackBlocks) {
    throw py::value_error("a SACK option has one to four blocks");
  }
  std::vector<wire::SackBlock> blocks;
  for (const auto& [left, right] : edges) blocks.push_back({SeqNum{left}, SeqNum{right}});
  return written([&](TcpOptionWriter& to) { to.sack(blocks); });
}

HeaderOption raw(std::uint8_t kind, const py::object& data, std::optional<std::uint8_t> length) {
  HeaderOption option;
  option.kind = kind;
  option.data = buffer_of(data);
  option.length = length;
  if (option.data.size() > 253) throw py::value_error("an option has at most 253 octets of data");
  return option;
}

}  // namespace

void add_options(py::module_& module) {
  py::class_<HeaderOption>(module, "Option",
                           "One option of a TCP or IPv4 header. Made by its static methods; any "
                           "kind, data and length octet can be had with raw().")
      .def_static(
          "mss",
          [](std::uint16_t octets) {
            return written([&](TcpOptionWriter& to) { to.mss(octets); });
          },
          py::arg("octets"), "Maximum segment size (RFC 9293, 3.7.1), octets.")
      .def_static(
          "wscale",
          [](std::uint8_t shift) {
            return written([&](TcpOptionWriter& to) { to.window_scale(shift); });
          },
          py::arg("shift"), "Window scale (RFC 7323, 2); a sender may not exceed 14.")
      .def_static(
          "sack_permitted",
          [] { return written([](TcpOptionWriter& to) { to.sack_permitted(); }); },
          "SACK permitted (RFC 2018, 2).")
      .def_static("sack", &sack, py::arg("blocks"),
                  "One to four blocks of (left, right) sequence numbers (RFC 2018, 3).")
      .def_static(
          "timestamps",
          [](std::uint32_t val, std::uint32_t ecr) {
            return written([&](TcpOptionWriter& to) { to.timestamps({val, ecr}); });
          },
          py::arg("val"), py::arg("ecr") = 0, "TSval and TSecr (RFC 7323, 3).")
      .def_static(
          "nop", [] { return HeaderOption{1, {}, {}, {}}; }, "No operation: one octet.")
      .def_static(
          "eol", [] { return HeaderOption{}; }, "End of the list: one octet.")
      .def_static("raw", &raw, py::arg("kind"), py::arg("data") = py::bytes(),
                  py::arg("length") = py::none(),
                  "Any kind and data (at most 253 octets); `length` is a lie about the length "
                  "octet.")
      .def_readonly("kind", &HeaderOption::kind, "The first octet.")
      .def_property_readonly(
          "data", [](const HeaderOption& one) { return bytes_of(one.data); },
          "What stands behind kind and length.")
      .def_property_readonly(
          "length",
          [](const HeaderOption& one) {
            return one.length ? std::size_t{*one.length} : one.size();
          },
          "What the length octet says; 1 for kinds 0 and 1, which have none.")
      .def(
          "__eq__", [](const HeaderOption& a, const HeaderOption& b) { return a == b; },
          py::is_operator())
      .def("__hash__",
           [](const HeaderOption& one) {
             return py::hash(py::make_tuple(one.kind, bytes_of(one.data)));
           })
      .def("__repr__",
           [](const HeaderOption& one) { return "<Option " + packet::tcp_option_text(one) + ">"; });
}

}  // namespace packetwright::python
