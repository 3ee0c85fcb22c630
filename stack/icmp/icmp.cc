// SPDX-License-Identifier: Apache-2.0
#include "stack/icmp/icmp.hh"

#include "stack/icmp/error_message.hh"
#include "stack/icmp/input.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"

namespace packetwright::icmp {
namespace {

IpAddress unspecified_of(Family family) noexcept {
  return family == Family::ipv4 ? IpAddress{} : IpAddress::v6({});
}

}  // namespace

void fill_checksum(Answer& answer) noexcept {
  if (answer.destination.is_v4()) {
    wire::fill_icmpv4_checksum(answer.octets);
  } else {
    wire::fill_icmpv6_checksum(answer.octets, answer.source, answer.destination);
  }
}

Icmp::Icmp(const IcmpConfig& config, Rng rng) : config_(config), limiter_(rng) {}

Input Icmp::on_message(Instant now, const Arrival& arrival, Bytes message) const {
  return arrival.destination.is_v4() ? on_icmpv4(now, arrival, message, config_)
                                     : on_icmpv6(arrival, message, config_);
}

Result<Answer, DropReason> Icmp::error_about(Instant now, const Offence& offence) {
  if (!may_answer(offence)) return Err{DropReason::icmp_error_forbidden};
  if (!limiter_.admit(now, offence.source, config_.errors_per_destination, config_.errors_global)) {
    return Err{DropReason::icmp_rate_limited};
  }
  //= RFC4443-2.2-a
  //= RFC4443-2.2-b
  // The answer comes from the address that was spoken to, if that is an address of one host.
  Answer answer;
  answer.source = offence.to_group ? unspecified_of(offence.source.family()) : offence.destination;
  answer.destination = offence.source;
  if (offence.source.is_v4()) {
    emit_error_v4(offence, config_.max_error_size_v4, answer.octets);
  } else {
    emit_error_v6(offence, answer.octets);
  }
  return answer;
}

}  // namespace packetwright::icmp
