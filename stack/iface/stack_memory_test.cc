// SPDX-License-Identifier: Apache-2.0
// What a stack says of its memory.
#include <vector>

#include <gtest/gtest.h>

#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

constexpr std::size_t kConnections = 512;

TEST(StackMemory, AnIdleConnectionTakesAKibibyteWithItsDescriptorAndItsPlacesInTables) {
  TwoHosts hosts;
  const std::size_t before = hosts.bob.memory().total();
  const Descriptor listener = hosts.bob.socket(Domain::inet, SocketType::stream).value();
  ASSERT_TRUE(hosts.bob.bind(listener, {IpAddress{}, 80}));
  ASSERT_TRUE(hosts.bob.listen(listener, 5));
  std::vector<Descriptor> clients, servers;
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients.push_back(hosts.alice.socket(Domain::inet, SocketType::stream).value());
    (void)hosts.alice.connect(hosts.now, clients.back(), {kBob4, 80});
    hosts.run_for(10ms);
    servers.push_back(hosts.bob.accept(hosts.now, listener).value());
  }
  hosts.run_for(1s);
  const std::size_t taken = hosts.bob.memory().total() - before;
  EXPECT_LE(taken / kConnections, 1'050u);
  EXPECT_GE(taken / kConnections, 500u);  // it does count them

  // Whoever asks for something unusual takes more, and no one else.
  ASSERT_TRUE(hosts.bob.set_option(hosts.now, servers[0], SocketOption::tcp_nodelay, 1));
  const std::size_t unusual = hosts.bob.memory().total() - before - taken;
  EXPECT_GT(unusual, 0u);
  EXPECT_LE(unusual, 256u);

  for (std::size_t i = 0; i < kConnections; ++i) {
    ASSERT_TRUE(hosts.alice.close(hosts.now, clients[i]));
    hosts.run_for(10ms);
    ASSERT_TRUE(hosts.bob.close(hosts.now, servers[i]));
  }
  hosts.run_for(2min);
  EXPECT_LE(hosts.bob.memory().total() - before, taken / 3);  // the tables keep their places
}

TEST(StackMemory, CountsWhatWaitsInEveryQueue) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  const auto grown = [&](auto part, const auto& act) {
    const std::size_t before = hosts.bob.memory().*part;
    act();
    return hosts.bob.memory().*part - before;
  };
  // Text that nobody reads.
  EXPECT_GE(grown(&MemoryUse::connections,
                  [&] {
                    (void)hosts.alice.write(hosts.now, pair.client, Buffer(20'000, 'x'));
                    hosts.run_for(1s);
                  }),
            20'000u);
  // A datagram that nobody reads.
  const Descriptor socket = hosts.bob.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(hosts.bob.bind(socket, {IpAddress{}, 7}));
  const Descriptor other = hosts.alice.socket(Domain::inet, SocketType::datagram).value();
  const Endpoint to{kBob4, 7};
  EXPECT_GE(grown(&MemoryUse::datagrams,
                  [&] {
                    (void)hosts.alice.write(hosts.now, other, Buffer(500, 'x'), {}, &to);
                    hosts.run_for(1s);
                  }),
            500u);
  // Datagrams to a neighbour that does not answer.
  const Endpoint nowhere{IpAddress::v4(10, 0, 0, 99), 7};
  EXPECT_GE(
      grown(&MemoryUse::neighbors,
            [&] { (void)hosts.bob.write(hosts.now, socket, Buffer(700, 'x'), {}, &nowhere); }),
      700u);
  // A frame that the driver has not taken.
  const Endpoint back{kAlice4, 9};
  EXPECT_GE(grown(&MemoryUse::frames,
                  [&] { (void)hosts.bob.write(hosts.now, socket, Buffer(900, 'x'), {}, &back); }),
            900u);
  EXPECT_GE(grown(&MemoryUse::sockets,
                  [&] {
                    for (int i = 0; i < 100; ++i) {
                      (void)hosts.bob.socket(Domain::inet, SocketType::stream);
                    }
                  }),
            10'000u);
}

}  // namespace
}  // namespace packetwright::iface
