// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/forwarding_target.hh"
#include "harness/targets/plugin/provider.hh"
#include "harness/targets/plugin/sockets.hh"
#include "harness/targets/plugin/stack.hh"
#include "harness/targets/target.hh"

namespace packetwright::plugin {

inline constexpr std::string_view kName = "plugin";

// The path in "plugin:FILE", or of the plug-in that is known by this name (../installed.hh). A FILE
// without a slash is one of this folder. An error: there is none.
[[nodiscard]] Result<std::string, std::string> file_of(std::string_view target);

// A stack behind packetwright_target.h. One in a shared object runs in this process and can do to
// it what it likes, so it belongs into a worker; death() is how it broke the interface.
class PluginTarget final : public targets::ForwardingTarget<Sockets> {
 public:
  // `target`: "plugin:FILE", or a name that is known. Loads it and does not call it yet.
  [[nodiscard]] static Result<std::unique_ptr<PluginTarget>, std::string> open(
      std::string_view target);
  // A stack of another kind, by the name that it is known by.
  PluginTarget(std::string name, std::unique_ptr<Provider> provider);

  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override;
  // Renews the provider in between, so that its static data are as new.
  [[nodiscard]] Result<void, targets::ResetError> reset_strongly(
      const targets::Config& config) override;

  void inject(Bytes frame) override;
  void drain(std::vector<targets::SentFrame>& out) override;

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] std::optional<Instant> next_timer() const override;
  void advance_to(Instant until, bool stop_on_frame) override;

  [[nodiscard]] std::optional<targets::Death> death() const override { return stack_.death(); }

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
  [[nodiscard]] Sockets& calls() noexcept override { return sockets_; }

  void describe();
  [[nodiscard]] bool has_one_life() const { return (provider_->table().flags & PW_ONE_LIFE) != 0; }
  // When a clock that is moved has to stop on its way, after now; nullopt: nowhere.
  [[nodiscard]] std::optional<Instant> next_stop() const;
  void move_clock(Instant until, bool stop_on_frame);
  void let_it_wait(Instant until, bool stop_on_frame);

  std::string name_;
  std::unique_ptr<Provider> provider_;
  mutable Stack stack_;  // a question changes nothing that anybody sees
  Sockets sockets_{stack_};
  targets::Traits traits_;
  bool has_lived_ = false;  // since the provider was loaded
};

}  // namespace packetwright::plugin
