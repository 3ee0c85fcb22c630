// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/option_list.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

// Neighbor discovery (RFC 4861): five ICMPv6 messages, each followed by options. The views take the
// whole ICMPv6 message and do not look at type, code or checksum: whoever chose the view did.

// RFC 4861, 4.6 and RFC 8106. Any other number is a value of this type too.
enum class NdpOptionType : std::uint8_t {
  source_link_layer_address = 1,
  target_link_layer_address = 2,
  prefix_information = 3,
  redirected_header = 4,
  mtu = 5,
  nonce = 14,  // RFC 3971, used by RFC 7527
  recursive_dns_server = 25,
  dns_search_list = 31,
};

// RFC 4861, 4.6.2. Lifetimes in seconds; 0xffffffff is infinity.
struct NdpPrefixInformation {
  std::uint8_t prefix_length = 0;  // as sent: may exceed 128
  bool on_link = false;
  bool autonomous = false;
  std::uint32_t valid_lifetime_s = 0;
  std::uint32_t preferred_lifetime_s = 0;
  IpAddress prefix = IpAddress::v6({});

  friend bool operator==(const NdpPrefixInformation&, const NdpPrefixInformation&) = default;
};

// RFC 8106, 5.1.
struct NdpDnsServers {
  std::uint32_t lifetime_s = 0;
  Bytes addresses;  // 16 octets each, at least one

  [[nodiscard]] std::size_t count() const noexcept { return addresses.size() / 16; }
  [[nodiscard]] IpAddress address(std::size_t index) const noexcept {
    return IpAddress::from_octets(addresses.subspan(index * 16, 16));
  }
};

// One option. The typed readers give nothing if the type or the length is another one.
struct NdpOption {
  NdpOptionType type = NdpOptionType::mtu;
  std::uint16_t offset = 0;  // of the type octet, from the start of the options
  Bytes data;                // behind type and length: 6, 14, 22 ... octets

  // Source or target link-layer address of an Ethernet.
  [[nodiscard]] std::optional<MacAddress> link_layer_address() const noexcept;
  [[nodiscard]] std::optional<NdpPrefixInformation> prefix_information() const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> mtu() const noexcept;
  // The start of the packet that was redirected.
  [[nodiscard]] std::optional<Bytes> redirected_header() const noexcept;
  [[nodiscard]] std::optional<NdpDnsServers> dns_servers() const noexcept;
  [[nodiscard]] std::optional<Bytes> nonce() const noexcept;
  using Item = Result<NdpOption, ParseError>;
  [[nodiscard]] static std::size_t read(Bytes options, std::size_t at, Item& item) noexcept;
};

// The options of one message in wire order. A length of zero, or one past the end, yields one error
// and ends the list; RFC 4861, 4.6 wants the whole message dropped then: see ndp_options_valid().
using NdpOptions = OptionList<NdpOption>;

// True if every option can be read to the end.
[[nodiscard]] bool ndp_options_valid(Bytes options) noexcept;
// The first well-formed link-layer address option of that type.
[[nodiscard]] std::optional<MacAddress> find_link_layer_address(Bytes options,
                                                                NdpOptionType type) noexcept;

// What all five messages share. Size is that of the message without options.
template <std::size_t Size>
class NdpViewBase {
 public:
  static constexpr std::size_t kSize = Size;

  [[nodiscard]] Icmpv6Type type() const noexcept {
    return static_cast<Icmpv6Type>(load_u8(octets_, 0));
  }
  [[nodiscard]] std::uint8_t code() const noexcept { return load_u8(octets_, 1); }
  [[nodiscard]] std::uint16_t checksum() const noexcept { return load_be16(octets_, 2); }
  [[nodiscard]] Bytes options() const noexcept { return octets_.subspan(Size); }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }

 protected:
  explicit NdpViewBase(Bytes octets) noexcept : octets_(octets) {}

  template <class View>
  [[nodiscard]] static Result<View, ParseError> parse_as(Bytes message) noexcept {
    if (message.size() < Size) {
      return fail(ParseErrc::truncated, Layer::ndp, 0, Size, message.size());
    }
    return View{message};
  }
  [[nodiscard]] IpAddress address_at(std::size_t offset) const noexcept {
    return IpAddress::from_octets(octets_.subspan(offset, 16));
  }

  Bytes octets_;
};

