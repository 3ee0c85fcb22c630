// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/wire/ndp.hh"

namespace packetwright::neighbor {

// How a message of Neighbor Discovery came, as IP tells it.
struct NdpArrival {
  IpAddress source;
  IpAddress destination;
  std::uint8_t hop_limit = 0;
  bool fragmented = false;  // in a fragment, an atomic one included
};

// The validity checks that come before anything is believed, a message each and in the order of
// the text; the checksum was right (RFC 4861, 6.1.2, 7.1.1, 7.1.2 and 8.1; RFC 6980, 5). What is
// left for later are questions about what this host knows: whether the target is ours, or the
// sender of a Redirect the router in use.
//   ndp_fragmented, ndp_hop_limit, ndp_malformed (code, length, an option of length zero),
//   ndp_bad_source, ndp_bad_target
[[nodiscard]] Result<wire::RouterAdvertisementView, DropReason> check_router_advertisement(
    const NdpArrival& arrival, Bytes message) noexcept;
[[nodiscard]] Result<wire::NeighborSolicitationView, DropReason> check_neighbor_solicitation(
    const NdpArrival& arrival, Bytes message) noexcept;
[[nodiscard]] Result<wire::NeighborAdvertisementView, DropReason> check_neighbor_advertisement(
    const NdpArrival& arrival, Bytes message) noexcept;
[[nodiscard]] Result<wire::RedirectView, DropReason> check_redirect(const NdpArrival& arrival,
                                                                    Bytes message) noexcept;

}  // namespace packetwright::neighbor
