// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "harness/targets/linux/unique_fd.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// One netlink request under construction: header, a fixed part, attributes that may nest. All of
// netlink is in the byte order of the host.
class NetlinkRequest {
 public:
  // `flags` beside NLM_F_REQUEST, which is always there.
  NetlinkRequest(std::uint16_t type, std::uint16_t flags);

  // The part between header and attributes: ifinfomsg, ifaddrmsg, rtmsg, ...
  template <class Fixed>
  NetlinkRequest& fixed(const Fixed& part) {
    return put(&part, sizeof part);
  }
  NetlinkRequest& attribute(std::uint16_t type, Bytes value);
  NetlinkRequest& attribute(std::uint16_t type, std::string_view text);  // with a terminating NUL
  NetlinkRequest& attribute(std::uint16_t type, std::uint32_t value);
  NetlinkRequest& attribute(std::uint16_t type, const IpAddress& address);
  NetlinkRequest& attribute(std::uint16_t type, const MacAddress& address);
  // What `fill` adds becomes the value of one attribute.
  NetlinkRequest& nest(std::uint16_t type, const std::function<void(NetlinkRequest&)>& fill);
  // The same for the value that begins with a fixed part and goes on with attributes.
  NetlinkRequest& put(const void* octets, std::size_t size);

  // Complete, with its length and number filled in.
  [[nodiscard]] Bytes finish(std::uint32_t sequence);

 private:
  std::size_t begin_attribute(std::uint16_t type);
  void end_attribute(std::size_t start);

  Buffer octets_;
};

// A netlink socket of the namespace in which it was opened, used for one request at a time.
class Netlink {
 public:
  // `protocol`: NETLINK_ROUTE, NETLINK_SOCK_DIAG. An error is an errno.
  [[nodiscard]] static Result<Netlink, int> open(int protocol);

  // Sends the request, waits for its acknowledgement. An error is an errno.
  Result<void, int> change(NetlinkRequest request);
  // Sends a request that is answered by many messages; each one's type and payload is given to
  // `each`. The payload is valid during that call only.
  Result<void, int> dump(NetlinkRequest request,
                         const std::function<void(std::uint16_t type, Bytes payload)>& each);

 private:
  explicit Netlink(UniqueFd socket) : socket_(std::move(socket)) {}
  Result<void, int> talk(NetlinkRequest& request,
                         const std::function<void(std::uint16_t, Bytes)>& each);

  UniqueFd socket_;
  std::uint32_t sequence_ = 0;
};

// Walks attributes; `each` is given type (without flag bits) and value.
void for_each_attribute(Bytes attributes,
                        const std::function<void(std::uint16_t type, Bytes value)>& each);

}  // namespace packetwright::linux_stack
