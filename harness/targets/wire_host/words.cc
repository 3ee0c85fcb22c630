// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/wire_host/words.hh"

#include <algorithm>

#include "stack/wire/address_text.hh"

namespace packetwright::wire_host {
namespace {

std::string quoted(std::string_view text) {
  return "\"" + std::string{text} + "\"";
}

// The next word, up to a comma.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(','), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

bool is_one_host(const IpAddress& address) {
  return !address.is_unspecified() && !address.is_multicast() && !address.is_loopback() &&
         !address.is_limited_broadcast();
}

Result<void, std::string> read_host(std::string_view word, Words& words) {
  if (word.find('/') != std::string_view::npos) {
    const auto prefix = wire::parse_prefix(word);
    if (!prefix) return Err{quoted(word) + " is no address with a length"};
    words.host = prefix->address;
    words.length = prefix->length;
  } else {
    const auto address = wire::parse_address(word);
    if (!address) return Err{quoted(word) + " is no address"};
    words.host = *address;
  }
  if (!is_one_host(words.host)) return Err{quoted(word) + " is not the address of one host"};
  return {};
}

Result<void, std::string> read_option(std::string_view word, Words& words) {
  const std::size_t equals = std::min(word.find('='), word.size());
  const std::string_view name = word.substr(0, equals);
  const std::string_view value = word.substr(std::min(equals + 1, word.size()));
  if (name == "peer") {
    const auto address = wire::parse_address(value);
    if (!address || !is_one_host(*address)) {
      return Err{"peer=" + std::string{value} + " is not the address of one host"};
    }
    if (address->family() != words.host.family() || *address == words.host) {
      return Err{"peer=" + std::string{value} + " cannot be a neighbour of " +
                 wire::to_string(words.host)};
    }
    words.peer = *address;
    return {};
  }
  if (name == "mac") {
    const auto mac = wire::parse_mac(value);
    if (!mac || mac->is_group() || *mac == MacAddress{}) {
      return Err{"mac=" + std::string{value} + " is not the Ethernet address of one host"};
    }
    words.peer_mac = *mac;
    return {};
  }
  return Err{quoted(word) + " is not known; there are peer=ADDRESS and mac=MAC"};
}

}  // namespace

Result<Words, std::string> read_words(std::string_view name) {
  std::string_view rest = name.substr(std::min(kName.size() + 1, name.size()));
  if (rest.empty()) return Err{std::string{kUsage}};
  Words words;
  words.interface = take_word(rest);
  if (words.interface.empty() || rest.empty()) return Err{std::string{kUsage}};
  if (auto host = read_host(take_word(rest), words); !host) return Err{host.error()};
  while (!rest.empty()) {
    if (auto option = read_option(take_word(rest), words); !option) return Err{option.error()};
  }
  return words;
}

}  // namespace packetwright::wire_host
