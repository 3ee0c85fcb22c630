// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/targets/forwarding_target.hh"
#include "harness/targets/linux/host_clock.hh"
#include "harness/targets/linux/link.hh"
#include "harness/targets/linux/linux_posix.hh"
#include "harness/targets/linux/namespaces.hh"
#include "harness/targets/linux/netlink.hh"
#include "harness/targets/linux/sockets.hh"
#include "harness/targets/linux/sysctls.hh"
#include "harness/targets/linux/wire.hh"
#include "harness/targets/target.hh"

namespace packetwright::linux_stack {

// The running kernel's stack, in a network namespace of its own. Real time. Answers are there when
// a call returns: the kernel deals with an injected frame inside the system call that injects it.
//
// Opening it moves the process into that namespace (and a user namespace unless it is root), so it
// belongs into a worker. Knobs are sysctls by name ("tcp_sack", "net.ipv6.flowlabel_reflect"),
// set for one case and put back at the next reset; beside them "tun" ("1": a tunnel instead of an
// Ethernet pair, frames are bare IP packets then), "stock" ("1": every setting as the kernel has
// it, devices that take work off the stack, and a start just behind a tick of the kernel), "anyip"
// ("1": the stack is not given its address, a command of the script will do that), and of a tunnel
// "gso_size" and "link_speed" (see Tunnel).
class LinuxTarget final : public targets::ForwardingTarget<Sockets> {
 public:
  // `medium`: what is used unless the knob "tun" says otherwise. An error says what is missing.
  [[nodiscard]] static Result<std::unique_ptr<LinuxTarget>, std::string> open(Medium medium);

  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override;
  [[nodiscard]] Result<void, targets::ResetError> reset_strongly(
      const targets::Config& config) override;

  void inject(Bytes frame) override;
  void drain(std::vector<targets::SentFrame>& out) override;

  [[nodiscard]] Instant now() const override { return clock_.now(); }
  void advance_to(Instant until, bool stop_on_frame) override;

  [[nodiscard]] targets::CallResult<targets::Fd> socket(targets::Domain domain,
                                                        targets::SocketType type,
                                                        targets::Protocol protocol) override {
    namespace_->enter();
    begun_ = true;
    return ForwardingTarget::socket(domain, type, protocol);
  }
  [[nodiscard]] targets::CallResult<targets::TcpStatus> tcp_status(targets::Fd fd) override;
  [[nodiscard]] targets::CallResult<void> set_isn(targets::Fd fd, std::uint32_t isn) override;

  [[nodiscard]] targets::PosixCalls* posix() override { return &posix_; }

 private:
  [[nodiscard]] Sockets& calls() noexcept override { return sockets_; }

  // What is decided when the devices are made.
  struct Shape {
    Medium medium = Medium::veth;
    bool stock = false;
    bool any_address = false;
    Tunnel tunnel;
    friend bool operator==(const Shape&, const Shape&) = default;
  };

  explicit LinuxTarget(Medium medium)
      : default_medium_(medium),
        posix_(sockets_, [this] { namespace_->enter(); }, [this] { after_command(); }) {
    posix_.count_from(clock_);
  }

  // Time starts anew.
  void begin();
  // packetdrill's scripts count on how their timers stand to the kernel's ticks: what prepares one
  // may take any time, but then it starts just behind a tick.
  void after_command() {
    spoilt_ = true;
    if (shape_.stock && !begun_) HostClock::await_tick();
  }

  // A namespace, a wire, addresses: everything from nothing.
  Result<void, std::string> build(const targets::Config& config, const Shape& shape);
  // Takes what earlier cases left out of the namespace. False: it cannot be done.
  [[nodiscard]] bool clean(const targets::Config& config);
  [[nodiscard]] bool fits(const targets::Config& config, const Shape& shape) const;
  [[nodiscard]] Result<Shape, std::string> shape_of(const targets::Config& config) const;
  Result<void, targets::ResetError> apply_knobs(const targets::Config& config);
  void describe();

  Medium default_medium_;
  Shape shape_;
  targets::Traits traits_;
  targets::Config built_for_;
  bool spoilt_ = false;  // a command of a script may have changed anything in the namespace
  bool begun_ = false;   // the script made a call or sent a frame
  HostClock clock_;

  // In the order of their making; taken down in the reverse one.
  std::optional<NetworkNamespace> namespace_;
  std::optional<Netlink> route_;
  std::optional<Netlink> diagnostics_;
  Wire wire_;
  Sysctls knobs_;
  Sockets sockets_;
  LinuxPosix posix_;
};

}  // namespace packetwright::linux_stack
