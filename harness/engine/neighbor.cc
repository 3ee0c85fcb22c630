// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/neighbor.hh"

#include "harness/packet/neighbor_messages.hh"

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Proto;
using packet::Wide;

constexpr std::uint64_t kIgmpProtocol = 2;

// ICMPv6 types: RFC 4861, 4 and RFC 2710, RFC 3810.
constexpr std::uint64_t kRouterSolicitation = 133;
constexpr std::uint64_t kNeighborSolicitation = 135;
constexpr std::uint64_t kNeighborAdvertisement = 136;

bool is_mld(std::uint64_t type) {
  return (type >= 130 && type <= 132) || type == 143;
}

IpAddress v4(const std::optional<Wide>& value) {
  return IpAddress::v4(static_cast<std::uint32_t>(value.value_or(Wide{}).low));
}

// The peer side has one Ethernet address, under which everybody but the target is reached.
Buffer answer(const IpAddress& asked, const IpAddress& asker, const std::optional<Wide>& asker_mac,
              const Settings& settings) {
  return packet::here_is({settings.config.peer_mac, asked},
                         {packet::mac_of(asker_mac.value_or(Wide{})), asker});
}

ChatterVerdict judge_arp(const packet::Dissected& frame, const Settings& settings) {
  const std::uint64_t op = frame.u32(Field::arp_op);
  const IpAddress sender = v4(frame.get(Field::arp_sender_ip));
  const IpAddress target = v4(frame.get(Field::arp_target_ip));
  // Probes and announcements (RFC 5227) want no answer, and answers need none.
  if (op != 1 || sender.is_unspecified() || sender == target ||
      target == settings.config.local4.address) {
    return {Chatter::ignore, {}};
  }
  return {Chatter::answer, answer(target, sender, frame.get(Field::arp_sender_mac), settings)};
}

ChatterVerdict judge_solicitation(const packet::Dissected& frame, const Settings& settings) {
  const auto addresses = frame.addresses();
  const Bytes body = frame.payload();
  // Without a source it is duplicate address detection (RFC 4862, 5.4.2): nobody objects.
  if (!addresses.has_value() || addresses->src.is_unspecified() || body.size() < 16) {
    return {Chatter::ignore, {}};
  }
  const IpAddress target = IpAddress::from_octets(body.first(16));
  if (target == settings.config.local6.address) return {Chatter::ignore, {}};
  return {Chatter::answer,
          answer(target, addresses->src, frame.get(Field::ethernet_src), settings)};
}

ChatterVerdict judge_icmpv6(const packet::Dissected& frame, const ScriptedProtocols& scripted,
                            const Settings& settings) {
  const std::uint64_t type = frame.u32(Field::icmpv6_type);
  if (is_mld(type)) return {scripted.mld ? Chatter::none : Chatter::ignore, {}};
  if (scripted.ndp) return {};
  if (type == kRouterSolicitation || type == kNeighborAdvertisement) return {Chatter::ignore, {}};
  if (type == kNeighborSolicitation) return judge_solicitation(frame, settings);
  return {};
}

}  // namespace

ScriptedProtocols scripted_protocols(const script::Script& script) {
  ScriptedProtocols scripted;
  for (const script::Event& event : script.events) {
    const auto* packet = event.as<script::Packet>();
    if (packet == nullptr) continue;
    if (packet->as<script::Tcp>() != nullptr) scripted.tcp = true;
    if (packet->as<script::Udp>() != nullptr) scripted.udp = true;
    if (packet->as<script::Arp>() != nullptr) scripted.arp = true;
    if (const auto* icmp = packet->as<script::Icmp>()) {
      if (icmp->type.starts_with("neighbo") || icmp->type.starts_with("router_")) {
        scripted.ndp = true;
      }
      if (icmp->type.starts_with("mld")) scripted.mld = true;
    }
    if (const auto* other = packet->as<script::OtherIp>()) {
      if (other->protocol.value == static_cast<std::int64_t>(kIgmpProtocol)) scripted.igmp = true;
    }
  }
  return scripted;
}

ChatterVerdict judge_chatter(const packet::Dissected& frame, const ScriptedProtocols& scripted,
                             const Settings& settings) {
  if (frame.has(Proto::arp)) return scripted.arp ? ChatterVerdict{} : judge_arp(frame, settings);
  if (frame.has(Proto::icmpv6)) return judge_icmpv6(frame, scripted, settings);
  const auto protocol = frame.get(Field::ipv4_protocol);
  if (protocol.has_value() && protocol->low == kIgmpProtocol && !scripted.igmp) {
    return {Chatter::ignore, {}};
  }
  return {};
}

}  // namespace packetwright::engine
