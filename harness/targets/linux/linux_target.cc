// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/linux_target.hh"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include <linux/netlink.h>
#include <sys/utsname.h>

#include "harness/targets/linux/reassembly.hh"
#include "harness/targets/linux/scheduling.hh"
#include "harness/targets/linux/steady_settings.hh"
#include "harness/targets/linux/tcp_diagnostics.hh"
#include "harness/targets/linux/tcp_info.hh"

namespace packetwright::linux_stack {
namespace {

using targets::CallResult;
using targets::Config;
using targets::Fd;

constexpr std::string_view kTunKnob = "tun";
constexpr std::string_view kStockKnob = "stock";
constexpr std::string_view kAnyIpKnob = "anyip";
constexpr std::string_view kGsoSizeKnob = "gso_size";
constexpr std::string_view kLinkSpeedKnob = "link_speed";

// The algorithms of the RFCs, not whatever the distribution prefers: RFC 9438, else RFC 5681. The
// former is not open to a namespace everywhere.
void choose_congestion_control(std::vector<std::string>& notes) {
  const Result<void, SysctlError> cubic = Sysctls::set("tcp_congestion_control", "cubic");
  if (cubic) return;
  const Result<void, SysctlError> reno = Sysctls::set("tcp_congestion_control", "reno");
  notes.push_back("congestion control is " +
                  Sysctls::get("tcp_congestion_control").value_or("unknown") +
                  ", because cubic is not permitted here: " + cubic.error().reason);
  if (!reno) notes.push_back(reno.error().reason);
}

bool is_router_advertisement(Bytes frame) {
  constexpr std::size_t kEthernet = 14, kIpv6 = 40;
  constexpr std::uint8_t kIcmpv6 = 58, kType = 134;
  return frame.size() > kEthernet + kIpv6 && load_be16(frame, 12) == 0x86dd &&
         frame[kEthernet + 6] == kIcmpv6 && frame[kEthernet + kIpv6] == kType;
}

std::string kernel_version() {
  utsname name{};
  return uname(&name) == 0 ? name.release : "unknown";
}

// A knob of the target itself, none of the kernel's; nullopt: it is not given.
Result<std::optional<std::uint32_t>, std::string> own_knob(const Config& config,
                                                           std::string_view name,
                                                           std::uint32_t most) {
  const auto knob = config.knobs.find(std::string{name});
  if (knob == config.knobs.end()) return std::optional<std::uint32_t>{};
  const std::string& text = knob->second;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) {
    const std::string range = most == 1 ? "0 or 1" : "a number from 0 to " + std::to_string(most);
    return Err{"the knob " + std::string{name} + " is " + range + ", not \"" + text + "\""};
  }
  return std::optional{value};
}

constexpr std::string_view kOwnKnobs[] = {kTunKnob, kStockKnob, kAnyIpKnob, kGsoSizeKnob,
                                          kLinkSpeedKnob};

}  // namespace

Result<std::unique_ptr<LinuxTarget>, std::string> LinuxTarget::open(Medium medium) {
  // A write to a connection that is gone is an error of the call, not the end of the harness.
  std::signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<LinuxTarget> target{new LinuxTarget{medium}};
  Shape shape;
  shape.medium = medium;
  const Result<void, std::string> built = target->build(Config{}, shape);
  if (!built) return Err{built.error()};
  return target;
}

Result<LinuxTarget::Shape, std::string> LinuxTarget::shape_of(const Config& config) const {
  const auto tun = own_knob(config, kTunKnob, 1);
  if (!tun) return Err{tun.error()};
  const auto stock = own_knob(config, kStockKnob, 1);
  if (!stock) return Err{stock.error()};
  const auto any_address = own_knob(config, kAnyIpKnob, 1);
  if (!any_address) return Err{any_address.error()};
  const auto gso_size = own_knob(config, kGsoSizeKnob, 65535);
  if (!gso_size) return Err{gso_size.error()};
  const auto megabits = own_knob(config, kLinkSpeedKnob, 0xffffffff);
  if (!megabits) return Err{megabits.error()};
  Shape shape;
  shape.medium = default_medium_;
  if (tun->has_value()) shape.medium = **tun == 1 ? Medium::tun : Medium::veth;
  shape.stock = stock->value_or(0) == 1;
  shape.any_address = any_address->value_or(0) == 1;
  if (shape.medium == Medium::veth) {
    if (gso_size->has_value() || megabits->has_value()) {
      return Err{std::string{"the knobs gso_size and link_speed need a tunnel"}};
    }
    return shape;
  }
  shape.tunnel.offloads = shape.stock;
  shape.tunnel.gso_size = static_cast<std::uint16_t>(gso_size->value_or(0));
  shape.tunnel.megabits = megabits->value_or(0);
  return shape;
}

