// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/link.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <functional>
#include <string_view>
#include <utility>

#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "harness/targets/linux/steady_settings.hh"
#include "harness/targets/linux/sysctls.hh"

namespace packetwright::linux_stack {
namespace {

constexpr std::uint16_t kCreate = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

// The harness's end takes whatever the stack may send, so that only the stack's own MTU counts.
constexpr std::uint32_t kWireMtu = 65535;

// Not the peer's address: then the kernel's own input drops what arrives at the harness's end as
// meant for somebody else, and the stack does not hear itself.
constexpr MacAddress kWireMac{{0x02, 0x50, 0x57, 0xff, 0xff, 0xfe}};

// IF_OPER_UP of <linux/if.h>, which does not get along with <net/if.h>.
constexpr std::uint8_t kOperationalUp = 6;

std::string failed(std::string_view what, int error) {
  return std::string{what} + ": " + std::strerror(error);
}

// Wraps the errno of a change into a sentence.
Result<void, std::string> change(Netlink& route, NetlinkRequest request, std::string_view what) {
  const Result<void, int> done = route.change(std::move(request));
  if (!done) return Err{failed(what, done.error())};
  return {};
}

std::uint8_t family_of(const IpAddress& address) {
  return address.is_v4() ? AF_INET : AF_INET6;
}

int index_of(const char* device) {
  return static_cast<int>(if_nametoindex(device));
}

ifinfomsg link_message(int index, unsigned flags, unsigned change_mask) {
  ifinfomsg message{};
  message.ifi_family = AF_UNSPEC;
  message.ifi_index = index;
  message.ifi_flags = flags;
  message.ifi_change = change_mask;
  return message;
}

Result<void, std::string> bring_up(Netlink& route, const char* device) {
  NetlinkRequest request{RTM_NEWLINK, NLM_F_ACK};
  request.fixed(link_message(index_of(device), IFF_UP, IFF_UP));
  return change(route, std::move(request), std::string{device} + " could not be brought up");
}

// Asks `works` until it says yes, less and less often, for about ten seconds. For what the kernel
// does on its own account after it has accepted it; many who ask would keep it from doing so.
bool wait_until(const std::function<bool()>& works) {
  constexpr long kFirstPauseNs = 50'000, kLastPauseNs = 5'000'000;
  constexpr int kPauses = 2'000;
  timespec pause{0, kFirstPauseNs};
  for (int i = 0; i < kPauses; ++i) {
    if (works()) return true;
    nanosleep(&pause, nullptr);
    pause.tv_nsec = std::min(pause.tv_nsec * 5 / 4, kLastPauseNs);
  }
  return false;
}

// A device that was brought up works a little later, when the kernel has told everyone of it; what
// is sent before that is lost. Its flags do not tell, its operational state does.
Result<void, std::string> wait_until_it_works(Netlink& route, const char* device) {
  const bool works = wait_until([&] {
    bool up = false;
    NetlinkRequest request{RTM_GETLINK, NLM_F_ACK};
    request.fixed(link_message(index_of(device), 0, 0));
    static_cast<void>(route.dump(std::move(request), [&](std::uint16_t type, Bytes payload) {
      if (type != RTM_NEWLINK || payload.size() < sizeof(ifinfomsg)) return;
      for_each_attribute(payload.subspan(sizeof(ifinfomsg)),
                         [&](std::uint16_t attribute, Bytes value) {
                           if (attribute == IFLA_OPERSTATE && !value.empty()) {
                             up = value[0] == kOperationalUp;
                           }
                         });
    }));
    return up;
  });
  if (!works) return Err{std::string{device} + " did not come up within ten seconds"};
  return {};
}

// An IPv6 address takes part a little after it was added: detection of duplicates is a work of its
// own even when there is nothing to detect. Then there is a route to it that ends here.
Result<void, std::string> wait_until_local(Netlink& route, const char* device,
                                           const IpAddress& address) {
  const bool works = wait_until([&] {
    rtmsg question{};
    question.rtm_family = AF_INET6;
    question.rtm_dst_len = 128;
    NetlinkRequest request{RTM_GETROUTE, NLM_F_ACK};
    request.fixed(question)
        .attribute(RTA_DST, address)
        .attribute(RTA_OIF, static_cast<std::uint32_t>(index_of(device)));
    bool local = false;
    static_cast<void>(route.dump(std::move(request), [&](std::uint16_t type, Bytes payload) {
      rtmsg answer;
      if (type != RTM_NEWROUTE || payload.size() < sizeof answer) return;
      std::memcpy(&answer, payload.data(), sizeof answer);
      local = answer.rtm_type == RTN_LOCAL;
    }));
    return local;
  });
  if (!works) return Err{std::string{"an address of "} + device + " did not come up"};
  return {};
}

Result<void, std::string> add_address(Netlink& route, const char* device, const Prefix& prefix,
                                      bool link_local) {
  ifaddrmsg message{};
  message.ifa_family = family_of(prefix.address);
  message.ifa_prefixlen = prefix.length;
  // Without duplicate address detection, or the address could not be used for a second.
  message.ifa_flags = prefix.address.is_v6() ? IFA_F_NODAD : 0;
  message.ifa_scope = link_local ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  message.ifa_index = static_cast<std::uint32_t>(index_of(device));
  NetlinkRequest request{RTM_NEWADDR, kCreate};
  request.fixed(message)
      .attribute(IFA_LOCAL, prefix.address)
      .attribute(IFA_ADDRESS, prefix.address);
  if (prefix.address.is_v4() && prefix.length < 31) {
    const std::uint32_t host_bits = 0xffffffffU >> prefix.length;
    request.attribute(IFA_BROADCAST, IpAddress::v4(prefix.address.v4_value() | host_bits));
  }
  return change(route, std::move(request), std::string{"an address was refused by "} + device);
}

// The route to everything that is off link.
NetlinkRequest default_route(std::uint16_t type, std::uint16_t flags, int device,
                             const IpAddress& gateway, bool through_gateway) {
  rtmsg message{};
  message.rtm_family = family_of(gateway);
  message.rtm_table = RT_TABLE_MAIN;
  message.rtm_protocol = RTPROT_STATIC;
  message.rtm_scope = through_gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  message.rtm_type = RTN_UNICAST;
  NetlinkRequest request{type, flags};
  request.fixed(message).attribute(RTA_OIF, static_cast<std::uint32_t>(device));
  if (through_gateway) request.attribute(RTA_GATEWAY, gateway);
  return request;
}

// On a tunnel the peer has a route of its own besides, as packetdrill makes one: scripts change it.
NetlinkRequest peer_route(std::uint16_t type, std::uint16_t flags, int device,
                          const IpAddress& peer) {
  rtmsg message{};
  message.rtm_family = family_of(peer);
  message.rtm_dst_len = peer.is_v4() ? 32 : 128;
  message.rtm_table = RT_TABLE_MAIN;
  message.rtm_protocol = RTPROT_BOOT;
  message.rtm_scope = peer.is_v4() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  message.rtm_type = RTN_UNICAST;
  NetlinkRequest request{type, flags};
  request.fixed(message)
      .attribute(RTA_DST, peer)
      .attribute(RTA_OIF, static_cast<std::uint32_t>(device));
  return request;
}

std::vector<IpAddress> peers_of(Medium medium, const targets::Config& config) {
  std::vector<IpAddress> peers;
  if (medium != Medium::tun) return peers;
  if (!config.peer4.is_unspecified()) peers.push_back(config.peer4);
  if (config.peer6.is_v6()) peers.push_back(config.peer6);
  return peers;
}

std::vector<IpAddress> gateways_of(const targets::Config& config) {
  std::vector<IpAddress> gateways;
  if (!config.gateway4.is_unspecified()) gateways.push_back(config.gateway4);
  if (config.gateway6.is_v6()) gateways.push_back(config.gateway6);
  return gateways;
}

Result<void, std::string> add_routes(Netlink& route, Medium medium, int device,
                                     const targets::Config& config) {
  for (const IpAddress& gateway : gateways_of(config)) {
    // A tunnel has no neighbours to go through.
    const Result<void, std::string> added =
        change(route, default_route(RTM_NEWROUTE, kCreate, device, gateway, medium == Medium::veth),
               "the route to the peer was refused");
    if (!added) return added;
  }
  for (const IpAddress& peer : peers_of(medium, config)) {
    const Result<void, std::string> added =
        change(route, peer_route(RTM_NEWROUTE, kCreate, device, peer),
               "the route to the peer was refused");
    if (!added) return added;
  }
  return {};
}

}  // namespace

IpAddress link_local_of(const MacAddress& mac) {
  const auto& m = mac.octets;
  return IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(m[0] ^ 2), m[1],
                        m[2], 0xff, 0xfe, m[3], m[4], m[5]});
}

