// SPDX-License-Identifier: Apache-2.0
// Calls that make, connect and use sockets, with plain buffers.
#include <memory>
#include <optional>

#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/linux/arguments.hh"
#include "harness/targets/linux/prepared_call.hh"
#include "harness/targets/linux/socket_address.hh"

namespace packetwright::linux_stack {
namespace {

using Prepared = Result<PreparedCall, std::string>;
using Values = std::vector<Value>;

// An address argument on a socket. `...` has no meaning here: only the engine knows the peers of a
// script, and fills them in.
struct Address {
  std::optional<Endpoint> endpoint;
  sa_family_t family = AF_UNSPEC;  // connect(fd, AF_UNSPEC, ..) dissolves an association

  [[nodiscard]] SocketAddress of(SystemCalls& system, int fd) const {
    if (endpoint) return to_socket_address(*endpoint, system.domain_of(fd));
    SocketAddress only_family;
    only_family.storage.ss_family = family;
    only_family.size = sizeof(sockaddr);
    return only_family;
  }
};

Address address(Arguments& arguments, std::size_t index) {
  if (const auto* endpoint = std::get_if<Endpoint>(&arguments.at(index).is)) return {*endpoint};
  return {std::nullopt, static_cast<sa_family_t>(arguments.integer(index))};
}

Prepared socket_call(const Values& values) {
  Arguments arguments{values, "socket(domain, type, protocol)", 3, 3};
  const int domain = arguments.small(0);
  const int type = arguments.small(1);
  const int protocol = arguments.small(2);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.socket(domain, type, protocol); };
  call.opens = true;
  return call;
}

Prepared bind_call(const Values& values) {
  Arguments arguments{values, "bind(fd, address, ...)", 2, 3};
  const int fd = arguments.descriptor(0);
  const Address local = address(arguments, 1);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) {
    const SocketAddress to = local.of(system, fd);
    return system.bind(fd, to.get(), to.size);
  };
  return call;
}

Prepared connect_call(const Values& values) {
  Arguments arguments{values, "connect(fd, address, ...)", 2, 3};
  const int fd = arguments.descriptor(0);
  const Address remote = address(arguments, 1);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) {
    const SocketAddress to = remote.of(system, fd);
    return system.connect(fd, to.get(), to.size);
  };
  call.may_block = true;
  return call;
}

Prepared listen_call(const Values& values) {
  Arguments arguments{values, "listen(fd, backlog)", 2, 2};
  const int fd = arguments.descriptor(0);
  const int backlog = arguments.small(1);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.listen(fd, backlog); };
  return call;
}

Prepared accept_with(Arguments& arguments, int flags) {
  const int fd = arguments.descriptor(0);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.accept4(fd, nullptr, nullptr, flags); };
  call.may_block = true;
  call.opens = true;
  return call;
}

Prepared accept_call(const Values& values) {
  Arguments arguments{values, "accept(fd, ..., ...)", 3, 3};
  return accept_with(arguments, 0);
}

Prepared accept4_call(const Values& values) {
  Arguments arguments{values, "accept4(fd, ..., ..., flags)", 4, 4};
  const int flags = arguments.small(3);
  return accept_with(arguments, flags);
}

// NULL for the octets is a test of what the kernel says to it.
bool is_null(const Arguments& arguments, std::size_t index) {
  const auto* symbol = std::get_if<Value::Symbol>(&arguments.at(index).is);
  return symbol != nullptr && symbol->name == "NULL";
}

// read, recv, recvfrom: the buffer is argument 1, its size 2, flags 3.
Prepared receiving(Arguments& arguments, bool is_socket) {
  const int fd = arguments.descriptor(0);
  const std::size_t length = arguments.length(2);
  const int flags = arguments.has(3) ? arguments.small(3) : 0;
  if (!arguments.ok()) return Err{arguments.error()};
  const auto buffer = std::make_shared<Buffer>(length);
  const std::size_t count = arguments.size();
  const bool null = is_null(arguments, 1);
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) -> std::int64_t {
    std::uint8_t* const room = null ? nullptr : buffer->data();
    return is_socket ? system.recv(fd, room, length, flags) : system.read(fd, room, length);
  };
  call.written = [=](std::int64_t result) {
    Values written(count, omitted());
    // With MSG_TRUNC the result may be more than what there was room for.
    written[1] = text_of(Bytes{*buffer}.first(std::min(static_cast<std::size_t>(result), length)));
    return written;
  };
  call.may_block = true;
  return call;
}

