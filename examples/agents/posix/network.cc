// SPDX-License-Identifier: Apache-2.0
#include "network.hh"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/linux/steady_settings.hh"

namespace posix_agent {
namespace {

constexpr const char* kDevice = "pw0";
constexpr int kAnew = NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
// Larger than any frame: 64 KiB of IP, a header, a VLAN tag.
constexpr std::size_t kLargestFrame = 65536 + 64;

std::uint8_t family_of(const pw_address& address) {
  return address.family == PW_IPV4 ? AF_INET : AF_INET6;
}

bool is_none(const pw_address& address) {
  return address.family == PW_NONE;
}

int failed(std::string& reason, const std::string& what, int error) {
  reason = what + ": " + std::strerror(error);
  return error == EPERM || error == EACCES || error == ENOENT ? -ENOTSUP : -error;
}

// The number behind `key` in a file of /proc; 0 without either.
long count_in(const char* path, std::string_view key) {
  char text[1024] = {};
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t got = read(file, text, sizeof text - 1);
  close(file);
  const std::string_view all{text, static_cast<std::size_t>(got > 0 ? got : 0)};
  const std::size_t at = all.find(key);
  return at == std::string_view::npos ? 0 : std::strtol(text + at + key.size(), nullptr, 10);
}

bool waits_for_fragments() {
  return count_in("/proc/self/net/sockstat", "FRAG: inuse ") != 0 ||
         count_in("/proc/self/net/sockstat6", "FRAG6: inuse ") != 0;
}

// The link-local address that RFC 4291, appendix A, makes of an Ethernet address.
pw_prefix link_local_of(const std::uint8_t* m) {
  return {{PW_IPV6,
           {0xfe, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(m[0] ^ 2), m[1], m[2], 0xff,
            0xfe, m[3], m[4], m[5]}},
          64};
}

ifreq request_for(const char* device) {
  ifreq request{};
  std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
  return request;
}

bool same(const pw_address& a, const pw_address& b) {
  return a.family == b.family && std::memcmp(a.octets, b.octets, sizeof a.octets) == 0;
}

// All but the seed and the knobs.
bool same_link(const Config& a, const Config& b) {
  return same(a.local4.address, b.local4.address) && a.local4.length == b.local4.length &&
         same(a.local6.address, b.local6.address) && a.local6.length == b.local6.length &&
         same(a.gateway4, b.gateway4) && same(a.gateway6, b.gateway6) && same(a.peer4, b.peer4) &&
         same(a.peer6, b.peer6) && std::memcmp(a.mac, b.mac, sizeof a.mac) == 0 && a.mtu == b.mtu;
}

// An ioctl on whatever socket. 0, or an errno.
int tell(unsigned long what, ifreq request) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int error = ioctl(socket, what, &request) == 0 ? 0 : errno;
  close(socket);
  return error;
}

}  // namespace

Network::~Network() {
  if (device_ >= 0) close(device_);
}

int Network::make(std::string& reason) {
  if (device_ >= 0) close(device_);
  device_ = -1;
  config_ = {};
  knobs_ = {};
  if (!options_.here && unshare(CLONE_NEWNET) != 0) {
    const int error = errno;
    return failed(reason,
                  "a network namespace cannot be made (start it by unshare -rn, or with --here)",
                  error);
  }
  // What cannot be set stays as it is.
  for (const auto& [name, value] : packetwright::linux_stack::kSteadySettings) {
    Sysctls::set(name, value);
  }
  for (const auto& [name, value] : packetwright::linux_stack::kQuietDevices) {
    Sysctls::set(name, value);
  }
  Sysctls::set("tcp_congestion_control", "cubic");
  device_ = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (device_ < 0) return failed(reason, "/dev/net/tun", errno);
  ifreq request = request_for(kDevice);
  request.ifr_flags = static_cast<short>((options_.tun ? IFF_TUN : IFF_TAP) | IFF_NO_PI);
  if (ioctl(device_, TUNSETIFF, &request) != 0) {
    const int error = errno;
    close(std::exchange(device_, -1));
    return failed(reason, "a device cannot be made", error);
  }
  index_ = static_cast<int>(if_nametoindex(kDevice));
  route_ = std::make_unique<Netlink>(NETLINK_ROUTE);
  diagnostics_ = std::make_unique<Netlink>(NETLINK_SOCK_DIAG);
  return 0;
}

