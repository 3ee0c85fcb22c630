// SPDX-License-Identifier: Apache-2.0
#include "python/src/hosts.hh"

#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "python/src/convert.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::python {
namespace {

using targets::CallResult;
using targets::Fd;
using targets::Target;

using Address = std::pair<std::string, std::uint16_t>;

constexpr const char* kStateNames[] = {"LISTEN",     "SYN_SENT",   "SYN_RECEIVED", "ESTABLISHED",
                                       "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",   "CLOSING",
                                       "LAST_ACK",   "TIME_WAIT",  "CLOSED"};

Endpoint endpoint_of(const Address& address) {
  return {address_of(address.first), address.second};
}
Address address_of(const Endpoint& endpoint) {
  return {wire::to_string(endpoint.address), endpoint.port};
}

// Makes a call of one end, puts on the wire what it had to send, and gives what it returned.
template <class Call>
auto call(const HostHandle& host, const Call& made) {
  return host.session->with([&](Link& link) {
    Target* const target = host.peer ? link.peer() : &link.target();
    if (target == nullptr) throw LinkTrouble{"the peer is gone: the target was reset"};
    auto result = made(*target);
    link.exchange();
    return result;
  });
}

// A value, or the OSError.
template <class T>
T value_of(CallResult<T> result, const char* name) {
  if (!result) raise_errno(result.error(), name);
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

// The same; nullopt: nothing yet, ask again.
template <class T>
std::optional<T> value_or_wait(CallResult<T> result, const char* name) {
  if (!result && (result.error() == EAGAIN || result.error() == EWOULDBLOCK)) return std::nullopt;
  return value_of(std::move(result), name);
}

Fd open_socket(const HostHandle& host, bool v6, bool stream, int protocol) {
  const auto which = protocol == 1    ? targets::Protocol::icmp
                     : protocol == 58 ? targets::Protocol::icmpv6
                                      : targets::Protocol::any;
  return value_of(call(host,
                       [&](Target& target) {
                         return target.socket(
                             v6 ? targets::Domain::inet6 : targets::Domain::inet,
                             stream ? targets::SocketType::stream : targets::SocketType::datagram,
                             which);
                       }),
                  "socket");
}

std::optional<std::pair<Fd, Address>> accept(const HostHandle& host, Fd fd) {
  Endpoint from;
  const auto accepted =
      value_or_wait(call(host, [&](Target& target) { return target.accept(fd, &from); }), "accept");
  if (!accepted) return std::nullopt;
  return std::pair{*accepted, address_of(from)};
}

using Datagram = std::pair<py::bytes, std::optional<Address>>;

std::optional<Datagram> read(const HostHandle& host, Fd fd, std::size_t limit, bool peek) {
  auto got = value_or_wait(
      call(host, [&](Target& target) { return target.read(fd, limit, {.peek = peek}); }), "recv");
  if (!got) return std::nullopt;
  std::optional<Address> from;
  if (got->from) from = address_of(*got->from);
  return Datagram{bytes_of(got->octets), std::move(from)};
}

std::optional<std::size_t> write(const HostHandle& host, Fd fd, const py::object& octets,
                                 const std::optional<Address>& to, bool more) {
  const Buffer data = buffer_of(octets);
  std::optional<Endpoint> endpoint;
  if (to) endpoint = endpoint_of(*to);
  return value_or_wait(call(host,
                            [&](Target& target) {
                              return target.write(fd, data, {.more = more},
                                                  endpoint ? &*endpoint : nullptr);
                            }),
                       "send");
}

py::tuple poll(const HostHandle& host, Fd fd) {
  const targets::Readiness ready =
      value_of(call(host, [&](Target& target) { return target.poll(fd); }), "poll");
  return py::make_tuple(ready.readable, ready.writable, ready.error, ready.hang_up);
}

py::dict status(const HostHandle& host, Fd fd) {
  const targets::TcpStatus status =
      value_of(call(host, [&](Target& target) { return target.tcp_status(fd); }), "tcp_status");
  py::dict out;
  if (status.state) out["state"] = kStateNames[static_cast<std::size_t>(*status.state)];
  for (const auto& [name, value] : status.counters) out[py::str(name)] = value;
  return out;
}

}  // namespace

void add_hosts(py::module_& module) {
  py::enum_<targets::Option>(module, "SocketOption", "Socket options by name.")
#define PW_X(name) .value(#name, targets::Option::name)
      PW_X(so_error) PW_X(so_reuseaddr) PW_X(so_keepalive) PW_X(so_linger) PW_X(so_sndbuf)
          PW_X(so_rcvbuf) PW_X(so_oobinline) PW_X(so_broadcast) PW_X(ip_ttl) PW_X(ip_tos)
              PW_X(ip_recverr) PW_X(ip_mtu) PW_X(ip_mtu_discover) PW_X(ipv6_v6only)
                  PW_X(ipv6_unicast_hops) PW_X(ipv6_tclass) PW_X(tcp_nodelay) PW_X(tcp_maxseg)
                      PW_X(tcp_cork) PW_X(tcp_keepidle) PW_X(tcp_keepintvl) PW_X(tcp_keepcnt)
                          PW_X(tcp_user_timeout) PW_X(tcp_quickack) PW_X(tcp_syncnt)
                              PW_X(tcp_window_clamp) PW_X(tcp_fastopen) PW_X(tcp_fastopen_connect)
                                  PW_X(tcp_defer_accept)
#undef PW_X
                                      ;
  py::class_<HostHandle>(module, "Host",
                         "The socket calls of one end of a link; none of them blocks. Errors are "
                         "OSErrors; None: nothing yet, ask again when time has passed.")
      .def("socket", &open_socket, py::arg("v6"), py::arg("stream"), py::arg("protocol") = 0,
           "A new descriptor.")
      .def(
          "bind",
          [](const HostHandle& host, Fd fd, const Address& to) {
            const Endpoint local = endpoint_of(to);
            value_of(call(host, [&](Target& target) { return target.bind(fd, local); }), "bind");
          },
          py::arg("fd"), py::arg("address"))
      .def(
          "listen",
          [](const HostHandle& host, Fd fd, int backlog) {
            value_of(call(host, [&](Target& target) { return target.listen(fd, backlog); }),
                     "listen");
          },
          py::arg("fd"), py::arg("backlog"))
      .def("accept", &accept, py::arg("fd"), "The new descriptor and the address of the peer.")
      .def(
          "connect",
          [](const HostHandle& host, Fd fd, const Address& to) {
            const Endpoint remote = endpoint_of(to);
            const auto made =
                call(host, [&](Target& target) { return target.connect(fd, remote); });
            if (!made && made.error() == EINPROGRESS) return false;
            value_of(made, "connect");
            return true;
          },
          py::arg("fd"), py::arg("address"),
          "False: on its way; so_error tells how it went when the descriptor is writable.")
      .def("read", &read, py::arg("fd"), py::arg("limit"), py::arg("peek") = false,
           "Octets, and of a datagram its source.")
      .def("write", &write, py::arg("fd"), py::arg("octets"), py::arg("to") = py::none(),
           py::arg("more") = false, "How many octets were taken.")
      .def(
          "shutdown",
          [](const HostHandle& host, Fd fd, int how) {
            if (how < 0 || how > 2) throw py::value_error("how is 0, 1 or 2");
            const auto which = static_cast<targets::ShutdownHow>(how);
            value_of(call(host, [&](Target& target) { return target.shutdown(fd, which); }),
                     "shutdown");
          },
          py::arg("fd"), py::arg("how"), "0: reading, 1: writing, 2: both.")
      .def(
          "close",
          [](const HostHandle& host, Fd fd) {
            value_of(call(host, [&](Target& target) { return target.close(fd); }), "close");
          },
          py::arg("fd"))
      .def(
          "set_option",
          [](const HostHandle& host, Fd fd, targets::Option option, std::int64_t value) {
            value_of(
                call(host, [&](Target& target) { return target.set_option(fd, option, value); }),
                "setsockopt");
          },
          py::arg("fd"), py::arg("option"), py::arg("value"))
      .def(
          "get_option",
          [](const HostHandle& host, Fd fd, targets::Option option) {
            return value_of(
                call(host, [&](Target& target) { return target.get_option(fd, option); }),
                "getsockopt");
          },
          py::arg("fd"), py::arg("option"))
      .def("poll", &poll, py::arg("fd"), "(readable, writable, error, hang_up)")
      .def(
          "address",
          [](const HostHandle& host, Fd fd) {
            return address_of(
                value_of(call(host, [&](Target& target) { return target.local_endpoint(fd); }),
                         "getsockname"));
          },
          py::arg("fd"), "The local address and port.")
      .def("status", &status, py::arg("fd"),
           "\"state\" and counters such as \"cwnd\" (segments) and \"srtt_us\".")
      .def(
          "netstat",
          [](const HostHandle& host) {
            return value_of(call(host, [](Target& target) { return target.netstat(); }), "netstat");
          },
          "The table of descriptors, a line each.")
      .def(
          "set_isn",
          [](const HostHandle& host, Fd fd, std::uint32_t isn) {
            value_of(call(host, [&](Target& target) { return target.set_isn(fd, isn); }),
                     "set_isn");
          },
          py::arg("fd"), py::arg("isn"), "Before connect() or listen().");
}

}  // namespace packetwright::python
