// SPDX-License-Identifier: Apache-2.0
// setsockopt() and getsockopt() of TCP sockets.
#include <algorithm>
#include <limits>

#include "stack/iface/stream_socket.hh"

namespace packetwright::iface {
namespace {

// The largest buffer that a window can describe (RFC 7323, 2.2).
constexpr std::int64_t kMaxBuffer = std::int64_t{1} << 30;
constexpr std::int64_t kMinBuffer = 256;
constexpr std::int64_t kMaxFastOpens = 4'096;
constexpr std::int64_t kMaxDeferSeconds = 32'767;

std::int64_t seconds(Duration duration) noexcept {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}
std::int64_t milliseconds(Duration duration) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// Whole seconds within what a keep-alive timer may be told.
SocketResult<void> set_seconds(std::optional<Duration>& duration, std::int64_t value) {
  if (value < 1 || value > 32'767) return Err{Errno::einval};
  duration = std::chrono::seconds{value};
  return {};
}

template <class T>
SocketResult<void> set_number(std::optional<T>& number, std::int64_t value, std::int64_t least) {
  if (value < least || value > std::numeric_limits<T>::max()) return Err{Errno::einval};
  number = static_cast<T>(value);
  return {};
}

bool is_attribute(SocketOption option) noexcept {
  return option == SocketOption::ip_ttl || option == SocketOption::ip_tos ||
         option == SocketOption::ipv6_unicast_hops || option == SocketOption::ipv6_tclass ||
         option == SocketOption::ip_mtu_discover;
}

}  // namespace

SocketResult<void> StreamSocket::set_option(Instant now, Network& network, SocketOption option,
                                            std::int64_t value) {
  if (option == SocketOption::tcp_fastopen_connect && value != 0 &&
      !network.tcp().config().fast_open_client) {
    return Err{Errno::eopnotsupp};
  }
  if (const auto set = set_setting(settings_, option, value, is_bound() || has_connection())) {
    if (*set && is_attribute(option)) apply_attributes(network);
    return *set;
  }
  const bool doubles =
      option == SocketOption::so_sndbuf && network.tcp().config().double_send_buffer;
  if (auto set = set_tcp_option(option, doubles ? 2 * value : value); !set) return set;
  pass_on_options(now, network);
  if (!has_connection() || value == 0) return {};
  if (option == SocketOption::tcp_quickack) {
    network.tcp().quick_ack(now, connection_, network.actions());
  } else if (option == SocketOption::tcp_nodelay) {
    // Whoever wants no delay wants none for what a cork or MSG_MORE has held back so far.
    network.tcp().push(now, connection_, network.actions());
  }
  network.run_actions(now);
  return {};
}

void StreamSocket::pass_on_options(Instant now, Network& network) {
  if (is_listening()) {
    network.tcp().set_options(listener_, *options_);
    network.tcp().set_fast_open(listener_, fast_open_queue_);
    network.tcp().set_defer_accept(listener_, defer_accept_);
  }
  if (!has_connection()) return;
  network.tcp().set_options(now, connection_, *options_, network.actions());
  network.run_actions(now);
}

SocketResult<void> StreamSocket::set_tcp_option(SocketOption option, std::int64_t value) {
  tcp::ConnectionOptions options = *options_;
  const auto set = set_tcp_option(options, option, value);
  if (set) options_ = options;
  return set;
}

SocketResult<void> StreamSocket::set_tcp_option(tcp::ConnectionOptions& options,
                                                SocketOption option, std::int64_t value) {
  switch (option) {
    //= RFC9293-MUST-17
    case SocketOption::tcp_nodelay: options.nodelay = value != 0; return {};
    case SocketOption::tcp_cork: options.cork = value != 0; return {};
    case SocketOption::tcp_quickack: options.quick_ack = value != 0; return {};
    //= RFC9293-MUST-24
    case SocketOption::so_keepalive: options.keepalive = value != 0; return {};
    case SocketOption::so_oobinline: options.oob_inline = value != 0; return {};
    //= RFC9293-MUST-27
    case SocketOption::tcp_keepidle: return set_seconds(options.keep_idle, value);
    case SocketOption::tcp_keepintvl: return set_seconds(options.keep_interval, value);
    case SocketOption::tcp_keepcnt: return set_number(options.keep_count, value, 1);
    case SocketOption::tcp_syncnt: return set_number(options.syn_retries, value, 1);
    //= RFC9293-MUST-21
    case SocketOption::tcp_user_timeout:
      if (value < 0 || value > std::numeric_limits<std::int32_t>::max()) return Err{Errno::einval};
      options.user_timeout.reset();
      if (value > 0) options.user_timeout = std::chrono::milliseconds{value};
      return {};
    case SocketOption::tcp_maxseg:
      if (value == 0) {
        options.max_segment.reset();
        return {};
      }
      return set_number(options.max_segment, value, 48);
    case SocketOption::so_sndbuf:
      options.send_buffer = static_cast<std::uint32_t>(std::clamp(value, kMinBuffer, kMaxBuffer));
      return {};
    case SocketOption::so_rcvbuf:
      options.receive_buffer =
          static_cast<std::uint32_t>(std::clamp(value, kMinBuffer, kMaxBuffer));
      return {};
    case SocketOption::tcp_fastopen:
      if (value < 0 || has_connection()) return Err{Errno::einval};
      fast_open_queue_ = static_cast<std::uint32_t>(std::min<std::int64_t>(value, kMaxFastOpens));
      return {};
    case SocketOption::tcp_defer_accept:
      if (value < 0 || value > kMaxDeferSeconds) return Err{Errno::einval};
      defer_accept_ = std::chrono::seconds{value};
      return {};
    case SocketOption::tcp_fastopen_connect:
      if (value != 0 && value != 1) return Err{Errno::einval};
      if (has_connection() || is_listening()) return Err{Errno::einval};
      fast_open_connect_ = value != 0;
      return {};
    case SocketOption::tcp_window_clamp:
      if (value == 0) {
        options.window_clamp.reset();
        return {};
      }
      return set_number(options.window_clamp, value, 1);
    case SocketOption::so_error:
    case SocketOption::ip_mtu:
    case SocketOption::so_reuseaddr:
    case SocketOption::so_linger:
    case SocketOption::so_broadcast:
    case SocketOption::ip_ttl:
    case SocketOption::ip_tos:
    case SocketOption::ip_recverr:
    case SocketOption::ip_mtu_discover:
    case SocketOption::ipv6_v6only:
    case SocketOption::ipv6_unicast_hops:
    case SocketOption::ipv6_tclass: return Err{Errno::enoprotoopt};
  }
  return Err{Errno::enoprotoopt};
}

SocketResult<void> StreamSocket::set_congestion_control(Instant now, Network& network,
                                                        std::string_view name) {
  const auto control = tcp::congestion_control_of(name);
  if (!control) return Err{Errno::enoent};
  tcp::ConnectionOptions options = *options_;
  options.congestion_control = *control;
  options_ = options;
  pass_on_options(now, network);
  return {};
}

std::string_view StreamSocket::congestion_control(const Network& network) const {
  return tcp::name_of(
      options_->congestion_control.value_or(network.tcp().config().congestion_control));
}

SocketResult<std::int64_t> StreamSocket::get_option(Instant now, Network& network,
                                                    SocketOption option,
                                                    std::uint8_t default_hop_limit) {
  if (const auto value = get_setting(settings_, option, default_hop_limit)) return *value;
  if (option == SocketOption::so_error) {
    // Asked after the handshake, this is how the user learns that connect() succeeded.
    if (has_connection() && tcp::is_synchronized(status(network).state)) connecting_ = false;
    const auto error = take_error();
    return error ? static_cast<std::int64_t>(*error) + 1 : 0;
  }
  if (option == SocketOption::ip_mtu) {
    const auto remote = remote_endpoint(network);
    if (!remote) return Err{Errno::enotconn};
    const auto mtu = network.path_mtu(now, remote->address);
    if (!mtu) return Err{Errno::enetunreach};
    return *mtu;
  }
  if (const auto value = get_tcp_option(network, option)) return *value;
  return Err{Errno::enoprotoopt};
}

std::optional<std::int64_t> StreamSocket::get_tcp_option(const Network& network,
                                                         SocketOption option) const {
  const tcp::TcpConfig& config = network.tcp().config();
  switch (option) {
    case SocketOption::tcp_nodelay: return options_->nodelay ? 1 : 0;
    case SocketOption::tcp_cork: return options_->cork ? 1 : 0;
    case SocketOption::tcp_quickack: return options_->quick_ack ? 1 : 0;
    case SocketOption::so_keepalive: return options_->keepalive ? 1 : 0;
    case SocketOption::so_oobinline: return options_->oob_inline ? 1 : 0;
    case SocketOption::tcp_keepidle: return seconds(options_->keep_idle.value_or(config.keep_idle));
    case SocketOption::tcp_keepintvl:
      return seconds(options_->keep_interval.value_or(config.keep_interval));
    case SocketOption::tcp_keepcnt: return options_->keep_count.value_or(config.keep_count);
    case SocketOption::tcp_syncnt: return options_->syn_retries.value_or(0);
    case SocketOption::tcp_user_timeout:
      return options_->user_timeout ? milliseconds(*options_->user_timeout) : 0;
    case SocketOption::so_sndbuf: return options_->send_buffer.value_or(config.send_buffer);
    case SocketOption::so_rcvbuf: return options_->receive_buffer.value_or(config.receive_buffer);
    case SocketOption::tcp_window_clamp: return options_->window_clamp.value_or(0);
    case SocketOption::tcp_fastopen: return fast_open_queue_;
    case SocketOption::tcp_defer_accept: return seconds(defer_accept_);
    case SocketOption::tcp_fastopen_connect: return fast_open_connect_ ? 1 : 0;
    case SocketOption::tcp_maxseg:
      if (has_connection()) {
        if (const auto status = network.tcp().status(connection_)) return status->snd_mss;
      }
      return options_->max_segment.value_or(536);
    case SocketOption::so_error:
    case SocketOption::ip_mtu:
    case SocketOption::so_reuseaddr:
    case SocketOption::so_linger:
    case SocketOption::so_broadcast:
    case SocketOption::ip_ttl:
    case SocketOption::ip_tos:
    case SocketOption::ip_recverr:
    case SocketOption::ip_mtu_discover:
    case SocketOption::ipv6_v6only:
    case SocketOption::ipv6_unicast_hops:
    case SocketOption::ipv6_tclass: return std::nullopt;
  }
  return std::nullopt;
}

void StreamSocket::apply_attributes(Network& network) {
  const auto attributes = [&](Family family) {
    SegmentAttributes wanted = network.usual_attributes(family);
    wanted.hop_limit = settings_.hop_limit(family).value_or(wanted.hop_limit);
    wanted.traffic_class = settings_.traffic_class(family);
    wanted.dont_fragment = settings_.mtu_discover != 0;
    return wanted;
  };
  if (is_listening()) {
    const Family family = settings_.domain == Domain::inet ? Family::ipv4 : Family::ipv6;
    network.set_attributes(*bound_, std::nullopt, attributes(family));
  } else if (has_connection()) {
    const auto local = network.tcp().local_endpoint(connection_);
    const auto remote = network.tcp().remote_endpoint(connection_);
    if (local && remote) network.set_attributes(*local, *remote, attributes(family_));
  }
}

}  // namespace packetwright::iface