int Network::set_up(const Config& config, bool unused, std::string& reason) {
  knobs_.restore();
  if (!unused || device_ < 0 || !same_link(config_, config)) {
    if (device_ < 0 || !clean()) {
      if (const int result = make(reason); result < 0) return result;
    }
    if (const int result = configure(config, reason); result < 0) return result;
  }
  for (const auto& [name, value] : config.knobs) {
    if (const int result = knobs_.set_for_now(name, value); result < 0) {
      reason = result == -EINVAL ? name + " cannot be " + value
                                 : "this kernel does not let the setting " + name + " be " + value;
      return result;
    }
  }
  // Coming up makes the stack join groups, and say so.
  Buffer early;
  while (take(early)) {
  }
  return 0;
}

bool Network::clean() {
  // Half a datagram would become whole with a fragment of a later case.
  if (waits_for_fragments()) return false;
  // Connections that nobody owns any more would speak up in a later case.
  for (const std::uint8_t family : {AF_INET, AF_INET6}) {
    inet_diag_req_v2 wanted{};
    wanted.sdiag_family = family;
    wanted.sdiag_protocol = IPPROTO_TCP;
    wanted.idiag_states = ~0U;
    std::vector<inet_diag_sockid> found;
    diagnostics_->ask(NetlinkRequest{SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, wanted},
                      [&](std::uint16_t type, Bytes payload) {
                        inet_diag_msg message;
                        if (type != SOCK_DIAG_BY_FAMILY || payload.size() < sizeof message) return;
                        std::memcpy(&message, payload.data(), sizeof message);
                        found.push_back(message.id);
                      });
    for (const inet_diag_sockid& id : found) {
      wanted.id = id;
      const int error = diagnostics_->ask(NetlinkRequest{SOCK_DESTROY, NLM_F_ACK, wanted});
      if (error != 0 && error != ENOENT) return false;
    }
  }
  return true;
}

int Network::set_flags(const char* device, bool up) const {
  ifreq request = request_for(device);
  request.ifr_flags = static_cast<short>(up ? IFF_UP | IFF_RUNNING : 0);
  return tell(SIOCSIFFLAGS, request);
}

int Network::change_address(std::uint16_t type, int flags, const pw_prefix& prefix,
                            bool link_local) {
  ifaddrmsg message{};
  message.ifa_family = family_of(prefix.address);
  message.ifa_prefixlen = prefix.length;
  // Without duplicate address detection, or the address could not be used for a second.
  message.ifa_flags = prefix.address.family == PW_IPV6 ? IFA_F_NODAD : 0;
  message.ifa_scope = link_local ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  message.ifa_index = static_cast<std::uint32_t>(index_);
  NetlinkRequest request{type, flags, message};
  request.attribute(IFA_LOCAL, prefix.address).attribute(IFA_ADDRESS, prefix.address);
  if (prefix.address.family == PW_IPV4 && prefix.length < 31) {
    std::uint32_t broadcast = 0;
    std::memcpy(&broadcast, prefix.address.octets, sizeof broadcast);
    broadcast |= htonl(0xffffffffU >> prefix.length);
    request.attribute(IFA_BROADCAST, broadcast);
  }
  return route_->ask(request);
}

int Network::add_route(const pw_address& to, std::uint8_t length, const pw_address* gateway) {
  rtmsg message{};
  message.rtm_family = family_of(to);
  message.rtm_dst_len = length;
  message.rtm_table = RT_TABLE_MAIN;
  message.rtm_protocol = length == 0 ? RTPROT_STATIC : RTPROT_BOOT;
  message.rtm_scope =
      gateway != nullptr || to.family == PW_IPV6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  message.rtm_type = RTN_UNICAST;
  NetlinkRequest request{RTM_NEWROUTE, kAnew, message};
  if (length > 0) request.attribute(RTA_DST, to);
  request.attribute(RTA_OIF, static_cast<std::uint32_t>(index_));
  if (gateway != nullptr) request.attribute(RTA_GATEWAY, *gateway);
  return route_->ask(request);
}

