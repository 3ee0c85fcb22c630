// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/packet/dissect.hh"
#include "harness/packet/field.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

// Who has an address, by ARP (RFC 826) or Neighbor Discovery (RFC 4861): whole Ethernet frames.
namespace packetwright::packet {

// One end of a link.
struct Station {
  MacAddress mac;
  IpAddress address;
};

// A question for `asked` to everyone. An asker without an address wants to know whether it may take
// that one, and teaches nobody anything (RFC 5227, 2.1.1; RFC 4862, 5.4.2).
[[nodiscard]] Buffer who_has(const IpAddress& asked, const Station& asker);

// Somebody wants to know where `asked` is.
struct Question {
  IpAddress asked;
  Station asker;
};
// The question that the frame is. One that only looks for a duplicate of an address (RFC
// 5227, 2.1.1; RFC 4862, 5.4.2) or announces one wants no answer, and is none.
[[nodiscard]] std::optional<Question> question_of(const Dissected& frame);

// `who` tells `whom` its Ethernet address, as if it had been asked for it.
[[nodiscard]] Buffer here_is(const Station& who, const Station& whom);

// The Ethernet address that a field of 48 bits holds.
[[nodiscard]] MacAddress mac_of(const Wide& value) noexcept;

// The Ethernet address of `asked`, if the frame tells it.
[[nodiscard]] std::optional<MacAddress> told_of(const IpAddress& asked, Bytes frame);

}  // namespace packetwright::packet
