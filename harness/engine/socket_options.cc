// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/socket_options.hh"

namespace packetwright::engine {
namespace {

using targets::Option;

enum class Level : std::uint8_t { socket, ip, ipv6, tcp };

struct Entry {
  Level level;
  std::string_view name;
  Option option;
};

constexpr Entry kOptions[] = {
    {Level::socket, "SO_ERROR", Option::so_error},
    {Level::socket, "SO_REUSEADDR", Option::so_reuseaddr},
    {Level::socket, "SO_KEEPALIVE", Option::so_keepalive},
    {Level::socket, "SO_LINGER", Option::so_linger},
    {Level::socket, "SO_SNDBUF", Option::so_sndbuf},
    {Level::socket, "SO_RCVBUF", Option::so_rcvbuf},
    {Level::socket, "SO_OOBINLINE", Option::so_oobinline},
    {Level::socket, "SO_BROADCAST", Option::so_broadcast},
    {Level::ip, "IP_TTL", Option::ip_ttl},
    {Level::ip, "IP_TOS", Option::ip_tos},
    {Level::ip, "IP_RECVERR", Option::ip_recverr},
    {Level::ip, "IP_MTU", Option::ip_mtu},
    {Level::ip, "IP_MTU_DISCOVER", Option::ip_mtu_discover},
    {Level::ipv6, "IPV6_V6ONLY", Option::ipv6_v6only},
    {Level::ipv6, "IPV6_UNICAST_HOPS", Option::ipv6_unicast_hops},
    {Level::ipv6, "IPV6_TCLASS", Option::ipv6_tclass},
    {Level::tcp, "TCP_NODELAY", Option::tcp_nodelay},
    {Level::tcp, "TCP_MAXSEG", Option::tcp_maxseg},
    {Level::tcp, "TCP_CORK", Option::tcp_cork},
    {Level::tcp, "TCP_KEEPIDLE", Option::tcp_keepidle},
    {Level::tcp, "TCP_KEEPINTVL", Option::tcp_keepintvl},
    {Level::tcp, "TCP_KEEPCNT", Option::tcp_keepcnt},
    {Level::tcp, "TCP_USER_TIMEOUT", Option::tcp_user_timeout},
    {Level::tcp, "TCP_QUICKACK", Option::tcp_quickack},
    {Level::tcp, "TCP_SYNCNT", Option::tcp_syncnt},
    {Level::tcp, "TCP_WINDOW_CLAMP", Option::tcp_window_clamp},
    {Level::tcp, "TCP_FASTOPEN", Option::tcp_fastopen},
    {Level::tcp, "TCP_FASTOPEN_CONNECT", Option::tcp_fastopen_connect},
    {Level::tcp, "TCP_DEFER_ACCEPT", Option::tcp_defer_accept},
};

std::optional<Level> level_of(std::string_view name) noexcept {
  if (name == "SOL_SOCKET") return Level::socket;
  if (name == "SOL_IP" || name == "IPPROTO_IP") return Level::ip;
  if (name == "SOL_IPV6" || name == "IPPROTO_IPV6") return Level::ipv6;
  if (name == "SOL_TCP" || name == "IPPROTO_TCP") return Level::tcp;
  return std::nullopt;
}

}  // namespace

std::optional<Option> option_of(const script::Expression& level,
                                const script::Expression& name) noexcept {
  const auto* level_symbol = level.as<script::Symbol>();
  const auto* name_symbol = name.as<script::Symbol>();
  if (level_symbol == nullptr || name_symbol == nullptr) return std::nullopt;
  const auto known = level_of(level_symbol->name);
  if (!known.has_value()) return std::nullopt;
  for (const Entry& entry : kOptions) {
    if (entry.level == *known && entry.name == name_symbol->name) return entry.option;
  }
  return std::nullopt;
}

}  // namespace packetwright::engine
