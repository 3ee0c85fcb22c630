// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/leftovers.hh"

#include <cerrno>
#include <cstring>
#include <vector>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

namespace packetwright::linux_stack {

Result<int, int> destroy_connections(Netlink& diagnostics) {
  int destroyed = 0;
  for (const std::uint8_t family : {AF_INET, AF_INET6}) {
    inet_diag_req_v2 wanted{};
    wanted.sdiag_family = family;
    wanted.sdiag_protocol = IPPROTO_TCP;
    wanted.idiag_states = ~0U;
    NetlinkRequest list{SOCK_DIAG_BY_FAMILY, NLM_F_DUMP};
    list.fixed(wanted);
    std::vector<inet_diag_sockid> found;
    const Result<void, int> listed =
        diagnostics.dump(std::move(list), [&](std::uint16_t type, Bytes payload) {
          inet_diag_msg message;
          if (type != SOCK_DIAG_BY_FAMILY || payload.size() < sizeof message) return;
          std::memcpy(&message, payload.data(), sizeof message);
          found.push_back(message.id);
        });
    if (!listed) return Err{listed.error()};
    for (const inet_diag_sockid& id : found) {
      wanted.id = id;
      NetlinkRequest destroy{SOCK_DESTROY, NLM_F_ACK};
      destroy.fixed(wanted);
      const Result<void, int> done = diagnostics.change(std::move(destroy));
      if (done) {
        ++destroyed;
      } else if (done.error() != ENOENT) {  // gone by itself in between
        return Err{done.error()};
      }
    }
  }
  return destroyed;
}

}  // namespace packetwright::linux_stack
