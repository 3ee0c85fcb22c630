// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kMaxDnsLabelSize = 63;  // RFC 1035, 2.3.4
inline constexpr std::size_t kMaxDnsNameSize = 255;  // on the wire, the final zero included

struct DecodedDnsName;

// A domain name as it stands on the wire without compression: labels, each behind its length, and
// a zero octet (RFC 1035, 3.1). Always valid; labels hold any octets (RFC 2181, 11). Owns its
// octets and never allocates.
class DnsName {
 public:
  // The root: an empty name.
  DnsName() noexcept = default;

  // Reads a name out of a message. Compression pointers are followed as RFC 9267, 2 asks: each one
  // points behind the message header and strictly before everything read so far, so that reading
  // ends after at most 127 labels whatever the message says.
  [[nodiscard]] static Result<DecodedDnsName, ParseError> decode(Bytes message,
                                                                 std::size_t offset) noexcept;

  // From "www.example.org", with or without the final dot; "." is the root. A backslash takes the
  // next character literally, or three decimal digits as one octet (RFC 1035, 5.1). Errors are
  // empty labels, labels over 63 and names over 255 octets; `offset` is the character at fault.
  [[nodiscard]] static Result<DnsName, ParseError> from_text(std::string_view text) noexcept;

  // The name whose PTR record tells the name of `address`: under in-addr.arpa (RFC 1035, 3.5) or
  // ip6.arpa (RFC 3596, 2.5).
  [[nodiscard]] static DnsName reverse_of(const IpAddress& address) noexcept;

  // The octets on the wire, the final zero included: 1 .. 255.
  [[nodiscard]] Bytes octets() const noexcept { return Bytes{octets_}.first(size_); }
  [[nodiscard]] bool is_root() const noexcept { return size_ == 1; }
  [[nodiscard]] std::size_t label_count() const noexcept;

  // The same octets, letter case included.
  friend bool operator==(const DnsName& a, const DnsName& b) noexcept;

 private:
  // Adds a label before the final zero; false if it does not fit.
  [[nodiscard]] bool append(Bytes label) noexcept;

  std::array<std::uint8_t, kMaxDnsNameSize> octets_{};
  std::uint8_t size_ = 1;
};

struct DecodedDnsName {
  DnsName name;
  std::size_t end = 0;  // offset behind the name in the message; behind the first pointer, if any
};

// The same name: ASCII letters compare without case, other octets exactly.
//= RFC1035-2.3.3-a
[[nodiscard]] bool same_name(const DnsName& a, const DnsName& b) noexcept;

// "www.example.org", "." for the root. Dots and backslashes inside a label and octets outside
// printable ASCII are escaped, so that from_text() gives the same name again.
[[nodiscard]] std::string to_string(const DnsName& name);

}  // namespace packetwright::wire
