// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stack/base/ip_address.hh"
#include "stack/ip/datagram.hh"

namespace packetwright::ip {

// RFC 4862, 2 and RFC 5227, 2.1: an address is used only once nobody else turned out to have it.
enum class AddressState : std::uint8_t { tentative, preferred, deprecated };

struct LocalAddress {
  Prefix prefix;  // the host's address, and how long the network part is
  AddressState state = AddressState::preferred;
  // The addresses of its network are on the link. Not so if autoconfiguration made the address: its
  // router says that apart (RFC 4862, 5.5.3; RFC 4861, 6.3.4).
  bool on_link = true;
};

// The addresses of the one interface and the groups it has joined. Input, Routes and Output read
// it by reference; the owner (iface::Stack) changes it.
class Addresses {
 public:
  // Adds an address, or changes the prefix length and state of one that is there. False if it can
  // never be a host's own: unspecified, loopback, multicast, broadcast, or not in 0 .. 32 or 128.
  [[nodiscard]] bool add(const Prefix& prefix, AddressState state = AddressState::preferred,
                         bool on_link = true);
  void remove(const IpAddress& address);
  void set_state(const IpAddress& address, AddressState state);

  // Multicast membership, counted: leave() undoes one join(). The all-hosts group 224.0.0.1, the
  // IPv6 all-nodes groups and the solicited-node groups of own addresses need no call.
  // Says whether it was the first, or the last.
  bool join(const IpAddress& group);
  bool leave(const IpAddress& group);

  // Another one whenever an address has come, gone or changed: what was learnt from them before is
  // to be asked anew.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  // In the order in which they were added.
  [[nodiscard]] std::span<const LocalAddress> all() const noexcept { return addresses_; }
  [[nodiscard]] const LocalAddress* find(const IpAddress& address) const noexcept;
  // One of ours, and not tentative.
  [[nodiscard]] bool is_own(const IpAddress& address) const noexcept;
  // Limited, or directed to a network of ours.
  [[nodiscard]] bool is_broadcast(const IpAddress& address) const noexcept;
  // The non-standard forms, with zeros for ones: understood, never sent (RFC 1122, 3.3.6).
  [[nodiscard]] bool is_zero_broadcast(const IpAddress& address) const noexcept;
  // On a network that one of our prefixes covers (RFC 1122, 3.3.1.1).
  [[nodiscard]] bool is_on_link(const IpAddress& address) const noexcept;
  [[nodiscard]] bool is_member(const IpAddress& group) const noexcept;

  // What a datagram with this destination is to us; nullopt: not for us.
  [[nodiscard]] std::optional<AddressKind> classify(const IpAddress& destination) const noexcept;
  // True if no host can have sent from here: RFC 1122, 3.2.1.3 and 3.2.2; RFC 4291, 2.5 and 2.7.
  // The IPv6 unspecified address counts as valid, since duplicate address detection sends from it.
  [[nodiscard]] bool is_invalid_source(const IpAddress& source) const noexcept;

  // RFC 1122, 3.3.4.3 and RFC 6724, 5: the address to send from; nullopt: none is fit. `next_hop`
  // is where the datagram goes first (the gateway, or the destination itself).
  [[nodiscard]] std::optional<IpAddress> select_source(const IpAddress& destination,
                                                       const IpAddress& next_hop) const noexcept;

 private:
  struct Membership {
    IpAddress group;
    std::uint32_t count = 0;
  };

  std::vector<LocalAddress> addresses_;
  std::uint64_t version_ = 0;
  std::vector<Membership> groups_;
};

}  // namespace packetwright::ip