// RFC 4861, 4.1.
class RouterSolicitationView : public NdpViewBase<8> {
 public:
  [[nodiscard]] static Result<RouterSolicitationView, ParseError> parse(Bytes message) noexcept {
    return parse_as<RouterSolicitationView>(message);
  }
  [[nodiscard]] std::uint32_t reserved() const noexcept { return load_be32(octets_, 4); }

 private:
  friend NdpViewBase;
  using NdpViewBase::NdpViewBase;
};

// RFC 4861, 4.2.
class RouterAdvertisementView : public NdpViewBase<16> {
 public:
  [[nodiscard]] static Result<RouterAdvertisementView, ParseError> parse(Bytes message) noexcept {
    return parse_as<RouterAdvertisementView>(message);
  }
  [[nodiscard]] std::uint8_t cur_hop_limit() const noexcept { return load_u8(octets_, 4); }
  // M, O, and six bits that other documents use or nobody does.
  [[nodiscard]] std::uint8_t flags() const noexcept { return load_u8(octets_, 5); }
  [[nodiscard]] bool managed() const noexcept { return (flags() & 0x80) != 0; }
  [[nodiscard]] bool other() const noexcept { return (flags() & 0x40) != 0; }
  [[nodiscard]] std::uint16_t router_lifetime_s() const noexcept { return load_be16(octets_, 6); }
  // Zero in either means "not said by this router".
  [[nodiscard]] std::uint32_t reachable_time_ms() const noexcept { return load_be32(octets_, 8); }
  [[nodiscard]] std::uint32_t retrans_timer_ms() const noexcept { return load_be32(octets_, 12); }

 private:
  friend NdpViewBase;
  using NdpViewBase::NdpViewBase;
};

// RFC 4861, 4.3.
class NeighborSolicitationView : public NdpViewBase<24> {
 public:
  [[nodiscard]] static Result<NeighborSolicitationView, ParseError> parse(Bytes message) noexcept {
    return parse_as<NeighborSolicitationView>(message);
  }
  [[nodiscard]] std::uint32_t reserved() const noexcept { return load_be32(octets_, 4); }
  [[nodiscard]] IpAddress target() const noexcept { return address_at(8); }

 private:
  friend NdpViewBase;
  using NdpViewBase::NdpViewBase;
};

// RFC 4861, 4.4.
class NeighborAdvertisementView : public NdpViewBase<24> {
 public:
  [[nodiscard]] static Result<NeighborAdvertisementView, ParseError> parse(Bytes message) noexcept {
    return parse_as<NeighborAdvertisementView>(message);
  }
  // R, S, O in the highest bits, 29 reserved ones below.
  [[nodiscard]] std::uint32_t flags() const noexcept { return load_be32(octets_, 4); }
  [[nodiscard]] bool router() const noexcept { return (load_u8(octets_, 4) & 0x80) != 0; }
  [[nodiscard]] bool solicited() const noexcept { return (load_u8(octets_, 4) & 0x40) != 0; }
  [[nodiscard]] bool override_flag() const noexcept { return (load_u8(octets_, 4) & 0x20) != 0; }
  [[nodiscard]] IpAddress target() const noexcept { return address_at(8); }

 private:
  friend NdpViewBase;
  using NdpViewBase::NdpViewBase;
};

// RFC 4861, 4.5.
class RedirectView : public NdpViewBase<40> {
 public:
  [[nodiscard]] static Result<RedirectView, ParseError> parse(Bytes message) noexcept {
    return parse_as<RedirectView>(message);
  }
  [[nodiscard]] std::uint32_t reserved() const noexcept { return load_be32(octets_, 4); }
  [[nodiscard]] IpAddress target() const noexcept { return address_at(8); }
  [[nodiscard]] IpAddress destination() const noexcept { return address_at(24); }

 private:
  friend NdpViewBase;
  using NdpViewBase::NdpViewBase;
};

// Whole messages, options included as octets (see NdpOptionWriter). Every `emit` writes
// encoded_size() octets to the front of `out`; the checksum is fill_icmpv6_checksum's.
struct RouterSolicitationFields {
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint32_t reserved = 0;
  Bytes options;  // not owned, here and below

