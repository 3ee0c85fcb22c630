// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/address_text.hh"

using namespace packetwright;

namespace {

// Whatever is read prints as text that reads as the same value and prints the same again.
template <class Parse>
void check_text(Parse parse, std::string_view text) {
  const auto value = parse(text);
  if (!value) {
    PW_ASSERT(value.error().layer == wire::Layer::address_text);
    PW_ASSERT(value.error().offset <= text.size());
    return;
  }
  const std::string printed = wire::to_string(*value);
  const auto again = parse(printed);
  PW_ASSERT(again && *again == *value);
  PW_ASSERT(wire::to_string(*again) == printed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const std::string_view text{reinterpret_cast<const char*>(input.octets().data()), size};
  check_text(wire::parse_address, text);
  check_text(wire::parse_ipv6, text);
  check_text(wire::parse_prefix, text);
  check_text(wire::parse_mac, text);
  if (size >= 16) {  // the same input as the octets of an address
    const IpAddress six = IpAddress::from_octets(input.octets().first(16));
    PW_ASSERT(wire::parse_address(wire::to_string(six)).value() == six);
  }
  return 0;
}
