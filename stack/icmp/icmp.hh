// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/base/rng.hh"
#include "stack/icmp/error_report.hh"
#include "stack/icmp/offence.hh"
#include "stack/icmp/rate_limit.hh"

namespace packetwright::icmp {

struct IcmpConfig {
  // Of the errors that we originate (RFC 4443, 2.4 (f); RFC 1812, 4.3.2.8). An interval of zero
  // switches a limit off.
  RateLimit errors_per_destination{100ms, 10};
  RateLimit errors_global{1ms, 200};
  bool answer_echo = true;  // RFC 1122, 3.2.2.6: MUST
  // RFC 1122, 3.2.2.6 lets a host keep silent when an Echo Request went to an IPv4 broadcast or
  // multicast address; a host that answers takes part in amplification attacks.
  bool answer_group_echo_v4 = false;
  bool answer_group_echo_v6 = true;  // RFC 4443, 4.2: SHOULD
  bool answer_timestamp = true;      // RFC 1122, 3.2.2.8: MAY
  // Total length of an ICMPv4 error, IP header included: RFC 1812, 4.3.2.3 allows up to 576. Less
  // than 56 is taken as 56, which still quotes a header and eight octets.
  std::uint16_t max_error_size_v4 = 576;
  // A wrong checksum is discarded. Off only for fuzzing behind the checksum.
  bool verify_checksum = true;
};

// How a message arrived, as IP tells it.
struct Arrival {
  IpAddress source;
  IpAddress destination;
  bool to_group = false;  // destination is a broadcast or multicast address
};

// An ICMP message to send. IP chooses the rest: RFC 1122, 3.2.2 wants a type of service of zero for
// errors, and 3.2.2.6 wants the options of an Echo Request to come back.
struct Answer {
  IpAddress source;  // unspecified: the address of the interface (the request went to a group)
  IpAddress destination;
  Buffer octets;  // its checksum is missing: see fill_checksum()
};
// The last touch, once `source` is known: the checksum of ICMPv6 covers the addresses.
void fill_checksum(Answer& answer) noexcept;

// An Echo Reply, for whoever sent the request (RFC 1122, 3.2.2.6; RFC 4443, 4.2).
struct EchoReply {
  std::uint16_t identifier = 0;
  Bytes message;  // the whole ICMP message
};
// RFC 1122, 3.2.2.2: datagrams for `destination` had better go to `gateway`. The routes decide
// whether to believe it.
struct Redirect {
  IpAddress local;  // source of the datagram that is quoted: us
  IpAddress destination;
  IpAddress gateway;
};
// Types 130 to 137 and 143 of ICMPv6: for Neighbor Discovery, and for who tells routers of groups.
// The checksum was right.
struct NeighborMessage {
  Bytes message;
};
using Input = std::variant<DropReason, Answer, EchoReply, ErrorReport, Redirect, NeighborMessage>;

// ICMP for IPv4 (RFC 792; RFC 1122, 3.2.2) and ICMPv6 (RFC 4443): what we answer, what we report
// upwards, and the errors that we owe to others. It sends nothing itself.
class Icmp {
 public:
  Icmp(const IcmpConfig& config, Rng rng);

  // A message of the family of `arrival.destination`. What the result refers to lives as long as
  // `message`.
  [[nodiscard]] Input on_message(Instant now, const Arrival& arrival, Bytes message) const;

  // The error that is due for a datagram that arrived and could not be used, or why none may be
  // sent: icmp_error_forbidden (RFC 1122, 3.2.2; RFC 4443, 2.4 (e)) or icmp_rate_limited.
  [[nodiscard]] Result<Answer, DropReason> error_about(Instant now, const Offence& offence);

 private:
  IcmpConfig config_;
  ErrorLimiter limiter_;
};

}  // namespace packetwright::icmp
