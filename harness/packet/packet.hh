// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/packet/field.hh"
#include "stack/base/bytes.hh"

namespace packetwright::packet {

// One option of a TCP or IP header: kind, length, data. Kinds 0 and 1 are a single octet.
struct HeaderOption {
  std::uint8_t kind = 0;
  Buffer data;                         // without kind and length
  std::optional<std::uint8_t> length;  // a lie about the length octet; absent: the right one
  // Which octets of `data` are compared: 0 is "any". Empty: all of them.
  Buffer compared;

  // Octets on the wire, whatever `length` says.
  [[nodiscard]] std::size_t size() const noexcept { return kind <= 1 ? 1 : 2 + data.size(); }

  friend bool operator==(const HeaderOption&, const HeaderOption&) = default;
};

// What is said about one field. When a packet is built it is written; when one is expected it is
// compared. "The right value" is what a correct sender would have put there: a length that counts
// what is there, a checksum that adds up.
struct Setting {
  enum class How : std::uint8_t {
    exactly,  // `value`
    plus,     // the right value + `value` (modulo the width; a negative offset is its complement)
    bad,      // something else than the right value
  };

  Field field{};
  How how = How::exactly;
  Wide value;
  std::uint16_t not_compared = 0;  // bits of an expected value (`exactly`) that may be either
};

// One header. Fields without a setting have their right or usual value when built, and are not
// compared when expected.
struct Layer {
  Proto proto = Proto::ethernet;
  std::vector<Setting> settings;
  // TCP and IPv4: options in wire order. Built: absent is none; they are padded with zeros to four
  // octets. Expected: absent is "any".
  std::optional<std::vector<HeaderOption>> options;
  // Octets that follow the fixed part and the options: more of a TCP header, the rest of an IPv6
  // extension header or of a GRE header, the names and records of a DNS message. When expected,
  // compared if present.
  std::optional<Buffer> rest;

  Layer() = default;
  explicit Layer(Proto kind) : proto(kind) {}

  Layer& set(Field field, Wide value) & {
    settings.push_back({field, Setting::How::exactly, value, 0});
    return *this;
  }
  Layer&& set(Field field, Wide value) && { return std::move(set(field, value)); }
  // The last thing said about a field, which is what counts.
  [[nodiscard]] const Setting* find(Field field) const noexcept;
};

// A packet as far as it is described: headers from the outside in, then octets.
struct Packet {
  std::vector<Layer> layers;
  // Built: absent is `payload_size` zeros. Expected: absent content is not compared.
  std::optional<Buffer> payload;
  std::optional<std::size_t> payload_size;
  // Octets behind everything, which no length counts (Ethernet padding). Expected: compared if set.
  std::optional<std::size_t> trailer;

  [[nodiscard]] Layer* find(Proto proto) noexcept;
  [[nodiscard]] const Layer* find(Proto proto) const noexcept;
};

// The octets of the packet: protocol numbers, lengths and checksums filled in where nothing is
// said, settings applied as given. A checksum is computed after the other settings of its packet,
// so that a lie elsewhere is the only lie. Headers longer than a length field can say are cut off
// modulo its width; nothing is refused.
[[nodiscard]] Buffer build(const Packet& packet);

// The part of build() that encodes options: octets without padding.
[[nodiscard]] Buffer encode_options(const std::vector<HeaderOption>& options);

}  // namespace packetwright::packet
