// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/ndp_checks.hh"

#include <optional>

#include "stack/wire/multicast.hh"

namespace packetwright::neighbor {
namespace {

// Only a packet that no router passed on arrives with the largest hop limit.
constexpr std::uint8_t kFromThisLink = 255;

// What all messages have in common.
template <class View>
Result<View, DropReason> check_common(const NdpArrival& arrival, Bytes message) noexcept {
  //= RFC6980-5-b
  if (arrival.fragmented) return Err{DropReason::ndp_fragmented};
  if (arrival.hop_limit != kFromThisLink) return Err{DropReason::ndp_hop_limit};
  const auto parsed = View::parse(message);
  if (!parsed || parsed->code() != 0) return Err{DropReason::ndp_malformed};
  //= RFC4861-4.6-a
  if (!wire::ndp_options_valid(parsed->options())) return Err{DropReason::ndp_malformed};
  return *parsed;
}

// ff02::1:ff00:0/104.
bool is_solicited_node_group(const IpAddress& address) noexcept {
  return address.is_multicast() && wire::solicited_node_group(address) == address;
}

}  // namespace

//= RFC4861-6.1.2-b
//= RFC4861-6.1.2-c
Result<wire::RouterAdvertisementView, DropReason> check_router_advertisement(
    const NdpArrival& arrival, Bytes message) noexcept {
  auto checked = check_common<wire::RouterAdvertisementView>(arrival, message);
  //= RFC4861-6.1.2-a
  if (checked && !arrival.source.is_link_local()) return Err{DropReason::ndp_bad_source};
  return checked;
}

//= RFC4861-7.1.1-a
//= RFC4861-7.1.1-b
Result<wire::NeighborSolicitationView, DropReason> check_neighbor_solicitation(
    const NdpArrival& arrival, Bytes message) noexcept {
  auto checked = check_common<wire::NeighborSolicitationView>(arrival, message);
  if (!checked) return checked;
  if (checked->target().is_multicast()) return Err{DropReason::ndp_bad_target};
  if (!arrival.source.is_unspecified()) return checked;
  //= RFC4861-7.1.1-c
  if (!is_solicited_node_group(arrival.destination)) return Err{DropReason::ndp_bad_source};
  //= RFC4861-7.1.1-d
  for (const auto& option : wire::NdpOptions{checked->options()}) {
    if (option && option->type == wire::NdpOptionType::source_link_layer_address) {
      return Err{DropReason::ndp_bad_source};
    }
  }
  return checked;
}

//= RFC4861-7.1.2-a
Result<wire::NeighborAdvertisementView, DropReason> check_neighbor_advertisement(
    const NdpArrival& arrival, Bytes message) noexcept {
  auto checked = check_common<wire::NeighborAdvertisementView>(arrival, message);
  if (!checked) return checked;
  //= RFC4861-7.1.2-b
  if (checked->target().is_multicast()) return Err{DropReason::ndp_bad_target};
  if (arrival.destination.is_multicast() && checked->solicited()) {
    return Err{DropReason::ndp_malformed};
  }
  return checked;
}

//= RFC4861-8.1-a
Result<wire::RedirectView, DropReason> check_redirect(const NdpArrival& arrival,
                                                      Bytes message) noexcept {
  auto checked = check_common<wire::RedirectView>(arrival, message);
  if (!checked) return checked;
  if (!arrival.source.is_link_local()) return Err{DropReason::ndp_bad_source};
  //= RFC4861-8.1-c
  if (checked->destination().is_multicast()) return Err{DropReason::ndp_bad_target};
  const bool is_neighbour =
      checked->target().is_link_local() || checked->target() == checked->destination();
  if (!is_neighbour) return Err{DropReason::ndp_bad_target};
  return checked;
}

}  // namespace packetwright::neighbor
