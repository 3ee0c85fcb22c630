// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/packet/neighbor_messages.hh"
#include "harness/targets/given_host.hh"
#include "harness/targets/linux/host_clock.hh"
#include "harness/targets/linux/unique_fd.hh"
#include "harness/targets/no_sockets_target.hh"
#include "harness/targets/target.hh"
#include "harness/targets/wire_host/hearing.hh"
#include "harness/targets/wire_host/line.hh"
#include "harness/targets/wire_host/words.hh"

namespace packetwright::wire_host {

// A host somewhere on an interface, with nothing of ours on it (docs/wire.md). The peer is an
// address of its network that nobody has, so that no stack but the harness answers for it.
class WireTarget final : public targets::NoSocketsTarget, public targets::GivenHost {
 public:
  // `name` is "wire:IFACE,ADDRESS...". Finds a free address for the peer and the host's Ethernet
  // address, which takes a second or so. An error says what is missing.
  [[nodiscard]] static Result<std::unique_ptr<WireTarget>, std::string> open(std::string_view name);

  [[nodiscard]] const targets::Traits& traits() const override { return traits_; }
  [[nodiscard]] const targets::Config& given() const override { return given_; }
  [[nodiscard]] Duration settle() const override { return settle_; }
  [[nodiscard]] Result<void, targets::ResetError> reset(const targets::Config& config) override;
  // The host cannot be made anew; it is looked for again.
  [[nodiscard]] Result<void, targets::ResetError> reset_strongly(
      const targets::Config& config) override;

  void inject(Bytes frame) override;
  void drain(std::vector<targets::SentFrame>& out) override;
  [[nodiscard]] Instant now() const override { return clock_.now(); }
  void advance_to(Instant until, bool stop_on_frame) override;

 private:
  WireTarget(Interface interface, Line line, const Words& words)
      : interface_(std::move(interface)),
        line_(std::move(line)),
        host_{{}, words.host},
        peer_{words.peer_mac, {}},
        hearing_(host_, peer_) {}

  // Asks until somebody says that `address` is theirs. nullopt: nobody does.
  Result<std::optional<MacAddress>, std::string> look_for(const IpAddress& address,
                                                          const packet::Station& asker, int times);
  Result<void, std::string> take_peer(const Words& words, const Prefix& network);
  // Makes the address the peer's. False: somebody has it.
  Result<bool, std::string> claim(const IpAddress& address);
  Result<void, std::string> find_host();
  void describe(const Prefix& network, std::string_view name);

  [[nodiscard]] Result<void, targets::ResetError> check(const targets::Config& config) const;
  Result<void, targets::ResetError> begin();
  void let_pass(Duration time);
  // Takes what came off the line and keeps what is for us.
  void listen_in();

  Interface interface_;
  Line line_;
  linux_stack::UniqueFd lock_;  // of the peer's address, against other runs on this machine
  linux_stack::HostClock clock_;
  packet::Station host_, peer_;
  Hearing hearing_;
  targets::Traits traits_;
  targets::Config given_;
  Duration settle_{0};
  std::vector<targets::SentFrame> heard_;
  int errors_heard_ = 0;  // ICMP errors since the case began
};

}  // namespace packetwright::wire_host
