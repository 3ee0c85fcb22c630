// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/linux/linux_target.hh"
#include "harness/targets/no_sockets_target.hh"
#include "harness/targets/resolver/etc.hh"
#include "harness/targets/resolver/program.hh"
#include "harness/targets/target.hh"

namespace packetwright::resolver {

inline constexpr std::string_view kName = "resolver";

// A resolver that asks by the sockets of the running kernel: a program in the network namespace of
// a `linux` target, whose resolv.conf has the peer as its server. Real time. Each case has a
// process of its own, and a look-up that is asked for while another is under way one more.
//
// Knobs: "dns_search" and "dns_ndots" go to resolv.conf, all others to the kernel.
class ResolverTarget final : public targets::NoSocketsTarget {
 public:
  // `name`: that of an installed program (../installed.hh), or "resolver:COMMAND".
  [[nodiscard]] static Result<std::unique_ptr<ResolverTarget>, std::string> open(
      std::string_view name);

  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override;
  [[nodiscard]] Result<void, targets::ResetError> reset_strongly(
      const targets::Config& config) override;

  void inject(Bytes frame) override;
  void drain(std::vector<targets::SentFrame>& out) override { kernel_->drain(out); }
  [[nodiscard]] Instant now() const override { return kernel_->now(); }
  void advance_to(Instant until, bool stop_on_frame) override;
  [[nodiscard]] std::optional<targets::Death> death() const override { return death_; }

  [[nodiscard]] targets::CallResult<int> resolve(std::string_view name, Family family,
                                                 const Endpoint& server) override;
  [[nodiscard]] targets::CallResult<std::vector<IpAddress>> resolved(int query) override;

 private:
  ResolverTarget(std::string command, std::unique_ptr<linux_stack::LinuxTarget> kernel, Etc etc)
      : command_(std::move(command)), kernel_(std::move(kernel)), etc_(std::move(etc)) {}

  // A process, in front of the others, that does nothing yet.
  Result<void, std::string> start();
  Result<void, targets::ResetError> begin(const targets::Config& config, bool strongly);
  Result<void, std::string> describe(std::string_view name);
  // One that looks nothing up; nullptr: there is none, and none could be started.
  Program* idle();
  void settle();
  // What a program wrote; nullopt: it makes no sense.
  [[nodiscard]] static std::optional<targets::CallResult<std::vector<IpAddress>>> read_answer(
      const std::string& line);

  std::string command_;
  std::unique_ptr<linux_stack::LinuxTarget> kernel_;
  Etc etc_;
  targets::Traits traits_;
  std::string options_;  // the lines of resolv.conf beside the server's
  std::list<Program> programs_;
  std::map<int, Program*> queries_;  // that are under way
  int last_query_ = -1;
  std::optional<targets::Death> death_;
};

}  // namespace packetwright::resolver
