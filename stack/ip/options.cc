// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/options.hh"

#include <algorithm>
#include <array>
#include <vector>

#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv4_options.hh"

namespace packetwright::ip {
namespace {

using wire::Ipv4Option;
using wire::Ipv4Options;
using wire::Ipv4OptionType;
using wire::Ipv4TimestampFlag;

constexpr std::size_t kAddressSize = 4;
constexpr std::size_t kTimeSize = 4;
constexpr std::uint8_t kFirstAddress = 4;  // pointers count from the type octet, which is 1
constexpr std::uint8_t kFirstStamp = 5;

bool is_source_route(const Ipv4Option& option) noexcept {
  return option.type == Ipv4OptionType::loose_source_route ||
         option.type == Ipv4OptionType::strict_source_route;
}

// `octet` is where the fault is, counted like `Ipv4Option::offset`.
OptionError malformed(std::size_t octet) noexcept {
  return {DropReason::ip_bad_option, ProblemKind::bad_header_field,
          static_cast<std::uint32_t>(wire::kIpv4HeaderSize + octet)};
}

// RFC 792: milliseconds since midnight UT. A stack without a clock of the day marks its value as
// something else by the highest bit.
std::uint32_t timestamp_at(Instant now) noexcept {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  return 0x80000000u | static_cast<std::uint32_t>(milliseconds.count());
}

// One option on its way in: where its octets are, and what a pointer in it points to.
class OptionInPlace {
 public:
  OptionInPlace(MutableBytes options, const Ipv4Option& option) noexcept
      : octets_(options.subspan(option.offset, 2 + option.data.size())), offset_(option.offset) {}

  [[nodiscard]] std::size_t length() const noexcept { return octets_.size(); }
  [[nodiscard]] std::uint8_t pointer() const noexcept { return octets_[2]; }
  // Beyond the last octet: full, or a route at its end.
  [[nodiscard]] bool is_past_end() const noexcept { return pointer() > length(); }
  [[nodiscard]] bool has_room_for(std::size_t octets) const noexcept {
    return pointer() + octets - 1 <= length();
  }
  [[nodiscard]] Bytes at_pointer(std::size_t octets) const noexcept {
    return octets_.subspan(pointer() - 1u, octets);
  }
  void store(Bytes octets) noexcept {
    store_bytes(octets_, pointer() - 1u, octets);
    skip(octets.size());
  }
  void store_time(std::uint32_t time) noexcept {
    store_be32(octets_, pointer() - 1u, time);
    skip(kTimeSize);
  }
  void skip(std::size_t octets) noexcept {
    octets_[2] = static_cast<std::uint8_t>(octets_[2] + octets);
  }
  [[nodiscard]] std::uint8_t& octet(std::size_t index) noexcept { return octets_[index]; }

  [[nodiscard]] OptionError bad_length() const noexcept { return malformed(offset_ + 1u); }
  [[nodiscard]] OptionError bad_pointer() const noexcept { return malformed(offset_ + 2u); }
  [[nodiscard]] OptionError bad_flags() const noexcept { return malformed(offset_ + 3u); }

