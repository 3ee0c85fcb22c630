// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/tcp/tcp_test_support.hh"

// Two whole TCPs over a link that drops, repeats, delays and marks. Whatever it does, each side
// reads exactly what the other wrote, and both end in order.
namespace packetwright::tcp::testing {
namespace {

struct LinkFaults {
  std::uint32_t drop_percent = 0;
  std::uint32_t repeat_percent = 0;
  std::uint32_t delay_percent = 0;  // by up to 50 ms more than the 10 ms of the link
  std::uint32_t mark_percent = 0;   // CE, on what is ECN capable
};

class TwoHosts {
 public:
  TwoHosts(const TcpConfig& a, const TcpConfig& b, LinkFaults faults, std::uint64_t seed)
      : faults_(faults), rng_(seed), hosts_{Host{a, rng_.fork("a")}, Host{b, rng_.fork("b")}} {
    hosts_[0].address = IpAddress::v4(10, 0, 0, 1);
    hosts_[1].address = IpAddress::v4(10, 0, 0, 2);
  }

  struct Host {
    Host(const TcpConfig& config, Rng rng) : tcp(config, rng) {}
    Tcp tcp;
    Actions act;
    IpAddress address;
    ConnectionId id;
    std::uint64_t to_write = 0, written = 0, read = 0;
    bool closed = false, saw_end = false, connected = false;
    std::optional<TcpError> failed;
    std::uint32_t read_limit = 0xffff'ffff;  // octets a step: a slow reader
  };

  Host& host(int i) { return hosts_[i]; }

  void connect(std::optional<SeqNum> iss_a = {}, std::optional<SeqNum> iss_b = {}) {
    ConnectionOptions options_b;
    options_b.iss = iss_b;
    const auto listener =
        hosts_[1].tcp.listen({.local = {IpAddress{}, 80}, .backlog = 1, .options = options_b});
    ASSERT_TRUE(listener.ok());
    listener_ = *listener;
    ConnectionOptions options_a;
    options_a.iss = iss_a;
    const auto id = hosts_[0].tcp.open(now_,
                                       {.local_address = hosts_[0].address,
                                        .remote = {hosts_[1].address, 80},
                                        .options = options_a},
                                       hosts_[0].act);
    ASSERT_TRUE(id.ok());
    hosts_[0].id = *id;
    drain(0);
  }

  // Until both have read everything and the end, or `limit`.
  void run(Duration limit) {
    const Instant until = now_ + limit;
    while (now_ < until && !done()) {
      users();
      std::optional<Instant> next;
      const auto consider = [&next](std::optional<Instant> at) {
        if (at && (!next || *at < *next)) next = at;
      };
      if (!link_.empty()) consider(link_.begin()->first.first);
      consider(hosts_[0].tcp.next_deadline());
      consider(hosts_[1].tcp.next_deadline());
      if (slow_reader()) consider(now_ + 20ms);
      if (!next) break;
      now_ = std::max(now_, *next);
      step();
    }
  }

  [[nodiscard]] bool done() const {
    return std::all_of(std::begin(hosts_), std::end(hosts_),
                       [](const Host& host) { return host.saw_end || host.failed; });
  }
  [[nodiscard]] Instant now() const { return now_; }
  // Lets everything that is left run out.
  void run_out() {
    while (now_ < instant_at(0) + 24h) {
      std::optional<Instant> next;
      if (!link_.empty()) next = link_.begin()->first.first;
      for (const Host& host : hosts_) {
        const auto at = host.tcp.next_deadline();
        if (at && (!next || *at < *next)) next = at;
      }
      if (!next) return;
      now_ = std::max(now_, *next);
      step();
    }
    FAIL() << "never quiet";
  }
  [[nodiscard]] std::uint64_t carried() const { return carried_; }

 private:
  struct OnTheWire {
    int to;
    Segment segment;
    Buffer text;
  };

  void step() {
    while (!link_.empty() && link_.begin()->first.first <= now_) {
      OnTheWire wire = std::move(link_.begin()->second);
      link_.erase(link_.begin());
      Host& host = hosts_[wire.to];
      Segment s = wire.segment;
      std::swap(s.local, s.remote);
      s.text = wire.text;
      host.tcp.on_segment(now_, s, {}, host.act);
      host.tcp.flush(now_, host.act);
      drain(wire.to);
    }
    for (int i = 0; i < 2; ++i) {
      const auto at = hosts_[i].tcp.next_deadline();
      if (!at || *at > now_) continue;
      hosts_[i].tcp.on_deadline(now_, hosts_[i].act);
      drain(i);
    }
  }

