// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace packetwright::iface {

// The errors of the socket calls, by their POSIX names in small letters, because <cerrno> makes
// macros of the large ones. The numbers are the enumerators' own: an adapter maps them to those of
// its system.
#define PW_SOCKET_ERRORS(X) \
  X(eacces)                 \
  X(eaddrinuse)             \
  X(eaddrnotavail)          \
  X(eafnosupport)           \
  X(eagain)                 \
  X(ealready)               \
  X(ebadf)                  \
  X(econnaborted)           \
  X(econnrefused)           \
  X(econnreset)             \
  X(edestaddrreq)           \
  X(ehostunreach)           \
  X(einprogress)            \
  X(einval)                 \
  X(eisconn)                \
  X(emfile)                 \
  X(emsgsize)               \
  X(enetunreach)            \
  X(enobufs)                \
  X(enoent)                 \
  X(enoprotoopt)            \
  X(enotconn)               \
  X(enotsup)                \
  X(eopnotsupp)             \
  X(epipe)                  \
  X(eproto)                 \
  X(eprotonosupport)        \
  X(eprototype)             \
  X(etimedout)

enum class Errno : std::uint8_t {
#define PW_X(name) name,
  PW_SOCKET_ERRORS(PW_X)
#undef PW_X
};

// The POSIX name: "ECONNREFUSED".
[[nodiscard]] std::string_view name_of(Errno error) noexcept;

}  // namespace packetwright::iface
