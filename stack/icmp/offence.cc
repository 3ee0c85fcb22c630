// SPDX-License-Identifier: Apache-2.0
#include "stack/icmp/offence.hh"

#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"

namespace packetwright::icmp {
namespace {

// A source that does not stand for exactly one host; what depends on the prefix of the link is
// IP's to know, and such packets never come here.
bool is_one_host(const IpAddress& source) noexcept {
  if (source.is_unspecified() || source.is_multicast() || source.is_loopback()) return false;
  // Class E, which the limited broadcast address is part of.
  return source.is_v6() || source.octets()[0] < 240;
}

// An ICMP message whose type cannot be seen may be an error as well, and counts as one.
bool carries_icmpv4_error(Bytes packet) noexcept {
  const auto ip = wire::Ipv4View::parse_lax(packet);
  if (!ip || ip->protocol() != wire::IpProtocol::icmpv4) return false;
  if (ip->fragment_offset() != 0 || ip->payload().empty()) return true;
  return wire::is_error(static_cast<wire::Icmpv4Type>(ip->payload()[0]));
}

bool carries_icmpv6_error(Bytes packet) noexcept {
  const auto ip = wire::Ipv6View::parse_lax(packet);
  if (!ip) return false;
  const auto upper = wire::find_upper_layer(ip->next_header(), ip->payload());
  if (!upper || upper->protocol != wire::IpProtocol::icmpv6) return false;
  if (!upper->is_first_fragment || upper->offset >= ip->payload().size()) return true;
  const auto type = static_cast<wire::Icmpv6Type>(ip->payload()[upper->offset]);
  return wire::is_error(type) || type == wire::Icmpv6Type::redirect;
}

}  // namespace

bool may_answer(const Offence& offence) noexcept {
  //= RFC1122-3.2.2-f
  //= RFC1122-3.2.2-g
  //= RFC4443-2.4-e3
  //= RFC4443-2.4-e4
  // One packet to many hosts must not draw an answer from each of them.
  if ((offence.to_group || offence.link_group) && !offence.even_if_group) return false;
  //= RFC1122-3.2.2-h
  //= RFC792-intro-c
  // A rule of IPv4 alone: RFC 8200, 4.5 owes an error for a fragment that cannot be placed, and the
  // one that reaches past the longest packet is never the first.
  if (offence.non_initial_fragment && offence.source.is_v4()) return false;
  //= RFC1122-3.2.2-i
  //= RFC4443-2.4-e6
  if (!is_one_host(offence.source)) return false;
  //= RFC1122-3.2.2-e
  //= RFC792-intro-b
  //= RFC4443-2.4-e1
  //= RFC4443-2.4-e2
  // Two hosts that complain about each other's complaints would never stop.
  return offence.source.is_v4() ? !carries_icmpv4_error(offence.packet)
                                : !carries_icmpv6_error(offence.packet);
}

}  // namespace packetwright::icmp