  void users() {
    if (hosts_[1].id == ConnectionId{}) {
      if (const auto id = hosts_[1].tcp.accept(listener_)) {
        hosts_[1].id = *id;
        hosts_[1].connected = true;
      }
    }
    for (int i = 0; i < 2; ++i) {
      Host& host = hosts_[i];
      if (host.id == ConnectionId{} || host.failed) continue;
      while (host.written < host.to_write) {
        const std::size_t size = std::min<std::uint64_t>(host.to_write - host.written, 5000);
        const auto taken =
            host.tcp.send(now_, host.id, stream_text(host.written, size), {}, host.act);
        if (!taken) break;
        host.written += *taken;
      }
      std::uint32_t budget = host.read_limit;
      while (budget > 0) {
        Buffer into(std::min<std::uint32_t>(4096, budget));
        const auto got = host.tcp.receive(now_, host.id, into, {}, host.act);
        if (!got) break;
        for (std::size_t k = 0; k < got->octets; ++k) {
          ASSERT_EQ(into[k], stream_octet(host.read + k)) << "octet " << host.read + k;
        }
        host.read += got->octets;
        budget -= static_cast<std::uint32_t>(got->octets);
        host.saw_end = host.saw_end || got->end_of_stream;
        if (got->octets == 0) break;
      }
      // CLOSE before the handshake is over would end the attempt.
      if (host.connected && host.written == host.to_write && !host.closed) {
        host.closed = host.tcp.close(now_, host.id, CloseMode::half, host.act).ok();
      }
      drain(i);
    }
  }

