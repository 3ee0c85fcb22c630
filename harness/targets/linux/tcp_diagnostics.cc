// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/tcp_diagnostics.hh"

#include <cerrno>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

namespace packetwright::linux_stack {
namespace {

using targets::TcpState;

inet_diag_req_v2 request_for(std::uint8_t family) {
  inet_diag_req_v2 request{};
  request.sdiag_family = family;
  request.sdiag_protocol = IPPROTO_TCP;
  request.idiag_states = ~0U;
  return request;
}

// The message of one connection in an answer; nullopt: something else.
std::optional<inet_diag_msg> connection_in(std::uint16_t type, Bytes payload) {
  inet_diag_msg message;
  if (type != SOCK_DIAG_BY_FAMILY || payload.size() < sizeof message) return std::nullopt;
  std::memcpy(&message, payload.data(), sizeof message);
  return message;
}

}  // namespace

std::optional<TcpState> state_of_number(unsigned number) {
  switch (number) {
    case 1: return TcpState::established;
    case 2: return TcpState::syn_sent;
    case 3: return TcpState::syn_received;
    case 4: return TcpState::fin_wait_1;
    case 5: return TcpState::fin_wait_2;
    case 6: return TcpState::time_wait;
    case 7: return TcpState::closed;
    case 8: return TcpState::close_wait;
    case 9: return TcpState::last_ack;
    case 10: return TcpState::listen;
    case 11: return TcpState::closing;
    case 12: return TcpState::syn_received;  // the kernel's own, of a request
    default: return std::nullopt;
  }
}

Result<TcpState, int> state_of_connection(Netlink& diagnostics, const Connection& connection) {
  inet_diag_req_v2 wanted = request_for(connection.local.address.is_v4() ? std::uint8_t{AF_INET}
                                                                         : std::uint8_t{AF_INET6});
  const Bytes local = connection.local.address.octets();
  const Bytes remote = connection.remote.address.octets();
  if (local.size() != remote.size()) return TcpState::closed;
  std::memcpy(wanted.id.idiag_src, local.data(), local.size());
  std::memcpy(wanted.id.idiag_dst, remote.data(), remote.size());
  wanted.id.idiag_sport = htons(connection.local.port);
  wanted.id.idiag_dport = htons(connection.remote.port);
  wanted.id.idiag_cookie[0] = wanted.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;

  NetlinkRequest ask{SOCK_DIAG_BY_FAMILY, NLM_F_ACK};
  ask.fixed(wanted);
  TcpState state = TcpState::closed;
  const Result<void, int> asked =
      diagnostics.dump(std::move(ask), [&](std::uint16_t type, Bytes payload) {
        const std::optional<inet_diag_msg> found = connection_in(type, payload);
        // Where there is no connection the kernel answers with the listener of the port.
        if (!found || found->id.idiag_dport != wanted.id.idiag_dport) return;
        state = state_of_number(found->idiag_state).value_or(TcpState::closed);
      });
  if (!asked && asked.error() != ENOENT) return Err{asked.error()};
  return state;
}

Result<int, int> destroy_connections(Netlink& diagnostics) {
  int destroyed = 0;
  for (const std::uint8_t family : {AF_INET, AF_INET6}) {
    inet_diag_req_v2 wanted = request_for(family);
    NetlinkRequest list{SOCK_DIAG_BY_FAMILY, NLM_F_DUMP};
    list.fixed(wanted);
    std::vector<inet_diag_sockid> found;
    const Result<void, int> listed =
        diagnostics.dump(std::move(list), [&](std::uint16_t type, Bytes payload) {
          if (const auto message = connection_in(type, payload)) found.push_back(message->id);
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
