// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

// The smallest things that a script writes down.
namespace packetwright::script {

// An integer of a script. `spelling` is how the author wrote it where that was not plain decimal:
// "0x1f", "${1+mss}", the name of a symbol. A number is open while it depends on a parameter that
// has no value yet; expand() closes all of them, and what an engine is given has none. A live one
// depends on what the stack under test has told its peer: only the engine can say its value, and
// `spelling` is its formula, "${rcv.nxt+1}", in which expand() has filled in the parameters.
struct Number {
  std::int64_t value = 0;
  std::string spelling;
  bool open = false;
  bool live = false;

  constexpr Number() = default;
  Number(std::int64_t number) : value(number) {}  // NOLINT: a number is a Number

  [[nodiscard]] std::uint32_t u32() const noexcept { return static_cast<std::uint32_t>(value); }
  [[nodiscard]] std::uint16_t u16() const noexcept { return static_cast<std::uint16_t>(value); }
  [[nodiscard]] std::uint8_t u8() const noexcept { return static_cast<std::uint8_t>(value); }

  friend bool operator==(const Number&, const Number&) = default;
};

// A string literal, or several that stand side by side and are one.
struct Text {
  std::string octets;    // what it means, escapes resolved; may hold any octet
  std::string spelling;  // what was written, quotes included, or the name of a symbol

  friend bool operator==(const Text&, const Text&) = default;
};

// Octets of a packet or option: `"hello"` or `hex "6865 6c6c 6f"`.
struct Octets {
  Buffer octets;
  bool hex = false;
  Text text;  // the literal as written

  friend bool operator==(const Octets&, const Octets&) = default;
};

// An IP address: a literal, or what it is to the run ("local", "peer", "gateway", "broadcast",
// "subnet_broadcast", "any", "all_nodes", "all_routers", "solicited_node"), for every variant.
struct Address {
  std::optional<IpAddress> literal;
  std::string name;      // set when there is no literal
  std::string spelling;  // of the literal, as written

  friend bool operator==(const Address&, const Address&) = default;
};

// An Ethernet address: a literal, or "local_mac", "peer_mac", "broadcast_mac", "zero_mac".
struct LinkAddress {
  std::optional<MacAddress> literal;
  std::string name;

  friend bool operator==(const LinkAddress&, const LinkAddress&) = default;
};

}  // namespace packetwright::script
