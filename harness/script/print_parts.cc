// SPDX-License-Identifier: Apache-2.0
#include "harness/script/print_parts.hh"

#include "harness/script/formula.hh"
#include "harness/script/printer.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::script {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void print_hex_octet(std::string& out, std::uint8_t octet) {
  out += kHexDigits[octet >> 4];
  out += kHexDigits[octet & 15];
}

// A literal for octets that no script has written: those of a live packet.
void print_quoted(std::string& out, std::string_view octets) {
  out += '"';
  for (const char c : octets) {
    const bool plain = c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
    if (plain) {
      out += c;
    } else {
      out += "\\x";
      print_hex_octet(out, static_cast<std::uint8_t>(c));
    }
  }
  out += '"';
}

}  // namespace

void print_number(std::string& out, const Number& number) {
  out += number.spelling.empty() ? std::to_string(number.value) : number.spelling;
}

void print_text(std::string& out, const Text& text) {
  if (text.spelling.empty()) {
    print_quoted(out, text.octets);
  } else {
    out += text.spelling;
  }
}

void print_octets(std::string& out, const Octets& octets) {
  if (octets.hex) out += "hex ";
  if (!octets.text.spelling.empty()) {
    out += octets.text.spelling;
  } else if (octets.hex) {
    out += '"';
    for (const std::uint8_t octet : octets.octets) print_hex_octet(out, octet);
    out += '"';
  } else {
    print_quoted(out, std::string(octets.octets.begin(), octets.octets.end()));
  }
}

void print_address(std::string& out, const Address& address) {
  if (!address.literal) {
    out += address.name;
  } else {
    out += address.spelling.empty() ? wire::to_string(*address.literal) : address.spelling;
  }
}

void print_link_address(std::string& out, const LinkAddress& address) {
  out += address.literal ? wire::to_string(*address.literal) : address.name;
}

void print_time(std::string& out, const Time& time) {
  out += time.open.empty() ? print_duration(time.value) : time.open;
}

std::string print_duration(Duration duration) {
  return decimal_text(duration.count());
}

void print_field(std::string& out, std::string_view name, const std::optional<Number>& number) {
  if (!number) return;
  out += ' ';
  out += name;
  out += ' ';
  print_number(out, *number);
}

void print_ports(std::string& out, const std::optional<Ports>& ports) {
  if (!ports) return;
  print_number(out, ports->src);
  out += " > ";
  print_number(out, ports->dst);
  out += ' ';
}

void print_length(std::string& out, const Number& length) {
  out += '(';
  print_number(out, length);
  out += ')';
}

void print_data(std::string& out, const std::optional<Octets>& data) {
  if (!data) return;
  out += ' ';
  print_octets(out, *data);
}

void print_gre_fields(std::string& out, const Number& flags, const Number& sum,
                      const Number& offset, const Number& key, const Number& sequence) {
  struct Bit {
    std::uint16_t bit;
    std::string_view name;
  };
  constexpr Bit kBits[] = {{GreHeader::kChecksumPresent, "checksum present"},
                           {GreHeader::kKeyPresent, "key present"},
                           {GreHeader::kSequencePresent, "sequence# present"}};
  out += "flags ";
  std::int64_t rest = flags.value;
  std::string names;
  for (const Bit& bit : kBits) {
    if ((flags.value & bit.bit) == 0) continue;
    rest -= bit.bit;
    names += (names.empty() ? "" : ", ") + std::string(bit.name);
  }
  if (flags.spelling.empty() && rest == 0) {
    out += '[';
    out += names.empty() ? "none" : names;
    out += ']';
  } else {
    print_number(out, flags);
  }
  out += ", sum ";
  print_number(out, sum);
  out += ", off ";
  print_number(out, offset);
  out += ", key ";
  print_number(out, key);
  out += ", seq ";
  print_number(out, sequence);
}

void print_mpls_entry(std::string& out, const Number& label, const Number& traffic_class,
                      bool bottom, const Number& ttl) {
  out += "(label ";
  print_number(out, label);
  out += ", tc ";
  print_number(out, traffic_class);
  out += bottom ? ", [S], ttl " : ", ttl ";
  print_number(out, ttl);
  out += ')';
}

}  // namespace packetwright::script
