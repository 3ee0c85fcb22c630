// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/address_text.hh"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace packetwright::wire {
namespace {

Err<ParseError> bad_text(ParseErrc code, std::size_t at, std::size_t need,
                         std::size_t have) noexcept {
  return fail(code, Layer::address_text, at, need, have);
}

std::optional<unsigned> digit_value(char c, unsigned base) noexcept {
  unsigned value = 0;
  if (c >= '0' && c <= '9') {
    value = static_cast<unsigned>(c - '0');
  } else if (c >= 'a' && c <= 'f') {
    value = static_cast<unsigned>(c - 'a') + 10;
  } else if (c >= 'A' && c <= 'F') {
    value = static_cast<unsigned>(c - 'A') + 10;
  } else {
    return std::nullopt;
  }
  if (value >= base) return std::nullopt;
  return value;
}

// A number at `at`, which moves behind it. Leading zeros are refused in decimal, because some
// readers take them for octal.
Result<unsigned, ParseError> read_number(std::string_view text, std::size_t& at, unsigned base,
                                         std::size_t max_digits, unsigned limit) noexcept {
  const std::size_t start = at;
  unsigned value = 0;
  while (at < text.size() && at - start < max_digits) {
    const auto digit = digit_value(text[at], base);
    if (!digit) break;
    value = value * base + *digit;
    ++at;
  }
  if (at == start) return bad_text(ParseErrc::bad_value, at, 1, 0);
  if (value > limit) return bad_text(ParseErrc::bad_value, start, limit, value);
  if (base == 10 && at - start > 1 && text[start] == '0') {
    return bad_text(ParseErrc::bad_value, start, 1, at - start);
  }
  return value;
}

std::string hex_pair(std::uint8_t octet) {
  static constexpr char kDigits[] = "0123456789abcdef";
  return {kDigits[octet >> 4], kDigits[octet & 15]};
}

std::string dotted(Bytes octets) {
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) text += '.';
    text += std::to_string(octets[i]);
  }
  return text;
}

std::string hex_group(std::uint16_t group) {
  std::string text =
      hex_pair(static_cast<std::uint8_t>(group >> 8)) + hex_pair(static_cast<std::uint8_t>(group));
  const std::size_t first = text.find_first_not_of('0');
  return first == std::string::npos ? "0" : text.substr(first);
}

// RFC 5952, 4 and 5.
std::string ipv6_text(Bytes octets) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = load_be16(octets, i * 2);

  // An IPv4-mapped address (RFC 4291, 2.5.5.2) shows the IPv4 address it maps.
  const bool mapped = groups[0] == 0 && groups[1] == 0 && groups[2] == 0 && groups[3] == 0 &&
                      groups[4] == 0 && groups[5] == 0xffff;
  if (mapped) return "::ffff:" + dotted(octets.subspan(12));

  // The first of the longest runs of zero groups; one alone is not worth a "::".
  std::size_t best = 0;
  std::size_t best_size = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t size = 0;
    while (i + size < 8 && groups[i + size] == 0) ++size;
    if (size > best_size) {
      best = i;
      best_size = size;
    }
    i += size + 1;
  }
  std::string text;
  for (std::size_t i = 0; i < 8;) {
    if (best_size > 1 && i == best) {
      text += "::";
      i += best_size;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += hex_group(groups[i]);
    ++i;
  }
  return text;
}

}  // namespace

Result<IpAddress, ParseError> parse_ipv4(std::string_view text) noexcept {
  std::uint32_t value = 0;
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (at >= text.size()) return bad_text(ParseErrc::truncated, at, at + 1, text.size());
      if (text[at] != '.') {
        return bad_text(ParseErrc::bad_value, at, '.', static_cast<unsigned char>(text[at]));
      }
      ++at;
    }
    const auto number = read_number(text, at, 10, 3, 255);
    if (!number) return Err{number.error()};
    value = (value << 8) | *number;
  }
  if (at != text.size()) return bad_text(ParseErrc::too_long, at, at, text.size());
  return IpAddress::v4(value);
}