  [[nodiscard]] static RouterSolicitationFields from(const RouterSolicitationView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return 8 + options.size(); }
  void emit(MutableBytes out) const noexcept;
  friend bool operator==(const RouterSolicitationFields& a,
                         const RouterSolicitationFields& b) noexcept;
};

struct RouterAdvertisementFields {
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint8_t cur_hop_limit = 64;
  std::uint8_t flags = 0;  // 0x80 managed, 0x40 other
  std::uint16_t router_lifetime_s = 1800;
  std::uint32_t reachable_time_ms = 0;
  std::uint32_t retrans_timer_ms = 0;
  Bytes options;

  [[nodiscard]] static RouterAdvertisementFields from(const RouterAdvertisementView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return 16 + options.size(); }
  void emit(MutableBytes out) const noexcept;
  friend bool operator==(const RouterAdvertisementFields& a,
                         const RouterAdvertisementFields& b) noexcept;
};

struct NeighborSolicitationFields {
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint32_t reserved = 0;
  IpAddress target = IpAddress::v6({});
  Bytes options;

  [[nodiscard]] static NeighborSolicitationFields from(
      const NeighborSolicitationView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return 24 + options.size(); }
  void emit(MutableBytes out) const noexcept;
  friend bool operator==(const NeighborSolicitationFields& a,
                         const NeighborSolicitationFields& b) noexcept;
};

inline constexpr std::uint32_t kNdpRouterFlag = 0x80000000;
inline constexpr std::uint32_t kNdpSolicitedFlag = 0x40000000;
inline constexpr std::uint32_t kNdpOverrideFlag = 0x20000000;

struct NeighborAdvertisementFields {
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint32_t flags = 0;  // kNdp...Flag, and 29 reserved bits
  IpAddress target = IpAddress::v6({});
  Bytes options;

  [[nodiscard]] static NeighborAdvertisementFields from(
      const NeighborAdvertisementView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return 24 + options.size(); }
  void emit(MutableBytes out) const noexcept;
  friend bool operator==(const NeighborAdvertisementFields& a,
                         const NeighborAdvertisementFields& b) noexcept;
};

struct RedirectFields {
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint32_t reserved = 0;
  IpAddress target = IpAddress::v6({});
  IpAddress destination = IpAddress::v6({});
  Bytes options;

  [[nodiscard]] static RedirectFields from(const RedirectView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return 40 + options.size(); }
  void emit(MutableBytes out) const noexcept;
  friend bool operator==(const RedirectFields& a, const RedirectFields& b) noexcept;
};

// Writes options one behind the other into storage of the caller. What no longer fits is left out
// whole and remembered by overflowed().
class NdpOptionWriter {
 public:
  explicit NdpOptionWriter(MutableBytes out) noexcept : out_(out) {}

  // `type` is source_link_layer_address or target_link_layer_address.
  NdpOptionWriter& link_layer_address(NdpOptionType type, const MacAddress& address) noexcept;
  NdpOptionWriter& prefix_information(const NdpPrefixInformation& prefix) noexcept;
  NdpOptionWriter& mtu(std::uint32_t mtu) noexcept;
  // Padded with zeros to a multiple of 8 octets.
  NdpOptionWriter& redirected_header(Bytes packet) noexcept;
  // `addresses` are 16 octets each.
  NdpOptionWriter& dns_servers(std::uint32_t lifetime_s, Bytes addresses) noexcept;
  // Any type. The option is padded with zeros to a multiple of 8 octets and says so in its length,
  // or says `length` (in units of 8 octets) if given, true or not.
  NdpOptionWriter& raw(NdpOptionType type, Bytes data,
                       std::optional<std::uint8_t> length = std::nullopt) noexcept;

  [[nodiscard]] Bytes written() const noexcept { return out_.first(size_); }
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

 private:
  // A zeroed option with `data_size` octets of data (rounded up), type and length written.
  [[nodiscard]] MutableBytes claim(NdpOptionType type, std::size_t data_size) noexcept;

  MutableBytes out_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace packetwright::wire
