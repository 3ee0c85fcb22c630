// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "harness/targets/forwarding_target.hh"
#include "harness/targets/target.hh"

namespace packetwright::sweep {

// Something that was done to a target, to be done again.
using Step = std::function<void(targets::Target&)>;

// A frame of the wire.
struct Traced {
  bool of_target = false;  // else of its peer
  Buffer octets;
};

// A target in front of another one that remembers what was done to it since the last reset. On
// virtual time a target that is given the same steps again ends up as it did before.
class RecordingTarget final : public targets::ForwardingTarget<targets::Target> {
 public:
  explicit RecordingTarget(targets::Target& target) : target_(target) {}

  [[nodiscard]] const std::vector<Step>& steps() const noexcept { return steps_; }
  [[nodiscard]] const std::vector<Traced>& frames() const noexcept { return frames_; }
  // The descriptor that listens, and the one that was accepted or connected last.
  [[nodiscard]] std::optional<targets::Fd> listener() const noexcept { return listener_; }
  [[nodiscard]] std::optional<targets::Fd> connection() const noexcept { return connection_; }

  [[nodiscard]] const targets::Traits& traits() const override { return target_.traits(); }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override;
  void inject(Bytes frame) override;
  void drain(std::vector<targets::SentFrame>& out) override;
  [[nodiscard]] Instant now() const override { return target_.now(); }
  [[nodiscard]] std::optional<Instant> next_timer() const override { return target_.next_timer(); }
  void advance_to(Instant until, bool stop_on_frame) override;
  [[nodiscard]] std::optional<targets::Death> death() const override { return target_.death(); }

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
  [[nodiscard]] targets::CallResult<targets::TcpStatus> tcp_status(targets::Fd fd) override {
    return target_.tcp_status(fd);
  }

 private:
  [[nodiscard]] targets::Target& calls() noexcept override { return target_; }

  targets::Target& target_;
  std::vector<Step> steps_;
  std::vector<Traced> frames_;
  std::optional<targets::Fd> listener_, connection_;
};

}  // namespace packetwright::sweep
