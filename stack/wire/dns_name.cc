// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/dns_name.hh"

#include "stack/wire/dns.hh"

namespace packetwright::wire {
namespace {

constexpr std::uint8_t kLabelKindMask = 0xc0;
constexpr std::uint8_t kPointer = 0xc0;

Err<ParseError> bad_name(ParseErrc code, std::size_t at, std::size_t need,
                         std::size_t have) noexcept {
  return fail(code, Layer::dns, at, need, have);
}

constexpr std::uint8_t lower(std::uint8_t octet) noexcept {
  return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet + ('a' - 'A')) : octet;
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

}  // namespace

bool DnsName::append(Bytes label) noexcept {
  PW_ASSERT(!label.empty() && label.size() <= kMaxDnsLabelSize);
  if (size_ + 1 + label.size() > kMaxDnsNameSize) return false;
  octets_[size_ - 1u] = static_cast<std::uint8_t>(label.size());
  store_bytes(octets_, size_, label);
  size_ = static_cast<std::uint8_t>(size_ + 1 + label.size());
  octets_[size_ - 1u] = 0;
  return true;
}

Result<DecodedDnsName, ParseError> DnsName::decode(Bytes message, std::size_t offset) noexcept {
  DecodedDnsName read;
  std::size_t at = offset;
  std::size_t run_start = offset;  // of the labels that are read without a pointer between them
  bool jumped = false;
  for (;;) {
    if (at >= message.size()) return bad_name(ParseErrc::truncated, at, at + 1, message.size());
    const std::uint8_t length = message[at];
    if ((length & kLabelKindMask) == kPointer) {
      //= RFC1035-4.1.4-b
      if (message.size() - at < 2) {
        return bad_name(ParseErrc::truncated, at, at + 2, message.size());
      }
      const std::size_t target = load_be16(message, at) & 0x3fffu;
      if (!jumped) read.end = at + 2;
      // Strictly before the run it ends, so every jump goes further back and the last one comes.
      // Nor is there a name in the message header.
      if (target < kDnsHeaderSize || target >= run_start) {
        return bad_name(ParseErrc::bad_pointer, at, run_start, target);
      }
      jumped = true;
      at = run_start = target;
      continue;
    }
    //= RFC1035-3.1-a
    if ((length & kLabelKindMask) != 0) {
      return bad_name(ParseErrc::bad_value, at, kMaxDnsLabelSize, length);
    }
    if (length == 0) {
      if (!jumped) read.end = at + 1;
      return read;
    }
    if (message.size() - at - 1 < length) {
      return bad_name(ParseErrc::truncated, at, at + 1 + length, message.size());
    }
    //= RFC1035-2.3.4-a
    // Counted after decompression: a small message can spell a long name.
    if (!read.name.append(message.subspan(at + 1, length))) {
      return bad_name(ParseErrc::too_long, at, kMaxDnsNameSize, read.name.size_ + 1u + length);
    }
    at += 1u + length;
  }
}

Result<DnsName, ParseError> DnsName::from_text(std::string_view text) noexcept {
  if (text == ".") return DnsName{};
  if (text.empty()) return bad_name(ParseErrc::truncated, 0, 1, 0);
  DnsName name;
  std::array<std::uint8_t, kMaxDnsLabelSize> label{};
  std::size_t size = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const bool at_end = at == text.size();
    if (at_end && size == 0) return name;  // a final dot
    if (at_end || text[at] == '.') {
      if (size == 0) return bad_name(ParseErrc::bad_length, at, 1, 0);
      if (!name.append(Bytes{label}.first(size))) {
        return bad_name(ParseErrc::too_long, at, kMaxDnsNameSize, name.size_ + 1u + size);
      }
      size = 0;
      continue;
    }
    auto octet = static_cast<std::uint8_t>(text[at]);
    if (text[at] == '\\') {
      const std::size_t start = at;
      const std::string_view rest = text.substr(at + 1);
      if (rest.empty()) return bad_name(ParseErrc::truncated, start, start + 2, text.size());
      if (!is_digit(rest[0])) {
        octet = static_cast<std::uint8_t>(rest[0]);
        at += 1;
      } else {
        if (rest.size() < 3 || !is_digit(rest[1]) || !is_digit(rest[2])) {
          return bad_name(ParseErrc::bad_value, start, 3, rest.size());
        }
        const int value = (rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0');
        if (value > 255) {
          return bad_name(ParseErrc::bad_value, start, 255, static_cast<std::size_t>(value));
        }
        octet = static_cast<std::uint8_t>(value);
        at += 3;
      }
    }
    //= RFC1035-2.3.1-a
    if (size == kMaxDnsLabelSize) {
      return bad_name(ParseErrc::too_long, at, kMaxDnsLabelSize, size + 1);
    }
    label[size++] = octet;
  }
  return name;
}

DnsName DnsName::reverse_of(const IpAddress& address) noexcept {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto label_of = [](std::string_view text) {
    return Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  };
  DnsName name;
  bool fits = true;
  const Bytes octets = address.octets();
  for (std::size_t i = octets.size(); i-- > 0;) {
    if (address.is_v6()) {  // one label for each half of an octet, the lower one first
      const std::uint8_t octet = octets[i];
      fits = fits && name.append(label_of({&kDigits[octet & 15], 1}));
      fits = fits && name.append(label_of({&kDigits[octet >> 4], 1}));
      continue;
    }
    std::array<char, 3> decimal{};
    std::size_t size = 0;
    if (octets[i] >= 100) decimal[size++] = kDigits[octets[i] / 100];
    if (octets[i] >= 10) decimal[size++] = kDigits[octets[i] / 10 % 10];
    decimal[size++] = kDigits[octets[i] % 10];
    fits = fits && name.append(label_of({decimal.data(), size}));
  }
  fits = fits && name.append(label_of(address.is_v4() ? "in-addr" : "ip6"));
  fits = fits && name.append(label_of("arpa"));
  PW_ASSERT(fits);  // the longest of these names has 74 octets
  return name;
}

std::size_t DnsName::label_count() const noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; octets_[at] != 0; at += 1u + octets_[at]) ++count;
  return count;
}

bool operator==(const DnsName& a, const DnsName& b) noexcept {
  return same_octets(a.octets(), b.octets());
}

bool same_name(const DnsName& a, const DnsName& b) noexcept {
  // Length octets are below 64 and no letters, so that all octets can be treated alike.
  const Bytes left = a.octets();
  const Bytes right = b.octets();
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

std::string to_string(const DnsName& name) {
  if (name.is_root()) return ".";
  std::string text;
  const Bytes octets = name.octets();
  for (std::size_t at = 0; octets[at] != 0; at += 1u + octets[at]) {
    if (!text.empty()) text += '.';
    for (const std::uint8_t octet : octets.subspan(at + 1, octets[at])) {
      if (octet == '.' || octet == '\\') {
        text += '\\';
        text += static_cast<char>(octet);
      } else if (octet > 0x20 && octet < 0x7f) {
        text += static_cast<char>(octet);
      } else {
        text += '\\';
        text += static_cast<char>('0' + octet / 100);
        text += static_cast<char>('0' + octet / 10 % 10);
        text += static_cast<char>('0' + octet % 10);
      }
    }
  }
  return text;
}

}  // namespace packetwright::wire
