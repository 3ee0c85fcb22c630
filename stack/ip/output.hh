// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/ip/addresses.hh"
#include "stack/ip/datagram.hh"
#include "stack/ip/flow_label.hh"
#include "stack/ip/identification.hh"
#include "stack/ip/routes.hh"

namespace packetwright::ip {

enum class SendError : std::uint8_t {
  network_unreachable,    // no route
  address_not_available,  // the source is not ours, or none is fit
  invalid_destination,    // unspecified, or a network without a host
  invalid_hop_limit,      // 0 is never sent (RFC 1122, 3.2.1.7)
  invalid_options,        // malformed, more than 40 octets, or two source routes
  message_too_big,        // above the path MTU and not to be fragmented, or above 65535 octets
};

// One IP packet on its way to the link.
struct Packet {
  Family family = Family::ipv4;  // tells the Ethertype
  RouteKind kind = RouteKind::on_link;
  IpAddress next_hop;  // on_link and gateway: ask the neighbour cache for it
  IpAddress source;    // on whose behalf to ask
  MacAddress group;    // broadcast and multicast: where the frame goes
  Buffer octets;       // kind local: hand it to Input with LinkCast::loopback
};

// The way out: source, route, header, Identification, and as many fragments as the path needs.
class Output {
 public:
  // `addresses` and `routes` outlive this object.
  Output(const Addresses& addresses, const Routes& routes, Rng rng);

  // Appends the packets that carry the datagram to `out`; on an error none.
  [[nodiscard]] Result<void, SendError> send(Instant now, const Datagram& datagram,
                                             std::vector<Packet>& out);

  // The common case without a copy, for callers that write a payload behind the place of its
  // header: nullopt unless a datagram with this source, the DF flag and `payload_size` octets of
  // payload, which need not be there yet, goes to one neighbour whole and without options. What
  // else there is to it, or what is wrong with it, send() knows.
  [[nodiscard]] std::optional<Route> direct_route(Instant now, const Datagram& datagram,
                                                  std::size_t payload_size) const;
  // What send() puts into the header of such a datagram where its flow_label is zero: 0 for IPv4.
  [[nodiscard]] std::uint32_t flow_label(const Datagram& datagram) const noexcept {
    return datagram.family() == Family::ipv4 ? 0 : flow_labels_.label_of(datagram);
  }

  // The source that send() would choose for an unspecified one.
  [[nodiscard]] Result<IpAddress, SendError> source_for(Instant now,
                                                        const IpAddress& destination) const;

 private:
  [[nodiscard]] bool may_send_from(const IpAddress& source, const Route& route) const noexcept;
  [[nodiscard]] Result<std::vector<Buffer>, SendError> encode_v4(const Datagram& datagram,
                                                                 const Route& route);
  [[nodiscard]] Result<std::vector<Buffer>, SendError> encode_v6(const Datagram& datagram,
                                                                 const Route& route);

  const Addresses& addresses_;
  const Routes& routes_;
  Identification identification_;
  FlowLabels flow_labels_;
};

}  // namespace packetwright::ip
