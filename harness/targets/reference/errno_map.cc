// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/reference/errno_map.hh"

#include <cerrno>

namespace packetwright::reference {

int system_errno(iface::Errno error) noexcept {
  using iface::Errno;
  switch (error) {
    case Errno::eacces: return EACCES;
    case Errno::eaddrinuse: return EADDRINUSE;
    case Errno::eaddrnotavail: return EADDRNOTAVAIL;
    case Errno::eafnosupport: return EAFNOSUPPORT;
    case Errno::eagain: return EAGAIN;
    case Errno::ealready: return EALREADY;
    case Errno::ebadf: return EBADF;
    case Errno::econnaborted: return ECONNABORTED;
    case Errno::econnrefused: return ECONNREFUSED;
    case Errno::econnreset: return ECONNRESET;
    case Errno::edestaddrreq: return EDESTADDRREQ;
    case Errno::ehostunreach: return EHOSTUNREACH;
    case Errno::einprogress: return EINPROGRESS;
    case Errno::einval: return EINVAL;
    case Errno::eisconn: return EISCONN;
    case Errno::emfile: return EMFILE;
    case Errno::emsgsize: return EMSGSIZE;
    case Errno::enetunreach: return ENETUNREACH;
    case Errno::enobufs: return ENOBUFS;
    case Errno::enoent: return ENOENT;
    case Errno::enoprotoopt: return ENOPROTOOPT;
    case Errno::enotconn: return ENOTCONN;
    case Errno::enotsup: return ENOTSUP;
    case Errno::eopnotsupp: return EOPNOTSUPP;
    case Errno::epipe: return EPIPE;
    case Errno::eproto: return EPROTO;
    case Errno::eprotonosupport: return EPROTONOSUPPORT;
    case Errno::eprototype: return EPROTOTYPE;
    case Errno::etimedout: return ETIMEDOUT;
  }
  return EPROTO;
}

int system_errno(dns::DnsError error) noexcept {
  using dns::DnsError;
  switch (error) {
    case DnsError::invalid_name: return EINVAL;
    case DnsError::not_found: return ENOENT;
    case DnsError::no_data: return ENODATA;
    case DnsError::too_many_aliases: return ELOOP;
    case DnsError::server_failure: return EIO;
    case DnsError::timed_out: return ETIMEDOUT;
    case DnsError::truncated: return EMSGSIZE;
    case DnsError::no_server: return EDESTADDRREQ;
    case DnsError::too_many_queries: return ENOBUFS;
  }
  return EPROTO;
}

}  // namespace packetwright::reference
