// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/wire_host/interface.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "harness/targets/linux/unique_fd.hh"

namespace packetwright::wire_host {
namespace {

Bytes octets_of(const void* at, std::size_t size) {
  return {static_cast<const std::uint8_t*>(at), size};
}

// The octets of an address; empty: it is of another family.
Bytes address_octets(const sockaddr* address) {
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    return octets_of(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
  }
  if (address->sa_family == AF_INET6) {
    return octets_of(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
  }
  return {};
}

std::uint8_t length_of(const sockaddr* mask) {
  std::uint8_t length = 0;
  for (const std::uint8_t octet : address_octets(mask)) {
    length = static_cast<std::uint8_t>(length + std::popcount(octet));
  }
  return length;
}

// What the system says of one interface by one of its older requests.
int ask(unsigned long request, ifreq& about) {
  const linux_stack::UniqueFd socket{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const linux_stack::UniqueFd other{socket ? -1 : ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  return ioctl(socket ? socket.get() : other.get(), request, &about);
}

}  // namespace

Result<Interface, std::string> find_interface(const std::string& name) {
  Interface found;
  found.name = name;
  found.index = static_cast<int>(if_nametoindex(name.c_str()));
  ifreq about{};
  std::strncpy(about.ifr_name, name.c_str(), IFNAMSIZ - 1);
  if (found.index == 0 || ask(SIOCGIFFLAGS, about) != 0) {
    return Err{"there is no interface " + name + " (ip link lists them)"};
  }
  const unsigned flags = static_cast<unsigned short>(about.ifr_flags);
  if ((flags & IFF_UP) == 0) {
    return Err{"interface " + name + " is down (ip link set " + name + " up)"};
  }
  if ((flags & IFF_RUNNING) == 0) return Err{"interface " + name + " has no link: no cable?"};
  if (ask(SIOCGIFHWADDR, about) != 0 || about.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
    return Err{"interface " + name + " is no Ethernet"};
  }
  if (ask(SIOCGIFMTU, about) != 0) return Err{name + ": " + std::strerror(errno)};
  found.mtu = static_cast<std::uint16_t>(std::clamp(about.ifr_mtu, 68, 65535));

  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return Err{name + ": " + std::strerror(errno)};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner{list, freeifaddrs};
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const Bytes octets = address_octets(one->ifa_addr);
    if (octets.empty() || name != one->ifa_name) continue;
    found.addresses.push_back({IpAddress::from_octets(octets), length_of(one->ifa_netmask)});
  }
  return found;
}

}  // namespace packetwright::wire_host