std::vector<std::string> quieten_new_devices() {
  std::vector<std::string> missing;
  for (const auto& [name, value] : kQuietDevices) {
    const Result<void, SysctlError> done = Sysctls::set(name, value);
    if (!done) missing.push_back(done.error().reason);
  }
  return missing;
}

std::string why_no_veth(int error) {
  std::string why = failed("a veth pair could not be made", error);
  if (error == EOPNOTSUPP) {
    return why + " (the kernel has no such device: CONFIG_VETH; try modprobe veth as root)";
  }
  if (error == EPERM) return why + " (CAP_NET_ADMIN is missing)";
  return why;
}

Result<void, std::string> make_veth(Netlink& route, const targets::Config& config) {
  NetlinkRequest request{RTM_NEWLINK, kCreate};
  request.fixed(link_message(0, 0, 0))
      .attribute(IFLA_IFNAME, std::string_view{kVethName})
      .attribute(IFLA_ADDRESS, config.local_mac)
      .attribute(IFLA_MTU, std::uint32_t{config.mtu})
      .nest(IFLA_LINKINFO, [&](NetlinkRequest& info) {
        info.attribute(IFLA_INFO_KIND, std::string_view{"veth"});
        info.nest(IFLA_INFO_DATA, [&](NetlinkRequest& data) {
          data.nest(VETH_INFO_PEER, [&](NetlinkRequest& peer) {
            peer.fixed(link_message(0, IFF_NOARP, IFF_NOARP))
                .attribute(IFLA_IFNAME, std::string_view{kWireName})
                .attribute(IFLA_ADDRESS, kWireMac)
                .attribute(IFLA_MTU, kWireMtu);
          });
        });
      });
  const Result<void, int> made = route.change(std::move(request));
  if (!made) return Err{why_no_veth(made.error())};

  // The harness's end belongs to the harness: the kernel must not speak there.
  const Result<void, SysctlError> mute =
      Sysctls::set(std::string{"net.ipv6.conf."} + kWireName + ".disable_ipv6", "1");
  // Without IPv6 in the kernel there is nothing to switch off.
  static_cast<void>(mute);
  NetlinkRequest no_arp{RTM_NEWLINK, NLM_F_ACK};
  no_arp.fixed(link_message(index_of(kWireName), IFF_NOARP, IFF_NOARP));
  return change(route, std::move(no_arp), "the harness's end of the pair could not be set");
}

