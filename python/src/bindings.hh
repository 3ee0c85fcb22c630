// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

// The parts of the module packetwright._core, in the order in which they need one another.
namespace packetwright::python {

namespace py = pybind11;

void add_options(py::module_& module);  // Option
void add_layers(py::module_& module);   // Layer and one class for each header
void add_packets(py::module_& module);  // Packet, dissect, compare
void add_links(py::module_& module);    // Link, Host, and the list of targets
void add_suite(py::module_& module);    // Suite, Case, Result, and the command

}  // namespace packetwright::python
