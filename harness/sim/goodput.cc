// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/goodput.hh"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "harness/sim/network.hh"
#include "harness/sim/stack_node.hh"
#include "harness/sim/table_cells.hh"

namespace packetwright::sim {
namespace {

using iface::Descriptor;

constexpr std::uint16_t kPort = 5'001;
constexpr std::uint32_t kBuffer = 8 * 1024 * 1024;
constexpr std::size_t kFullFrame = 1'514;
constexpr std::uint64_t kFastWire = 10'000'000'000;
constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

IpAddress address_of(std::size_t host) {
  return IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(host + 1));
}

MacAddress mac_of(std::size_t host) {
  return {{2, 0, 0, 0, 0, static_cast<std::uint8_t>(host + 1)}};
}

iface::StackConfig host_config(std::size_t host, std::size_t hosts, std::uint64_t seed) {
  iface::StackConfig config = bulk_host(seed * 16 + host, mac_of(host), address_of(host));
  for (std::size_t other = 0; other < hosts; ++other) {
    if (other != host) config.static_neighbors.emplace_back(address_of(other), mac_of(other));
  }
  return config;
}

// Hosts 0 .. n-2 send to the last one. Each of them has a fast link to a switch; between that and
// the receiver lies the bottleneck.
class Dumbbell {
 public:
  Dumbbell(const std::vector<Sender>& all, const Path& path, std::uint64_t seed)
      : network(Rng{seed}.fork("network")) {
    const std::size_t hosts = all.size() + 1;
    const NodeId bridge = network.add_switch();
    for (std::size_t i = 0; i < hosts; ++i) {
      // The receiver offers everything that there is.
      iface::StackConfig config = host_config(i, hosts, seed);
      if (i < all.size()) all[i].configure(config.tcp);
      nodes.push_back(std::make_unique<StackNode>(config));
      ids.push_back(network.add_host(*nodes.back()));
    }
    PipeConfig fast;
    fast.bits_per_second = kFastWire;
    for (std::size_t i = 0; i + 1 < hosts; ++i) network.connect(ids[i], bridge, fast);

    bottleneck_link = network.connect(bridge, ids.back(), bottleneck(path), way_back(path));

    iface::Stack& receiver = nodes.back()->stack;
    listener = receiver.socket(iface::Domain::inet, iface::SocketType::stream).value();
    PW_ASSERT(receiver.bind(listener, {IpAddress{}, kPort}).ok());
    PW_ASSERT(receiver.listen(listener, 16).ok());
  }

  Descriptor connect(std::size_t host) {
    iface::Stack& stack = nodes[host]->stack;
    const Descriptor socket = stack.socket(iface::Domain::inet, iface::SocketType::stream).value();
    (void)stack.connect(network.now(), socket, {address_of(nodes.size() - 1), kPort});
    network.collect(ids[host]);
    return socket;
  }

