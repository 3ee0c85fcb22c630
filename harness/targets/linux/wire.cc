// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/wire.hh"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "harness/targets/linux/packet_socket.hh"

namespace packetwright::linux_stack {
namespace {

// Room for what a stack may send between two looks.
constexpr int kReceiveBuffer = 16 << 20;

std::string failed(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

std::string why_no_packet_socket(int error) {
  std::string why = "a packet socket cannot be made: ";
  why += std::strerror(error);
  if (error == EAFNOSUPPORT) return why + " (the kernel has none: CONFIG_PACKET, module af_packet)";
  return why + " (CAP_NET_RAW is missing, or a container's seccomp filter forbids it)";
}

void set_flag(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);
}

Result<UniqueFd, std::string> listen_on(const char* device) {
  UniqueFd socket{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return Err{why_no_packet_socket(errno)};
  set_flag(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, 1);
  // The force needs rights in the first namespace; without it the limit of the system applies.
  set_flag(socket.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  set_flag(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer);
  set_flag(socket.get(), SOL_SOCKET, SO_SNDBUF, kReceiveBuffer);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(device));
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Err{failed(std::string{"a packet socket could not be bound to "} + device)};
  }
  return socket;
}

// A packet socket on a tunnel hears both directions; this lets only what the stack sends through.
void hear_outgoing_only(int socket) {
  std::array<sock_filter, 4> program = {{
      {BPF_LD | BPF_B | BPF_ABS, 0, 0, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, PACKET_OUTGOING},
      {BPF_RET | BPF_K, 0, 0, 0xffffffff},
      {BPF_RET | BPF_K, 0, 0, 0},
  }};
  const sock_fprog filter{program.size(), program.data()};
  setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

// Makes the tunnel say that it is so fast. The stack asks when the device comes up.
Result<void, std::string> claim_speed(int socket, std::uint32_t megabits) {
  ethtool_cmd settings{};
  settings.cmd = ETHTOOL_GSET;
  ifreq request{};
  std::strncpy(request.ifr_name, kTunName, IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&settings);
  bool done = ioctl(socket, SIOCETHTOOL, &request) == 0;
  settings.cmd = ETHTOOL_SSET;
  settings.autoneg = AUTONEG_DISABLE;
  ethtool_cmd_speed_set(&settings, megabits);
  done = done && ioctl(socket, SIOCETHTOOL, &request) == 0;
  if (!done) return Err{failed("the tunnel's speed")};
  return {};
}

// What a tunnel wants in front of each packet: struct virtio_net_hdr of <linux/virtio_net.h>, which
// is no C++.
struct TunnelHeader {
  std::uint8_t flags = 0;
  std::uint8_t gso_type = 0;  // 1: of TCP over IPv4, 4: over IPv6
  std::uint16_t header_length = 0, gso_size = 0, checksum_start = 0, checksum_offset = 0;
};
static_assert(sizeof(TunnelHeader) == 10);

TunnelHeader header_of(Bytes packet, std::uint16_t gso_size) {
  TunnelHeader header;
  if (gso_size == 0 || packet.size() < 20) return header;
  const bool v4 = packet[0] >> 4 == 4;
  const bool tcp = packet[v4 ? 9 : 6] == IPPROTO_TCP;
  if (!tcp) return header;
  header.gso_type = v4 ? 1 : 4;
  header.gso_size = gso_size;
  return header;
}

}  // namespace

Result<Wire, std::string> Wire::on_veth() {
  Result<UniqueFd, std::string> listener = listen_on(kWireName);
  if (!listener) return Err{listener.error()};
  Wire wire;
  wire.listener_ = std::move(*listener);
  wire.chunk_.resize(kLargestFrame);
  // Of this device only what comes in is what the stack sent.
  set_flag(wire.listener_.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  return wire;
}

Result<Wire, std::string> Wire::on_tun(std::uint16_t mtu, const Tunnel& tunnel) {
  Wire wire;
  wire.kind_ = tunnel;
  wire.tunnel_ = UniqueFd{::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)};
  if (!wire.tunnel_) return Err{failed("/dev/net/tun")};
  ifreq request{};
  std::strncpy(request.ifr_name, kTunName, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(wire.tunnel_.get(), TUNSETIFF, &request) != 0) {
    return Err{failed("a tunnel device could not be made")};
  }
  constexpr unsigned kOffloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  if (tunnel.offloads && ioctl(wire.tunnel_.get(), TUNSETOFFLOAD, kOffloads) != 0) {
    return Err{failed("the tunnel's offloads")};
  }
  const UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  request.ifr_mtu = mtu;
  if (ioctl(socket.get(), SIOCSIFMTU, &request) != 0) return Err{failed("the tunnel's MTU")};
  if (tunnel.megabits != 0) {
    const Result<void, std::string> done = claim_speed(socket.get(), tunnel.megabits);
    if (!done) return Err{done.error()};
  }
  Result<UniqueFd, std::string> listener = listen_on(kTunName);
  if (!listener) return Err{listener.error()};
  wire.listener_ = std::move(*listener);
  wire.chunk_.resize(kLargestFrame);
  hear_outgoing_only(wire.listener_.get());
  return wire;
}

bool Wire::inject(Bytes frame) {
  const int fd = tunnel_ ? tunnel_.get() : listener_.get();
  TunnelHeader header = header_of(frame, kind_.gso_size);
  // The kernel reads only.
  std::array<iovec, 2> parts = {
      {{&header, sizeof header}, {const_cast<std::uint8_t*>(frame.data()), frame.size()}}};
  while (true) {
    const ssize_t written = tunnel_ ? ::writev(fd, parts.data(), static_cast<int>(parts.size()))
                                    : ::write(fd, frame.data(), frame.size());
    if (written >= 0) return true;
    if (errno != EINTR) return false;
  }
}

void Wire::drain(const HostClock& clock, std::vector<targets::SentFrame>& out) {
  receive_frames(listener_.get(), clock, chunk_, out);
  // The tunnel's own queue holds the same packets; full, it would look like congestion.
  while (tunnel_ && ::read(tunnel_.get(), chunk_.data(), chunk_.size()) > 0) {
  }
}

bool Wire::pending() const {
  pollfd socket{listener_.get(), POLLIN, 0};
  return poll(&socket, 1, 0) > 0;
}

void Wire::wait(const timespec& deadline) const {
  wait_for_frame(listener_.get(), deadline);
}

}  // namespace packetwright::linux_stack
