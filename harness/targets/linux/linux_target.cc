// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/linux_target.hh"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include <linux/netlink.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "harness/targets/linux/tcp_diagnostics.hh"
#include "harness/targets/linux/tcp_info.hh"

namespace packetwright::linux_stack {
namespace {

using targets::CallResult;
using targets::Config;
using targets::Fd;

constexpr std::string_view kTunKnob = "tun";

// Makes the stack answer every time it is asked, as the RFCs describe it, and behave in the same
// way however many cases came before.
constexpr std::pair<std::string_view, std::string_view> kSettings[] = {
    // Limits on how often the stack answers what it should not have been sent.
    {"tcp_invalid_ratelimit", "0"},
    {"tcp_challenge_ack_limit", "2147483647"},
    {"icmp_ratelimit", "0"},
    {"icmp_msgs_per_sec", "2147483647"},
    {"icmp_msgs_burst", "2147483647"},
    {"net.ipv6.icmp.ratelimit", "0"},
    {"icmp_echo_ignore_broadcasts", "0"},
    // What one connection learns is not for the next one.
    {"tcp_no_metrics_save", "1"},
    {"tcp_fastopen_blackhole_timeout_sec", "0"},
    // A queue that fills is full; cookies would hide it.
    {"tcp_syncookies", "0"},
    {"tcp_ecn", "2"},
    // Datagram sockets for ICMP, for everyone.
    {"ping_group_range", "0 0"},
};

// The algorithms of the RFCs, not whatever the distribution prefers: RFC 9438, else RFC 5681. The
// former is not open to a namespace everywhere.
void choose_congestion_control(std::vector<std::string>& notes) {
  const Result<void, std::string> cubic = Sysctls::set("tcp_congestion_control", "cubic");
  if (cubic) return;
  const Result<void, std::string> reno = Sysctls::set("tcp_congestion_control", "reno");
  notes.push_back("congestion control is " +
                  Sysctls::get("tcp_congestion_control").value_or("unknown") +
                  ", because cubic is not permitted here: " + cubic.error());
  if (!reno) notes.push_back(reno.error());
}

std::string kernel_version() {
  utsname name{};
  return uname(&name) == 0 ? name.release : "unknown";
}

Result<Medium, std::string> medium_of(const Config& config, Medium otherwise) {
  const auto knob = config.knobs.find(std::string{kTunKnob});
  if (knob == config.knobs.end()) return otherwise;
  if (knob->second == "1") return Medium::tun;
  if (knob->second == "0") return Medium::veth;
  return Err{std::string{"the knob tun is 0 or 1, not \""} + knob->second + "\""};
}

}  // namespace

Result<std::unique_ptr<LinuxTarget>, std::string> LinuxTarget::open(Medium medium) {
  // A write to a connection that is gone is an error of the call, not the end of the harness.
  std::signal(SIGPIPE, SIG_IGN);
  // Wake up when asked to, not up to 50 us later.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  std::unique_ptr<LinuxTarget> target{new LinuxTarget{medium}};
  const Result<void, std::string> built = target->build(Config{}, medium);
  if (!built) return Err{built.error()};
  return target;
}

Result<void, std::string> LinuxTarget::build(const Config& config, Medium medium) {
  posix_.cancel_all();
  sockets_.abort_all();
  knobs_ = Sysctls{};
  wire_ = Wire{};
  diagnostics_.reset();
  route_.reset();
  namespace_.reset();

  Result<NetworkNamespace, std::string> made = NetworkNamespace::create();
  if (!made) return Err{made.error()};
  namespace_ = std::move(*made);
  medium_ = medium;
  built_for_ = config;
  spoilt_ = false;

  traits_.notes = quieten_new_devices();
  for (const auto& [name, value] : kSettings) {
    const Result<void, std::string> set = Sysctls::set(name, value);
    if (!set) traits_.notes.push_back(set.error());
  }

  choose_congestion_control(traits_.notes);

  Result<Netlink, int> route = Netlink::open(NETLINK_ROUTE);
  if (!route) return Err{std::string{"rtnetlink: "} + std::strerror(route.error())};
  route_ = std::move(*route);
  Result<Netlink, int> diagnostics = Netlink::open(NETLINK_SOCK_DIAG);
  if (diagnostics) diagnostics_ = std::move(*diagnostics);

  if (medium == Medium::veth) {
    const Result<void, std::string> pair = make_veth(*route_, config);
    if (!pair) return pair;
    for (const char* const device : {kVethName, kWireName}) {
      const Result<void, std::string> off = switch_offloads_off(device);
      if (!off) traits_.notes.push_back(off.error());
    }
  }
  Result<Wire, std::string> wire =
      medium == Medium::veth ? Wire::on_veth() : Wire::on_tun(config.mtu);
  if (!wire) return Err{wire.error()};
  wire_ = std::move(*wire);
  const Result<void, std::string> configured = configure(*route_, medium, config);
  if (!configured) return configured;
  describe();
  return {};
}

void LinuxTarget::describe() {
  traits_.name = name_of_target(default_medium_);
  traits_.version = kernel_version();
  traits_.medium = medium_ == Medium::veth ? "veth" : "tun";
  traits_.clock = targets::ClockKind::real_time;
  traits_.ethernet = medium_ == Medium::veth;
  // A kernel tick of the slowest usual configuration (HZ=250), by which timers may be late.
  traits_.tick = std::chrono::milliseconds{4};
  traits_.slack = std::chrono::milliseconds{4};
  traits_.capabilities = {"active_isn", "dsack",        "ecn",       "frags",      "icmp",
                          "ipv4",       "iw10",         "keepalive", "ping",       "pmtud",
                          "posix",      "raw",          "redirects", "rfc5961",    "sack",
                          "tcp",        "tcp_info",     "tcp_state", "timestamps", "udp",
                          "urgent",     "user_timeout", "wscale"};
  if (Sysctls::get("net.ipv6.conf.all.forwarding").ok()) {
    traits_.capabilities.insert(traits_.capabilities.end(), {"ipv4_mapped_ipv6", "ipv6"});
  }
  if (medium_ == Medium::veth) {
    traits_.capabilities.push_back("arp");
    if (traits_.has("ipv6")) traits_.capabilities.push_back("ndp");
  }
  std::sort(traits_.capabilities.begin(), traits_.capabilities.end());
}

bool LinuxTarget::fits(const Config& config, Medium medium) const {
  return !spoilt_ && namespace_ && medium_ == medium && built_for_.local4 == config.local4 &&
         built_for_.local6 == config.local6 && built_for_.gateway4 == config.gateway4 &&
         built_for_.gateway6 == config.gateway6 && built_for_.local_mac == config.local_mac &&
         built_for_.mtu == config.mtu;
}

bool LinuxTarget::clean(const Config& config) {
  namespace_->enter();
  posix_.cancel_all();
  sockets_.abort_all();
  if (!knobs_.restore()) return false;
  // Connections that nobody owns any more would speak up in a later case.
  if (!diagnostics_ || !destroy_connections(*diagnostics_).ok()) return false;
  if (!forget(*route_, medium_, config).ok()) return false;
  std::vector<targets::SentFrame> late;
  wire_.drain(clock_, late);
  return true;
}

Result<void, std::string> LinuxTarget::reset(const Config& config) {
  const Result<Medium, std::string> medium = medium_of(config, default_medium_);
  if (!medium) return Err{medium.error()};
  if (!fits(config, *medium) || !clean(config)) return reset_strongly(config);
  const Result<void, std::string> applied = apply_knobs(config);
  if (!applied) return applied;
  clock_.restart();
  return {};
}

Result<void, std::string> LinuxTarget::reset_strongly(const Config& config) {
  const Result<Medium, std::string> medium = medium_of(config, default_medium_);
  if (!medium) return Err{medium.error()};
  const Result<void, std::string> built = build(config, *medium);
  if (!built) {
    spoilt_ = true;
    return built;
  }
  const Result<void, std::string> applied = apply_knobs(config);
  if (!applied) return applied;
  // Bringing devices up makes the stack join groups, and say so.
  std::vector<targets::SentFrame> early;
  wire_.drain(clock_, early);
  clock_.restart();
  return {};
}

Result<void, std::string> LinuxTarget::apply_knobs(const Config& config) {
  for (const auto& [name, value] : config.knobs) {
    if (name == kTunKnob) continue;
    const Result<void, std::string> set = knobs_.set_for_now(name, value);
    if (!set) return set;
  }
  return {};
}

void LinuxTarget::inject(Bytes frame) {
  // What the kernel refuses could not have been on this wire either.
  static_cast<void>(wire_.inject(frame));
}

void LinuxTarget::drain(std::vector<targets::SentFrame>& out) {
  wire_.drain(clock_, out);
}

void LinuxTarget::advance_to(Instant until, bool stop_on_frame) {
  const timespec deadline = clock_.to_monotonic(until);
  while (clock_.now() < until) {
    if (!stop_on_frame) {
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
      continue;
    }
    if (wire_.pending()) return;
    wire_.wait(deadline);
  }
}

CallResult<targets::TcpStatus> LinuxTarget::tcp_status(Fd fd) {
  const std::optional<Connection> connection = sockets_.connection_of(fd);
  targets::TcpStatus status;
  if (sockets_.has(fd)) {
    CallResult<targets::TcpStatus> told = read_tcp_info(fd);
    if (!told) return told;
    status = std::move(*told);
    if (status.state != targets::TcpState::closed) return status;
  } else if (!connection) {
    return Err{EBADF};
  }
  // The socket is closed, but its connection may go on without it: in TIME-WAIT, or after close().
  if (connection && diagnostics_) {
    const Result<targets::TcpState, int> state = state_of_connection(*diagnostics_, *connection);
    if (!state) return Err{state.error()};
    status.state = *state;
  }
  return status;
}

CallResult<void> LinuxTarget::set_isn(Fd fd, std::uint32_t isn) {
  if (!sockets_.has(fd)) return Err{EBADF};
  return choose_isn(fd, isn);
}

}  // namespace packetwright::linux_stack
