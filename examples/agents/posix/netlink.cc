// SPDX-License-Identifier: Apache-2.0
#include "netlink.hh"

#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

namespace posix_agent {

Netlink::Netlink(int protocol) : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)) {}

Netlink::~Netlink() {
  if (socket_ >= 0) close(socket_);
}

int Netlink::ask(NetlinkRequest request, const std::function<void(std::uint16_t, Bytes)>& each) {
  const Bytes octets = request.finish();
  if (send(socket_, octets.data(), octets.size(), 0) < 0) return errno;
  alignas(nlmsghdr) std::array<std::uint8_t, 32768> chunk;
  while (true) {
    const ssize_t got = recv(socket_, chunk.data(), chunk.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    Bytes rest = Bytes{chunk}.first(static_cast<std::size_t>(got));
    while (rest.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header;
      std::memcpy(&header, rest.data(), sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size()) return EBADMSG;
      const Bytes payload = rest.subspan(sizeof header, header.nlmsg_len - sizeof header);
      if (header.nlmsg_type == NLMSG_DONE) return 0;
      if (header.nlmsg_type == NLMSG_ERROR) {
        std::int32_t code = 0;
        if (payload.size() >= sizeof code) std::memcpy(&code, payload.data(), sizeof code);
        return -code;
      }
      each(header.nlmsg_type, payload);
      const std::size_t size = (header.nlmsg_len + std::size_t{3}) / 4 * 4;
      rest = rest.subspan(size < rest.size() ? size : rest.size());
    }
  }
}

}  // namespace posix_agent
