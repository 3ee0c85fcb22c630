// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/neighbor.hh"

#include "harness/packet/neighbor_messages.hh"

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Proto;

constexpr std::uint64_t kIgmpProtocol = 2;

// ICMPv6 types: RFC 4861, 4 and RFC 2710, RFC 3810.
constexpr std::uint64_t kRouterSolicitation = 133;
constexpr std::uint64_t kNeighborSolicitation = 135;
constexpr std::uint64_t kNeighborAdvertisement = 136;

bool is_mld(std::uint64_t type) {
  return (type >= 130 && type <= 132) || type == 143;
}

// The peer side has one Ethernet address, under which everybody but the target is reached. What is
// no question needs no answer.
ChatterVerdict answer(const packet::Dissected& frame, const Settings& settings) {
  const targets::Config& config = settings.config;
  const auto question = packet::question_of(frame);
  if (!question || question->asked == config.local4.address ||
      question->asked == config.local6.address) {
    return {Chatter::ignore, {}};
  }
  return {Chatter::answer, packet::here_is({config.peer_mac, question->asked}, question->asker)};
}

ChatterVerdict judge_icmpv6(const packet::Dissected& frame, const ScriptedProtocols& scripted,
                            const Settings& settings) {
  const std::uint64_t type = frame.u32(Field::icmpv6_type);
  if (is_mld(type)) return {scripted.mld ? Chatter::none : Chatter::ignore, {}};
  if (scripted.ndp) return {};
  if (type == kRouterSolicitation || type == kNeighborAdvertisement) return {Chatter::ignore, {}};
  if (type == kNeighborSolicitation) return answer(frame, settings);
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
  if (frame.has(Proto::arp)) return scripted.arp ? ChatterVerdict{} : answer(frame, settings);
  if (frame.has(Proto::icmpv6)) return judge_icmpv6(frame, scripted, settings);
  const auto protocol = frame.get(Field::ipv4_protocol);
  if (protocol.has_value() && protocol->low == kIgmpProtocol && !scripted.igmp) {
    return {Chatter::ignore, {}};
  }
  return {};
}

}  // namespace packetwright::engine
