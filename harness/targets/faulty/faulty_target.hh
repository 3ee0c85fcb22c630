// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/forwarding_target.hh"
#include "harness/targets/reference/reference_target.hh"
#include "harness/targets/target.hh"

namespace packetwright::faulty {

// The reference stack with one fault, which a case asks for with `//: set fault NAME`. It is what
// the harness is tested against: each way in which a stack under test can go wrong must end as the
// verdict that docs/results.md promises. Most faults strike at the first frame after a reset.
//
//   abort, assertion, exception, segfault, overflow   dies in the usual ways
//   exit_0, exit_3        leaves the process
//   hang, memory, output  never returns; takes memory; prints, without end
//   child                 leaves a process of its own behind and works on
//   close_descriptors     closes every descriptor from 3 on and works on
//   dies                  as a stack in another process does: death() tells of SIGSEGV
//   frames                answers with frames without end
//   huge_frame, empty_frame   answers with one frame of 100 000 octets, or of none
//   back_in_time          its clock goes back by a second
//   stopped_clock         its clock stands still
//   deaf                  hears nothing more once a connection was accepted
//   stale                 hears nothing at all, unless it was reset strongly
//   leak                  keeps 8 MiB for ever
//   no_reset              refuses to be reset
class FaultyTarget final : public targets::ForwardingTarget<reference::ReferenceTarget> {
 public:
  FaultyTarget();

  // Whether the name is one of those above.
  [[nodiscard]] static bool knows(std::string_view fault);

  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override;
  [[nodiscard]] Result<void, targets::ResetError> reset_strongly(
      const targets::Config& config) override;

  void inject(Bytes frame) override;
  void drain(std::vector<targets::SentFrame>& out) override;
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] std::optional<Instant> next_timer() const override { return sound_.next_timer(); }
  void advance_to(Instant until, bool stop_on_frame) override;
  [[nodiscard]] std::optional<targets::Death> death() const override;

  [[nodiscard]] targets::CallResult<targets::Fd> accept(targets::Fd fd, Endpoint* peer) override;

 private:
  [[nodiscard]] reference::ReferenceTarget& calls() noexcept override { return sound_; }
  [[nodiscard]] bool is(std::string_view fault) const { return fault_ == fault; }
  void strike();

  reference::ReferenceTarget sound_;
  targets::Traits traits_;
  std::string fault_;
  bool struck_ = false;  // since the last reset
  bool deaf_ = false;
};

}  // namespace packetwright::faulty
