// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/flood.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/sim/attacker.hh"
#include "harness/sim/network.hh"
#include "harness/sim/stack_node.hh"
#include "stack/base/drop_reason.hh"

namespace packetwright::sim {
namespace {

using iface::Descriptor;

constexpr std::uint16_t kPort = 80;
constexpr Duration kTick = 5ms;
constexpr MacAddress kClientMac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kServerMac{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress kAttackerMac{{2, 0, 0, 0, 0, 3}};

IpAddress address_of(Family family, std::uint8_t host) {
  if (family == Family::ipv4) return IpAddress::v4(10, 0, 0, host);
  return IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host});
}

iface::StackConfig config_for(std::uint8_t host, const MacAddress& mac, std::uint64_t seed) {
  iface::StackConfig config;
  config.seed = seed * 16 + host;
  config.mac = mac;
  config.addresses = {{address_of(Family::ipv4, host), 16}, {address_of(Family::ipv6, host), 64}};
  config.gateways = {address_of(Family::ipv4, 3)};
  config.static_neighbors = {{address_of(Family::ipv4, 3), kAttackerMac}};
  config.claim.probe = config.claim.announce = false;
  config.routers.solicit = false;
  return config;
}

// A client that sends all it can over 10 Mbit/s to a server, and an attacker with a wire of its
// own, on one switch.
class Scene {
 public:
  Scene(Attack attack, std::uint64_t seed)
      : network(Rng{seed}.fork("network")),
        client(config_for(1, kClientMac, seed)),
        server(config_for(2, kServerMac, seed)),
        attacker(attack, kAttackerMac, {address_of(Family::ipv4, 3), 0},
                 Rng{seed}.fork("attacker")),
        family_(attack == Attack::ndp ? Family::ipv6 : Family::ipv4) {
    const NodeId bridge = network.add_switch();
    client_id_ = network.add_host(client);
    server_id_ = network.add_host(server);
    attacker_id_ = network.add_host(attacker);
    PipeConfig bottleneck;
    bottleneck.bits_per_second = 10'000'000;
    bottleneck.delay = 5ms;
    bottleneck.queue_octets = 30 * 1'514;
    PipeConfig fast;
    fast.bits_per_second = 100'000'000;
    network.connect(client_id_, bridge, bottleneck, fast);
    network.connect(server_id_, bridge, fast);
    network.connect(attacker_id_, bridge, fast);

    listener_ = socket(server);
    PW_ASSERT(server.stack.bind(listener_, {unspecified(), kPort}).ok());
    PW_ASSERT(server.stack.listen(listener_, 128).ok());
    network.run_for(3s);  // the addresses of IPv6 are ready
    sender_ = connect();
    network.run_for(1s);
  }

  [[nodiscard]] Descriptor connect() {
    const Descriptor made = socket(client);
    (void)client.stack.connect(network.now(), made, {address_of(family_, 2), kPort});
    network.collect(client_id_);
    return made;
  }

  // A moment of everybody's life: the client writes what it can, the server reads what there is.
  void tick() {
    while (client.stack.write(network.now(), sender_, chunk_)) {
    }
    network.collect(client_id_);
    network.run_for(kTick);
    while (const auto accepted = server.stack.accept(network.now(), listener_)) {
      accepted_.push_back(*accepted);
    }
    for (const Descriptor one : accepted_) {
      for (;;) {
        const auto size = server.stack.read_into(network.now(), one, received_);
        if (!size || *size == 0) break;
        if (one == accepted_.front()) octets += *size;
      }
    }
    network.collect(server_id_);
    memory_peak = std::max(memory_peak, server.stack.memory().total());
  }

  void strike(std::uint32_t frames) {
    for (std::uint32_t i = 0; i < frames; ++i) attacker.strike(victims());
    network.collect(attacker_id_);
  }
  void prepare_attack() {
    attacker.prepare(victims());
    network.collect(attacker_id_);
  }

  Network network;
  StackNode client, server;
  Attacker attacker;
  std::uint64_t octets = 0;  // of the client's connection
  std::size_t memory_peak = 0;

 private:
  [[nodiscard]] IpAddress unspecified() const {
    return family_ == Family::ipv4 ? IpAddress{} : IpAddress::v6({});
  }
  [[nodiscard]] Descriptor socket(StackNode& node) const {
    const auto domain = family_ == Family::ipv4 ? iface::Domain::inet : iface::Domain::inet6;
    return node.stack.socket(domain, iface::SocketType::stream).value();
  }
  [[nodiscard]] Victims victims() const {
    return {client.stack.local_endpoint(sender_).value_or(Endpoint{}),
            {address_of(family_, 2), kPort},
            kClientMac,
            kServerMac};
  }

