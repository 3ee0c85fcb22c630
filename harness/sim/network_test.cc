// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/network.hh"

#include <deque>
#include <string>

#include <gtest/gtest.h>

#include "harness/sim/stack_node.hh"

namespace packetwright::sim {
namespace {

constexpr MacAddress mac_of(std::uint8_t host) {
  return {{2, 0, 0, 0, 0, host}};
}

// Sends what it is told to, and keeps what arrives.
class Recorder final : public Node {
 public:
  void on_frame(Instant now, Bytes frame) override {
    arrivals.push_back({now, Buffer(frame.begin(), frame.end())});
  }
  void on_deadline(Instant now) override {
    fired.push_back(now);
    deadline.reset();
  }
  [[nodiscard]] std::optional<Instant> next_deadline() const override { return deadline; }
  [[nodiscard]] bool next_tx(Buffer& frame) override {
    if (output.empty()) return false;
    frame = output.front();
    output.pop_front();
    return true;
  }

  void say(const MacAddress& from, const MacAddress& to) {
    Buffer frame(60);
    store_bytes(frame, 0, to.octets);
    store_bytes(frame, 6, from.octets);
    output.push_back(frame);
  }

  struct Got {
    Instant at;
    Buffer frame;
  };
  std::deque<Buffer> output;
  std::vector<Got> arrivals;
  std::optional<Instant> deadline;
  std::vector<Instant> fired;
};

PipeConfig wire(Duration delay) {
  PipeConfig config;
  config.delay = delay;
  return config;
}

TEST(SimNetwork, FramesArriveWhenTheLinkSays) {
  Network network{Rng{1}};
  Recorder a, b;
  const NodeId at_a = network.add_host(a), at_b = network.add_host(b);
  network.connect(at_a, at_b, wire(3ms), wire(5ms));
  a.say(mac_of(1), mac_of(2));
  network.run_until(instant_at(0) + 2ms);
  EXPECT_TRUE(b.arrivals.empty());
  network.run_until(instant_at(0) + 10ms);
  ASSERT_EQ(b.arrivals.size(), 1u);
  EXPECT_EQ(b.arrivals[0].at, instant_at(0) + 3ms);
  b.say(mac_of(2), mac_of(1));
  network.run_for(10ms);
  ASSERT_EQ(a.arrivals.size(), 1u);
  EXPECT_EQ(a.arrivals[0].at, instant_at(0) + 15ms);
  EXPECT_EQ(network.now(), instant_at(0) + 20ms);
}

TEST(SimNetwork, ArrivalsComeBeforeDeadlinesOfTheSameInstant) {
  Network network{Rng{1}};
  Recorder a, b;
  const NodeId at_a = network.add_host(a), at_b = network.add_host(b);
  network.connect(at_a, at_b, wire(3ms));
  a.say(mac_of(1), mac_of(2));
  network.collect(at_a);
  b.deadline = instant_at(0) + 3ms;
  EXPECT_TRUE(network.step(instant_at(0) + 1s));
  EXPECT_EQ(b.arrivals.size(), 1u);
  EXPECT_TRUE(b.fired.empty());
  EXPECT_TRUE(network.step(instant_at(0) + 1s));
  EXPECT_EQ(b.fired, std::vector<Instant>{instant_at(0) + 3ms});
  EXPECT_FALSE(network.step(instant_at(0) + 1s));
  EXPECT_EQ(network.now(), instant_at(0) + 1s);
}

TEST(SimNetwork, ADeadlineThatIsOverIsDueNow) {
  Network network{Rng{1}};
  Recorder a;
  (void)network.add_host(a);
  network.run_for(5ms);
  a.deadline = instant_at(0) + 1ms;
  network.run_for(5ms);
  EXPECT_EQ(a.fired, std::vector<Instant>{instant_at(0) + 5ms});
}

TEST(SimNetwork, ASwitchLearnsWhereEverybodyIs) {
  Network network{Rng{1}};
  Recorder hosts[3];
  const NodeId bridge = network.add_switch();
  for (Recorder& host : hosts) network.connect(network.add_host(host), bridge, wire(1ms));
  hosts[0].say(mac_of(0), mac_of(2));  // nobody knows where 2 is
  network.run_for(10ms);
  EXPECT_EQ(hosts[1].arrivals.size(), 1u);
  EXPECT_EQ(hosts[2].arrivals.size(), 1u);
  EXPECT_TRUE(hosts[0].arrivals.empty());
  hosts[2].say(mac_of(2), mac_of(0));
  network.run_for(10ms);
  EXPECT_EQ(hosts[0].arrivals.size(), 1u);
  EXPECT_EQ(hosts[1].arrivals.size(), 1u);
  hosts[0].say(mac_of(0), mac_of(2));
  network.run_for(10ms);
  EXPECT_EQ(hosts[1].arrivals.size(), 1u);
  EXPECT_EQ(hosts[2].arrivals.size(), 2u);
  hosts[0].say(mac_of(0), MacAddress::broadcast());
  network.run_for(10ms);
  EXPECT_EQ(hosts[1].arrivals.size(), 2u);
  EXPECT_EQ(hosts[2].arrivals.size(), 3u);
}

TEST(SimNetwork, ATapSeesWhatHostsGet) {
  Network network{Rng{1}};
  Recorder a, b;
  const NodeId at_a = network.add_host(a), at_b = network.add_host(b);
  network.connect(at_a, at_b, wire(1ms));
  std::size_t seen = 0;
  network.set_tap([&](const Arrived& arrived) {
    EXPECT_EQ(arrived.node, at_b);
    EXPECT_EQ(arrived.frame.size(), 60u);
    ++seen;
  });
  a.say(mac_of(1), mac_of(2));
  network.run_for(5ms);
  EXPECT_EQ(seen, 1u);
}

// Two stacks over a link that does everything wrong at once.

struct Pair {
  explicit Pair(const PipeConfig& pipe, std::uint64_t seed = 1)
      : network(Rng{seed}), client(config(1)), server(config(2)) {
    at_client = network.add_host(client);
    at_server = network.add_host(server);
    link = network.connect(at_client, at_server, pipe);
    listener = server.stack.socket(iface::Domain::inet, iface::SocketType::stream).value();
    EXPECT_TRUE(server.stack.bind(listener, {IpAddress{}, 80}));
    EXPECT_TRUE(server.stack.listen(listener, 1));
    socket = client.stack.socket(iface::Domain::inet, iface::SocketType::stream).value();
    (void)client.stack.connect(network.now(), socket, {IpAddress::v4(10, 0, 0, 2), 80});
  }

