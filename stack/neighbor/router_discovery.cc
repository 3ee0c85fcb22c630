// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/router_discovery.hh"

#include <algorithm>
#include <utility>

namespace packetwright::neighbor {
namespace {

constexpr std::uint32_t kInfinity = 0xffffffff;
constexpr std::uint32_t kSmallestMtu = 1280;                  // RFC 8200, 5
constexpr std::uint32_t kLargestReachableTimeMs = 3'600'000;  // RFC 4861, 6.2.1

// RFC 4191, 2.1 and 2.2: two bits of the flags; the value that is reserved counts as medium.
std::int32_t preference_of(const wire::RouterAdvertisementView& said) noexcept {
  switch ((said.flags() >> 3) & 3) {
    case 1: return 1;
    case 3: return -1;
    default: return 0;
  }
}

// The prefix itself, without the bits behind its length, which are to be ignored.
Prefix clean(const wire::NdpPrefixInformation& information) {
  Buffer octets(information.prefix.octets().begin(), information.prefix.octets().end());
  for (std::size_t bit = information.prefix_length; bit < 128; ++bit) {
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] & ~(0x80 >> (bit % 8)));
  }
  return {IpAddress::from_octets(octets), information.prefix_length};
}

}  // namespace

RouterNews& RouterDiscovery::tell(RouterNews::Kind kind) {
  news_.emplace_back().kind = kind;
  return news_.back();
}

std::optional<RouterNews> RouterDiscovery::next_news() {
  if (news_.empty()) return std::nullopt;
  const RouterNews next = news_.front();
  news_.pop_front();
  return next;
}

// --- asking

void RouterDiscovery::start(Instant now) {
  if (!config_.solicit || !config_.accept) return;
  //= RFC4861-6.3.7-a
  interval_ = Duration{0};
  const auto spread =
      static_cast<std::uint64_t>(std::max<std::int64_t>(config_.max_solicitation_delay.count(), 0));
  solicit_at_ = now + Duration{static_cast<std::int64_t>(rng_.below(spread + 1))};
}

// RFC 3315, 14, as RFC 7559, 2 wants it: each wait is twice the one before, with a tenth of it more
// or less, until the longest.
void RouterDiscovery::schedule_solicitation(Instant now) {
  //= RFC7559-2-a
  const bool first = interval_.count() == 0;
  const Duration base = first ? config_.solicitation_interval : interval_;
  const auto tenth = static_cast<std::uint64_t>(std::max<std::int64_t>(base.count() / 10, 0));
  const Duration random{static_cast<std::int64_t>(rng_.below(2 * tenth + 1)) -
                        static_cast<std::int64_t>(tenth)};
  interval_ = first ? base + random : 2 * base + random;
  //= RFC4861-6.3.7-a
  // RFC 4861 has at least four seconds between the first ones; only later ones may come sooner.
  if (first) interval_ = std::max(interval_, config_.solicitation_interval);
  if (interval_ > config_.max_solicitation_interval) {
    const Duration longest = config_.max_solicitation_interval;
    const auto part = static_cast<std::uint64_t>(longest.count() / 10);
    interval_ = longest + Duration{static_cast<std::int64_t>(rng_.below(2 * part + 1)) -
                                   static_cast<std::int64_t>(part)};
  }
  solicit_at_ = now + interval_;
}

// --- being told: RFC 4861, 6.3.4

//= RFC4861-6.3.4-a
void RouterDiscovery::on_advertisement(Instant now, const IpAddress& router,
                                       const wire::RouterAdvertisementView& said) {
  on_lifetime(now, router, said);
  //= RFC4861-6.3.4-b
  //= RFC4861-6.3.4-e
  if (said.cur_hop_limit() != 0) tell(RouterNews::Kind::hop_limit).number = said.cur_hop_limit();
  //= RFC4861-6.3.4-f
  if (said.reachable_time_ms() != 0 && said.reachable_time_ms() <= kLargestReachableTimeMs) {
    tell(RouterNews::Kind::reachable_time).duration =
        std::chrono::milliseconds{said.reachable_time_ms()};
  }
  if (said.retrans_timer_ms() != 0) {
    tell(RouterNews::Kind::retrans_timer).duration =
        std::chrono::milliseconds{said.retrans_timer_ms()};
  }
  //= RFC4861-6.1.2-d
  //= RFC4861-9-a
  for (const auto& option : wire::NdpOptions{said.options()}) {
    if (option) on_option(now, router, *option);
  }
}