Result<IpAddress, ParseError> parse_ipv6(std::string_view text) noexcept {
  // Groups before and behind "::" are gathered in one list; `gap` is where the zeros go.
  std::array<std::uint16_t, 8> groups{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;
  std::size_t at = 0;
  if (text.starts_with("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    if (count == 8) return bad_text(ParseErrc::too_long, at, 8, 9);
    const std::string_view rest = text.substr(at);
    const std::size_t colon = rest.find(':');
    if (rest.find('.') < colon) {  // a dotted tail, which is two groups
      const auto tail = parse_ipv4(rest);
      if (!tail) {
        ParseError error = tail.error();
        error.offset = static_cast<std::uint16_t>(error.offset + at);
        return Err{error};
      }
      if (count > 6) return bad_text(ParseErrc::too_long, at, 8, count + 2);
      groups[count++] = static_cast<std::uint16_t>(tail->v4_value() >> 16);
      groups[count++] = static_cast<std::uint16_t>(tail->v4_value());
      at = text.size();
      break;
    }
    const auto group = read_number(text, at, 16, 4, 0xffff);
    if (!group) return Err{group.error()};
    groups[count++] = static_cast<std::uint16_t>(*group);
    if (at == text.size()) break;
    if (text[at] != ':') {
      return bad_text(ParseErrc::bad_value, at, ':', static_cast<unsigned char>(text[at]));
    }
    ++at;
    if (at == text.size()) return bad_text(ParseErrc::truncated, at, at + 1, text.size());
    if (text[at] == ':') {
      if (gap) return bad_text(ParseErrc::bad_value, at, 1, 2);
      gap = count;
      ++at;
    }
  }
  if (gap ? count > 7 : count != 8) return bad_text(ParseErrc::bad_length, at, 8, count);
  std::array<std::uint8_t, 16> octets{};
  const std::size_t zeros = 8 - count;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = gap && i >= *gap ? i + zeros : i;
    store_be16(octets, place * 2, groups[i]);
  }
  return IpAddress::v6(octets);
}

Result<IpAddress, ParseError> parse_address(std::string_view text) noexcept {
  return text.find(':') == std::string_view::npos ? parse_ipv4(text) : parse_ipv6(text);
}

Result<Prefix, ParseError> parse_prefix(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return bad_text(ParseErrc::truncated, text.size(), text.size() + 1, text.size());
  }
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return Err{address.error()};
  std::size_t at = slash + 1;
  const auto length = read_number(text, at, 10, 3, address->is_v4() ? 32 : 128);
  if (!length) return Err{length.error()};
  if (at != text.size()) return bad_text(ParseErrc::too_long, at, at, text.size());
  return Prefix{*address, static_cast<std::uint8_t>(*length)};
}

Result<MacAddress, ParseError> parse_mac(std::string_view text) noexcept {
  constexpr std::size_t kSize = 17;  // six pairs and five separators
  MacAddress mac;
  const char separator = text.size() > 2 ? text[2] : ':';
  if (separator != ':' && separator != '-') {
    return bad_text(ParseErrc::bad_value, 2, ':', static_cast<unsigned char>(separator));
  }
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t at = i * 3;
    if (text.size() < at + 2)
      return bad_text(ParseErrc::truncated, text.size(), kSize, text.size());
    const auto high = digit_value(text[at], 16);
    const auto low = digit_value(text[at + 1], 16);
    if (!high || !low) {
      return bad_text(ParseErrc::bad_value, high ? at + 1 : at, 0, 0);
    }
    mac.octets[i] = static_cast<std::uint8_t>(*high * 16 + *low);
    if (i < 5 && text.size() > at + 2 && text[at + 2] != separator) {
      return bad_text(ParseErrc::bad_value, at + 2, static_cast<unsigned char>(separator),
                      static_cast<unsigned char>(text[at + 2]));
    }
  }
  if (text.size() != kSize) return bad_text(ParseErrc::too_long, kSize, kSize, text.size());
  return mac;
}

std::string to_string(const IpAddress& address) {
  return address.is_v4() ? dotted(address.octets()) : ipv6_text(address.octets());
}

std::string to_string(const Prefix& prefix) {
  return to_string(prefix.address) + '/' + std::to_string(prefix.length);
}

std::string to_string(const Endpoint& endpoint) {
  const std::string address = to_string(endpoint.address);
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address.is_v4() ? address + ':' + port : '[' + address + "]:" + port;
}

std::string to_string(const MacAddress& address) {
  std::string text;
  for (const std::uint8_t octet : address.octets) {
    if (!text.empty()) text += ':';
    text += hex_pair(octet);
  }
  return text;
}

}  // namespace packetwright::wire
