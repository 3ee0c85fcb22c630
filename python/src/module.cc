// SPDX-License-Identifier: Apache-2.0
#include "python/src/bindings.hh"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The part of packetwright that is C++: packets, targets, scripts and runs.";
  packetwright::python::add_options(module);
  packetwright::python::add_layers(module);
  packetwright::python::add_packets(module);
  packetwright::python::add_links(module);
  packetwright::python::add_suite(module);
}
