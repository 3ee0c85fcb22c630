// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ndp.hh"

#include <algorithm>

#include "stack/wire/ethernet.hh"

namespace packetwright::wire {
namespace {

// Type, code and checksum, which every message starts with.
void emit_start(MutableBytes out, Icmpv6Type type, std::uint8_t code,
                std::uint16_t checksum) noexcept {
  store_u8(out, 0, static_cast<std::uint8_t>(type));
  store_u8(out, 1, code);
  store_be16(out, 2, checksum);
}

void store_v6(MutableBytes out, std::size_t offset, const IpAddress& address) noexcept {
  PW_ASSERT(address.is_v6());
  store_bytes(out, offset, address.octets());
}

}  // namespace

std::optional<MacAddress> NdpOption::link_layer_address() const noexcept {
  const bool is_address = type == NdpOptionType::source_link_layer_address ||
                          type == NdpOptionType::target_link_layer_address;
  if (!is_address || data.size() != 6) return std::nullopt;
  return load_mac(data, 0);
}

std::optional<NdpPrefixInformation> NdpOption::prefix_information() const noexcept {
  if (type != NdpOptionType::prefix_information || data.size() != 30) return std::nullopt;
  NdpPrefixInformation read;
  read.prefix_length = load_u8(data, 0);
  read.on_link = (load_u8(data, 1) & 0x80) != 0;
  read.autonomous = (load_u8(data, 1) & 0x40) != 0;
  read.valid_lifetime_s = load_be32(data, 2);
  read.preferred_lifetime_s = load_be32(data, 6);
  read.prefix = IpAddress::from_octets(data.subspan(14, 16));
  return read;
}

std::optional<std::uint32_t> NdpOption::mtu() const noexcept {
  if (type != NdpOptionType::mtu || data.size() != 6) return std::nullopt;
  return load_be32(data, 2);
}

std::optional<Bytes> NdpOption::redirected_header() const noexcept {
  if (type != NdpOptionType::redirected_header) return std::nullopt;
  return data.subspan(6);  // every option has at least 6 octets of data
}

std::optional<NdpDnsServers> NdpOption::dns_servers() const noexcept {
  // Two octets reserved and the lifetime, then one address or more.
  if (type != NdpOptionType::recursive_dns_server || data.size() < 22 ||
      (data.size() - 6) % 16 != 0) {
    return std::nullopt;
  }
  return NdpDnsServers{load_be32(data, 2), data.subspan(6)};
}

std::optional<Bytes> NdpOption::nonce() const noexcept {
  if (type != NdpOptionType::nonce) return std::nullopt;
  return data;
}

std::size_t NdpOption::read(Bytes options, std::size_t at, Item& item) noexcept {
  const std::size_t rest = options.size() - at;
  if (rest < 2) {
    item = fail(ParseErrc::truncated, Layer::ndp_option, at, 2, rest);
    return options.size();
  }
  const std::size_t size = std::size_t{options[at + 1]} * 8;
  //= RFC4861-4.6-a
  if (size == 0) {
    item = fail(ParseErrc::bad_length, Layer::ndp_option, at + 1, 1, 0);
    return options.size();
  }
  if (size > rest) {
    item = fail(ParseErrc::truncated, Layer::ndp_option, at + 1, size, rest);
    return options.size();
  }
  item = NdpOption{static_cast<NdpOptionType>(options[at]),
                   static_cast<std::uint16_t>(std::min<std::size_t>(at, 0xffff)),
                   options.subspan(at + 2, size - 2)};
  return at + size;
}

bool ndp_options_valid(Bytes options) noexcept {
  for (const auto& item : NdpOptions{options}) {
    if (!item) return false;
  }
  return true;
}

std::optional<MacAddress> find_link_layer_address(Bytes options, NdpOptionType type) noexcept {
  for (const auto& item : NdpOptions{options}) {
    if (!item) break;
    if (item->type != type) continue;
    if (const auto address = item->link_layer_address()) return address;
  }
  return std::nullopt;
}

RouterSolicitationFields RouterSolicitationFields::from(
    const RouterSolicitationView& view) noexcept {
  return {view.code(), view.checksum(), view.reserved(), view.options()};
}

void RouterSolicitationFields::emit(MutableBytes out) const noexcept {
  emit_start(out, Icmpv6Type::router_solicitation, code, checksum);
  store_be32(out, 4, reserved);
  store_bytes(out, 8, options);
}

bool operator==(const RouterSolicitationFields& a, const RouterSolicitationFields& b) noexcept {
  return a.code == b.code && a.checksum == b.checksum && a.reserved == b.reserved &&
         same_octets(a.options, b.options);
}

RouterAdvertisementFields RouterAdvertisementFields::from(
    const RouterAdvertisementView& view) noexcept {
  return {view.code(),
          view.checksum(),
          view.cur_hop_limit(),
          view.flags(),
          view.router_lifetime_s(),
          view.reachable_time_ms(),
          view.retrans_timer_ms(),
          view.options()};
}

void RouterAdvertisementFields::emit(MutableBytes out) const noexcept {
  emit_start(out, Icmpv6Type::router_advertisement, code, checksum);
  store_u8(out, 4, cur_hop_limit);
  store_u8(out, 5, flags);
  store_be16(out, 6, router_lifetime_s);
  store_be32(out, 8, reachable_time_ms);
  store_be32(out, 12, retrans_timer_ms);
  store_bytes(out, 16, options);
}

bool operator==(const RouterAdvertisementFields& a, const RouterAdvertisementFields& b) noexcept {
  return a.code == b.code && a.checksum == b.checksum && a.cur_hop_limit == b.cur_hop_limit &&
         a.flags == b.flags && a.router_lifetime_s == b.router_lifetime_s &&
         a.reachable_time_ms == b.reachable_time_ms && a.retrans_timer_ms == b.retrans_timer_ms &&
         same_octets(a.options, b.options);
}

NeighborSolicitationFields NeighborSolicitationFields::from(
    const NeighborSolicitationView& view) noexcept {
  return {view.code(), view.checksum(), view.reserved(), view.target(), view.options()};
}

void NeighborSolicitationFields::emit(MutableBytes out) const noexcept {
  emit_start(out, Icmpv6Type::neighbor_solicitation, code, checksum);
  store_be32(out, 4, reserved);
  store_v6(out, 8, target);
  store_bytes(out, 24, options);
}

bool operator==(const NeighborSolicitationFields& a, const NeighborSolicitationFields& b) noexcept {
  return a.code == b.code && a.checksum == b.checksum && a.reserved == b.reserved &&
         a.target == b.target && same_octets(a.options, b.options);
}

NeighborAdvertisementFields NeighborAdvertisementFields::from(
    const NeighborAdvertisementView& view) noexcept {
  return {view.code(), view.checksum(), view.flags(), view.target(), view.options()};
}

void NeighborAdvertisementFields::emit(MutableBytes out) const noexcept {
  emit_start(out, Icmpv6Type::neighbor_advertisement, code, checksum);
  store_be32(out, 4, flags);
  store_v6(out, 8, target);
  store_bytes(out, 24, options);
}

bool operator==(const NeighborAdvertisementFields& a,
                const NeighborAdvertisementFields& b) noexcept {
  return a.code == b.code && a.checksum == b.checksum && a.flags == b.flags &&
         a.target == b.target && same_octets(a.options, b.options);
}

RedirectFields RedirectFields::from(const RedirectView& view) noexcept {
  return {view.code(),   view.checksum(),    view.reserved(),
          view.target(), view.destination(), view.options()};
}

void RedirectFields::emit(MutableBytes out) const noexcept {
  emit_start(out, Icmpv6Type::redirect, code, checksum);
  store_be32(out, 4, reserved);
  store_v6(out, 8, target);
  store_v6(out, 24, destination);
  store_bytes(out, 40, options);
}

bool operator==(const RedirectFields& a, const RedirectFields& b) noexcept {
  return a.code == b.code && a.checksum == b.checksum && a.reserved == b.reserved &&
         a.target == b.target && a.destination == b.destination &&
         same_octets(a.options, b.options);
}

MutableBytes NdpOptionWriter::claim(NdpOptionType type, std::size_t data_size) noexcept {
  const std::size_t size = (2 + data_size + 7) / 8 * 8;
  if (size > out_.size() - size_ || size / 8 > 0xff) {
    overflowed_ = true;
    return {};
  }
  const MutableBytes option = out_.subspan(size_, size);
  std::fill(option.begin(), option.end(), std::uint8_t{0});
  option[0] = static_cast<std::uint8_t>(type);
  option[1] = static_cast<std::uint8_t>(size / 8);
  size_ += size;
  return option;
}

NdpOptionWriter& NdpOptionWriter::link_layer_address(NdpOptionType type,
                                                     const MacAddress& address) noexcept {
  return raw(type, address.octets);
}

NdpOptionWriter& NdpOptionWriter::prefix_information(const NdpPrefixInformation& prefix) noexcept {
  const MutableBytes option = claim(NdpOptionType::prefix_information, 30);
  if (option.empty()) return *this;
  const int flags = (prefix.on_link ? 0x80 : 0) | (prefix.autonomous ? 0x40 : 0);
  store_u8(option, 2, prefix.prefix_length);
  store_u8(option, 3, static_cast<std::uint8_t>(flags));
  store_be32(option, 4, prefix.valid_lifetime_s);
  store_be32(option, 8, prefix.preferred_lifetime_s);
  store_v6(option, 16, prefix.prefix);
  return *this;
}

NdpOptionWriter& NdpOptionWriter::mtu(std::uint32_t mtu) noexcept {
  const MutableBytes option = claim(NdpOptionType::mtu, 6);
  if (!option.empty()) store_be32(option, 4, mtu);
  return *this;
}

NdpOptionWriter& NdpOptionWriter::redirected_header(Bytes packet) noexcept {
  const MutableBytes option = claim(NdpOptionType::redirected_header, 6 + packet.size());
  if (!option.empty()) store_bytes(option, 8, packet);
  return *this;
}

NdpOptionWriter& NdpOptionWriter::dns_servers(std::uint32_t lifetime_s, Bytes addresses) noexcept {
  const MutableBytes option = claim(NdpOptionType::recursive_dns_server, 6 + addresses.size());
  if (!option.empty()) {
    store_be32(option, 4, lifetime_s);
    store_bytes(option, 8, addresses);
  }
  return *this;
}

NdpOptionWriter& NdpOptionWriter::raw(NdpOptionType type, Bytes data,
                                      std::optional<std::uint8_t> length) noexcept {
  if (const MutableBytes option = claim(type, data.size()); !option.empty()) {
    if (length) option[1] = *length;
    store_bytes(option, 2, data);
  }
  return *this;
}

}  // namespace packetwright::wire
