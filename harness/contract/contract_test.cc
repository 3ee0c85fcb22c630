// SPDX-License-Identifier: Apache-2.0
#include "harness/contract/contract.hh"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/targets/plugin/plugin_target.hh"
#include "harness/targets/reference/reference_target.hh"

namespace packetwright::contract {
namespace {

using targets::CallResult;
using targets::Fd;
using ::testing::HasSubstr;

// The reference stack with an adapter that one thing is wrong with.
class Wrong : public targets::Target {
 public:
  explicit Wrong(std::string fault) : fault_(std::move(fault)), traits_(sound_.traits()) {
    if (fault_ == "unknown_claim") traits_.capabilities.emplace_back("wings");
    if (fault_ == "no_family") traits_.capabilities = {"tcp"};
    if (fault_ == "bare_arp") traits_.ethernet = false;
  }
  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override {
    ++lives_;
    if (fault_ == "no_third_life" && lives_ == 3) return Err{std::string{"no memory is left"}};
    targets::Config changed = config;
    if (fault_ == "any_knob") changed.knobs.clear();
    if (fault_ == "unseeded") changed.seed += lives_;
    late_.clear();
    return sound_.reset(changed);
  }
  void inject(Bytes frame) override {
    if (fault_ == "crash" && frame.size() == 100) std::abort();
    sound_.inject(frame);
    if (fault_ == "late") sound_.drain(late_);  // the answer waits for time to move
  }
  void drain(std::vector<targets::SentFrame>& out) override { sound_.drain(out); }
  [[nodiscard]] Instant now() const override { return sound_.now(); }
  [[nodiscard]] std::optional<Instant> next_timer() const override {
    if (fault_ == "past_timer") return sound_.now() - 1s;
    return sound_.next_timer();
  }
  void advance_to(Instant until, bool stop_on_frame) override {
    if (fault_ == "no_time") return;
    sound_.advance_to(until, stop_on_frame);
  }
  [[nodiscard]] CallResult<Fd> socket(targets::Domain domain, targets::SocketType type,
                                      targets::Protocol protocol) override {
    return sound_.socket(domain, type, protocol);
  }
  [[nodiscard]] CallResult<void> bind(Fd fd, const Endpoint& local) override {
    return sound_.bind(fd, local);
  }
  [[nodiscard]] CallResult<void> listen(Fd fd, int backlog) override {
    return sound_.listen(fd, backlog);
  }
  [[nodiscard]] CallResult<Fd> accept(Fd fd, Endpoint* peer) override {
    auto got = sound_.accept(fd, peer);
    // The second time is between the SYN and the ACK.
    if (fault_ == "accepts_early" && !got && ++refused_ == 2) return fd;
    return got;
  }
  [[nodiscard]] CallResult<void> connect(Fd fd, const Endpoint& remote) override {
    return sound_.connect(fd, remote);
  }
  [[nodiscard]] CallResult<targets::Received> read(Fd fd, std::size_t limit,
                                                   targets::ReadFlags flags) override {
    auto got = sound_.read(fd, limit, flags);
    if (fault_ == "end_for_nothing" && !got && got.error() == EAGAIN) return targets::Received{};
    if (fault_ == "wrong_errno" && !got && got.error() == EBADF) return Err{EINVAL};
    return got;
  }
  [[nodiscard]] CallResult<std::size_t> write(Fd fd, Bytes octets, targets::WriteFlags flags,
                                              const Endpoint* to) override {
    return sound_.write(fd, octets, flags, to);
  }
  [[nodiscard]] CallResult<void> shutdown(Fd fd, targets::ShutdownHow how) override {
    return sound_.shutdown(fd, how);
  }
  [[nodiscard]] CallResult<void> close(Fd fd) override {
    auto closed = sound_.close(fd);
    if (fault_ == "closes_anything") return {};
    return closed;
  }
  [[nodiscard]] CallResult<void> set_option(Fd fd, targets::Option option,
                                            std::int64_t value) override {
    return sound_.set_option(fd, option, value);
  }
  [[nodiscard]] CallResult<std::int64_t> get_option(Fd fd, targets::Option option) override {
    return sound_.get_option(fd, option);
  }
  [[nodiscard]] CallResult<targets::Readiness> poll(Fd fd) override { return sound_.poll(fd); }
  [[nodiscard]] CallResult<Endpoint> local_endpoint(Fd fd) override {
    return sound_.local_endpoint(fd);
  }
  [[nodiscard]] CallResult<int> resolve(std::string_view name, Family family,
                                        const Endpoint& server) override {
    return sound_.resolve(name, family, server);
  }
  [[nodiscard]] CallResult<std::vector<IpAddress>> resolved(int query) override {
    return sound_.resolved(query);
  }

