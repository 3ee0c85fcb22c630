// SPDX-License-Identifier: Apache-2.0
// Hosts with sockets in every state, under rubbish. Seeded, so that a failure repeats.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>

#include "stack/iface/mapped_address.hh"
#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/udp.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

// Makes the checksums right again, so that what was changed gets past them.
void repair(Buffer& frame) {
  if (frame.size() < 14 + 20) return;
  const MutableBytes packet = MutableBytes{frame}.subspan(14);
  const auto finish = [](MutableBytes payload, wire::IpProtocol protocol, const IpAddress& src,
                         const IpAddress& dst) {
    if (protocol == wire::IpProtocol::tcp && payload.size() >= 20) {
      wire::fill_tcp_checksum(payload, src, dst);
    } else if (protocol == wire::IpProtocol::udp && payload.size() >= 8) {
      wire::fill_udp_checksum(payload, src, dst);
    } else if (protocol == wire::IpProtocol::icmpv4 && payload.size() >= 8) {
      wire::fill_icmpv4_checksum(payload);
    } else if (protocol == wire::IpProtocol::icmpv6 && payload.size() >= 8) {
      wire::fill_icmpv6_checksum(payload, src, dst);
    }
  };
  if (load_be16(frame, 12) == 0x0800) {
    if (const auto ip = wire::Ipv4View::parse(packet)) {
      const std::size_t header = ip->header_size();
      const std::size_t payload = ip->payload().size();
      finish(packet.subspan(header, payload), ip->protocol(), ip->src(), ip->dst());
      wire::fill_ipv4_checksum(packet.first(header));
    }
  } else if (load_be16(frame, 12) == 0x86dd) {
    if (const auto ip = wire::Ipv6View::parse(packet)) {
      finish(packet.subspan(40, ip->payload().size()), ip->next_header(), ip->src(), ip->dst());
    }
  }
}

// A frame that was really sent, changed a little: the way deeper in than pure noise.
Buffer mutated(const Buffer& original, Rng& rng) {
  Buffer frame = original;
  const std::uint64_t changes = 1 + rng.below(4);
  for (std::uint64_t i = 0; i < changes && !frame.empty(); ++i) {
    switch (rng.below(6)) {
      case 0: frame[rng.below(frame.size())] = static_cast<std::uint8_t>(rng.next()); break;
      case 1: frame[rng.below(frame.size())] ^= static_cast<std::uint8_t>(1 << rng.below(8)); break;
      case 2: frame.resize(rng.below(frame.size() + 1)); break;
      case 3: frame.resize(frame.size() + rng.below(40)); break;
      case 4: frame[rng.below(frame.size())] = rng.chance(1, 2) ? 0 : 0xff; break;
      default:
        // Behind the addresses of Ethernet: numbers, flags, lengths.
        if (frame.size() > 20) {
          store_be16(frame, 14 + rng.below(frame.size() - 16), rng.next16());
        }
        break;
    }
  }
  if (rng.chance(3, 4)) repair(frame);
  return frame;
}

struct Zoo {
  TwoHosts hosts;
  std::vector<Descriptor> open;

