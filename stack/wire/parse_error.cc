// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

std::string_view name_of(Layer layer) noexcept {
  switch (layer) {
    case Layer::ethernet: return "ethernet";
    case Layer::vlan: return "vlan";
    case Layer::arp: return "arp";
    case Layer::ipv4: return "ipv4";
    case Layer::ipv4_option: return "ipv4_option";
    case Layer::ipv6: return "ipv6";
    case Layer::ipv6_extension: return "ipv6_extension";
    case Layer::ipv6_option: return "ipv6_option";
    case Layer::icmpv4: return "icmpv4";
    case Layer::icmpv6: return "icmpv6";
    case Layer::ndp: return "ndp";
    case Layer::ndp_option: return "ndp_option";
    case Layer::udp: return "udp";
    case Layer::tcp: return "tcp";
    case Layer::tcp_option: return "tcp_option";
    case Layer::dns: return "dns";
    case Layer::gre: return "gre";
    case Layer::mpls: return "mpls";
    case Layer::address_text: return "address_text";
  }
  return "unknown";
}

std::string_view name_of(ParseErrc code) noexcept {
  switch (code) {
    case ParseErrc::truncated: return "truncated";
    case ParseErrc::bad_version: return "bad_version";
    case ParseErrc::bad_length: return "bad_length";
    case ParseErrc::bad_value: return "bad_value";
    case ParseErrc::bad_pointer: return "bad_pointer";
    case ParseErrc::too_long: return "too_long";
    case ParseErrc::too_many: return "too_many";
  }
  return "unknown";
}

std::string to_string(const ParseError& error) {
  std::string text;
  text += name_of(error.layer);
  text += ": ";
  text += name_of(error.code);
  text += " at octet ";
  text += std::to_string(error.offset);
  text += ": need ";
  text += std::to_string(error.need);
  text += ", have ";
  text += std::to_string(error.have);
  return text;
}

}  // namespace packetwright::wire
