// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/reference/reference_target.hh"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <type_traits>
#include <utility>

#include "harness/targets/reference/errno_map.hh"
#include "harness/targets/reference/knobs.hh"
#include "harness/targets/reference/sysctls.hh"
#include "harness/targets/reference/tcp_status.hh"

namespace packetwright::reference {
namespace {

using targets::CallResult;
using targets::Fd;

// A result of the stack, with the error as this system numbers it.
template <class T>
CallResult<T> translated(iface::SocketResult<T> result) {
  if (!result) return Err{system_errno(result.error())};
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(result).value();
  }
}

iface::Domain domain_of(targets::Domain domain) {
  return domain == targets::Domain::inet ? iface::Domain::inet : iface::Domain::inet6;
}

iface::Protocol protocol_of(targets::Protocol protocol) {
  switch (protocol) {
    case targets::Protocol::any: return iface::Protocol::any;
    case targets::Protocol::tcp: return iface::Protocol::tcp;
    case targets::Protocol::udp: return iface::Protocol::udp;
    case targets::Protocol::icmp: return iface::Protocol::icmp;
    case targets::Protocol::icmpv6: return iface::Protocol::icmpv6;
  }
  return iface::Protocol::any;
}

iface::ShutdownHow how_of(targets::ShutdownHow how) {
  switch (how) {
    case targets::ShutdownHow::read: return iface::ShutdownHow::read;
    case targets::ShutdownHow::write: return iface::ShutdownHow::write;
    case targets::ShutdownHow::both: return iface::ShutdownHow::both;
  }
  return iface::ShutdownHow::both;
}

iface::SocketOption option_of(targets::Option option) {
  using To = iface::SocketOption;
  switch (option) {
    case targets::Option::so_error: return To::so_error;
    case targets::Option::so_reuseaddr: return To::so_reuseaddr;
    case targets::Option::so_keepalive: return To::so_keepalive;
    case targets::Option::so_linger: return To::so_linger;
    case targets::Option::so_sndbuf: return To::so_sndbuf;
    case targets::Option::so_rcvbuf: return To::so_rcvbuf;
    case targets::Option::so_oobinline: return To::so_oobinline;
    case targets::Option::so_broadcast: return To::so_broadcast;
    case targets::Option::ip_ttl: return To::ip_ttl;
    case targets::Option::ip_tos: return To::ip_tos;
    case targets::Option::ip_recverr: return To::ip_recverr;
    case targets::Option::ip_mtu: return To::ip_mtu;
    case targets::Option::ip_mtu_discover: return To::ip_mtu_discover;
    case targets::Option::ipv6_v6only: return To::ipv6_v6only;
    case targets::Option::ipv6_unicast_hops: return To::ipv6_unicast_hops;
    case targets::Option::ipv6_tclass: return To::ipv6_tclass;
    case targets::Option::tcp_nodelay: return To::tcp_nodelay;
    case targets::Option::tcp_maxseg: return To::tcp_maxseg;
    case targets::Option::tcp_cork: return To::tcp_cork;
    case targets::Option::tcp_keepidle: return To::tcp_keepidle;
    case targets::Option::tcp_keepintvl: return To::tcp_keepintvl;
    case targets::Option::tcp_keepcnt: return To::tcp_keepcnt;
    case targets::Option::tcp_user_timeout: return To::tcp_user_timeout;
    case targets::Option::tcp_quickack: return To::tcp_quickack;
    case targets::Option::tcp_syncnt: return To::tcp_syncnt;
    case targets::Option::tcp_window_clamp: return To::tcp_window_clamp;
    case targets::Option::tcp_fastopen: return To::tcp_fastopen;
    case targets::Option::tcp_fastopen_connect: return To::tcp_fastopen_connect;
    case targets::Option::tcp_defer_accept: return To::tcp_defer_accept;
  }
  return To::so_error;
}

targets::Traits reference_traits() {
  targets::Traits traits;
  traits.name = "reference";
  traits.version = PW_VERSION;
  traits.medium = "memory";
  traits.clock = targets::ClockKind::virtual_time;
  traits.ethernet = true;
  // Sorted. docs/targets.md says what each of them means.
  traits.capabilities = {
      "acd",
      "active_isn",
      "af_unspec",
      "arp",
      "dad",
      "defer_accept",
      "dns",
      "dsack",
      "ecn",
      "edns0",
      "fastopen",
      "frags",
      "frto",
      "icmp",
      "ipv4",
      "ipv4_mapped_ipv6",
      "ipv6",
      "iw10",
      "keepalive",
      "like",
      "mld",
      "msg_eor",
      "ndp",
      "netstat",
      "passive_isn",
      "ping",
      "plpmtud",
      "pmtud",
      "rack",
      "redirects",
      "rfc5961",
      "rs",
      "sack",
      "seed",
      "slaac",
      "syncookies",
      "sysctls",
      "tcp",
      "tcp_info",
      "tcp_state",
      "timestamps",
      "udp",
      "urgent",
      "user_timeout",
      "user_timeout_option",
      "virtual_time",
      "wscale",
  };
  return traits;
}

}  // namespace