  // The receiver takes in what has come. Octets by the address of their sender.
  void receive(std::vector<std::uint64_t>& octets) {
    iface::Stack& receiver = nodes.back()->stack;
    Endpoint peer;
    while (const auto accepted = receiver.accept(network.now(), listener, &peer)) {
      accepted_.push_back({*accepted, std::size_t{peer.address.octets()[3]} - 1});
    }
    for (const Accepted& one : accepted_) {
      for (;;) {
        const auto read = receiver.read(network.now(), one.socket, 65'536);
        if (!read || read->octets.empty()) break;
        octets[one.host] += read->octets.size();
      }
    }
    network.collect(ids.back());
  }

  // As much as the send buffer takes, `most` octets at most; returns how much that was.
  std::uint64_t write(std::size_t host, Descriptor socket, std::uint64_t most) {
    iface::Stack& stack = nodes[host]->stack;
    std::uint64_t written = 0;
    while (written < most) {
      const auto chunk = static_cast<std::size_t>(std::min<std::uint64_t>(most - written, 65'536));
      const auto taken = stack.write(network.now(), socket, Bytes{chunk_}.first(chunk));
      if (!taken) break;
      written += *taken;
    }
    network.collect(ids[host]);
    return written;
  }

  Network network;
  std::vector<std::unique_ptr<StackNode>> nodes;
  std::vector<NodeId> ids;
  LinkId bottleneck_link{};
  Descriptor listener = -1;

 private:
  struct Accepted {
    Descriptor socket;
    std::size_t host;
  };

  std::vector<Accepted> accepted_;
  const Buffer chunk_ = Buffer(65'536, 'x');
};

// How often the users of both ends look after their sockets.
constexpr Duration kTick = 2ms;

std::string rate_text(std::uint64_t bits_per_second) {
  return std::to_string(bits_per_second / 1'000'000) + " Mbit/s";
}

std::string time_text(Duration time) {
  return std::to_string(time / 1ms) + " ms";
}

std::string share_text(std::uint32_t millionths) {
  return tenths(millionths / 1'000) + " %";
}

constexpr std::size_t kColumn = 12;

std::string heading(const std::string& title, const std::string& left) {
  std::string text = "\n" + title + "\n\n" + left;
  for (const Sender& sender : senders()) text += cell(sender.name, kColumn);
  return text + '\n';
}

template <class Measure>
std::vector<std::uint64_t> over_seeds(std::size_t seeds, Measure measure) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) all.push_back(measure(seed));
  return all;
}

// How much of the bottleneck was the user's: the median over the seeds of a transfer that would
// take `duration` if nothing but the rate counted.
std::string goodput(const Sender& sender, const Path& path, Duration duration, std::size_t seeds) {
  const auto ideal = static_cast<std::uint64_t>(duration / 1ms);
  const std::uint64_t octets = path.bits_per_second / 8 * ideal / 1'000;
  const auto times = over_seeds(seeds, [&](std::uint64_t seed) {
    return static_cast<std::uint64_t>(bulk_time(sender, path, octets, seed) / 1ms);
  });
  return tenths(ideal * 1'000 / median(times)) + " %";
}

std::string bulk_table(const TableSize& size) {
  std::string text = heading("Goodput of one connection, share of the bottleneck",
                             cell("rate", 12) + cell("round trip", 12) + cell("loss", 8));
  for (const std::uint64_t rate : size.rates) {
    for (const Duration round_trip : {Duration{10ms}, Duration{100ms}}) {
      for (const std::uint32_t loss : {0u, 1'000u, 10'000u}) {
        const Path path{.bits_per_second = rate, .round_trip = round_trip, .loss = loss};
        text +=
            cell(rate_text(rate), 12) + cell(time_text(round_trip), 12) + cell(share_text(loss), 8);
        // Without loss nothing is drawn that the path would notice: all seeds are alike.
        const std::size_t seeds = loss == 0 ? 1 : size.seeds;
        for (const Sender& sender : senders()) {
          text += cell(goodput(sender, path, size.duration, seeds), kColumn);
        }
        text += '\n';
      }
    }
  }
  return text;
}

std::string reordering_table(const TableSize& size) {
  std::string text = heading("Reordering: frames that are held back, " + rate_text(size.rate) +
                                 ", 20 ms round trip, no loss",
                             cell("frames", 12) + cell("held back", 12) + cell("", 8));
  for (const std::uint32_t share : kReordered) {
    for (const Duration held : kHeldBack) {
      Path path{.bits_per_second = size.rate, .round_trip = 20ms};
      path.reordering = share;
      path.reordering_delay = held;
      text += cell(share_text(share), 12) + cell(time_text(held), 12) + cell("", 8);
      for (const Sender& sender : senders()) {
        text += cell(goodput(sender, path, size.duration, size.seeds), kColumn);
      }
      text += '\n';
    }
  }
  return text;
}

std::string tail_loss_table(const TableSize& size) {
  std::string text = heading("Tail loss: time of an answer of ten segments, " +
                                 rate_text(size.rate) + ", its last segments lost",
                             cell("round trip", 12) + cell("lost", 12) + cell("", 8));
  for (const Duration round_trip : {Duration{10ms}, Duration{100ms}}) {
    for (const std::size_t lost : kTailsLost) {
      const Path path{.bits_per_second = size.rate, .round_trip = round_trip};
      text += cell(time_text(round_trip), 12) + cell(std::to_string(lost), 12) + cell("", 8);
      for (const Sender& sender : senders()) {
        const auto times = over_seeds(size.seeds, [&](std::uint64_t seed) {
          const Duration time = tail_loss_time(sender, path, 10 * 1'448, lost, seed);
          return static_cast<std::uint64_t>(time / 1us);
        });
        text += cell(tenths(median(times) / 100) + " ms", kColumn);
      }
      text += '\n';
    }
  }
  return text;
}

// Jain's index of two shares in thousandths: 1000 is equal, 500 is all and nothing.
std::uint64_t fairness(const Shares& shares) {
  // In units of 1024 octets, so that squares fit.
  const std::uint64_t a = shares.first / 1'024, b = shares.second / 1'024;
  const std::uint64_t squares = 2 * (a * a + b * b);
  return squares == 0 ? 0 : (a + b) * (a + b) * 1'000 / squares;
}

std::string fairness_table(const TableSize& size) {
  const std::vector<Sender> all = senders();
  std::string text =
      "\nFairness: two connections, " + rate_text(size.rate) +
      ", 40 ms round trip, the second two seconds late, " + std::to_string(size.sharing / 1s) +
      " s;"
      "\nJain's index over the last half (1.000: equal), and the share of the first\n\n";
  text += cell("first", 12) + cell("second", 12) + cell("index", kColumn) + cell("share", kColumn) +
          '\n';
  const Path path{.bits_per_second = size.rate, .round_trip = 40ms};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) {
      std::vector<std::uint64_t> indices, shares;
      for (std::uint64_t seed = 1; seed <= size.seeds; ++seed) {
        // The seed moves the second one against the first.
        const auto phase = static_cast<int>(Rng{seed}.fork("phase").below(100));
        const Shares got =
            shared_octets(all[i], all[j], path, 2s + phase * Duration{1ms}, size.sharing, seed);
        indices.push_back(fairness(got));
        const std::uint64_t sum = std::max<std::uint64_t>(got.first + got.second, 1);
        shares.push_back(got.first * 1'000 / sum);
      }
      const std::string index = std::to_string(1'000 + median(indices) % 1'000);
      text += cell(all[i].name, 12) + cell(all[j].name, 12) +
              cell((median(indices) >= 1'000 ? "1." : "0.") + index.substr(1), kColumn) +
              cell(tenths(median(shares)) + " %", kColumn) + '\n';
    }
  }
  return text;
}

}  // namespace

std::vector<Sender> senders() {
  return {
      {"newreno",
       [](tcp::TcpConfig& config) {
         config.sack = false;
         config.congestion_control = tcp::CongestionControl::reno;
       }},
      {"reno+sack",
       [](tcp::TcpConfig& config) { config.congestion_control = tcp::CongestionControl::reno; }},
      {"cubic", [](tcp::TcpConfig&) {}},
  };
}

iface::StackConfig bulk_host(std::uint64_t seed, const MacAddress& mac, const IpAddress& address) {
  iface::StackConfig config;
  config.seed = seed;
  config.mac = mac;
  config.addresses = {{address, 24}};
  config.claim.probe = config.claim.announce = false;
  // Nor does IPv6 say anything unasked.
  config.routers.solicit = config.autoconfiguration.link_local = false;
  config.announce_groups = false;
  config.tcp.send_buffer = config.tcp.receive_buffer = kBuffer;
  return config;
}

PipeConfig bottleneck(const Path& path) {
  PipeConfig data;
  data.bits_per_second = path.bits_per_second;
  data.delay = path.round_trip / 2;
  data.loss = path.loss;
  data.reordering = path.reordering;
  data.reordering_delay = path.reordering_delay;
  const std::uint64_t in_flight =
      path.bits_per_second / 8 * static_cast<std::uint64_t>(path.round_trip / 1ms) / 1'000;
  data.queue_octets = std::max<std::size_t>(in_flight, 30 * kFullFrame);
  return data;
}

PipeConfig way_back(const Path& path) {
  PipeConfig acknowledgments;
  acknowledgments.bits_per_second = path.bits_per_second;
  acknowledgments.delay = path.round_trip - path.round_trip / 2;
  return acknowledgments;
}

Duration bulk_time(const Sender& sender, const Path& path, std::uint64_t octets,
                   std::uint64_t seed) {
  Dumbbell world{{sender}, path, seed};
  const Descriptor socket = world.connect(0);
  std::vector<std::uint64_t> received(1);
  std::uint64_t unsent = octets;
  while (received[0] < octets) {
    PW_ASSERT(world.network.now() < instant_at(0) + 24h);
    world.network.run_for(kTick);
    world.receive(received);
    unsent -= world.write(0, socket, unsent);
  }
  return world.network.now() - instant_at(0);
}

Shares shared_octets(const Sender& first, const Sender& second, const Path& path, Duration late,
                     Duration duration, std::uint64_t seed) {
  Dumbbell world{{first, second}, path, seed};
  const Descriptor one = world.connect(0);
  std::optional<Descriptor> other;
  std::vector<std::uint64_t> octets(2), before(2);
  const Instant half = instant_at(0) + duration / 2;
  while (world.network.now() < instant_at(0) + duration) {
    world.network.run_for(kTick);
    world.receive(octets);
    (void)world.write(0, one, kUnlimited);
    if (!other && world.network.now() >= instant_at(0) + late) other = world.connect(1);
    if (other) (void)world.write(1, *other, kUnlimited);
    if (world.network.now() <= half) before = octets;
  }
  return {octets[0] - before[0], octets[1] - before[1]};
}

Duration tail_loss_time(const Sender& sender, const Path& path, std::size_t size, std::size_t lost,
                        std::uint64_t seed) {
  Dumbbell world{{sender}, path, seed};
  const Descriptor socket = world.connect(0);
  std::vector<std::uint64_t> octets(1);
  const Buffer answer(size, 'x');
  // A warm connection, so that the round-trip time is known; its second answer meets the loss.
  world.network.run_for(path.round_trip * 2);
  (void)world.nodes[0]->stack.write(world.network.now(), socket, answer);
  world.network.collect(world.ids[0]);
  world.network.run_for(5s);
  world.receive(octets);
  PW_ASSERT(octets[0] == size);

  // The seed moves the answer against the timers of both ends.
  world.network.run_for(Duration{1ms} * static_cast<int>(Rng{seed}.fork("phase").below(200)));
  std::size_t segments = 0;
  const std::size_t all = (size + 1'447) / 1'448;
  world.network.pipe(world.bottleneck_link, Way::forth).config().lose = [&](Instant, Bytes frame) {
    const bool has_text = frame.size() > 100;
    if (has_text) ++segments;
    return has_text && segments > all - lost && segments <= all;
  };
  const Instant start = world.network.now();
  (void)world.nodes[0]->stack.write(start, socket, answer);
  world.network.collect(world.ids[0]);
  while (octets[0] < 2 * size && world.network.now() < start + 60s) {
    (void)world.network.step(start + 60s);
    world.receive(octets);
  }
  return world.network.now() - start;
}

TableSize large_tables() {
  return {20, 10s, 60s, {1'000'000, 10'000'000, 100'000'000}, 10'000'000};
}

TableSize small_tables() {
  return {2, 5s, 30s, {1'000'000}, 1'000'000};
}

std::string goodput_tables(const TableSize& size) {
  return "Goodput of the reference stack in simulation; medians of " + std::to_string(size.seeds) +
         " seeds. A transfer would take " + std::to_string(size.duration / 1s) +
         " s if nothing but the rate counted.\n" + bulk_table(size) + reordering_table(size) +
         tail_loss_table(size) + fairness_table(size);
}

}  // namespace packetwright::sim