  // A socket in each state that takes no care to keep, and traffic to learn frames from.
  Zoo() {
    const ConnectedPair established = connect(hosts, Domain::inet, 80);
    const ConnectedPair six = connect(hosts, Domain::inet6, 81);
    const ConnectedPair half = connect(hosts, Domain::inet, 82);
    const ConnectedPair waiting = connect(hosts, Domain::inet, 83);
    const ConnectedPair closed = connect(hosts, Domain::inet, 84);
    (void)hosts.alice.write(hosts.now, established.client, Buffer(5'000));
    (void)hosts.bob.write(hosts.now, six.server, Buffer(3'000));
    (void)hosts.alice.write(hosts.now, half.client, octets_of("!"), {.out_of_band = true});
    (void)hosts.bob.shutdown(hosts.now, half.server, ShutdownHow::write);
    (void)hosts.alice.shutdown(hosts.now, waiting.client, ShutdownHow::write);
    (void)hosts.bob.close(hosts.now, closed.server);
    (void)hosts.alice.close(hosts.now, closed.client);
    const Descriptor syn_sent = hosts.bob.socket(Domain::inet, SocketType::stream).value();
    (void)hosts.bob.connect(hosts.now, syn_sent, {IpAddress::v4(10, 0, 0, 9), 9});
    const Descriptor udp = hosts.bob.socket(Domain::inet, SocketType::datagram).value();
    (void)hosts.bob.bind(udp, {IpAddress{}, 53});
    const Descriptor ping =
        hosts.alice.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
    const Endpoint to{kBob4, 0};
    Buffer request(8'008);
    request[0] = 8;
    (void)hosts.alice.write(hosts.now, ping, request, {}, &to);
    const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::datagram).value();
    const Endpoint server{kBob4, 53}, nobody{kBob4, 54};
    (void)hosts.alice.write(hosts.now, client, Buffer(4'000), {}, &server);
    (void)hosts.alice.write(hosts.now, client, Buffer(10), {}, &nobody);
    hosts.run_for(100ms);
    open = {established.server, six.server, half.server, waiting.server, syn_sent, udp};
  }
};

// Bob still answers a ping and a connection.
void expect_alive(TwoHosts& hosts, std::uint64_t seed) {
  hosts.run_for(120s);
  const ConnectedPair pair = connect(hosts, Domain::inet, 7'777);
  ASSERT_GE(pair.server, 0) << seed;
  (void)hosts.alice.write(hosts.now, pair.client, octets_of("alive?"));
  hosts.run_for(1s);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "alive?") << seed;
}

TEST(StackFuzz, MutatedTrafficNeverStopsAHost) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Rng rng{seed};
    Zoo zoo;
    const auto learnt = zoo.hosts.log();
    ASSERT_GT(learnt.size(), 30u);
    for (int i = 0; i < 3'000; ++i) {
      const auto& original = learnt[rng.below(learnt.size())];
      const Buffer frame = mutated(original.octets, rng);
      // An exact copy on the heap: one octet read too many is seen.
      const Buffer exact(frame.begin(), frame.end());
      Stack& victim = original.from_alice ? zoo.hosts.bob : zoo.hosts.alice;
      victim.on_frame(zoo.hosts.now, exact);
      if (rng.chance(1, 50)) zoo.hosts.run_for(Duration{static_cast<int>(rng.below(1'000'000))});
      if (rng.chance(1, 50)) {
        const Descriptor descriptor = zoo.open[rng.below(zoo.open.size())];
        (void)zoo.hosts.bob.read(zoo.hosts.now, descriptor, rng.below(3'000));
        (void)zoo.hosts.bob.write(zoo.hosts.now, descriptor, Buffer(rng.below(3'000)));
      }
    }
    (void)zoo.hosts.bob.netstat(zoo.hosts.now);
    expect_alive(zoo.hosts, seed);
  }
}

TEST(StackFuzz, NoiseNeverStopsAHost) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Rng rng{seed};
    Zoo zoo;
    for (int i = 0; i < 5'000; ++i) {
      Buffer frame(rng.below(200));
      rng.fill(frame);
      if (frame.size() >= 14 && rng.chance(9, 10)) {
        store_bytes(frame, 0, kBobMac.octets);
        constexpr std::uint16_t kTypes[] = {0x0800, 0x0806, 0x86dd, 0x8100, 100};
        store_be16(frame, 12, kTypes[rng.below(5)]);
        if (frame.size() > 14) frame[14] = rng.chance(1, 2) ? 0x45 : 0x60;
        // To Bob, so that more than the first check looks at it.
        if (frame.size() >= 34 && load_be16(frame, 12) == 0x0800) {
          store_be16(frame, 16, static_cast<std::uint16_t>(frame.size() - 14));
          store_bytes(frame, 26, kAlice4.octets());
          store_bytes(frame, 30, kBob4.octets());
        }
        if (rng.chance(3, 4)) repair(frame);
      }
      zoo.hosts.bob.on_frame(zoo.hosts.now, frame);
    }
    expect_alive(zoo.hosts, seed);
  }
}

// What an application may get wrong: any call, on any descriptor, with any address and value.
struct Clumsy {
  TwoHosts& hosts;
  Rng rng;

  Endpoint endpoint() {
    static const IpAddress kAddresses[] = {
        IpAddress{},
        kAlice4,
        kBob4,
        IpAddress::v4(10, 0, 0, 99),
        IpAddress::v4(10, 0, 0, 255),
        IpAddress::v4(127, 0, 0, 1),
        IpAddress::v4(192, 0, 2, 1),
        IpAddress::v4(224, 0, 0, 1),
        IpAddress::v4(0xffffffff),
        IpAddress::v6({}),
        kAlice6,
        kBob6,
        IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}),
        IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}),
        IpAddress::v6({0x20, 1, 0xd, 0xb8}),
    };
    constexpr std::uint16_t kPorts[] = {0, 1, 7, 53, 80, 65'535};
    const Endpoint plain{kAddresses[rng.below(std::size(kAddresses))],
                         kPorts[rng.below(std::size(kPorts))]};
    return rng.chance(1, 3) ? as_seen_by(Domain::inet6, plain) : plain;
  }
  std::int64_t value() {
    constexpr std::int64_t kValues[] = {-1,  0,     1,      2,          3,         255,
                                        256, 1'000, 70'000, 0x7fffffff, INT64_MIN, INT64_MAX};
    return kValues[rng.below(std::size(kValues))];
  }

  void call() {
    Stack& host = hosts.alice;
    const Instant now = hosts.now;
    const auto fd = static_cast<Descriptor>(rng.below(14)) - 1;
    const auto option = static_cast<SocketOption>(
        rng.below(static_cast<std::uint64_t>(SocketOption::tcp_window_clamp) + 1));
    const Endpoint there = endpoint();
    Buffer octets(rng.chance(1, 20) ? 70'000 : rng.below(100));
    if (!octets.empty()) octets[0] = rng.chance(1, 2) ? 8 : 128;  // an Echo Request to some
    switch (rng.below(19)) {
      case 0:
        (void)host.socket(static_cast<Domain>(rng.below(2)), static_cast<SocketType>(rng.below(2)),
                          static_cast<Protocol>(rng.below(5)));
        break;
      case 1: (void)host.bind(fd, there); break;
      case 2: (void)host.listen(fd, static_cast<int>(rng.below(5)) - 1); break;
      case 3: (void)host.accept(now, fd); break;
      case 4: (void)host.connect(now, fd, there); break;
      case 5: (void)host.read(now, fd, rng.below(200), {rng.chance(1, 4), rng.chance(1, 4)}); break;
      case 6: (void)host.write(now, fd, octets, {rng.chance(1, 4), rng.chance(1, 4)}); break;
      case 7: (void)host.write(now, fd, octets, {}, &there); break;
      case 8: (void)host.shutdown(now, fd, static_cast<ShutdownHow>(rng.below(3))); break;
      case 9: (void)host.close(now, fd); break;
      case 10: (void)host.abort(now, fd); break;
      case 11: (void)host.set_option(now, fd, option, value()); break;
      case 12: (void)host.get_option(now, fd, option); break;
      case 13: (void)host.set_ip_options(fd, octets); break;
      case 14: (void)host.poll(fd); break;
      case 15: (void)host.local_endpoint(fd); break;
      case 16: (void)host.remote_endpoint(fd); break;
      case 17: (void)host.set_isn(fd, rng.next32()); break;
      default: (void)host.netstat(now); break;
    }
  }
};

TEST(StackFuzz, RandomCallsNeverStopAHost) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    StackConfig alice = alice_config();
    alice.max_sockets = 12;
    TwoHosts hosts(alice, bob_config());
    Clumsy clumsy{hosts, Rng{seed}};
    for (int i = 0; i < 5'000; ++i) {
      clumsy.call();
      if (clumsy.rng.chance(1, 20)) hosts.run_for(1ms);
    }
    for (Descriptor fd = 0; fd < 12; ++fd) (void)hosts.alice.abort(hosts.now, fd);
    hosts.run_for(300s);
    EXPECT_TRUE(hosts.alice.socket(Domain::inet, SocketType::datagram)) << seed;
  }
}

TEST(StackFuzz, EqualInputsGiveEqualFrames) {
  const auto run = [] {
    Rng rng{99};
    Zoo zoo;
    const auto learnt = zoo.hosts.log();
    for (int i = 0; i < 500; ++i) {
      zoo.hosts.bob.on_frame(zoo.hosts.now, mutated(learnt[rng.below(learnt.size())].octets, rng));
      zoo.hosts.run_for(1ms);
    }
    std::vector<Buffer> frames;
    for (const auto& frame : zoo.hosts.log()) frames.push_back(frame.octets);
    return frames;
  };
  EXPECT_TRUE(run() == run());
}

}  // namespace
}  // namespace packetwright::iface