void RouterDiscovery::on_lifetime(Instant now, const IpAddress& router,
                                  const wire::RouterAdvertisementView& said) {
  //= RFC4861-6.3.4-c
  if (said.router_lifetime_s() == 0) return forget_router(router);

  const std::int32_t preference = preference_of(said);
  const Instant expires = now + std::chrono::seconds{said.router_lifetime_s()};
  auto known = std::find_if(routers_.begin(), routers_.end(),
                            [&](const Router& other) { return other.address == router; });
  //= RFC4861-6.3.4-d
  if (known == routers_.end() && routers_.size() >= std::max<std::size_t>(config_.max_routers, 2)) {
    return;
  }
  const bool news = known == routers_.end() || known->preference != preference;
  if (known == routers_.end()) known = routers_.insert(routers_.end(), Router{});
  *known = {router, preference, expires};
  if (news) {
    RouterNews& told = tell(RouterNews::Kind::router);
    told.address = router;
    told.preference = preference;
  }
  //= RFC4861-6.3.7-b
  //= RFC7559-2.1-a
  solicit_at_.reset();
}

void RouterDiscovery::on_option(Instant now, const IpAddress& router,
                                const wire::NdpOption& option) {
  if (option.type == wire::NdpOptionType::source_link_layer_address) {
    //= RFC4861-6.3.4-g
    const auto mac = option.link_layer_address();
    if (!mac) return;
    RouterNews& told = tell(RouterNews::Kind::link_address);
    told.address = router;
    told.mac = *mac;
  } else if (const auto mtu = option.mtu()) {
    //= RFC4861-6.3.4-h
    if (*mtu >= kSmallestMtu && *mtu <= link_mtu_) tell(RouterNews::Kind::mtu).number = *mtu;
  } else if (const auto information = option.prefix_information()) {
    on_prefix(now, *information);
  } else if (const auto servers = option.dns_servers()) {
    if (dns_servers_.on_option(now, *servers)) tell(RouterNews::Kind::dns_servers);
  }
}

void RouterDiscovery::on_prefix(Instant now, const wire::NdpPrefixInformation& information) {
  //= RFC4861-4.6.2-b
  if (information.prefix_length > 128 || information.prefix.is_link_local() ||
      information.prefix.is_multicast()) {
    return;
  }
  if (information.autonomous) tell(RouterNews::Kind::autonomous).information = information;
  //= RFC4861-4.6.2-a
  if (!information.on_link) return;

  //= RFC4861-6.3.4-i
  const Prefix prefix = clean(information);
  const auto known = std::find_if(prefixes_.begin(), prefixes_.end(),
                                  [&](const OnLink& other) { return other.prefix == prefix; });
  if (information.valid_lifetime_s == 0) {
    if (known == prefixes_.end()) return;
    prefixes_.erase(known);
    tell(RouterNews::Kind::prefix_gone).prefix = prefix;
    return;
  }
  std::optional<Instant> expires;
  if (information.valid_lifetime_s != kInfinity) {
    expires = now + std::chrono::seconds{information.valid_lifetime_s};
  }
  if (known != prefixes_.end()) {
    known->expires = expires;
    return;
  }
  if (prefixes_.size() >= config_.max_prefixes) return;
  prefixes_.push_back({prefix, expires});
  tell(RouterNews::Kind::prefix).prefix = prefix;
}

void RouterDiscovery::forget_router(const IpAddress& router) {
  const auto known = std::find_if(routers_.begin(), routers_.end(),
                                  [&](const Router& other) { return other.address == router; });
  if (known == routers_.end()) return;
  routers_.erase(known);
  //= RFC4861-6.3.5-a
  tell(RouterNews::Kind::router_gone).address = router;
}

// --- time

void RouterDiscovery::on_deadline(Instant now) {
  if (solicit_at_ && *solicit_at_ <= now) {
    tell(RouterNews::Kind::solicit);
    schedule_solicitation(now);
  }
  while (true) {
    const auto late = std::find_if(routers_.begin(), routers_.end(),
                                   [&](const Router& known) { return known.expires <= now; });
    if (late == routers_.end()) break;
    forget_router(IpAddress{late->address});
  }
  std::erase_if(prefixes_, [&](const OnLink& known) {
    if (!known.expires || *known.expires > now) return false;
    tell(RouterNews::Kind::prefix_gone).prefix = known.prefix;
    return true;
  });
  if (dns_servers_.on_deadline(now)) tell(RouterNews::Kind::dns_servers);
}

Deadline RouterDiscovery::next_deadline() const noexcept {
  Deadline first = solicit_at_;
  for (const Router& router : routers_) first.consider(router.expires);
  for (const OnLink& known : prefixes_) first.consider(known.expires);
  first.consider(dns_servers_.next_deadline());
  return first;
}

}  // namespace packetwright::neighbor
