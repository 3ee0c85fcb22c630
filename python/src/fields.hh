// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <pybind11/pybind11.h>

#include "python/src/packet_state.hh"

// The fields of a header as values of Python.
namespace packetwright::python {

namespace py = pybind11;

// What is said about a field as Python sees it: an int, a bool, a text; None: nothing.
[[nodiscard]] py::object field_value(const PacketState& state, std::size_t index,
                                     packet::Field field);
// Says something about a field: a number that fits, the text of an address or of flags, "bad" or
// "+N" and "-N" (something else than the right value, or that far from it), None for nothing.
// ValueError, TypeError.
void set_field(PacketState& state, std::size_t index, packet::Field field, py::handle value);

// The field of that name. AttributeError, with what was probably meant.
[[nodiscard]] packet::Field field_of(packet::Proto proto, std::string_view name);
// What the documentation of a field says: "16 bits, from bit 32 of the header."
[[nodiscard]] std::string field_doc(packet::Field field);

// "S.": S F R P U E and W are the bits of those names, `.` or A is ACK, N is AE (RFC 9768).
[[nodiscard]] std::string flags_text(std::uint64_t flags);
// ValueError.
[[nodiscard]] std::uint64_t flags_of(std::string_view text);

}  // namespace packetwright::python