  [[nodiscard]] bool slow_reader() const {
    return std::any_of(std::begin(hosts_), std::end(hosts_),
                       [](const Host& host) { return host.read_limit != 0xffff'ffff; });
  }

  void drain(int from) {
    Host& host = hosts_[from];
    for (std::size_t i = 0; i < host.act.segment_count(); ++i) {
      const Segment& s = host.act.segment(i);
      const Bytes text = host.act.text(i);
      if (rng_.below(100) < faults_.drop_percent) continue;
      put(1 - from, s, text);
      if (rng_.below(100) < faults_.repeat_percent) put(1 - from, s, text);
    }
    for (const Event& event : host.act.events()) {
      if (event.kind == EventKind::connected) host.connected = true;
      if (event.kind == EventKind::failed) host.failed = event.error;
    }
    host.act.clear();
  }

  void put(int to, const Segment& s, Bytes text) {
    Duration delay = 10ms;
    if (rng_.below(100) < faults_.delay_percent) {
      delay += Duration{static_cast<std::int64_t>(rng_.below(50'000'000))};
    }
    OnTheWire wire{to, s, Buffer(text.begin(), text.end())};
    if (wire.segment.ecn == Ecn::ect0 && rng_.below(100) < faults_.mark_percent) {
      wire.segment.ecn = Ecn::ce;
    }
    carried_ += text.size();
    link_.emplace(std::pair{now_ + delay, order_++}, std::move(wire));
  }

  LinkFaults faults_;
  Rng rng_;
  Host hosts_[2];
  ListenerId listener_;
  Instant now_ = instant_at(0);
  std::map<std::pair<Instant, std::uint64_t>, OnTheWire> link_;
  std::uint64_t order_ = 0;
  std::uint64_t carried_ = 0;
};

struct Setting {
  const char* name;
  LinkFaults faults;
  TcpConfig config;
};

TcpConfig with_everything() {
  TcpConfig config;
  config.ecn = EcnPolicy::initiate;
  return config;
}

TcpConfig small_buffers() {
  TcpConfig config;
  config.send_buffer = 6000;
  config.receive_buffer = 4000;
  return config;
}

std::vector<Setting> settings() {
  const LinkFaults bad{.drop_percent = 5, .repeat_percent = 5, .delay_percent = 20};
  const LinkFaults worse{
      .drop_percent = 20, .repeat_percent = 10, .delay_percent = 50, .mark_percent = 10};
  return {
      {"good_link", {}, with_everything()},
      {"bad_link_plain", bad, Bench::plain_config()},
      {"bad_link_everything", bad, with_everything()},
      {"worse_link_plain", worse, Bench::plain_config()},
      {"worse_link_everything", worse, with_everything()},
      {"reordering", {.delay_percent = 80}, with_everything()},
      {"repeating", {.repeat_percent = 60}, with_everything()},
      {"marking", {.mark_percent = 20}, with_everything()},
      {"small_buffers", bad, small_buffers()},
  };
}

class Transfer : public ::testing::TestWithParam<std::tuple<std::size_t, std::uint64_t>> {};

TEST_P(Transfer, DeliversExactlyWhatWasWritten) {
  const Setting setting = settings()[std::get<0>(GetParam())];
  TwoHosts hosts(setting.config, setting.config, setting.faults, std::get<1>(GetParam()));
  hosts.host(0).to_write = 60'000;
  hosts.host(1).to_write = 90'000;
  hosts.connect();
  hosts.run(4h);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(hosts.host(i).failed.has_value()) << setting.name;
    EXPECT_EQ(hosts.host(i).read, hosts.host(1 - i).to_write) << setting.name;
    EXPECT_TRUE(hosts.host(i).saw_end) << setting.name;
  }
  hosts.run_out();
  EXPECT_EQ(hosts.host(0).tcp.connection_count(), 0u);
  EXPECT_EQ(hosts.host(1).tcp.connection_count(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Links, Transfer,
                         ::testing::Combine(::testing::Range(std::size_t{0}, settings().size()),
                                            ::testing::Values(1, 2, 3, 4, 5)),
                         [](const auto& parameters) {
                           return std::string{settings()[std::get<0>(parameters.param)].name} +
                                  "_" + std::to_string(std::get<1>(parameters.param));
                         });

// Sequence numbers wrap in the middle of the transfer, in either half of the number space.
TEST(TransferWrap, InitialNumbersAtEveryEdge) {
  for (const std::uint32_t iss : {0xffffffffu, 0xffff8000u, 0x7fffffffu, 0x7fff8000u, 0u}) {
    TwoHosts hosts(with_everything(), with_everything(),
                   {.drop_percent = 5, .repeat_percent = 5, .delay_percent = 20}, iss);
    hosts.host(0).to_write = 100'000;
    hosts.host(1).to_write = 100'000;
    hosts.connect(SeqNum{iss}, SeqNum{iss - 50'000});
    hosts.run(4h);
    EXPECT_EQ(hosts.host(0).read, 100'000u) << iss;
    EXPECT_EQ(hosts.host(1).read, 100'000u) << iss;
  }
}

TEST(TransferSpeed, AGoodLinkCarriesEachOctetOnce) {
  TwoHosts hosts(TcpConfig{}, TcpConfig{}, {}, 1);
  hosts.host(0).to_write = 1'000'000;
  hosts.connect();
  hosts.run(1h);
  EXPECT_EQ(hosts.host(1).read, 1'000'000u);
  EXPECT_EQ(hosts.carried(), 1'000'000u);
  // Slow start from ten segments over a round trip of 20 ms, then a window of 256 KiB.
  EXPECT_LT(hosts.now() - instant_at(0), 400ms);
}

TEST(TransferSpeed, ASlowReaderIsNeitherOverrunNorStalled) {
  TcpConfig config = small_buffers();
  TwoHosts hosts(config, config, {}, 1);
  hosts.host(0).to_write = 50'000;
  hosts.host(1).read_limit = 500;
  hosts.connect();
  hosts.run(1h);
  EXPECT_EQ(hosts.host(1).read, 50'000u);
  // 100 steps of 20 ms; zero-window probes may not be what keeps it going.
  EXPECT_LT(hosts.now() - instant_at(0), 10s);
}

// The same seed gives the same run, to the nanosecond.
TEST(TransferSpeed, RunsAreRepeatable) {
  const auto run = [](std::uint64_t seed) {
    TwoHosts hosts(with_everything(), with_everything(),
                   {.drop_percent = 10, .repeat_percent = 5, .delay_percent = 30}, seed);
    hosts.host(0).to_write = 50'000;
    hosts.connect();
    hosts.run(4h);
    return std::pair{hosts.now(), hosts.carried()};
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace packetwright::tcp::testing
