// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <pybind11/pybind11.h>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"

// Values on their way between Python and C++.
namespace packetwright::python {

namespace py = pybind11;

// Raises the exception of that name in packetwright.errors.
[[noreturn]] void raise(const char* name, py::object argument);
[[noreturn]] void raise(const char* name, const std::string& message);

// An OSError of that number, as a system call would raise it: the right subclass, with its text.
[[noreturn]] void raise_errno(int number, const char* call);

// Octets of anything with a contiguous buffer (bytes, bytearray, memoryview, an array of octets).
// TypeError otherwise.
[[nodiscard]] Buffer buffer_of(py::handle octets);
[[nodiscard]] py::bytes bytes_of(Bytes octets);

// Seconds as Python counts them. ValueError: not a finite number, or beyond some 290 years.
[[nodiscard]] Duration duration_of(double seconds);
[[nodiscard]] double seconds_of(Duration duration) noexcept;
[[nodiscard]] inline double seconds_of(Instant at) noexcept {
  return seconds_of(at.time_since_epoch());
}

// From text, as wire::parse_address and parse_mac read it. ValueError.
[[nodiscard]] IpAddress address_of(std::string_view text);
[[nodiscard]] MacAddress mac_of(std::string_view text);

}  // namespace packetwright::python