Result<void, std::string> configure(Netlink& route, Medium medium, const targets::Config& config,
                                    bool addressed) {
  const char* const device = name_of_device(medium);
  Result<void, std::string> done = bring_up(route, "lo");
  if (done && medium == Medium::veth) done = bring_up(route, kWireName);
  if (done) done = bring_up(route, device);
  // A tunnel works at once, and has no such state.
  if (done && medium == Medium::veth) done = wait_until_it_works(route, kWireName);
  if (done && medium == Medium::veth) done = wait_until_it_works(route, device);
  if (done && addressed && !config.local4.address.is_unspecified()) {
    done = add_address(route, device, config.local4, false);
  }
  if (done && addressed && config.local6.address.is_v6()) {
    done = add_address(route, device, config.local6, false);
    if (done) done = wait_until_local(route, device, config.local6.address);
    if (done && medium == Medium::veth) {
      const IpAddress link_local = link_local_of(config.local_mac);
      done = add_address(route, device, Prefix{link_local, 64}, true);
      if (done) done = wait_until_local(route, device, link_local);
    }
  }
  if (done) done = add_routes(route, medium, index_of(device), config);
  return done;
}

Result<void, std::string> forget(Netlink& route, Medium medium, const targets::Config& config) {
  const int index = index_of(name_of_device(medium));
  // What a route learnt goes away with the route.
  for (const IpAddress& gateway : gateways_of(config)) {
    const Result<void, std::string> gone = change(
        route, default_route(RTM_DELROUTE, NLM_F_ACK, index, gateway, medium == Medium::veth),
        "the route to the peer could not be renewed");
    if (!gone) return gone;
  }
  for (const IpAddress& peer : peers_of(medium, config)) {
    const Result<void, std::string> gone =
        change(route, peer_route(RTM_DELROUTE, NLM_F_ACK, index, peer),
               "the route to the peer could not be renewed");
    if (!gone) return gone;
  }
  Result<void, std::string> done = add_routes(route, medium, index, config);
  if (!done || medium == Medium::tun) return done;

  std::vector<IpAddress> neighbours;
  ndmsg all{};
  all.ndm_family = AF_UNSPEC;
  NetlinkRequest list{RTM_GETNEIGH, NLM_F_DUMP};
  list.fixed(all);
  const Result<void, int> listed = route.dump(std::move(list), [&](std::uint16_t type,
                                                                   Bytes payload) {
    ndmsg message;
    if (type != RTM_NEWNEIGH || payload.size() < sizeof message) return;
    std::memcpy(&message, payload.data(), sizeof message);
    // Group addresses need no resolution, and are not learnt.
    if (message.ndm_ifindex != index || (message.ndm_state & NUD_NOARP) != 0) return;
    for_each_attribute(payload.subspan(sizeof message), [&](std::uint16_t attribute, Bytes value) {
      if (attribute == NDA_DST && (value.size() == 4 || value.size() == 16)) {
        neighbours.push_back(IpAddress::from_octets(value));
      }
    });
  });
  if (!listed) return Err{failed("the neighbours could not be listed", listed.error())};
  for (const IpAddress& neighbour : neighbours) {
    ndmsg one{};
    one.ndm_family = family_of(neighbour);
    one.ndm_ifindex = index;
    NetlinkRequest request{RTM_DELNEIGH, NLM_F_ACK};
    request.fixed(one).attribute(NDA_DST, neighbour);
    const Result<void, int> gone = route.change(std::move(request));
    if (!gone && gone.error() != ENOENT) {
      return Err{failed("a neighbour could not be forgotten", gone.error())};
    }
  }
  return done;
}

Result<void, std::string> switch_offloads_off(const char* device) {
  constexpr std::pair<std::uint32_t, std::string_view> kOffloads[] = {
      {ETHTOOL_STXCSUM, "transmit checksums"},
      {ETHTOOL_SRXCSUM, "receive checksums"},
      {ETHTOOL_STSO, "TCP segmentation"},
      {ETHTOOL_SGRO, "receive aggregation"},
  };
  const UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  std::string stayed_on;
  for (const auto& [command, name] : kOffloads) {
    ethtool_value value{};
    value.cmd = command;
    ifreq request{};
    std::strncpy(request.ifr_name, device, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&value);
    // What a device cannot do at all need not be switched off.
    if (ioctl(socket.get(), SIOCETHTOOL, &request) != 0 && errno != EOPNOTSUPP) {
      stayed_on += stayed_on.empty() ? "" : ", ";
      stayed_on += std::string{name} + " (" + std::strerror(errno) + ")";
    }
  }
  if (!stayed_on.empty()) return Err{std::string{device} + " keeps " + stayed_on};
  return {};
}

}  // namespace packetwright::linux_stack
