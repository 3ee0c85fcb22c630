// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/wire_host/line.hh"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "harness/packet/dissect.hh"
#include "harness/targets/linux/packet_socket.hh"

namespace packetwright::wire_host {
namespace {

using linux_stack::HostClock;
using linux_stack::UniqueFd;
using packet::Field;
using packet::Proto;

constexpr int kReceiveBuffer = 4 << 20;

std::string why_no_socket(int error) {
  std::string why = "a packet socket cannot be made: ";
  why += std::strerror(error);
  if (error == EPERM || error == EACCES) {
    return why + " (CAP_NET_RAW is missing: run as root, or setcap cap_net_raw+ep on packetwright)";
  }
  return why;
}

template <class Value>
bool set(int socket, int level, int option, const Value& value) {
  return setsockopt(socket, level, option, &value, sizeof value) == 0;
}

// Whether the kernel says that the checksum of a frame is still to be made.
bool checksum_is_unfinished(msghdr& message) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
       item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level != SOL_PACKET || item->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata data;
    std::memcpy(&data, CMSG_DATA(item), sizeof data);
    return (data.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
  }
  return false;
}

// A stack on this very machine, in a container or a virtual machine, leaves checksums to a network
// card that is not there.
Buffer with_checksum(Buffer octets) {
  packet::Dissected frame = packet::dissect(octets, true);
  for (const auto& [proto, field] :
       {std::pair{Proto::tcp, Field::tcp_checksum}, std::pair{Proto::udp, Field::udp_checksum}}) {
    const packet::Part* const part = frame.find(proto);
    if (part == nullptr) continue;
    if (const auto right = frame.right_value(*part, field)) frame.set(field, *right);
  }
  return frame.octets();
}

}  // namespace

Line::Line(UniqueFd socket, std::string name) : socket_(std::move(socket)), name_(std::move(name)) {
  chunk_.resize(linux_stack::kLargestFrame);
}

Result<Line, std::string> Line::open(const Interface& interface) {
  UniqueFd socket{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return Err{why_no_socket(errno)};
  const int fd = socket.get();
  set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  set(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  set(fd, SOL_PACKET, PACKET_AUXDATA, 1);
  set(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  // The peer has an Ethernet address of its own, which the interface would let pass by.
  packet_mreq everything{};
  everything.mr_ifindex = interface.index;
  everything.mr_type = PACKET_MR_PROMISC;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = interface.index;
  if (!set(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, everything) ||
      bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Err{interface.name + ": " + std::strerror(errno)};
  }
  return Line{std::move(socket), interface.name};
}

void Line::hear_only(const MacAddress& sender) {
  constexpr std::uint32_t kSenderOffset = 6;
  const Bytes mac{sender.octets};
  std::array<sock_filter, 6> program = {{
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, kSenderOffset},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, load_be32(mac, 0)},
      {BPF_LD | BPF_H | BPF_ABS, 0, 0, kSenderOffset + 4},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, load_be16(mac, 4)},
      {BPF_RET | BPF_K, 0, 0, 0xffffffff},
      {BPF_RET | BPF_K, 0, 0, 0},
  }};
  const sock_fprog filter{program.size(), program.data()};
  set(socket_.get(), SOL_SOCKET, SO_ATTACH_FILTER, filter);
}

void Line::hear_all() {
  set(socket_.get(), SOL_SOCKET, SO_DETACH_FILTER, 0);
}

Result<void, std::string> Line::send(Bytes frame) {
  while (::send(socket_.get(), frame.data(), frame.size(), 0) < 0) {
    if (errno == EINTR) continue;
    if (errno == ENETDOWN || errno == ENXIO || errno == ENODEV) {
      return Err{"interface " + name_ + ": " + std::strerror(errno)};
    }
    break;
  }
  return {};
}

void Line::receive(const HostClock& clock, std::vector<targets::SentFrame>& out) {
  linux_stack::receive_frames(socket_.get(), clock, chunk_, out,
                              [](msghdr& message, targets::SentFrame& frame) {
                                if (!checksum_is_unfinished(message)) return;
                                frame.octets = with_checksum(std::move(frame.octets));
                              });
}

void Line::wait(const timespec& deadline) const {
  linux_stack::wait_for_frame(socket_.get(), deadline);
}

}  // namespace packetwright::wire_host