// An IPv6 address takes part a little after it was added, when there is a route to it that ends
// here.
void Network::await_address(const pw_address& address) {
  rtmsg question{};
  question.rtm_family = AF_INET6;
  question.rtm_dst_len = 128;
  timespec pause{0, 50'000};
  for (int i = 0; i < 1000; ++i) {
    bool local = false;
    NetlinkRequest request{RTM_GETROUTE, NLM_F_ACK, question};
    request.attribute(RTA_DST, address).attribute(RTA_OIF, static_cast<std::uint32_t>(index_));
    route_->ask(request, [&](std::uint16_t type, Bytes payload) {
      rtmsg answer;
      if (type != RTM_NEWROUTE || payload.size() < sizeof answer) return;
      std::memcpy(&answer, payload.data(), sizeof answer);
      local = answer.rtm_type == RTN_LOCAL;
    });
    if (local) return;
    nanosleep(&pause, nullptr);
  }
}

int Network::configure(const Config& config, std::string& reason) {
  const auto refused = [&](const char* what, int error) {
    reason = std::string{what} + ": " + std::strerror(error);
    return -error;
  };
  // Going down takes with it whatever was learnt: neighbours, routes and what these know.
  int error = set_flags(kDevice, false);
  if (error == 0) error = set_flags("lo", true);
  if (error == 0 && !is_none(config_.local4.address)) {
    change_address(RTM_DELADDR, NLM_F_ACK, config_.local4, false);
  }
  if (error == 0 && !options_.tun) {
    ifreq request = request_for(kDevice);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(request.ifr_hwaddr.sa_data, config.mac, sizeof config.mac);
    error = tell(SIOCSIFHWADDR, request);
  }
  if (error == 0) {
    ifreq request = request_for(kDevice);
    request.ifr_mtu = config.mtu;
    error = tell(SIOCSIFMTU, request);
  }
  if (error == 0) error = set_flags(kDevice, true);
  if (error != 0) return refused("the device cannot be set", error);
  config_ = config;

  const bool has_ipv6 = access("/proc/sys/net/ipv6", F_OK) == 0;
  std::vector<std::pair<pw_prefix, bool>> addresses;  // which of them is link-local
  if (!is_none(config.local4.address)) addresses.emplace_back(config.local4, false);
  if (has_ipv6 && !is_none(config.local6.address)) {
    addresses.emplace_back(config.local6, false);
    if (!options_.tun) addresses.emplace_back(link_local_of(config.mac), true);
  }
  for (const auto& [prefix, link_local] : addresses) {
    error = change_address(RTM_NEWADDR, kAnew, prefix, link_local);
    if (error != 0) return refused("an address was refused", error);
    if (prefix.address.family == PW_IPV6) await_address(prefix.address);
  }
  for (const auto& [gateway, peer] :
       {std::pair{config.gateway4, config.peer4}, std::pair{config.gateway6, config.peer6}}) {
    if (is_none(gateway) || (gateway.family == PW_IPV6 && !has_ipv6)) continue;
    pw_address anywhere{};
    anywhere.family = gateway.family;
    // A tunnel has no neighbours to go through. The peer has a route of its own there, as
    // packetdrill makes one.
    error = add_route(anywhere, 0, options_.tun ? nullptr : &gateway);
    if (error == 0 && options_.tun && !is_none(peer)) {
      error = add_route(peer, peer.family == PW_IPV4 ? 32 : 128, nullptr);
    }
    if (error != 0) return refused("a route was refused", error);
  }
  return 0;
}

void Network::inject(Bytes frame) const {
  // What the kernel refuses could not have been on this wire either.
  if (write(device_, frame.data(), frame.size()) < 0) return;
}

bool Network::take(Buffer& frame) const {
  frame.resize(kLargestFrame);
  const ssize_t got = device_ < 0 ? -1 : read(device_, frame.data(), frame.size());
  frame.resize(static_cast<std::size_t>(got > 0 ? got : 0));
  return got > 0;
}

}  // namespace posix_agent
