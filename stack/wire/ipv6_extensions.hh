// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/wire/ip_protocol.hh"
#include "stack/wire/option_list.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

// The extension headers of RFC 8200, 4 that we look into. Every other Next Header value ends the
// chain and is the upper layer's: a host that does not know it says so in a Parameter Problem.
[[nodiscard]] constexpr bool is_ipv6_extension(IpProtocol next_header) noexcept {
  return next_header == IpProtocol::hop_by_hop || next_header == IpProtocol::routing ||
         next_header == IpProtocol::fragment || next_header == IpProtocol::destination_options;
}

// More than any packet needs; a bound on the work that one packet can cause.
inline constexpr std::size_t kMaxIpv6Extensions = 16;
inline constexpr std::size_t kIpv6FragmentSize = 8;

// A TLV option of a Hop-by-Hop or Destination Options header (RFC 8200, 4.2). Any other type is a
// value of this type too.
enum class Ipv6OptionType : std::uint8_t {
  pad1 = 0,
  padn = 1,
  router_alert = 5,  // RFC 2711
  jumbo = 0xc2,      // RFC 2675
};

// What the two highest bits of an option type ask of a node that does not know it.
enum class UnknownOptionAction : std::uint8_t {
  skip = 0,
  discard = 1,
  discard_and_report = 2,  // Parameter Problem, code 2, to the source
  discard_and_report_unless_multicast = 3,
};

struct Ipv6Option {
  Ipv6OptionType type = Ipv6OptionType::pad1;
  std::uint16_t offset = 0;  // of the type octet, from the start of the extension header
  Bytes data;

  [[nodiscard]] UnknownOptionAction action_if_unknown() const noexcept {
    return static_cast<UnknownOptionAction>(static_cast<std::uint8_t>(type) >> 6);
  }
  // True if its data may change on the way (RFC 8200, 4.2).
  [[nodiscard]] bool may_change() const noexcept {
    return (static_cast<std::uint8_t>(type) & 0x20) != 0;
  }
  [[nodiscard]] std::optional<std::uint16_t> router_alert() const noexcept {
    if (type != Ipv6OptionType::router_alert || data.size() != 2) return std::nullopt;
    return load_be16(data, 0);
  }
  [[nodiscard]] std::optional<std::uint32_t> jumbo_length() const noexcept {
    if (type != Ipv6OptionType::jumbo || data.size() != 4) return std::nullopt;
    return load_be32(data, 0);
  }
  using Item = Result<Ipv6Option, ParseError>;
  [[nodiscard]] static std::size_t read(Bytes header, std::size_t at, Item& item) noexcept;
};

// The TLV options of one header in wire order, padding included, from the whole header, Next Header
// and Hdr Ext Len included. A length that runs past the end yields one error and ends the list.
using Ipv6Options = OptionList<Ipv6Option, 2>;

// One extension header of any of the four kinds, whole: its size has been checked.
class Ipv6ExtensionView {
 public:
  // `kind` is the Next Header value that announced it; `octets` begin with it.
  [[nodiscard]] static Result<Ipv6ExtensionView, ParseError> parse(IpProtocol kind,
                                                                   Bytes octets) noexcept {
    // Every extension header is a multiple of 8 octets long, and Hdr Ext Len leaves the first 8
    // out. A Fragment header has no length: where the others have it is a reserved octet.
    if (octets.size() < 8) {
      return fail(ParseErrc::truncated, Layer::ipv6_extension, 0, 8, octets.size());
    }
    const std::size_t size =
        kind == IpProtocol::fragment ? kIpv6FragmentSize : 8 + std::size_t{octets[1]} * 8;
    if (octets.size() < size) {
      return fail(ParseErrc::truncated, Layer::ipv6_extension, 1, size, octets.size());
    }
    return Ipv6ExtensionView{kind, octets.first(size)};
  }

  [[nodiscard]] IpProtocol kind() const noexcept { return kind_; }
  [[nodiscard]] IpProtocol next_header() const noexcept {
    return static_cast<IpProtocol>(load_u8(octets_, 0));
  }
  [[nodiscard]] std::uint8_t hdr_ext_len() const noexcept { return load_u8(octets_, 1); }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }

  // For hop_by_hop and destination_options.
  [[nodiscard]] Ipv6Options options() const noexcept { return Ipv6Options{octets_}; }

  // For routing (RFC 8200, 4.4).
  [[nodiscard]] std::uint8_t routing_type() const noexcept { return load_u8(octets_, 2); }
  [[nodiscard]] std::uint8_t segments_left() const noexcept { return load_u8(octets_, 3); }

  // For fragment (RFC 8200, 4.5). The offset is in octets.
  [[nodiscard]] std::uint16_t fragment_offset() const noexcept {
    return load_be16(octets_, 2) & 0xfff8;
  }
  [[nodiscard]] bool more_fragments() const noexcept { return (load_u8(octets_, 3) & 1) != 0; }
  [[nodiscard]] std::uint32_t fragment_id() const noexcept { return load_be32(octets_, 4); }
  // Neither more to come nor an offset: a whole packet in a fragment's clothes (RFC 6946).
  [[nodiscard]] bool is_atomic_fragment() const noexcept {
    return fragment_offset() == 0 && !more_fragments();
  }

 private:
  Ipv6ExtensionView(IpProtocol kind, Bytes octets) noexcept : kind_(kind), octets_(octets) {}

  IpProtocol kind_;
  Bytes octets_;
};

