// SPDX-License-Identifier: Apache-2.0
#include "python/src/fields.hh"

#include <algorithm>

#include "harness/runner/text.hh"
#include "python/src/convert.hh"

namespace packetwright::python {
namespace {

using packet::Field;
using packet::FieldInfo;
using packet::Form;
using packet::Setting;
using packet::Wide;

constexpr std::uint64_t kAck = 0x010, kAccurateEcn = 0x100;

struct Letter {
  char letter;
  std::uint64_t bit;
};
// As scripts write them; C and N are what Scapy calls W and AE.
constexpr Letter kLetters[] = {{'S', 0x002}, {'F', 0x001}, {'R', 0x004},       {'P', 0x008},
                               {'U', 0x020}, {'E', 0x040}, {'W', 0x080},       {'C', 0x080},
                               {'.', kAck},  {'A', kAck},  {'N', kAccurateEcn}};

std::uint64_t most_of(Field field) {
  return (std::uint64_t{1} << packet::info_of(field).width) - 1;
}

std::string wanted(Field field) {
  const std::string most = std::to_string(most_of(field));
  return packet::full_name_of(field) + " has " + std::to_string(packet::info_of(field).width) +
         (packet::info_of(field).width == 1 ? " bit" : " bits") + ": 0 to " + most;
}

bool is_address(Form form) {
  return form == Form::mac || form == Form::ipv4 || form == Form::ipv6;
}

Wide address_value(Field field, std::string_view text) {
  const Form form = packet::info_of(field).form;
  if (form == Form::mac) return Wide{mac_of(text)};
  const IpAddress address = address_of(text);
  if (address.is_v4() != (form == Form::ipv4)) {
    throw py::value_error(packet::full_name_of(field) + " is an address of the other family");
  }
  return Wide{address};
}

// "bad", "+4", "-1".
std::optional<Setting> relative_setting(Field field, std::string_view text) {
  if (text == "bad") return Setting{field, Setting::How::bad, {}, 0};
  if (text.size() < 2 || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : text.substr(1)) {
    if (digit < '0' || digit > '9' || number > most_of(field)) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return Setting{field, Setting::How::plus, Wide{text.front() == '+' ? number : 0 - number}, 0};
}

Setting setting_of_text(Field field, std::string_view text) {
  if (is_address(packet::info_of(field).form)) {
    return {field, Setting::How::exactly, address_value(field, text), 0};
  }
  if (field == Field::tcp_flags) return {field, Setting::How::exactly, Wide{flags_of(text)}, 0};
  if (const auto setting = relative_setting(field, text)) return *setting;
  throw py::value_error(wanted(field) + ", or 'bad', '+N' or '-N', not '" + std::string(text) +
                        "'");
}

Setting setting_of(Field field, py::handle value) {
  if (py::isinstance<py::str>(value)) {
    return setting_of_text(field, py::cast<std::string>(value));
  }
  if (is_address(packet::info_of(field).form)) {
    // ipaddress.IPv4Address and its kin print as what they are.
    if (py::hasattr(value, "packed")) {
      return setting_of_text(field, py::cast<std::string>(py::str(value)));
    }
    throw py::type_error(packet::full_name_of(field) + " is the text of an address");
  }
  const py::object number = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
  if (!number) {
    PyErr_Clear();
    throw py::type_error(wanted(field) + ", not " +
                         py::cast<std::string>(py::str(py::type::of(value).attr("__name__"))));
  }
  const std::uint64_t bits = PyLong_AsUnsignedLongLong(number.ptr());
  const bool failed = PyErr_Occurred() != nullptr;
  if (failed) PyErr_Clear();
  if (failed || bits > most_of(field)) throw py::value_error(wanted(field));
  return {field, Setting::How::exactly, Wide{bits}, 0};
}

}  // namespace

std::string flags_text(std::uint64_t flags) {
  std::string text;
  for (const Letter& one : kLetters) {
    if (one.letter == 'C' || one.letter == 'A') continue;  // other words for the same bit
    if ((flags & one.bit) != 0) text += one.letter;
  }
  return text;
}

std::uint64_t flags_of(std::string_view text) {
  std::uint64_t flags = 0;
  for (const char letter : text) {
    if (letter == '-') continue;
    const auto* const found = std::find_if(std::begin(kLetters), std::end(kLetters),
                                           [&](const Letter& one) { return one.letter == letter; });
    if (found == std::end(kLetters)) {
      throw py::value_error(std::string("'") + letter +
                            "' is no flag of TCP: S F R P U E W, '.' for ACK, N for AE");
    }
    flags |= found->bit;
  }
  return flags;
}

py::object field_value(const PacketState& state, std::size_t index, Field field) {
  const auto value = state.get(index, field);
  if (!value) return py::none();
  if (field == Field::tcp_flags) return py::str(flags_text(value->low));
  switch (packet::info_of(field).form) {
    case Form::decimal:
    case Form::hex: return py::int_(value->low);
    case Form::flag: return py::bool_(value->low != 0);
    case Form::mac:
    case Form::ipv4:
    case Form::ipv6: return py::str(packet::field_text(field, *value));
  }
  return py::none();
}

void set_field(PacketState& state, std::size_t index, Field field, py::handle value) {
  std::optional<Setting> setting;
  if (!value.is_none()) setting = setting_of(field, value);
  auto& settings = state.edit().layers[index].settings;
  settings.erase(std::remove_if(settings.begin(), settings.end(),
                                [&](const Setting& one) { return one.field == field; }),
                 settings.end());
  if (setting) settings.push_back(*setting);
}

Field field_of(packet::Proto proto, std::string_view name) {
  if (const auto field = packet::field_named(proto, name)) return *field;
  std::vector<std::string> names;
  for (const Field field : packet::fields_of(proto)) {
    names.emplace_back(packet::info_of(field).name);
  }
  const std::string text(name);
  PyErr_SetString(PyExc_AttributeError, (std::string(packet::name_of(proto)) + " has no field '" +
                                         text + "'" + runner::did_you_mean(text, names))
                                            .c_str());
  throw py::error_already_set();
}

std::string field_doc(Field field) {
  const FieldInfo& info = packet::info_of(field);
  const std::string bits = std::to_string(info.width) + (info.width == 1 ? " bit" : " bits") +
                           ", from bit " + std::to_string(info.bit) + " of the header";
  if (field == Field::tcp_flags) return bits + ": \"S.\", or a number when set.";
  switch (info.form) {
    case Form::flag: return bits + ".";
    case Form::mac:
    case Form::ipv4:
    case Form::ipv6: return bits + ": the text of an address.";
    case Form::decimal:
    case Form::hex: return bits + "; \"bad\" and \"+N\" may be set where there is a right value.";
  }
  return bits;
}

}  // namespace packetwright::python