 private:
  MutableBytes octets_;
  std::size_t offset_;
};

std::optional<OptionError> receive_source_route(OptionInPlace option, const OptionPolicy& policy) {
  if (option.length() < 3) return option.bad_length();
  //= RFC791-3.1-i
  if (option.pointer() < kFirstAddress || option.pointer() % kAddressSize != 0) {
    return option.bad_pointer();
  }
  if (!option.is_past_end()) {
    if (!option.has_room_for(kAddressSize)) return option.bad_pointer();
    // There are stops left, and this host is not one that passes things on.
    //= RFC1122-3.3.5-a
    //= RFC1122-3.3.5-b
    return OptionError{DropReason::ip_source_route, ProblemKind::source_route_failed, 0};
  }
  //= RFC1122-3.2.1.8-e
  // DEVIATION RFC1122-3.2.1.8-e: refused unless the policy says otherwise, decision 0004.
  if (policy.source_routes == SourceRoutePolicy::refuse) {
    return OptionError{DropReason::ip_source_route, std::nullopt, 0};
  }
  return std::nullopt;
}

std::optional<OptionError> receive_record_route(OptionInPlace option, const IpAddress& here) {
  if (option.length() < 3) return option.bad_length();
  //= RFC791-3.1-i
  if (option.pointer() < kFirstAddress || option.pointer() % kAddressSize != 0) {
    return option.bad_pointer();
  }
  if (option.is_past_end()) return std::nullopt;
  //= RFC791-3.1-j
  if (!option.has_room_for(kAddressSize)) return option.bad_pointer();
  //= RFC1122-3.2.1.8-h
  option.store(here.octets());
  return std::nullopt;
}

std::optional<OptionError> receive_timestamp(Instant now, OptionInPlace option,
                                             const IpAddress& here) {
  if (option.length() < 4) return option.bad_length();
  const auto flag = static_cast<Ipv4TimestampFlag>(option.octet(3) & 0x0f);
  const bool has_addresses = flag != Ipv4TimestampFlag::timestamps_only;
  if (has_addresses && flag != Ipv4TimestampFlag::with_addresses &&
      flag != Ipv4TimestampFlag::prespecified) {
    return option.bad_flags();
  }
  const std::size_t entry = has_addresses ? kAddressSize + kTimeSize : kTimeSize;
  //= RFC791-3.1-i
  if (option.pointer() < kFirstStamp || (option.pointer() - kFirstStamp) % entry != 0) {
    return option.bad_pointer();
  }
  if (option.is_past_end()) {
    // A list of given addresses is done when the last of them has stamped; nobody lacks room.
    if (flag == Ipv4TimestampFlag::prespecified) return std::nullopt;
    //= RFC791-3.1-k
    if ((option.octet(3) & 0xf0) == 0xf0) return option.bad_flags();
    option.octet(3) = static_cast<std::uint8_t>(option.octet(3) + 0x10);
    return std::nullopt;
  }
  if (!option.has_room_for(entry)) return option.bad_pointer();

  //= RFC1122-3.2.1.8-i
  switch (flag) {
    case Ipv4TimestampFlag::timestamps_only: break;
    case Ipv4TimestampFlag::with_addresses: option.store(here.octets()); break;
    case Ipv4TimestampFlag::prespecified:
      if (IpAddress::from_octets(option.at_pointer(kAddressSize)) != here) return std::nullopt;
      option.skip(kAddressSize);
      break;
  }
  option.store_time(timestamp_at(now));
  return std::nullopt;
}

std::optional<OptionError> receive_option(Instant now, OptionInPlace place, Ipv4OptionType type,
                                          const IpAddress& here, const OptionPolicy& policy) {
  switch (type) {
    case Ipv4OptionType::loose_source_route:
    case Ipv4OptionType::strict_source_route: return receive_source_route(place, policy);
    case Ipv4OptionType::record_route: return receive_record_route(place, here);
    case Ipv4OptionType::timestamp: return receive_timestamp(now, place, here);
    case Ipv4OptionType::eol:
    case Ipv4OptionType::nop:
    case Ipv4OptionType::security:
    case Ipv4OptionType::stream_id:
    case Ipv4OptionType::router_alert: break;
  }
  //= RFC1122-3.2.1.8-c
  //= RFC1122-3.2.1.8-d
  return std::nullopt;
}

bool is_padding(const Ipv4Option& option) noexcept {
  return option.type == Ipv4OptionType::eol || option.type == Ipv4OptionType::nop;
}

void append(Buffer& to, const Ipv4Option& option) {
  to.push_back(static_cast<std::uint8_t>(option.type));
  to.push_back(static_cast<std::uint8_t>(2 + option.data.size()));
  to.insert(to.end(), option.data.begin(), option.data.end());
}

//= RFC791-3.1-l
void pad(Buffer& options) {
  options.resize((options.size() + 3) / 4 * 4, static_cast<std::uint8_t>(Ipv4OptionType::eol));
}

}  // namespace

std::optional<OptionError> receive_options(Instant now, MutableBytes options, const IpAddress& here,
                                           const OptionPolicy& policy) noexcept {
  //= RFC791-3.1-f
  //= RFC791-3.1-g
  bool source_routed = false;
  for (const Ipv4Options::Item& item : Ipv4Options{options}) {
    if (!item) return malformed(item.error().offset);
    if (is_padding(*item)) continue;
    if (is_source_route(*item)) {
      if (source_routed) return malformed(item->offset);
      source_routed = true;
    }
    if (auto error = receive_option(now, OptionInPlace{options, *item}, item->type, here, policy)) {
      return error;
    }
  }
  return std::nullopt;
}

ReplyOptions reply_options(const Datagram& datagram) {
  ReplyOptions reply;
  reply.destination = datagram.source;
  for (const Ipv4Options::Item& item : Ipv4Options{datagram.options}) {
    if (!item) break;
    //= RFC1122-3.2.2.6-e
    if (item->type == Ipv4OptionType::record_route || item->type == Ipv4OptionType::timestamp) {
      append(reply.octets, *item);
      continue;
    }
    if (!is_source_route(*item)) continue;
    const std::optional<wire::Ipv4Route> route = item->route();
    if (!route || route->count() == 0) continue;

    // The route as recorded names the hops from the source to us. Some senders put themselves at
    // its head (case B of RFC 1122, 3.2.1.8 (c)); they are to be visited once.
    //= RFC1122-3.2.2.6-f
    //= RFC1122-3.2.1.8-f
    std::vector<IpAddress> hops{datagram.source};
    for (std::size_t i = 0; i < route->count(); ++i) {
      const IpAddress hop = route->address(i);
      if (i == 0 && hop == datagram.source) continue;
      hops.push_back(hop);
    }
    if (hops.size() == 1) continue;
    std::reverse(hops.begin(), hops.end());
    reply.destination = hops.front();
    hops.erase(hops.begin());
    std::array<std::uint8_t, kMaxIpv4Options> storage{};
    wire::Ipv4OptionWriter writer{storage};
    writer.route(item->type, kFirstAddress, hops);
    reply.octets.insert(reply.octets.end(), writer.written().begin(), writer.written().end());
  }
  return reply;
}

std::optional<Buffer> padded_options(Bytes options) {
  if (options.size() > kMaxIpv4Options) return std::nullopt;
  std::size_t source_routes = 0;
  for (const Ipv4Options::Item& item : Ipv4Options{options}) {
    if (!item) return std::nullopt;
    if (is_source_route(*item)) ++source_routes;
  }
  //= RFC1122-3.2.1.8-g
  if (source_routes > 1) return std::nullopt;
  Buffer padded(options.begin(), options.end());
  pad(padded);
  return padded;
}

Buffer copied_options(Bytes options) {
  //= RFC791-3.1-h
  Buffer copied;
  for (const Ipv4Options::Item& item : Ipv4Options{options}) {
    if (item && item->copied()) append(copied, *item);
  }
  pad(copied);
  return copied;
}

}  // namespace packetwright::ip