// Where the chain of extension headers ends.
struct Ipv6UpperLayer {
  IpProtocol protocol = IpProtocol::no_next_header;
  std::size_t offset = 0;              // of its first octet, from the start of the payload
  std::size_t next_header_offset = 0;  // of the Next Header octet that names it, from the start of
                                       // the IPv6 header: a Parameter Problem points there
  std::optional<Ipv6ExtensionView> fragment;  // the Fragment header on the way, if any
  // True behind a Fragment header of offset zero too: only later fragments lack the upper header.
  bool is_first_fragment = true;
};

// Walks the headers one by one: `while (auto next = walk.next()) ...`.
class Ipv6ExtensionWalk {
 public:
  // `first` is the Next Header of the IPv6 header; `payload` is what follows that header.
  Ipv6ExtensionWalk(IpProtocol first, Bytes payload) noexcept : next_(first), payload_(payload) {}

  // The next extension header; nothing once the upper layer is reached; an error, once, if the
  // chain is cut off or too long. The chain is not followed past a Fragment header with an offset,
  // because what stands there is the middle of something.
  [[nodiscard]] std::optional<Result<Ipv6ExtensionView, ParseError>> next() noexcept;

  // What has been reached so far: the Next Header not yet read, and where it starts.
  [[nodiscard]] IpProtocol protocol() const noexcept { return next_; }
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }
  [[nodiscard]] std::size_t next_header_offset() const noexcept { return next_header_offset_; }

 private:
  IpProtocol next_;
  Bytes payload_;
  std::size_t offset_ = 0;
  std::size_t next_header_offset_ = 6;  // in the IPv6 header itself
  std::size_t count_ = 0;
  bool done_ = false;
};

// Follows the chain to its end, without judging what the headers say.
[[nodiscard]] Result<Ipv6UpperLayer, ParseError> find_upper_layer(IpProtocol first,
                                                                  Bytes payload) noexcept;

// A Fragment header. Any bit pattern.
struct Ipv6FragmentFields {
  IpProtocol next_header = IpProtocol::tcp;
  std::uint8_t reserved = 0;          // the octet behind Next Header
  std::uint16_t fragment_offset = 0;  // in octets; the lowest three bits are not sent
  std::uint8_t reserved_bits = 0;     // 2 bits
  bool more_fragments = false;
  std::uint32_t id = 0;

  // `view` is of kind fragment.
  [[nodiscard]] static Ipv6FragmentFields from(const Ipv6ExtensionView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return kIpv6FragmentSize; }
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const Ipv6FragmentFields&, const Ipv6FragmentFields&) = default;
};

// Hop-by-Hop, Destination Options, Routing or any header of their form: Next Header, Hdr Ext Len
// and the rest as it is.
struct Ipv6ExtensionFields {
  IpProtocol next_header = IpProtocol::tcp;
  std::uint8_t hdr_ext_len = 0;  // in units of 8 octets, the first 8 not counted
  Bytes data;                    // behind the first two octets; not owned

  [[nodiscard]] static Ipv6ExtensionFields from(const Ipv6ExtensionView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return 2 + data.size(); }
  // Sets hdr_ext_len to what `data` makes it; 2 + data.size() is a multiple of 8.
  void set_lengths() noexcept;
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const Ipv6ExtensionFields& a, const Ipv6ExtensionFields& b) noexcept;
};

// Writes the data of an options header into storage of the caller, which is what
// Ipv6ExtensionFields::data takes. What no longer fits is left out whole and remembered.
class Ipv6OptionWriter {
 public:
  explicit Ipv6OptionWriter(MutableBytes out) noexcept : out_(out) {}

  Ipv6OptionWriter& pad1() noexcept;
  Ipv6OptionWriter& padn(std::uint8_t data_size) noexcept;
  Ipv6OptionWriter& router_alert(std::uint16_t value = 0) noexcept;
  Ipv6OptionWriter& jumbo(std::uint32_t length) noexcept;
  // Any type; the length octet says data.size(), or `length` if given, true or not.
  Ipv6OptionWriter& raw(Ipv6OptionType type, Bytes data,
                        std::optional<std::uint8_t> length = std::nullopt) noexcept;
  // Pads so that the whole header, with its first two octets, is a multiple of 8.
  Ipv6OptionWriter& pad() noexcept;

  [[nodiscard]] Bytes written() const noexcept { return out_.first(size_); }
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

 private:
  MutableBytes out_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace packetwright::wire