  static iface::StackConfig config(std::uint8_t host) {
    iface::StackConfig config;
    config.seed = host;
    config.mac = mac_of(host);
    config.addresses = {{IpAddress::v4(10, 0, 0, host), 24}};
    config.claim.probe = config.claim.announce = false;
    // Nor does IPv6 say anything unasked.
    config.routers.solicit = config.autoconfiguration.link_local = false;
    return config;
  }

  // Sends `text` and gives what arrives within `limit`.
  Buffer transfer(const Buffer& text, Duration limit) {
    Buffer got;
    std::size_t written = 0;
    std::optional<iface::Descriptor> accepted;
    const Instant end = network.now() + limit;
    while (got.size() < text.size() && network.now() < end) {
      network.run_for(5ms);
      if (!accepted) {
        if (const auto one = server.stack.accept(network.now(), listener)) accepted = *one;
      }
      if (written < text.size()) {
        const auto taken = client.stack.write(network.now(), socket, Bytes{text}.subspan(written));
        if (taken) written += *taken;
      }
      while (accepted) {
        const auto read = server.stack.read(network.now(), *accepted, 65'536);
        if (!read || read->octets.empty()) break;
        got.insert(got.end(), read->octets.begin(), read->octets.end());
      }
    }
    return got;
  }

  Network network;
  StackNode client, server;
  NodeId at_client{}, at_server{};
  LinkId link{};
  iface::Descriptor listener = -1, socket = -1;
};

Buffer random_text(std::size_t size) {
  Buffer text(size);
  Rng{77}.fill(text);
  return text;
}

PipeConfig bad_link() {
  PipeConfig config;
  config.bits_per_second = 10'000'000;
  config.delay = 5ms;
  config.jitter = 2ms;
  config.queue_octets = 30'000;
  config.mtu = 1'500;
  config.loss = 20'000;
  config.duplication = 20'000;
  config.reordering = 20'000;
  config.reordering_delay = 8ms;
  config.corruption = 10'000;
  config.silent_corruption = 10'000;
  return config;
}

TEST(SimStacks, EverythingArrivesInOrderOverALinkThatDoesEverythingWrong) {
  const Buffer text = random_text(300'000);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Pair pair{bad_link(), seed};
    EXPECT_TRUE(pair.transfer(text, 10min) == text) << seed;
    const PipeCounters& counters = pair.network.pipe(pair.link, Way::forth).counters();
    EXPECT_GT(counters.lost, 0u);
    EXPECT_GT(counters.duplicated, 0u);
    EXPECT_GT(counters.reordered, 0u);
    EXPECT_GT(counters.corrupted, 0u);
    EXPECT_GT(counters.silently_corrupted, 0u);
    // What slips past the check of the link is seen by TCP's checksum, or by what lies below.
    std::uint64_t bad = 0;
    for (const DropReason reason : {DropReason::tcp_bad_checksum, DropReason::ip_bad_checksum}) {
      bad += pair.server.stack.drops()[reason];
    }
    EXPECT_GT(bad, 0u);
  }
}

TEST(SimStacks, TheSameSeedGivesTheSameFramesAtTheSameTimes) {
  const Buffer text = random_text(60'000);
  const auto run = [&](std::uint64_t seed) {
    Pair pair{bad_link(), seed};
    std::vector<std::pair<Instant, Buffer>> frames;
    pair.network.set_tap([&](const Arrived& arrived) {
      frames.emplace_back(arrived.at, Buffer(arrived.frame.begin(), arrived.frame.end()));
    });
    EXPECT_TRUE(pair.transfer(text, 10min) == text);
    return frames;
  };
  EXPECT_TRUE(run(5) == run(5));
  EXPECT_FALSE(run(5) == run(6));
}

}  // namespace
}  // namespace packetwright::sim
