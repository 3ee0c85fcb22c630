// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/target.hh"
#include "stack/iface/stack.hh"

namespace packetwright::reference {

// The stack of this project, in process and in virtual time. Everything about it is exact: the
// clock is the one that advance_to() moves, equal calls give equal frames, and a new stack takes a
// few microseconds. The names of its capabilities are explained in docs/targets.md; its knobs are
// in knobs.hh.
class ReferenceTarget final : public targets::Target {
 public:
  ReferenceTarget();

  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override;

  void inject(Bytes frame) override;
  void drain(std::vector<targets::SentFrame>& out) override;

  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] std::optional<Instant> next_timer() const override;
  void advance_to(Instant until, bool stop_on_frame) override;

  [[nodiscard]] targets::CallResult<targets::Fd> socket(targets::Domain domain,
                                                        targets::SocketType type,
                                                        targets::Protocol protocol) override;
  [[nodiscard]] targets::CallResult<void> bind(targets::Fd fd, const Endpoint& local) override;
  [[nodiscard]] targets::CallResult<void> listen(targets::Fd fd, int backlog) override;
  [[nodiscard]] targets::CallResult<targets::Fd> accept(targets::Fd fd, Endpoint* peer) override;
  [[nodiscard]] targets::CallResult<void> connect(targets::Fd fd, const Endpoint& remote) override;
  [[nodiscard]] targets::CallResult<targets::Received> read(targets::Fd fd, std::size_t limit,
                                                            targets::ReadFlags flags) override;
  [[nodiscard]] targets::CallResult<std::size_t> write(targets::Fd fd, Bytes octets,
                                                       targets::WriteFlags flags,
                                                       const Endpoint* to) override;
  [[nodiscard]] targets::CallResult<void> shutdown(targets::Fd fd,
                                                   targets::ShutdownHow how) override;
  [[nodiscard]] targets::CallResult<void> close(targets::Fd fd) override;
  [[nodiscard]] targets::CallResult<void> set_option(targets::Fd fd, targets::Option option,
                                                     std::int64_t value) override;
  [[nodiscard]] targets::CallResult<std::int64_t> get_option(targets::Fd fd,
                                                             targets::Option option) override;
  [[nodiscard]] targets::CallResult<targets::Readiness> poll(targets::Fd fd) override;
  [[nodiscard]] targets::CallResult<Endpoint> local_endpoint(targets::Fd fd) override;
  [[nodiscard]] targets::CallResult<targets::TcpStatus> tcp_status(targets::Fd fd) override;
  [[nodiscard]] targets::CallResult<std::optional<targets::TcpState>> tcp_state(
      targets::Fd fd) override;
  [[nodiscard]] targets::CallResult<void> set_isn(targets::Fd fd, std::uint32_t isn) override;
  [[nodiscard]] targets::CallResult<int> resolve(std::string_view name, Family family,
                                                 const Endpoint& server) override;
  [[nodiscard]] targets::CallResult<std::vector<IpAddress>> resolved(int query) override;
  [[nodiscard]] targets::CallResult<std::string> netstat() override;
  [[nodiscard]] Result<void, std::string> check_sysctl(std::string_view name,
                                                       std::string_view value) const override;
  // Of TCP at any time, all others before anything has happened.
  [[nodiscard]] Result<void, std::string> set_sysctl(std::string_view name,
                                                     std::string_view value) override;
  void forget_peers() override { stack_->forget_peers(); }

  // The stack itself, for those who want to see more of it than any target shows.
  [[nodiscard]] iface::Stack& stack() noexcept { return *stack_; }

 private:
  // Moves the frames of the stack to sent_; says whether there were any.
  bool collect();

  targets::Traits traits_;
  targets::Config config_;             // with what set_sysctl() has changed
  bool used_ = false;                  // something has happened since reset()
  std::optional<iface::Stack> stack_;  // always there after the constructor
  Instant now_{};
  std::vector<targets::SentFrame> sent_;
};

// What a target's configuration means to the stack. The error is about a knob.
[[nodiscard]] Result<iface::StackConfig, std::string> stack_config(const targets::Config& config);

}  // namespace packetwright::reference
