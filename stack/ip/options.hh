// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/ip/datagram.hh"
#include "stack/ip/problem.hh"

// IPv4 options at a host that is the destination, and never forwards (RFC 791, 3.1; RFC 1122,
// 3.2.1.8).
namespace packetwright::ip {

inline constexpr std::size_t kMaxIpv4Options = 40;

// A datagram with a completed source route for this host: RFC 1122, 3.2.1.8 (c) asks for it to be
// delivered, and the practice of refusing it is older than most networks. See decision 0004.
enum class SourceRoutePolicy : std::uint8_t { refuse, deliver };

struct OptionPolicy {
  SourceRoutePolicy source_routes = SourceRoutePolicy::refuse;
};

// Why the options of a datagram end its way.
struct OptionError {
  DropReason reason = DropReason::ip_bad_option;
  std::optional<ProblemKind> problem;  // nullopt: not worth a word
  std::uint32_t pointer = 0;           // from the start of the IP header
};

// Reads the options in place and does what the destination does: Record Route and Timestamp get
// `here` and `now` where there is room. Unknown options are skipped.
[[nodiscard]] std::optional<OptionError> receive_options(Instant now, MutableBytes options,
                                                         const IpAddress& here,
                                                         const OptionPolicy& policy) noexcept;

// What the reply to a datagram carries (RFC 1122, 3.2.2.6): Record Route and Timestamp as they
// arrived and were filled in, and a source route backwards.
struct ReplyOptions {
  Buffer octets;          // not padded; Datagram::options
  IpAddress destination;  // the source of the datagram, or the first hop of the route to it
};
[[nodiscard]] ReplyOptions reply_options(const Datagram& datagram);

// Options for sending: whole words, ended by zeros. nullopt if they are malformed, longer than 40
// octets, or hold two source routes.
[[nodiscard]] std::optional<Buffer> padded_options(Bytes options);

// Of options that padded_options() accepted: those that every fragment carries, padded.
[[nodiscard]] Buffer copied_options(Bytes options);

}  // namespace packetwright::ip
