// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>

#include <linux/netlink.h>

#include "format.hh"

namespace posix_agent {

// A request to the kernel: a fixed part, then attributes.
class NetlinkRequest {
 public:
  template <class Fixed>
  NetlinkRequest(std::uint16_t type, int flags, const Fixed& fixed) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    put(&header, sizeof header);
    put(&fixed, sizeof fixed);
  }
  NetlinkRequest& attribute(std::uint16_t type, Bytes value) {
    const std::uint16_t header[2] = {static_cast<std::uint16_t>(value.size() + sizeof header),
                                     type};
    put(header, sizeof header);
    put(value.data(), value.size());
    return *this;
  }
  NetlinkRequest& attribute(std::uint16_t type, std::uint32_t value) {
    return attribute(type, Bytes{reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
  }
  NetlinkRequest& attribute(std::uint16_t type, const pw_address& address) {
    return attribute(type, Bytes{address.octets}.first(address.family == PW_IPV4 ? 4 : 16));
  }
  Bytes finish() {
    nlmsghdr header;
    std::memcpy(&header, octets_.data(), sizeof header);
    header.nlmsg_len = static_cast<std::uint32_t>(octets_.size());
    std::memcpy(octets_.data(), &header, sizeof header);
    return octets_;
  }

 private:
  void put(const void* value, std::size_t size) {
    const auto* at = static_cast<const std::uint8_t*>(value);
    octets_.insert(octets_.end(), at, at + size);
    octets_.resize((octets_.size() + 3) / 4 * 4);
  }
  Buffer octets_;
};

class Netlink {
 public:
  explicit Netlink(int protocol);
  ~Netlink();
  Netlink(const Netlink&) = delete;
  Netlink& operator=(const Netlink&) = delete;

  // The request has NLM_F_ACK or NLM_F_DUMP. What is in the answers goes to `each`. 0, or the errno
  // of the kernel.
  int ask(NetlinkRequest request, const std::function<void(std::uint16_t, Bytes)>& each);
  int ask(NetlinkRequest request) {
    return ask(std::move(request), [](std::uint16_t, Bytes) {});
  }

 private:
  int socket_;
};

}  // namespace posix_agent