 private:
  std::string fault_;
  reference::ReferenceTarget sound_;
  targets::Traits traits_;
  std::uint64_t lives_ = 0;
  int refused_ = 0;
  std::vector<targets::SentFrame> late_;
};

std::vector<Finding> found(const std::string& fault) {
  const std::vector<std::string> known = reference::ReferenceTarget{}.traits().capabilities;
  return check([&] { return std::unique_ptr<targets::Target>{std::make_unique<Wrong>(fault)}; },
               known);
}

TEST(Contract, TheReferenceKeepsToAllOfIt) {
  for (const Finding& one : found("")) {
    EXPECT_EQ(one.state, State::kept) << one.name << ": " << one.detail;
  }
}

TEST(Contract, EachFaultIsFoundByTheTrialOfItsKind) {
  struct Case {
    const char* fault;
    const char* trial;
    const char* said;
  };
  const Case cases[] = {
      {"unknown_claim", "claims", "\"wings\", which nobody knows"},
      {"no_family", "claims", "neither ipv4 nor ipv6"},
      {"bare_arp", "claims", "arp and has no Ethernet"},
      {"no_third_life", "lives", "no memory is left"},
      {"any_knob", "knobs", "no_such_knob_exists"},
      {"unseeded", "seed", "with the same seed, frame"},
      {"crash", "frames", "Aborted"},
      {"late", "quiescence, ipv4", "> icmp echo_reply id 7 seq 3 (56), got nothing"},
      {"past_timer", "time", "next_timer() is in the past"},
      {"no_time", "time", "time does not move on"},
      {"end_for_nothing", "tcp accepts, ipv4", "EAGAIN"},
      {"accepts_early", "tcp accepts, ipv4", "EAGAIN (the handshake goes on), got accept"},
      {"wrong_errno", "descriptors", "read() on a descriptor that is not open: Invalid argument"},
      {"closes_anything", "descriptors", "close() took a descriptor that is not open"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.fault);
    const std::vector<Finding> findings = found(one.fault);
    const auto finding = std::find_if(findings.begin(), findings.end(),
                                      [&](const Finding& each) { return each.name == one.trial; });
    ASSERT_NE(finding, findings.end());
    EXPECT_EQ(finding->state, State::broken);
    EXPECT_THAT(finding->detail, HasSubstr(one.said));
  }
}

TEST(Contract, WhatIsNotClaimedIsNotTried) {
  const std::vector<std::string> known{"arp", "icmp", "ipv4", "seed", "udp", "virtual_time"};
  const auto findings = check(
      []() { return targets::as_target(plugin::PluginTarget::open("plugin:" PW_PEBBLE_PLUGIN)); },
      known);
  for (const Finding& one : findings) {
    const bool beyond =
        one.name.starts_with("tcp") || one.name.ends_with("ipv6") || one.name == "dns";
    EXPECT_EQ(one.state, beyond ? State::not_claimed : State::kept)
        << one.name << ": " << one.detail;
  }
}

TEST(Contract, ATargetThatCannotBeOpenedIsAFindingOfEveryTrial) {
  const auto findings = check(
      []() -> Result<std::unique_ptr<targets::Target>, std::string> {
        return Err{std::string{"it is not here"}};
      },
      {});
  ASSERT_FALSE(findings.empty());
  for (const Finding& one : findings) EXPECT_EQ(one.detail, "it is not here");
}

}  // namespace
}  // namespace packetwright::contract
