// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/text.hh"

#include <string_view>

#include "stack/wire/address_text.hh"

namespace packetwright::packet {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

// Kinds of TCP options (IANA registry), as far as scripts have words for them.
constexpr std::uint8_t kEol = 0;
constexpr std::uint8_t kNop = 1;
constexpr std::uint8_t kMss = 2;
constexpr std::uint8_t kWindowScale = 3;
constexpr std::uint8_t kSackPermitted = 4;
constexpr std::uint8_t kSack = 5;
constexpr std::uint8_t kTimestamps = 8;
constexpr std::uint8_t kMd5 = 19;
constexpr std::uint8_t kFastOpen = 34;
constexpr std::uint8_t kAccEcn0 = 172;
constexpr std::uint8_t kAccEcn1 = 174;
constexpr std::uint8_t kExperimental = 254;

std::string packed_hex(Bytes octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

bool printable(Bytes octets) {
  for (const std::uint8_t octet : octets) {
    if (octet < 0x20 || octet > 0x7e || octet == '"' || octet == '\\') return false;
  }
  return true;
}

// The 32-bit number at `offset`, or `...` where it is not compared.
std::string number_at(const HeaderOption& option, std::size_t offset) {
  if (offset < option.compared.size() && option.compared[offset] == 0) return "...";
  return std::to_string(load_be32(option.data, offset));
}

std::uint32_t load_be24(Bytes octets, std::size_t offset) {
  return (std::uint32_t{octets[offset]} << 16) | (std::uint32_t{octets[offset + 1]} << 8) |
         octets[offset + 2];
}

bool has_magic(const HeaderOption& option) {
  return option.kind == kExperimental && option.data.size() >= 2 &&
         load_be16(option.data, 0) == 0xf989;
}

std::string acc_ecn_text(const HeaderOption& option) {
  // RFC 9768, 3.2.3: the order of the counters depends on the kind.
  static constexpr std::string_view kOrder0[] = {" e0b ", " ceb ", " e1b "};
  static constexpr std::string_view kOrder1[] = {" e1b ", " ceb ", " e0b "};
  std::string text = "ECN";
  for (std::size_t i = 0; i < 3 && 3 * i + 3 <= option.data.size(); ++i) {
    text += option.kind == kAccEcn0 ? kOrder0[i] : kOrder1[i];
    text += std::to_string(load_be24(option.data, 3 * i));
  }
  return text;
}

// An option of a kind without a word of its own, or with a length that its kind does not have.
std::string raw_option_text(const HeaderOption& option) {
  std::string text = "kind " + std::to_string(option.kind);
  if (option.length.has_value()) text += " len " + std::to_string(*option.length);
  if (option.kind > 1) text += " hex \"" + packed_hex(option.data) + '"';
  return text;
}

}  // namespace

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string hex_number(std::uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), kDigits[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + digits;
}

std::string hex_octets(Bytes octets) {
  std::string text;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0 && i % 2 == 0) text += ' ';
    text += kDigits[octets[i] >> 4];
    text += kDigits[octets[i] & 15];
  }
  return text;
}

std::string payload_text(Bytes octets, std::size_t limit) {
  const bool cut = octets.size() > limit;
  const Bytes shown = cut ? octets.first(limit) : octets;
  std::string text;
  if (printable(shown)) {
    text = '"' + std::string(shown.begin(), shown.end()) + '"';
  } else {
    text = "hex \"" + hex_octets(shown) + '"';
  }
  if (cut) text += "...";
  return text;
}

std::string address_text(const IpAddress& address) {
  return wire::to_string(address);
}

std::string address_text(const MacAddress& address) {
  return wire::to_string(address);
}

std::string tcp_flags_text(std::uint64_t flags) {
  static constexpr struct {
    std::uint64_t bit;
    char letter;
  } kLetters[] = {{0x002, 'S'}, {0x001, 'F'}, {0x004, 'R'}, {0x008, 'P'},
                  {0x020, 'U'}, {0x040, 'E'}, {0x080, 'W'}, {0x100, 'A'}};
  std::string text;
  for (const auto& flag : kLetters) {
    if ((flags & flag.bit) != 0) text += flag.letter;
  }
  if ((flags & 0x010) != 0) text += '.';
  return text.empty() ? "-" : text;
}

std::string tcp_option_name(const HeaderOption& option) {
  switch (option.kind) {
    case kEol: return "eol";
    case kNop: return "nop";
    case kMss: return "mss";
    case kWindowScale: return "wscale";
    case kSackPermitted: return "sackOK";
    case kSack: return "sack";
    case kTimestamps: return "TS";
    case kMd5: return "md5";
    case kFastOpen: return "FO";
    case kAccEcn0:
    case kAccEcn1: return "ECN";
    default: return has_magic(option) ? "FOEXP" : "kind " + std::to_string(option.kind);
  }
}

std::string tcp_option_text(const HeaderOption& option) {
  if (option.length.has_value()) return raw_option_text(option);
  const std::size_t size = option.data.size();
  switch (option.kind) {
    case kEol: return "eol";
    case kNop: return "nop";
    case kMss:
      if (size == 2) return "mss " + std::to_string(load_be16(option.data, 0));
      break;
    case kWindowScale:
      if (size == 1) return "wscale " + std::to_string(option.data[0]);
      break;
    case kSackPermitted:
      if (size == 0) return "sackOK";
      break;
    case kSack:
      if (size >= 8 && size % 8 == 0) {
        std::string text = "sack";
        for (std::size_t at = 0; at < size; at += 8) {
          text += ' ' + number_at(option, at) + ':' + number_at(option, at + 4);
        }
        return text;
      }
      break;
    case kTimestamps:
      if (size == 8) return "TS val " + number_at(option, 0) + " ecr " + number_at(option, 4);
      break;
    case kMd5: return size == 0 ? "md5" : "md5 " + packed_hex(option.data);
    case kFastOpen: return size == 0 ? "FO" : "FO " + packed_hex(option.data);
    case kAccEcn0:
    case kAccEcn1:
      if (size % 3 == 0 && size > 0 && size <= 9) return acc_ecn_text(option);
      break;
    default:
      if (has_magic(option)) {
        const Bytes cookie = Bytes{option.data}.subspan(2);
        return cookie.empty() ? "FOEXP" : "FOEXP " + packed_hex(cookie);
      }
      break;
  }
  return raw_option_text(option);
}

std::string tcp_options_text(const std::vector<HeaderOption>& options) {
  if (options.empty()) return {};
  std::string text = "<";
  for (const HeaderOption& option : options) {
    if (text.size() > 1) text += ',';
    text += tcp_option_text(option);
  }
  return text + '>';
}

std::string ip_option_text(const HeaderOption& option) {
  switch (option.kind) {
    case 0: return "eol";
    case 1: return "nop";
    case 148:
      if (option.data.size() == 2 && !option.length.has_value()) {
        const unsigned value = load_be16(option.data, 0);
        return value == 0 ? "ra" : "ra " + std::to_string(value);
      }
      break;
    default: break;
  }
  return raw_option_text(option);
}

}  // namespace packetwright::packet
