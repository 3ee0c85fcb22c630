// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/tcp_error.hh"

namespace packetwright::tcp {

std::string_view name_of(TcpError error) noexcept {
  switch (error) {
    case TcpError::connection_does_not_exist: return "connection_does_not_exist";
    case TcpError::connection_already_exists: return "connection_already_exists";
    case TcpError::connection_closing: return "connection_closing";
    case TcpError::connection_reset: return "connection_reset";
    case TcpError::connection_refused: return "connection_refused";
    case TcpError::insufficient_resources: return "insufficient_resources";
    case TcpError::remote_unspecified: return "remote_unspecified";
    case TcpError::aborted_by_user_timeout: return "aborted_by_user_timeout";
    case TcpError::unreachable: return "unreachable";
  }
  return "?";
}

}  // namespace packetwright::tcp