Prepared read_call(const Values& values) {
  Arguments arguments{values, "read(fd, buffer, length)", 3, 3};
  return receiving(arguments, false);
}
Prepared recv_call(const Values& values) {
  Arguments arguments{values, "recv(fd, buffer, length, flags)", 4, 4};
  return receiving(arguments, true);
}
Prepared recvfrom_call(const Values& values) {
  Arguments arguments{values, "recvfrom(fd, buffer, length, flags, ..., ...)", 4, 6};
  return receiving(arguments, true);
}

// write, send, sendto: the octets are argument 1, their count 2, flags 3, an address 4.
Prepared sending(Arguments& arguments, bool is_socket) {
  const int fd = arguments.descriptor(0);
  const std::size_t length = arguments.length(2);
  const auto octets = std::make_shared<const Buffer>(arguments.octets(1, length));
  const int flags = arguments.has(3) ? arguments.small(3) : 0;
  const bool addressed = arguments.has(4) && !arguments.is_omitted(4);
  const Address remote = addressed ? address(arguments, 4) : Address{};
  if (!arguments.ok()) return Err{arguments.error()};
  const bool null = is_null(arguments, 1);
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) -> std::int64_t {
    const std::uint8_t* const data = null ? nullptr : octets->data();
    if (!is_socket) return system.write(fd, data, length);
    if (!addressed) return system.sendto(fd, data, length, flags, nullptr, 0);
    const SocketAddress to = remote.of(system, fd);
    return system.sendto(fd, data, length, flags, to.get(), to.size);
  };
  call.may_block = true;
  return call;
}

Prepared write_call(const Values& values) {
  Arguments arguments{values, "write(fd, octets, length)", 3, 3};
  return sending(arguments, false);
}
Prepared send_call(const Values& values) {
  Arguments arguments{values, "send(fd, octets, length, flags)", 4, 4};
  return sending(arguments, true);
}
Prepared sendto_call(const Values& values) {
  Arguments arguments{values, "sendto(fd, octets, length, flags, address, ...)", 4, 6};
  return sending(arguments, true);
}

Prepared shutdown_call(const Values& values) {
  Arguments arguments{values, "shutdown(fd, how)", 2, 2};
  const int fd = arguments.descriptor(0);
  const int how = arguments.small(1);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.shutdown(fd, how); };
  return call;
}

Prepared close_call(const Values& values) {
  Arguments arguments{values, "close(fd)", 1, 1};
  const int fd = arguments.descriptor(0);
  if (!arguments.ok()) return Err{arguments.error()};
  PreparedCall call = prepared(arguments);
  call.invoke = [=](SystemCalls& system) { return system.close(fd); };
  call.may_block = true;  // lingering
  call.closes = fd;
  return call;
}

}  // namespace

Preparer preparer_of_socket_call(std::string_view call) {
  static constexpr std::pair<std::string_view, Preparer> kCalls[] = {
      {"socket", socket_call},     {"bind", bind_call},     {"connect", connect_call},
      {"listen", listen_call},     {"accept", accept_call}, {"accept4", accept4_call},
      {"read", read_call},         {"recv", recv_call},     {"recvfrom", recvfrom_call},
      {"write", write_call},       {"send", send_call},     {"sendto", sendto_call},
      {"shutdown", shutdown_call}, {"close", close_call},
  };
  for (const auto& [name, preparer] : kCalls) {
    if (name == call) return preparer;
  }
  return nullptr;
}

}  // namespace packetwright::linux_stack
