// SPDX-License-Identifier: Apache-2.0
#pragma once
// For the tests of this folder: hosts on an Ethernet of their own, in virtual time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "stack/iface/stack.hh"

namespace packetwright::iface::testing_support {

inline const IpAddress kAlice4 = IpAddress::v4(10, 0, 0, 1);
inline const IpAddress kBob4 = IpAddress::v4(10, 0, 0, 2);
inline const IpAddress kAlice6 = IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
inline const IpAddress kBob6 = IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
inline constexpr MacAddress kAliceMac{{2, 0, 0, 0, 0, 1}};
inline constexpr MacAddress kBobMac{{2, 0, 0, 0, 0, 2}};

inline Buffer octets_of(std::string_view text) {
  return Buffer(text.begin(), text.end());
}
inline std::string text_of(Bytes octets) {
  return {octets.begin(), octets.end()};
}

// Two addresses on one link, which are used without probing for them first.
inline StackConfig host_config(const MacAddress& mac, const IpAddress& v4, const IpAddress& v6,
                               std::uint64_t seed) {
  StackConfig config;
  config.seed = seed;
  config.mac = mac;
  config.addresses = {{v4, 24}, {v6, 64}};
  config.claim.probe = false;
  config.claim.announce = false;
  config.detection.transmits = 0;
  config.routers.solicit = false;
  config.announce_groups = false;
  config.autoconfiguration.link_local = false;
  return config;
}

inline StackConfig alice_config() {
  StackConfig config = host_config(kAliceMac, kAlice4, kAlice6, 1);
  config.static_neighbors = {{kBob6, kBobMac}};
  return config;
}

inline StackConfig bob_config() {
  StackConfig config = host_config(kBobMac, kBob4, kBob6, 2);
  config.static_neighbors = {{kAlice6, kAliceMac}};
  return config;
}

// Two hosts and the wire between them: each frame takes `delay` to the other end, unless `lose`
// says that it does not arrive.
class TwoHosts {
 public:
  explicit TwoHosts(const StackConfig& first = alice_config(),
                    const StackConfig& second = bob_config())
      : alice(first), bob(second) {}

  struct Frame {
    Instant sent;
    bool from_alice = false;
    Buffer octets;
  };

  // Lets time pass until `until`, frame by frame and timer by timer.
  void run_until(Instant until) {
    for (;;) {
      collect();
      Instant next = until;
      if (!flying_.empty()) next = std::min(next, flying_.front().sent + delay);
      for (Stack* host : {&alice, &bob}) {
        if (const auto deadline = host->next_deadline()) next = std::min(next, *deadline);
      }
      now = std::max(now, next);
      if (!flying_.empty() && flying_.front().sent + delay <= now) {
        const Frame frame = std::move(flying_.front());
        flying_.erase(flying_.begin());
        (frame.from_alice ? bob : alice).on_frame(now, frame.octets);
        continue;
      }
      bool due = false;
      for (Stack* host : {&alice, &bob}) {
        const auto deadline = host->next_deadline();
        if (!deadline || *deadline > now) continue;
        host->on_deadline(now);
        due = true;
      }
      if (!due && now >= until) return;
    }
  }
  void run_for(Duration duration) { run_until(now + duration); }

  // Frames that were put on the wire, lost ones included.
  [[nodiscard]] const std::vector<Frame>& log() const { return log_; }

  Stack alice, bob;
  Instant now{};
  Duration delay = 1ms;
  std::function<bool(const Frame&)> lose = [](const Frame&) { return false; };

 private:
  void collect() {
    for (Stack* host : {&alice, &bob}) {
      Buffer octets;
      while (host->next_tx(octets)) {
        Frame frame{now, host == &alice, octets};
        log_.push_back(frame);
        if (!lose(frame)) flying_.push_back(std::move(frame));
      }
    }
  }

  std::vector<Frame> flying_;  // in the order in which they arrive
  std::vector<Frame> log_;
};

// A connection between the two, made by alice and accepted by bob.
struct ConnectedPair {
  Descriptor client = -1, listener = -1, server = -1;
};

inline ConnectedPair connect(TwoHosts& hosts, Domain domain = Domain::inet,
                             std::uint16_t port = 80) {
  ConnectedPair pair;
  const bool v4 = domain == Domain::inet;
  pair.listener = hosts.bob.socket(domain, SocketType::stream).value();
  const IpAddress any = v4 ? IpAddress{} : IpAddress::v6({});
  EXPECT_TRUE(hosts.bob.bind(pair.listener, {any, port}));
  EXPECT_TRUE(hosts.bob.listen(pair.listener, 5));
  pair.client = hosts.alice.socket(domain, SocketType::stream).value();
  const auto started = hosts.alice.connect(hosts.now, pair.client, {v4 ? kBob4 : kBob6, port});
  EXPECT_EQ(started ? Errno::ealready : started.error(), Errno::einprogress);
  hosts.run_for(50ms);
  const auto accepted = hosts.bob.accept(hosts.now, pair.listener);
  EXPECT_TRUE(accepted);
  if (accepted) pair.server = *accepted;
  return pair;
}

// What can be read now, as text; errors and "nothing yet" read as their names.
inline std::string read_text(Stack& host, Instant now, Descriptor descriptor,
                             std::size_t limit = 65'536) {
  const auto result = host.read(now, descriptor, limit);
  return result ? text_of(result->octets) : std::string{name_of(result.error())};
}

}  // namespace packetwright::iface::testing_support
