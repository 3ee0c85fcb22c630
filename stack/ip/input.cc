// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/input.hh"

#include <utility>

#include "stack/ip/input_internal.hh"

namespace packetwright::ip {

Received refuse(DropReason reason) {
  Received received;
  received.dropped = reason;
  return received;
}

Received refuse(DropReason reason, Problem problem) {
  Received received;
  received.dropped = reason;
  received.problem = std::make_unique<Problem>(std::move(problem));
  return received;
}

Input::Input(const Addresses& addresses, const InputConfig& config)
    : addresses_(addresses), config_(config), reassembler_(config.reassembly) {}

Received Input::on_packet(Instant now, Family family, Bytes packet, LinkCast link) {
  const Arrival arrival{now, link, false};
  return family == Family::ipv4 ? on_ipv4(arrival, packet) : on_ipv6(arrival, packet);
}

// Whether a packet between these addresses can be meant for us; if so `kind` says how.
std::optional<DropReason> Input::check_addresses(const IpAddress& source,
                                                 const IpAddress& destination, LinkCast link,
                                                 AddressKind& kind) {
  if (link == LinkCast::unicast && accepted_ && accepted_->version == addresses_.version() &&
      accepted_->source == source && accepted_->destination == destination) {
    kind = AddressKind::unicast;
    return std::nullopt;
  }
  const auto wrong = judge_addresses(source, destination, link, kind);
  if (!wrong && link == LinkCast::unicast && kind == AddressKind::unicast) {
    accepted_ = {source, destination, addresses_.version()};
  }
  return wrong;
}

std::optional<DropReason> Input::judge_addresses(const IpAddress& source,
                                                 const IpAddress& destination, LinkCast link,
                                                 AddressKind& kind) const {
  if (link == LinkCast::loopback) {
    // From this host to itself: what may never be on a wire is at home here.
    kind = AddressKind::unicast;
    if (destination.is_loopback()) return std::nullopt;
    const std::optional<AddressKind> own = addresses_.classify(destination);
    if (!own) return DropReason::ip_not_for_us;
    kind = *own;
    return std::nullopt;
  }

  // Loopback addresses are not among our own, and so fall here with everybody else's.
  //= RFC1122-3.2.1.3-c
  //= RFC1122-3.2.1.3-f
  //= RFC1122-3.2.1.3-g
  //= RFC4291-2.5.3-b
  const std::optional<AddressKind> ours = addresses_.classify(destination);
  if (!ours) return DropReason::ip_not_for_us;
  kind = *ours;

  // Sent to all on the link, but for one host: somebody is confused, or wants many to answer.
  //= RFC1122-3.3.6-d
  if (link != LinkCast::unicast && kind == AddressKind::unicast) {
    return DropReason::ip_unicast_in_broadcast;
  }
  // Nobody else sends from an address of ours, tentative ones included; but of IPv6 whoever has it
  // already may say so (RFC 4862, 5.4.4).
  const LocalAddress* own = addresses_.find(source);
  const bool may_speak =
      own == nullptr || (source.is_v6() && own->state == AddressState::tentative);
  if (addresses_.is_invalid_source(source) || !may_speak) return DropReason::ip_bad_source;
  return std::nullopt;
}

void Input::on_deadline(Instant now) {
  reassembler_.on_deadline(now);
}

std::optional<Received> Input::next_discarded() {
  if (!reassembler_.has_abandoned()) return std::nullopt;
  std::optional<Abandoned> abandoned = reassembler_.next_abandoned();
  if (!abandoned) return std::nullopt;
  Received received = refuse(abandoned->reason);
  // Only the fragment at offset zero tells the sender what it was that did not arrive.
  //= RFC1122-3.3.2-f
  //= RFC8200-4.5-h
  if (abandoned->reason == DropReason::fragment_timeout && !abandoned->first.empty()) {
    Problem problem;
    problem.kind = ProblemKind::reassembly_time_exceeded;
    problem.source = abandoned->key.source;
    problem.destination = abandoned->key.destination;
    problem.destination_kind = abandoned->destination_kind;
    problem.link = abandoned->link;
    problem.packet = std::move(abandoned->first);
    received.problem = std::make_unique<Problem>(std::move(problem));
  }
  return received;
}

}  // namespace packetwright::ip
