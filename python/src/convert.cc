// SPDX-License-Identifier: Apache-2.0
#include "python/src/convert.hh"

#include <cmath>
#include <cstring>

#include "stack/wire/address_text.hh"

namespace packetwright::python {

void raise(const char* name, py::object argument) {
  const py::object type = py::module_::import("packetwright.errors").attr(name);
  const py::object value = type(std::move(argument));
  PyErr_SetObject(type.ptr(), value.ptr());
  throw py::error_already_set();
}

void raise(const char* name, const std::string& message) {
  // What a dead stack wrote last may be anything.
  raise(name, py::reinterpret_steal<py::object>(PyUnicode_DecodeUTF8(
                  message.data(), static_cast<py::ssize_t>(message.size()), "replace")));
}

void raise_errno(int number, const char* call) {
  const std::string text = std::string(std::strerror(number)) + ": " + call + "()";
  const py::object value = py::reinterpret_borrow<py::object>(PyExc_OSError)(number, text);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(value.ptr())), value.ptr());
  throw py::error_already_set();
}

Buffer buffer_of(py::handle octets) {
  Py_buffer view;
  if (PyObject_GetBuffer(octets.ptr(), &view, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  const auto* const begin = static_cast<const std::uint8_t*>(view.buf);
  Buffer out(begin, begin + view.len);
  PyBuffer_Release(&view);
  return out;
}

py::bytes bytes_of(Bytes octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

Duration duration_of(double seconds) {
  constexpr double kMost = 9e9;  // of 64 bits of nanoseconds, 9.2e9 s
  if (!std::isfinite(seconds) || std::fabs(seconds) > kMost) {
    throw py::value_error("a time is a finite number of seconds below 9e9");
  }
  return Duration{static_cast<std::int64_t>(std::llround(seconds * 1e9))};
}

double seconds_of(Duration duration) noexcept {
  return static_cast<double>(duration.count()) / 1e9;
}

IpAddress address_of(std::string_view text) {
  const auto address = wire::parse_address(text);
  if (!address) throw py::value_error("'" + std::string(text) + "' is no IP address");
  return *address;
}

MacAddress mac_of(std::string_view text) {
  const auto address = wire::parse_mac(text);
  if (!address) {
    throw py::value_error("'" + std::string(text) +
                          "' is no Ethernet address such as 02:00:00:00:00:01");
  }
  return *address;
}

}  // namespace packetwright::python