Result<iface::StackConfig, std::string> stack_config(const targets::Config& config) {
  iface::StackConfig stack;
  stack.seed = config.seed;
  stack.mac = config.local_mac;
  stack.mtu = config.mtu;
  for (const Prefix& prefix : {config.local4, config.local6}) {
    if (!prefix.address.is_unspecified()) stack.addresses.push_back(prefix);
  }
  for (const IpAddress& gateway : {config.gateway4, config.gateway6}) {
    if (!gateway.is_unspecified()) stack.gateways.push_back(gateway);
  }
  // A case begins with a host that is up: it has done its probing, and looks for no routers. The
  // knobs can undo that. Its own addresses are those that a script can foretell.
  stack.claim.probe = false;
  stack.claim.announce = false;
  stack.detection.transmits = 0;
  stack.routers.solicit = false;
  stack.announce_groups = false;
  stack.autoconfiguration.identifier = neighbor::IdentifierKind::eui64;
  if (auto applied = apply_knobs(config.knobs, stack); !applied) return Err{applied.error()};
  return stack;
}

ReferenceTarget::ReferenceTarget() : traits_(reference_traits()) {
  stack_.emplace(stack_config({}).value());
}

Result<void, targets::ResetError> ReferenceTarget::reset(const targets::Config& config) {
  // What a script wants of the device that packetdrill has between the stack and the peer.
  for (const char* const device : {"anyip", "gso_size", "link_speed"}) {
    if (config.knobs.count(device) == 0) continue;
    return Err{
        targets::ResetError{std::string{"there is no tunnel here with the knob "} + device, true}};
  }
  const auto stack = stack_config(config);
  if (!stack) return Err{stack.error()};
  config_ = config;
  used_ = false;
  stack_.emplace(*stack);
  now_ = Instant{};
  sent_.clear();
  collect();
  return {};
}

Result<void, std::string> ReferenceTarget::check_sysctl(std::string_view name,
                                                        std::string_view value) const {
  if (const auto knob = knob_of_sysctl(name, value); !knob) return Err{knob.error()};
  return {};
}

Result<void, std::string> ReferenceTarget::set_sysctl(std::string_view name,
                                                      std::string_view value) {
  const auto knob = knob_of_sysctl(name, value);
  if (!knob) return Err{knob.error()};
  if (!*knob) return {};  // it is so in any case
  targets::Config config = config_;
  std::erase_if(config.knobs, [&](const auto& one) { return without_path(one.first) == **knob; });
  config.knobs[**knob] = value;
  if (!used_) {
    if (auto made = reset(config); !made) return Err{made.error().reason};
    return {};
  }
  if (!(*knob)->starts_with("tcp_")) {
    return Err{std::string{name} + " can be set here before the first event only"};
  }
  const auto stack = stack_config(config);
  if (!stack) return Err{stack.error()};
  config_ = std::move(config);
  stack_->set_tcp_config(stack->tcp);
  return {};
}

bool ReferenceTarget::collect() {
  const std::size_t before = sent_.size();
  Buffer frame;
  while (stack_->next_tx(frame)) sent_.push_back({now_, std::exchange(frame, {})});
  return sent_.size() > before;
}

void ReferenceTarget::inject(Bytes frame) {
  used_ = true;
  stack_->on_frame(now_, frame);
  collect();
}

void ReferenceTarget::drain(std::vector<targets::SentFrame>& out) {
  collect();
  out.insert(out.end(), std::make_move_iterator(sent_.begin()),
             std::make_move_iterator(sent_.end()));
  sent_.clear();
}

std::optional<Instant> ReferenceTarget::next_timer() const {
  return stack_->next_deadline();
}

void ReferenceTarget::advance_to(Instant until, bool stop_on_frame) {
  used_ = used_ || until > now_;
  while (const auto deadline = stack_->next_deadline()) {
    if (*deadline > until) break;
    now_ = std::max(now_, *deadline);
    stack_->on_deadline(now_);
    if (collect() && stop_on_frame) return;
  }
  now_ = std::max(now_, until);
}