Result<void, std::string> LinuxTarget::build(const Config& config, const Shape& shape) {
  const Unhurried unhurried;
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
  const Medium medium = shape.medium;
  shape_ = shape;
  built_for_ = config;
  spoilt_ = false;

  traits_.notes = quieten_new_devices();
  if (!shape.stock) {
    for (const auto& [name, value] : kSteadySettings) {
      const Result<void, SysctlError> set = Sysctls::set(name, value);
      if (!set) traits_.notes.push_back(set.error().reason);
    }
    choose_congestion_control(traits_.notes);
  }

  Result<Netlink, int> route = Netlink::open(NETLINK_ROUTE);
  if (!route) return Err{std::string{"rtnetlink: "} + std::strerror(route.error())};
  route_ = std::move(*route);
  Result<Netlink, int> diagnostics = Netlink::open(NETLINK_SOCK_DIAG);
  if (diagnostics) diagnostics_ = std::move(*diagnostics);

  if (medium == Medium::veth) {
    const Result<void, std::string> pair = make_veth(*route_, config);
    if (!pair) return pair;
    for (const char* const device : {kVethName, kWireName}) {
      if (shape.stock) break;
      const Result<void, std::string> off = switch_offloads_off(device);
      if (!off) traits_.notes.push_back(off.error());
    }
  }
  Result<Wire, std::string> wire =
      medium == Medium::veth ? Wire::on_veth() : Wire::on_tun(config.mtu, shape.tunnel);
  if (!wire) return Err{wire.error()};
  wire_ = std::move(*wire);
  const Result<void, std::string> configured =
      configure(*route_, medium, config, !shape.any_address);
  if (!configured) return configured;
  describe();
  return {};
}

void LinuxTarget::describe() {
  traits_.name = name_of_target(default_medium_);
  traits_.version = kernel_version();
  traits_.medium = shape_.medium == Medium::veth ? "veth" : "tun";
  traits_.clock = targets::ClockKind::real_time;
  traits_.ethernet = shape_.medium == Medium::veth;
  // A kernel tick of the slowest usual configuration (HZ=250), by which timers may be late.
  traits_.tick = std::chrono::milliseconds{4};
  traits_.slack = std::chrono::milliseconds{4};
  traits_.capabilities = {"active_isn", "defer_accept", "dsack",     "ecn",          "fastopen",
                          "frags",      "frto",         "icmp",      "ipv4",         "iw10",
                          "keepalive",  "ping",         "plpmtud",   "pmtud",        "posix",
                          "rack",       "raw",          "redirects", "rfc5961",      "sack",
                          "stock",      "syncookies",   "tcp",       "tcp_info",     "tcp_state",
                          "timestamps", "udp",          "urgent",    "user_timeout", "wscale"};
  if (Sysctls::get("net.ipv6.conf.all.forwarding").ok()) {
    traits_.capabilities.insert(traits_.capabilities.end(), {"ipv4_mapped_ipv6", "ipv6"});
  }
  if (shape_.medium == Medium::veth) {
    traits_.capabilities.push_back("arp");
    if (traits_.has("ipv6")) {
      traits_.capabilities.insert(traits_.capabilities.end(), {"mld", "ndp", "slaac"});
    }
  }
  std::sort(traits_.capabilities.begin(), traits_.capabilities.end());
}

bool LinuxTarget::fits(const Config& config, const Shape& shape) const {
  return !spoilt_ && namespace_ && shape_ == shape && built_for_.local4 == config.local4 &&
         built_for_.local6 == config.local6 && built_for_.gateway4 == config.gateway4 &&
         built_for_.gateway6 == config.gateway6 && built_for_.peer4 == config.peer4 &&
         built_for_.peer6 == config.peer6 && built_for_.local_mac == config.local_mac &&
         built_for_.mtu == config.mtu;
}

bool LinuxTarget::clean(const Config& config) {
  namespace_->enter();
  posix_.cancel_all();
  sockets_.abort_all();
  if (!knobs_.restore()) return false;
  // Half a datagram would become whole with a fragment of a later case.
  if (waits_for_fragments()) return false;
  // Connections that nobody owns any more would speak up in a later case.
  if (!diagnostics_ || !destroy_connections(*diagnostics_).ok()) return false;
  if (!forget(*route_, shape_.medium, config).ok()) return false;
  std::vector<targets::SentFrame> late;
  wire_.drain(clock_, late);
  return true;
}

Result<void, targets::ResetError> LinuxTarget::reset(const Config& config) {
  const Result<Shape, std::string> shape = shape_of(config);
  if (!shape) return Err{shape.error()};
  if (!fits(config, *shape) || !clean(config)) return reset_strongly(config);
  const Result<void, targets::ResetError> applied = apply_knobs(config);
  if (!applied) return applied;
  begin();
  return {};
}

Result<void, targets::ResetError> LinuxTarget::reset_strongly(const Config& config) {
  const Result<Shape, std::string> shape = shape_of(config);
  if (!shape) return Err{shape.error()};
  const Result<void, std::string> built = build(config, *shape);
  if (!built) {
    spoilt_ = true;
    return Err{built.error()};
  }
  const Result<void, targets::ResetError> applied = apply_knobs(config);
  if (!applied) return applied;
  // Bringing devices up makes the stack join groups, and say so.
  std::vector<targets::SentFrame> early;
  wire_.drain(clock_, early);
  begin();
  return {};
}

void LinuxTarget::begin() {
  begun_ = false;
  if (shape_.stock) HostClock::await_tick();
  clock_.restart();
}

Result<void, targets::ResetError> LinuxTarget::apply_knobs(const Config& config) {
  for (const auto& [name, value] : config.knobs) {
    if (std::find(std::begin(kOwnKnobs), std::end(kOwnKnobs), name) != std::end(kOwnKnobs))
      continue;
    const Result<void, SysctlError> set = knobs_.set_for_now(name, value);
    if (!set) return Err{targets::ResetError{set.error().reason, set.error().refused}};
  }
  return {};
}

void LinuxTarget::inject(Bytes frame) {
  begun_ = true;
  // What routers advertise stays for longer than a case.
  spoilt_ = spoilt_ || is_router_advertisement(frame);
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
