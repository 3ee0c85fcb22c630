// SPDX-License-Identifier: Apache-2.0
// Two hosts that speak TCP to each other, from socket to frame and back.
#include <gtest/gtest.h>

#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

TEST(StackTcp, ConnectsAndCarriesDataBothWays) {
  for (const Domain domain : {Domain::inet, Domain::inet6}) {
    TwoHosts hosts;
    const ConnectedPair pair = connect(hosts, domain);
    EXPECT_EQ(hosts.alice.write(hosts.now, pair.client, octets_of("hello")).value(), 5u);
    hosts.run_for(10ms);
    EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "hello");
    EXPECT_EQ(hosts.bob.write(hosts.now, pair.server, octets_of("world!")).value(), 6u);
    hosts.run_for(10ms);
    EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "world!");
    EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "EAGAIN");
  }
}

TEST(StackTcp, AConnectToAClosedPortIsRefused) {
  TwoHosts hosts;
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, {kBob4, 81}).error(), Errno::einprogress);
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, {kBob4, 81}).error(), Errno::ealready);
  hosts.run_for(50ms);
  const Readiness ready = hosts.alice.poll(client).value();
  EXPECT_TRUE(ready.error);
  EXPECT_TRUE(ready.writable);
  EXPECT_TRUE(ready.hang_up);
  const auto error = hosts.alice.get_option(hosts.now, client, SocketOption::so_error).value();
  EXPECT_EQ(error, static_cast<int>(Errno::econnrefused) + 1);
  EXPECT_EQ(hosts.alice.get_option(hosts.now, client, SocketOption::so_error).value(), 0);
}

}  // namespace
}  // namespace packetwright::iface
