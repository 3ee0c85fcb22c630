// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/autoconfiguration.hh"

#include <algorithm>
#include <array>
#include <utility>

namespace packetwright::neighbor {
namespace {

constexpr std::uint32_t kInfinity = 0xffffffff;
constexpr Duration kTwoHours = 2h;
constexpr std::uint8_t kIdentifierBits = 64;  // on an Ethernet (RFC 2464, 4)
constexpr Prefix kLinkLocal{IpAddress::v6({0xfe, 0x80}), 64};

std::optional<Instant> end_of(Instant now, std::uint32_t seconds) {
  if (seconds == kInfinity) return std::nullopt;
  return now + std::chrono::seconds{seconds};
}

IpAddress joined(const Prefix& prefix, std::uint64_t identifier) {
  std::array<std::uint8_t, 16> octets{};
  store_bytes(octets, 0, prefix.address.octets().first(8));
  for (std::size_t i = 0; i < 8; ++i) {
    octets[8 + i] = static_cast<std::uint8_t>(identifier >> (56 - 8 * i));
  }
  return IpAddress::v6(octets);
}

// RFC 5453: the subnet-router anycast address, and the anycast addresses of RFC 2526.
bool is_reserved(std::uint64_t identifier) noexcept {
  return identifier == 0 ||
         (identifier >= 0xfdff'ffff'ffff'ff80 && identifier <= 0xfdff'ffff'ffff'ffff);
}

}  // namespace

std::uint64_t eui64(const MacAddress& mac) noexcept {
  const auto& m = mac.octets;
  std::uint64_t identifier = 0;
  for (const std::uint8_t octet : {static_cast<std::uint8_t>(m[0] ^ 2), m[1], m[2],
                                   std::uint8_t{0xff}, std::uint8_t{0xfe}, m[3], m[4], m[5]}) {
    identifier = identifier << 8 | octet;
  }
  return identifier;
}

Autoconfiguration::Autoconfiguration(const AutoconfigurationConfig& config, const MacAddress& mac,
                                     Rng rng)
    : config_(config), mac_(mac), key_{rng.next(), rng.next()} {}

void Autoconfiguration::start() {
  if (!config_.link_local) return;
  //= RFC4862-5.3-a
  Formed& formed = formed_.emplace_back();
  formed.prefix = kLinkLocal;
  form(formed);
}

// RFC 7217, 5: a function of the prefix, the interface and how often the result was taken, and of a
// secret, so that nobody finds the host again on another link by it.
std::uint64_t Autoconfiguration::identifier_for(const Prefix& prefix,
                                                std::uint8_t tries) const noexcept {
  if (config_.identifier == IdentifierKind::eui64) return eui64(mac_);
  std::array<std::uint8_t, 8 + 6 + 2> input{};
  store_bytes(input, 0, prefix.address.octets().first(8));
  store_bytes(input, 8, mac_.octets);
  input[14] = tries;
  std::uint64_t identifier = siphash24(key_, input);
  while (is_reserved(identifier)) {
    ++input[15];
    identifier = siphash24(key_, input);
  }
  return identifier;
}

void Autoconfiguration::form(Formed& formed) {
  formed.address = joined(formed.prefix, identifier_for(formed.prefix, formed.tries));
  news_.push_back({AddressNews::Kind::formed, {*formed.address, formed.prefix.length}});
}

// RFC 4862, 5.5.3, in its order: (a) is the caller's.
void Autoconfiguration::on_prefix(Instant now, const wire::NdpPrefixInformation& information) {
  //= RFC4862-5.5-a
  //= RFC4862-5.5.3-a
  if (!config_.global || !information.autonomous || information.prefix.is_link_local()) return;
  //= RFC4862-5.5.3-b
  if (information.preferred_lifetime_s > information.valid_lifetime_s) return;
  //= RFC4862-5.5.3-d
  if (information.prefix_length != 128 - kIdentifierBits || information.prefix.is_multicast())
    return;

  const Prefix prefix{joined({information.prefix, kIdentifierBits}, 0), kIdentifierBits};
  const auto known = std::find_if(formed_.begin(), formed_.end(),
                                  [&](const Formed& other) { return other.prefix == prefix; });
  if (known == formed_.end()) {
    //= RFC4862-5.5.3-c
    if (information.valid_lifetime_s == 0 || formed_.size() >= config_.max_addresses) return;
    Formed& formed = formed_.emplace_back();
    formed.prefix = prefix;
    formed.preferred_until = end_of(now, information.preferred_lifetime_s);
    formed.valid_until = end_of(now, information.valid_lifetime_s);
    form(formed);
    settle(now, formed);
    return;
  }

  //= RFC4862-5.5.3-e
  known->preferred_until = end_of(now, information.preferred_lifetime_s);
  const std::optional<Instant> said = end_of(now, information.valid_lifetime_s);
  const bool longer = !said || (known->valid_until && *said > *known->valid_until);
  if (longer || *said - now > kTwoHours) {
    known->valid_until = said;
  } else if (!known->valid_until || *known->valid_until - now > kTwoHours) {
    //= RFC4862-5.5.3-f
    // Nobody proves who sent this. It may hurt, but not at once.
    known->valid_until = now + kTwoHours;
  }
  settle(now, *known);
}

// Tells of a change between preferred and deprecated.
void Autoconfiguration::settle(Instant now, Formed& formed) {
  const bool deprecated = formed.preferred_until && *formed.preferred_until <= now;
  if (deprecated == formed.deprecated) return;
  formed.deprecated = deprecated;
  if (!formed.address) return;
  news_.push_back({deprecated ? AddressNews::Kind::deprecated : AddressNews::Kind::preferred,
                   {*formed.address, formed.prefix.length}});
}

void Autoconfiguration::on_duplicate(const IpAddress& address) {
  const auto known = std::find_if(formed_.begin(), formed_.end(),
                                  [&](const Formed& other) { return other.address == address; });
  if (known == formed_.end()) return;
  known->address.reset();
  if (config_.identifier == IdentifierKind::eui64) {
    //= RFC4862-5.4.5-b
    if (known->prefix == kLinkLocal) news_.push_back({AddressNews::Kind::no_ipv6, {}});
    return;
  }
  if (known->tries == config_.retries) return;
  ++known->tries;
  form(*known);
}

bool Autoconfiguration::is_deprecated(Instant now, const IpAddress& address) const noexcept {
  return std::any_of(formed_.begin(), formed_.end(), [&](const Formed& formed) {
    return formed.address == address && formed.preferred_until && *formed.preferred_until <= now;
  });
}

void Autoconfiguration::on_deadline(Instant now) {
  //= RFC4862-5.5.4-c
  std::erase_if(formed_, [&](const Formed& formed) {
    if (!formed.valid_until || *formed.valid_until > now) return false;
    if (formed.address) {
      news_.push_back({AddressNews::Kind::gone, {*formed.address, formed.prefix.length}});
    }
    return true;
  });
  for (Formed& formed : formed_) settle(now, formed);
}

Deadline Autoconfiguration::next_deadline() const noexcept {
  Deadline first;
  for (const Formed& formed : formed_) {
    first.consider(formed.valid_until);
    if (!formed.deprecated) first.consider(formed.preferred_until);
  }
  return first;
}

std::optional<AddressNews> Autoconfiguration::next_news() {
  if (news_.empty()) return std::nullopt;
  AddressNews next = news_.front();
  news_.pop_front();
  return next;
}

}  // namespace packetwright::neighbor
