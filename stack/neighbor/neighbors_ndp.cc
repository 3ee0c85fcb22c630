// SPDX-License-Identifier: Apache-2.0
// Neighbor Discovery for IPv6 (RFC 4861, 7): who has an address, and that nobody has ours (RFC
// 4862, 5.4). ARP's part is neighbors.cc.
#include <algorithm>
#include <array>

#include "stack/neighbor/neighbors.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/multicast.hh"
#include "stack/wire/ndp.hh"

namespace packetwright::neighbor {
namespace {

using wire::NdpOptionType;
using wire::NdpOptionWriter;

constexpr IpAddress kUnspecified6 = IpAddress::v6({});
constexpr MacAddress kNoMac;
// RFC 4861, 6.3.4: at least every few hours, even if no router says anything.
constexpr Duration kRedraw = 2h;

// The one option that our own messages have: room for a link-layer address or a nonce.
using OneOption = std::array<std::uint8_t, 8>;

template <class Fields>
Buffer encode(const Fields& fields) {
  Buffer message(fields.encoded_size());
  fields.emit(message);
  return message;
}

}  // namespace

// --- own addresses

void Neighbors::act(const IpAddress& address, const DetectionActions& actions) {
  if (actions.solicit) {
    //= RFC4862-5.4.2-b
    OneOption storage{};
    const Address* ours = find(address);
    PW_ASSERT(ours != nullptr && ours->detection);
    const auto options =
        NdpOptionWriter{storage}.raw(NdpOptionType::nonce, ours->detection->nonce()).written();
    wire::NeighborSolicitationFields question;
    question.target = address;
    question.options = options;
    Buffer message = encode(question);
    const IpAddress group = wire::solicited_node_group(address);
    send_ndp(wire::multicast_mac(group), kUnspecified6, group, message);
  }
  if (actions.ready) events_.push_back({EventKind::address_ready, address, {}, {}});
  if (actions.duplicate) events_.push_back({EventKind::address_conflict, address, {}, {}});
}

void Neighbors::on_duplicate(const IpAddress& address) {
  Address* ours = find(address);
  if (ours != nullptr && ours->detection) act(address, ours->detection->on_conflict());
}

// --- the wire

// RFC 4861, 7.2.3, and RFC 4862, 5.4.3 for an address that is not ours yet.
std::optional<DropReason> Neighbors::on_solicitation(Instant now, const NdpArrival& arrival,
                                                     Bytes message) {
  const auto checked = check_neighbor_solicitation(arrival, message);
  if (!checked) return checked.error();
  const IpAddress target = checked->target();
  Address* ours = find(target);
  //= RFC4861-7.2.3-a
  if (ours == nullptr || !ours->detection) return DropReason::ndp_not_for_us;

  switch (ours->detection->state()) {
    case DetectionState::tentative: {
      //= RFC4862-5.4.3-a
      // Whoever has an address of its own only looks for the owner, and we are not.
      if (!arrival.source.is_unspecified()) return DropReason::ndp_not_for_us;
      for (const auto& option : wire::NdpOptions{checked->options()}) {
        if (!option || !option->nonce()) continue;
        if (ours->detection->is_own(*option->nonce())) return DropReason::ndp_own_echo;
      }
      //= RFC4862-5.4.3-b
      on_duplicate(target);
      return std::nullopt;
    }
    case DetectionState::duplicate: return DropReason::ndp_not_for_us;
    case DetectionState::assigned: break;
  }

  //= RFC4861-7.2.3-c
  if (!arrival.source.is_unspecified()) {
    const auto mac =
        wire::find_link_layer_address(checked->options(), NdpOptionType::source_link_layer_address);
    if (mac) {
      if (const auto reason = mention(now, arrival.source, *mac, std::nullopt)) return reason;
    }
  }
  answer_solicitation(now, arrival, target);
  return std::nullopt;
}

// RFC 4861, 7.2.4.
void Neighbors::answer_solicitation(Instant now, const NdpArrival& arrival,
                                    const IpAddress& target) {
  const bool asker_is_known = !arrival.source.is_unspecified();
  OneOption storage{};
  //= RFC4861-4.4-b
  //= RFC4861-7.2.4-a
  const auto options =
      NdpOptionWriter{storage}
          .link_layer_address(NdpOptionType::target_link_layer_address, config_.mac)
          .written();
  wire::NeighborAdvertisementFields answer;
  answer.target = target;
  answer.options = options;
  //= RFC4861-7.2.4-b
  answer.flags = wire::kNdpOverrideFlag;
  //= RFC4861-4.4-a
  //= RFC4861-7.2.4-d
  if (asker_is_known) answer.flags |= wire::kNdpSolicitedFlag;
  Buffer octets = encode(answer);
  if (!asker_is_known) {
    //= RFC4861-7.2.4-c
    send_ndp(wire::multicast_mac(wire::kAllNodes), target, wire::kAllNodes, octets);
    return;
  }
  // It may be that we have to ask where the one who asked is.
  Buffer packet = ndp_packet(target, arrival.source, octets);
  if (const auto mac = resolve(now, arrival.source, target)) {
    outgoing_.push_back({*mac, wire::EtherType::ipv6, std::move(packet)});
  } else {
    hold(arrival.source, wire::EtherType::ipv6, std::move(packet));
  }
}

// RFC 4861, 7.2.5, and RFC 4862, 5.4.4.
std::optional<DropReason> Neighbors::on_advertisement(Instant now, const NdpArrival& arrival,
                                                      Bytes message) {
  const auto checked = check_neighbor_advertisement(arrival, message);
  if (!checked) return checked.error();
  const IpAddress target = checked->target();
  if (const Address* ours = find(target)) {
    //= RFC4862-5.4.4-a
    if (!ours->detection || ours->detection->state() != DetectionState::tentative) {
      return DropReason::ndp_not_for_us;
    }
    on_duplicate(target);
    return std::nullopt;
  }

  Advertised said;
  said.solicited = checked->solicited();
  said.override_address = checked->override_flag();
  said.router = checked->router();
  //= RFC4861-4.6.1-a
  said.mac =
      wire::find_link_layer_address(checked->options(), NdpOptionType::target_link_layer_address);
  if (said.mac && (said.mac->is_group() || *said.mac == kNoMac || *said.mac == config_.mac)) {
    return DropReason::ndp_bad_link_address;
  }
  CacheActions actions;
  if (!ndp_cache_.on_advertisement(now, target, said, actions)) return DropReason::ndp_unsolicited;
  act(target, std::move(actions));
  return std::nullopt;
}

std::optional<DropReason> Neighbors::mention(Instant now, const IpAddress& neighbor,
                                             const MacAddress& mac, std::optional<bool> router) {
  if (mac.is_group() || mac == kNoMac || mac == config_.mac) {
    return DropReason::ndp_bad_link_address;
  }
  act(neighbor, ndp_cache_.mention(now, neighbor, mac));
  if (router) ndp_cache_.set_router(neighbor, *router);
  return std::nullopt;
}

// --- what is asked

void Neighbors::send_solicitation(const CacheActions& actions, const IpAddress& target) {
  if (actions.ask == CacheActions::Ask::nobody) return;
  //= RFC4861-4.3-b
  //= RFC4861-7.2.2-a
  //= RFC4861-7.2.2-b
  OneOption storage{};
  const auto options =
      NdpOptionWriter{storage}
          .link_layer_address(NdpOptionType::source_link_layer_address, config_.mac)
          .written();
  wire::NeighborSolicitationFields question;
  question.target = target;
  question.options = options;
  Buffer message = encode(question);
  if (actions.ask == CacheActions::Ask::neighbor) {
    //= RFC4861-7.3.3-a
    send_ndp(actions.mac, actions.source, target, message);
  } else {
    const IpAddress group = wire::solicited_node_group(target);
    send_ndp(wire::multicast_mac(group), actions.source, group, message);
  }
}

void Neighbors::solicit_routers() {
  const auto at = std::find_if(addresses_.begin(), addresses_.end(), [](const Address& known) {
    return known.address.is_v6() && known.address.is_link_local() && is_owned(known);
  });
  OneOption storage{};
  NdpOptionWriter options{storage};
  //= RFC4861-4.1-a
  IpAddress source = kUnspecified6;
  if (at != addresses_.end()) {
    source = at->address;
    options.link_layer_address(NdpOptionType::source_link_layer_address, config_.mac);
  }
  wire::RouterSolicitationFields question;
  question.options = options.written();
  Buffer message = encode(question);
  send_ndp(wire::multicast_mac(wire::kAllRouters), source, wire::kAllRouters, message);
}

Buffer Neighbors::ndp_packet(const IpAddress& source, const IpAddress& destination,
                             MutableBytes message) {
  //= RFC4861-4.1-b
  wire::fill_icmpv6_checksum(message, source, destination);
  wire::Ipv6Fields ip;
  ip.src = source;
  ip.dst = destination;
  ip.next_header = wire::IpProtocol::icmpv6;
  ip.hop_limit = 255;
  ip.set_lengths(message.size());
  Buffer packet(ip.encoded_size() + message.size());
  ip.emit(packet);
  store_bytes(packet, ip.encoded_size(), message);
  return packet;
}

void Neighbors::send_ndp(const MacAddress& to, const IpAddress& source,
                         const IpAddress& destination, MutableBytes message) {
  outgoing_.push_back({to, wire::EtherType::ipv6, ndp_packet(source, destination, message)});
}

// --- the variables of the link

void Neighbors::set_base_reachable_time(Instant now, Duration base) {
  config_.reachable_time = base;
  reachable_time_drawn_ = now;
  //= RFC4861-6.3.4-f
  // Uniform in 0.5 .. 1.5 times the base, so that hosts do not ask in step.
  const auto whole = static_cast<std::uint64_t>(std::max<std::int64_t>(base.count(), 0));
  ndp_cache_.set_reachable_time(base / 2 +
                                Duration{static_cast<std::int64_t>(ndp_rng_.below(whole + 1))});
}

void Neighbors::draw_reachable_time(Instant now) {
  if (now - reachable_time_drawn_ >= kRedraw) set_base_reachable_time(now, config_.reachable_time);
}

void Neighbors::set_retrans_timer(Duration timer) {
  ndp_cache_.set_retransmit_interval(timer);
}

}  // namespace packetwright::neighbor
