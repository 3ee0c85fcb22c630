// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/forwarding_target.hh"
#include "harness/targets/plugin/library.hh"
#include "harness/targets/plugin/sockets.hh"
#include "harness/targets/plugin/stack.hh"
#include "harness/targets/target.hh"

namespace packetwright::plugin {

inline constexpr std::string_view kName = "plugin";

// The path in "plugin:FILE", or of the plug-in that is known by this name (installed.hh). A FILE
// without a slash is one of this folder. An error: there is none.
[[nodiscard]] Result<std::string, std::string> file_of(std::string_view target);

// A stack in a shared object that implements packetwright_target.h. It runs in this process and can
// do to it what it likes, so it belongs into a worker; death() is how it broke the interface.
class PluginTarget final : public targets::ForwardingTarget<Sockets> {
 public:
  // `target`: "plugin:FILE", or a name that is known. Loads it and does not call it yet.
  [[nodiscard]] static Result<std::unique_ptr<PluginTarget>, std::string> open(
      std::string_view target);

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
  [[nodiscard]] targets::CallResult<void> set_isn(targets::Fd fd, std::uint32_t isn) override {
    return sockets_.set_isn(fd, isn);
  }
  [[nodiscard]] targets::CallResult<int> resolve(std::string_view name, Family family,
                                                 const Endpoint& server) override {
    return sockets_.resolve(name, family, server);
  }
  [[nodiscard]] targets::CallResult<std::vector<IpAddress>> resolved(int query) override {
    return sockets_.resolved(query);
  }
  [[nodiscard]] targets::CallResult<std::string> netstat() override { return sockets_.netstat(); }

 private:
  PluginTarget(std::string name, std::unique_ptr<Library> library);
  [[nodiscard]] Sockets& calls() noexcept override { return sockets_; }

  [[nodiscard]] bool is_virtual() const noexcept {
    return traits_.clock == targets::ClockKind::virtual_time;
  }
  void describe();
  // When a virtual clock has to stop on its way, after now; nullopt: nowhere.
  [[nodiscard]] std::optional<Instant> next_stop() const;
  void advance_virtually(Instant until, bool stop_on_frame);
  void advance_really(Instant until, bool stop_on_frame);

  std::string name_;
  std::unique_ptr<Library> library_;
  mutable Stack stack_;  // a question changes nothing that anybody sees
  Sockets sockets_{stack_};
  targets::Traits traits_;
};

}  // namespace packetwright::plugin
