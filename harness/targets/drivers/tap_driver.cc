// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/drivers/tap_driver.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

namespace packetwright::drivers {
namespace {

using linux_stack::UniqueFd;

constexpr char kTunNode[] = "/dev/net/tun";
// Longer than any frame, whatever the MTU becomes later: 64 KiB of IP, a header, a VLAN tag.
constexpr std::size_t kLargestFrame = 65'536 + 64;

std::string failed(std::string_view what, int error) {
  return std::string{what} + ": " + std::strerror(error);
}

std::string why_no_node(int error) {
  std::string why = failed(kTunNode, error);
  if (error == ENOENT) return why + " (modprobe tun as root, or pass the device to the container)";
  if (error == ENODEV) return why + " (the kernel has no such devices: CONFIG_TUN)";
  return why;
}

std::string why_not_attached(const std::string& device, int error) {
  std::string why = failed(device, error);
  if (error == EPERM) {
    return why +
           " (CAP_NET_ADMIN is missing, or the device belongs to another user; root has it, "
           "and so has whoever runs in a namespace of his own: unshare --user --net "
           "--map-root-user)";
  }
  if (error == EBUSY) return why + " (another program is attached to it)";
  if (error == EINVAL) return why + " (it is there and no TAP device)";
  return why;
}

ifreq request_for(const std::string& device) {
  ifreq request{};
  std::copy(device.begin(), device.end(), request.ifr_name);
  return request;
}

// A locally administered address (IEEE 802) that no other run has.
MacAddress draw_mac() {
  MacAddress mac{{0x02, 0x50, 0x57, 0, 0, 0}};
  static_cast<void>(getrandom(mac.octets.data() + 3, 3, 0));
  return mac;
}

Result<UniqueFd, std::string> listen_for_link_news() {
  UniqueFd news{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (!news ||
      ::bind(news.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Err{failed("a netlink socket", errno)};
  }
  return news;
}

}  // namespace

Result<std::unique_ptr<TapDriver>, std::string> TapDriver::open(
    const std::string& device, const std::optional<MacAddress>& mac) {
  std::unique_ptr<TapDriver> driver{new TapDriver};
  if (const auto attached = driver->attach(device); !attached) return Err{attached.error()};
  driver->mac_ = mac ? *mac : draw_mac();
  driver->chunk_.resize(kLargestFrame);
  // The news are listened to before the first look, so that no change falls between the two.
  auto news = listen_for_link_news();
  if (!news) return Err{news.error()};
  driver->link_news_ = std::move(*news);
  driver->look_at_link();
  return driver;
}

Result<void, std::string> TapDriver::attach(const std::string& device) {
  if (device.empty() || device.size() >= IFNAMSIZ) {
    return Err{"'" + device + "' is no name of a device: 1 to 15 characters"};
  }
  frames_ = UniqueFd{::open(kTunNode, O_RDWR | O_CLOEXEC | O_NONBLOCK)};
  if (!frames_) return Err{why_no_node(errno)};
  ifreq request = request_for(device);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(frames_.get(), TUNSETIFF, &request) != 0) return Err{why_not_attached(device, errno)};
  // Somebody may have left it on: checksums are complete and segments cut when they come here.
  if (ioctl(frames_.get(), TUNSETOFFLOAD, 0) != 0) return Err{failed("offloads", errno)};
  // The kernel may have made a name of a pattern like tap%d.
  device_ = request.ifr_name;

  control_ = UniqueFd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  request = request_for(device_);
  if (!control_ || ioctl(control_.get(), SIOCGIFMTU, &request) != 0) {
    return Err{failed("the MTU of " + device_, errno)};
  }
  mtu_ = static_cast<std::uint16_t>(std::min(request.ifr_mtu, 65'535));
  return {};
}

void TapDriver::look_at_link() {
  // What the news say in detail is of no interest, and some may have been lost on the way.
  std::array<char, 8'192> news;
  while (link_news_ && ::recv(link_news_.get(), news.data(), news.size(), 0) >= 0) {
  }
  ifreq request = request_for(device_);
  link_up_ =
      ioctl(control_.get(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
}

bool TapDriver::receive(Buffer& frame) {
  for (;;) {
    const ssize_t got = ::read(frames_.get(), chunk_.data(), chunk_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    frame.assign(chunk_.begin(), chunk_.begin() + got);
    return true;
  }
}

bool TapDriver::transmit(Bytes frame) {
  for (;;) {
    if (::write(frames_.get(), frame.data(), frame.size()) >= 0) return true;
    if (errno == EINTR) continue;
    // Anything else is a frame that the wire lost: the device is down, or short of memory.
    return errno != EAGAIN;
  }
}

}  // namespace packetwright::drivers