  Family family_;
  NodeId client_id_{}, server_id_{}, attacker_id_{};
  Descriptor listener_ = -1, sender_ = -1;
  std::vector<Descriptor> accepted_;
  const Buffer chunk_ = Buffer(65'536, 'x');
  Buffer received_ = Buffer(65'536);
};

// When a connection that began at `start` is there, looked at after each tick.
void note_open(const Scene& scene, Descriptor socket, Instant start, Duration& took) {
  if (took >= Duration{0}) return;
  const auto ready = scene.client.stack.poll(socket);
  if (ready && ready->writable && !ready->error) took = scene.network.now() - start;
}

std::string main_reason(const DropCounters& before, const DropCounters& after) {
  std::uint64_t most = 0;
  std::string name = "-";
  for (std::size_t i = 0; i < kDropReasonCount; ++i) {
    const auto reason = static_cast<DropReason>(i);
    const std::uint64_t count = after[reason] - before[reason];
    if (count <= most) continue;
    most = count;
    name = name_of(reason);
  }
  return name;
}

std::string cell(const std::string& text, std::size_t width) {
  return text.size() < width ? text + std::string(width - text.size(), ' ') : text + ' ';
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return std::to_string(whole == 0 ? 0 : (part * 100 + whole / 2) / whole) + " %";
}

// Rounded up to sixteenths of a MiB, so that a few octets more in an object change no table.
std::string kibibytes(std::size_t octets) {
  constexpr std::size_t kStep = 64 * 1024;
  return std::to_string((octets + kStep - 1) / kStep * 64) + " KiB";
}

std::string time_text(Duration time) {
  return time < Duration{0} ? "never" : std::to_string(time / 1ms) + " ms";
}

}  // namespace

FloodOutcome flood(Attack attack, const FloodSize& size, std::uint64_t seed) {
  Scene scene{attack, seed};
  FloodOutcome outcome;
  const auto ticks = static_cast<int>(size.span / kTick);
  const auto warm_up = static_cast<int>(2s / kTick);
  for (int i = 0; i < warm_up; ++i) scene.tick();

  scene.prepare_attack();
  scene.memory_peak = 0;
  std::uint64_t mark = scene.octets;
  for (int i = 0; i < ticks; ++i) scene.tick();
  outcome.before = scene.octets - mark;
  outcome.memory_before = scene.memory_peak;

  const DropCounters drops = scene.server.stack.drops();
  mark = scene.octets;
  Instant start{};
  Descriptor other = -1;
  for (int i = 0; i < ticks; ++i) {
    const std::uint64_t due = std::uint64_t{size.frames_per_second} *
                              static_cast<std::uint64_t>((i + 1) * (kTick / 1ms)) / 1'000;
    if (attack != Attack::none) {
      scene.strike(static_cast<std::uint32_t>(due - outcome.frames));
      outcome.frames = due;
    }
    if (i == ticks / 2) {
      start = scene.network.now();
      other = scene.connect();
    }
    scene.tick();
    if (other >= 0) note_open(scene, other, start, outcome.open_during);
  }
  outcome.during = scene.octets - mark;
  outcome.main_reason = main_reason(drops, scene.server.stack.drops());
  outcome.memory_peak = scene.memory_peak;

  mark = scene.octets;
  start = scene.network.now();
  other = scene.connect();
  for (int i = 0; i < ticks; ++i) {
    scene.tick();
    note_open(scene, other, start, outcome.open_after);
  }
  outcome.after = scene.octets - mark;
  outcome.memory_after = scene.server.stack.memory().total();
  return outcome;
}

std::vector<Attack> attacks() {
  return {Attack::none,  Attack::syn,         Attack::rst, Attack::syn_in_stream,  Attack::tiny,
          Attack::stray, Attack::fragments,   Attack::arp, Attack::ask_everywhere, Attack::ndp,
          Attack::echo,  Attack::icmp_errors, Attack::udp};
}

std::string name_of(Attack attack) {
  switch (attack) {
    case Attack::none: return "none";
    case Attack::syn: return "SYN";
    case Attack::rst: return "RST";
    case Attack::syn_in_stream: return "SYN in stream";
    case Attack::tiny: return "tiny, no order";
    case Attack::stray: return "stray ACK";
    case Attack::fragments: return "fragments";
    case Attack::arp: return "ARP";
    case Attack::ask_everywhere: return "echo, spoofed";
    case Attack::ndp: return "NDP";
    case Attack::echo: return "echo";
    case Attack::icmp_errors: return "ICMP errors";
    case Attack::udp: return "UDP";
  }
  return "?";
}

FloodSize small_flood() {
  return {.frames_per_second = 2'000, .span = 1s};
}

std::string flood_table(const FloodSize& size, std::uint64_t seed) {
  std::string text = "Floods of the reference stack in simulation, " +
                     std::to_string(size.frames_per_second) +
                     " frames a second. Goodput of a connection of others, share of\n"
                     "what it had before; memory that the host counts; time to open another "
                     "connection.\n\n";
  text += cell("flood", 16) + cell("during", 8) + cell("after", 8) + cell("before", 10) +
          cell("peak", 10) + cell("after", 10) + cell("opens", 9) + cell("after", 9) +
          "most are dropped for\n";
  for (const Attack attack : attacks()) {
    const FloodOutcome outcome = flood(attack, size, seed);
    text += cell(name_of(attack), 16) + cell(percent(outcome.during, outcome.before), 8) +
            cell(percent(outcome.after, outcome.before), 8) +
            cell(kibibytes(outcome.memory_before), 10) + cell(kibibytes(outcome.memory_peak), 10) +
            cell(kibibytes(outcome.memory_after), 10) + cell(time_text(outcome.open_during), 9) +
            cell(time_text(outcome.open_after), 9) + outcome.main_reason + '\n';
  }
  return text;
}

}  // namespace packetwright::sim
