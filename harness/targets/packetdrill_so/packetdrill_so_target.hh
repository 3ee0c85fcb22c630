// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/forwarding_target.hh"
#include "harness/targets/guarded_memory.hh"
#include "harness/targets/packetdrill_so/flags.hh"
#include "harness/targets/packetdrill_so/plugin.hh"
#include "harness/targets/packetdrill_so/plugin_calls.hh"
#include "harness/targets/packetdrill_so/plugin_clock.hh"
#include "harness/targets/packetdrill_so/plugin_posix.hh"
#include "harness/targets/packetdrill_so/plugin_sockets.hh"
#include "harness/targets/target.hh"

namespace packetwright::packetdrill_so {

// A stack in a shared object that was made for packetdrill, behind the interface that
// packetdrill_interface.h writes down. Frames are bare IP packets. Time is the plug-in's: virtual
// if its clock is found to be. The plug-in runs in this process and can do to it what it likes, so
// it belongs into a worker; a death of its own making (a signal, an exit) is for whoever watches
// the worker, and death() is how it broke the interface.
class PacketdrillSoTarget final : public targets::ForwardingTarget<PluginSockets> {
 public:
  // `target`: "packetdrill-so:FILE[,FLAGS]". Loads the plug-in, finds out what it can do, and
  // leaves it as reset() does. An error says why it cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<PacketdrillSoTarget>, std::string> open(
      std::string_view target);
  ~PacketdrillSoTarget() override;

  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override;
  // Unloads the shared object in between, so that its static data are as new.
  [[nodiscard]] Result<void, targets::ResetError> reset_strongly(
      const targets::Config& config) override;

  void inject(Bytes frame) override;
  void drain(std::vector<targets::SentFrame>& out) override;

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] std::optional<Instant> next_timer() const override;
  void advance_to(Instant until, bool stop_on_frame) override;

  [[nodiscard]] std::optional<targets::Death> death() const override;

  [[nodiscard]] targets::CallResult<targets::TcpStatus> tcp_status(targets::Fd fd) override {
    return sockets_.tcp_status(fd);
  }

  [[nodiscard]] targets::PosixCalls* posix() override { return &posix_; }

 private:
  [[nodiscard]] PluginSockets& calls() noexcept override { return sockets_; }
  PacketdrillSoTarget(std::unique_ptr<Plugin> plugin, std::string flags);

  [[nodiscard]] bool is_virtual() const {
    return traits_.clock == targets::ClockKind::virtual_time;
  }
  // What ends a life of the stack, and what begins the next one.
  void bury();
  void begin();
  // Takes what the stack has sent; whether there was anything.
  bool collect();
  // Asks the plug-in's clock, which by contract never goes back.
  void read_clock();
  void sleep_until(Instant until);
  void advance_virtually(Instant until, bool stop_on_frame);
  void advance_really(Instant until, bool stop_on_frame);

  std::unique_ptr<Plugin> plugin_;
  std::string flags_;
  targets::Traits traits_;
  PluginClock clock_;
  PluginCalls calls_;
  PluginSockets sockets_;
  PluginPosix posix_;

  std::int64_t zero_us_ = 0;  // of the plug-in's clock, at reset()
  mutable Instant now_{};
  std::vector<targets::SentFrame> sent_;
  Instant last_sent_{};
  std::optional<std::uint64_t> quiet_at_;  // calls made when the plug-in last had nothing to send
};

}  // namespace packetwright::packetdrill_so
