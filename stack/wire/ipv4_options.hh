// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/option_list.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

// The option type octet (RFC 791, 3.1): copied flag, class and number in one. Any other octet is a
// value of this type too.
enum class Ipv4OptionType : std::uint8_t {
  eol = 0,
  nop = 1,
  record_route = 7,
  timestamp = 68,
  security = 130,
  loose_source_route = 131,
  stream_id = 136,
  strict_source_route = 137,
  router_alert = 148,  // RFC 2113
};

// True if every fragment carries the option, not only the first one.
[[nodiscard]] constexpr bool is_copied(Ipv4OptionType type) noexcept {
  return (static_cast<std::uint8_t>(type) & 0x80) != 0;
}

// Record route, loose and strict source route share this form. `pointer` counts from the type
// octet, starting at 1: 4 is the first address, and beyond the length means "full" or "at the end".
struct Ipv4Route {
  std::uint8_t pointer = 4;
  Bytes addresses;  // four octets each; what is left over at the end is not part of one

  [[nodiscard]] std::size_t count() const noexcept { return addresses.size() / 4; }
  [[nodiscard]] IpAddress address(std::size_t index) const noexcept {
    return IpAddress::v4(load_be32(addresses, index * 4));
  }
};

// What the timestamp option records.
enum class Ipv4TimestampFlag : std::uint8_t {
  timestamps_only = 0,
  with_addresses = 1,
  prespecified = 3,
};

// `pointer` counts from the type octet, starting at 1: 5 is the first entry.
struct Ipv4Timestamp {
  std::uint8_t pointer = 5;
  std::uint8_t overflow = 0;  // 4 bits: hosts that found no room
  Ipv4TimestampFlag flag = Ipv4TimestampFlag::timestamps_only;
  Bytes entries;  // four octets each, or eight with addresses
};

// One option. The typed readers give nothing if the type or the length is another one.
struct Ipv4Option {
  Ipv4OptionType type = Ipv4OptionType::eol;
  std::uint8_t offset = 0;  // of the type octet, from the start of the options
  Bytes data;               // behind type and length

  [[nodiscard]] bool copied() const noexcept { return is_copied(type); }
  // 0: control, 2: debugging and measurement.
  [[nodiscard]] std::uint8_t option_class() const noexcept {
    return (static_cast<std::uint8_t>(type) >> 5) & 3;
  }
  [[nodiscard]] std::uint8_t number() const noexcept {
    return static_cast<std::uint8_t>(type) & 0x1f;
  }
  [[nodiscard]] std::optional<Ipv4Route> route() const noexcept {
    const bool is_route = type == Ipv4OptionType::record_route ||
                          type == Ipv4OptionType::loose_source_route ||
                          type == Ipv4OptionType::strict_source_route;
    if (!is_route || data.empty()) return std::nullopt;
    return Ipv4Route{data[0], data.subspan(1)};
  }
  [[nodiscard]] std::optional<Ipv4Timestamp> timestamp() const noexcept {
    if (type != Ipv4OptionType::timestamp || data.size() < 2) return std::nullopt;
    return Ipv4Timestamp{data[0], static_cast<std::uint8_t>(data[1] >> 4),
                         static_cast<Ipv4TimestampFlag>(data[1] & 0x0f), data.subspan(2)};
  }
  [[nodiscard]] std::optional<std::uint16_t> router_alert() const noexcept {
    if (type != Ipv4OptionType::router_alert || data.size() != 2) return std::nullopt;
    return load_be16(data, 0);
  }
  // EOL and NOP are one octet; all others are two and their data.
  [[nodiscard]] std::size_t encoded_size() const noexcept {
    return type == Ipv4OptionType::eol || type == Ipv4OptionType::nop ? 1 : 2 + data.size();
  }
  using Item = Result<Ipv4Option, ParseError>;
  [[nodiscard]] static std::size_t read(Bytes options, std::size_t at, Item& item) noexcept;
};

// The options of one datagram in wire order. Yields each option, EOL and NOP included, and ends
// behind EOL. A length octet that is missing, below 2 or past the end yields one error, whose
// offset serves as the pointer of a Parameter Problem once 20 is added, and ends the list.
using Ipv4Options = OptionList<Ipv4Option>;

// Writes options one behind the other into storage of the caller. What no longer fits is left out
// whole and remembered by overflowed().
class Ipv4OptionWriter {
 public:
  explicit Ipv4OptionWriter(MutableBytes out) noexcept : out_(out) {}

  Ipv4OptionWriter& eol() noexcept { return single(Ipv4OptionType::eol); }
  Ipv4OptionWriter& nop() noexcept { return single(Ipv4OptionType::nop); }
  // `type` is one of the three that hold a route; every address is IPv4.
  Ipv4OptionWriter& route(Ipv4OptionType type, std::uint8_t pointer,
                          std::span<const IpAddress> addresses) noexcept;
  Ipv4OptionWriter& timestamp(const Ipv4Timestamp& timestamp) noexcept;
  Ipv4OptionWriter& router_alert(std::uint16_t value = 0) noexcept;
  // Any type; the length octet says 2 + data.size(), or `length` if given, true or not.
  Ipv4OptionWriter& raw(Ipv4OptionType type, Bytes data,
                        std::optional<std::uint8_t> length = std::nullopt) noexcept;
  // Adds EOL and zeros up to a multiple of four octets; nothing if it is one already.
  Ipv4OptionWriter& pad() noexcept;

  [[nodiscard]] Bytes written() const noexcept { return out_.first(size_); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

 private:
  Ipv4OptionWriter& single(Ipv4OptionType type) noexcept;
  [[nodiscard]] MutableBytes claim(Ipv4OptionType type, std::size_t data_size) noexcept;

  MutableBytes out_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace packetwright::wire