CallResult<Fd> ReferenceTarget::socket(targets::Domain domain, targets::SocketType type,
                                       targets::Protocol protocol) {
  used_ = true;
  if (type == targets::SocketType::raw) return Err{ENOTSUP};
  const auto kind =
      type == targets::SocketType::stream ? iface::SocketType::stream : iface::SocketType::datagram;
  return translated(stack_->socket(domain_of(domain), kind, protocol_of(protocol)));
}

CallResult<void> ReferenceTarget::bind(Fd fd, const Endpoint& local) {
  return translated(stack_->bind(fd, local));
}

CallResult<void> ReferenceTarget::listen(Fd fd, int backlog) {
  return translated(stack_->listen(fd, backlog));
}

CallResult<Fd> ReferenceTarget::accept(Fd fd, Endpoint* peer) {
  auto result = translated(stack_->accept(now_, fd, peer));
  collect();
  return result;
}

CallResult<void> ReferenceTarget::connect(Fd fd, const Endpoint& remote) {
  auto result = translated(stack_->connect(now_, fd, remote));
  collect();
  return result;
}

CallResult<targets::Received> ReferenceTarget::read(Fd fd, std::size_t limit,
                                                    targets::ReadFlags flags) {
  auto result = stack_->read(now_, fd, limit, {flags.peek, flags.out_of_band});
  collect();
  if (!result) return Err{system_errno(result.error())};
  return targets::Received{std::move(result->octets), result->from, result->out_of_band};
}

CallResult<std::size_t> ReferenceTarget::write(Fd fd, Bytes octets, targets::WriteFlags flags,
                                               const Endpoint* to) {
  auto result = translated(stack_->write(now_, fd, octets,
                                         {.out_of_band = flags.out_of_band,
                                          .more = flags.more,
                                          .fast_open = flags.fast_open,
                                          .record_end = flags.record_end,
                                          .waits = flags.waits,
                                          .no_family = flags.no_family},
                                         to));
  collect();
  return result;
}

CallResult<void> ReferenceTarget::shutdown(Fd fd, targets::ShutdownHow how) {
  auto result = translated(stack_->shutdown(now_, fd, how_of(how)));
  collect();
  return result;
}

CallResult<void> ReferenceTarget::close(Fd fd) {
  auto result = translated(stack_->close(now_, fd));
  collect();
  return result;
}

CallResult<void> ReferenceTarget::set_option(Fd fd, targets::Option option, std::int64_t value) {
  auto result = translated(stack_->set_option(now_, fd, option_of(option), value));
  collect();
  return result;
}

CallResult<std::int64_t> ReferenceTarget::get_option(Fd fd, targets::Option option) {
  const auto result = stack_->get_option(now_, fd, option_of(option));
  if (!result) return Err{system_errno(result.error())};
  if (option != targets::Option::so_error || *result == 0) return *result;
  return std::int64_t{system_errno(static_cast<iface::Errno>(*result - 1))};
}

CallResult<targets::Readiness> ReferenceTarget::poll(Fd fd) {
  const auto ready = stack_->poll(fd);
  if (!ready) return Err{system_errno(ready.error())};
  return targets::Readiness{ready->readable, ready->writable, ready->urgent,
                            ready->hang_up,  ready->error,    ready->peer_closed};
}

CallResult<Endpoint> ReferenceTarget::local_endpoint(Fd fd) {
  return translated(stack_->local_endpoint(fd));
}

CallResult<targets::TcpStatus> ReferenceTarget::tcp_status(Fd fd) {
  const auto status = stack_->tcp_status(fd);
  if (!status) return Err{system_errno(status.error())};
  return tcp_status_of(now_, *status);
}

CallResult<std::optional<targets::TcpState>> ReferenceTarget::tcp_state(Fd fd) {
  const auto status = stack_->tcp_status(fd);
  if (!status) return Err{system_errno(status.error())};
  return std::optional{state_of(status->state)};
}

CallResult<void> ReferenceTarget::set_isn(Fd fd, std::uint32_t isn) {
  return translated(stack_->set_isn(fd, isn));
}

CallResult<int> ReferenceTarget::resolve(std::string_view name, Family family,
                                         const Endpoint& server) {
  stack_->set_dns_servers({server});
  const auto query = stack_->resolve(now_, name, family);
  collect();
  if (!query) return Err{system_errno(query.error())};
  return static_cast<int>(*query);
}

CallResult<std::vector<IpAddress>> ReferenceTarget::resolved(int query) {
  auto result = stack_->take_resolved(now_, static_cast<dns::QueryId>(query));
  if (!result) return Err{EAGAIN};
  if (!*result) return Err{system_errno(result->error())};
  return std::move(**result).addresses;
}

CallResult<std::string> ReferenceTarget::netstat() {
  return stack_->netstat(now_);
}

}  // namespace packetwright::reference
