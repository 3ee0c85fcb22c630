// SPDX-License-Identifier: Apache-2.0
// Fast Open through the socket calls: MSG_FASTOPEN, TCP_FASTOPEN and TCP_FASTOPEN_CONNECT.
#include <gtest/gtest.h>

#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

struct FastOpen : testing::Test {
  TwoHosts hosts;
  Descriptor listener = -1;
  Endpoint server{kBob4, 80};

  void SetUp() override {
    listener = hosts.bob.socket(Domain::inet, SocketType::stream).value();
    ASSERT_TRUE(hosts.bob.bind(listener, {IpAddress{}, 80}));
    ASSERT_TRUE(hosts.bob.set_option(hosts.now, listener, SocketOption::tcp_fastopen, 5));
    ASSERT_TRUE(hosts.bob.listen(listener, 5));
  }
  Descriptor stream() { return hosts.alice.socket(Domain::inet, SocketType::stream).value(); }
  SocketResult<std::size_t> send(Descriptor fd, std::string_view text) {
    return hosts.alice.write(hosts.now, fd, octets_of(text), {.fast_open = true}, &server);
  }
  // One connection that brings a cookie.
  void learn() {
    const Descriptor first = stream();
    EXPECT_EQ(send(first, "x").error(), Errno::einprogress);
    hosts.run_for(50ms);
    EXPECT_EQ(hosts.alice.write(hosts.now, first, octets_of("x")).value_or(0), 1u);
    ASSERT_TRUE(hosts.alice.close(hosts.now, first));
    const auto accepted = hosts.bob.accept(hosts.now, listener);
    ASSERT_TRUE(accepted);
    ASSERT_TRUE(hosts.bob.close(hosts.now, *accepted));
    hosts.run_for(50ms);
  }
};

TEST_F(FastOpen, AnAnswerIsThereAfterOneRoundTrip) {
  learn();
  const Descriptor client = stream();
  EXPECT_EQ(send(client, "hello").value_or(0), 5u);
  hosts.run_for(1ms);
  const auto accepted = hosts.bob.accept(hosts.now, listener);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, *accepted), "hello");
  ASSERT_TRUE(hosts.bob.write(hosts.now, *accepted, octets_of("world")));
  hosts.run_for(1ms);
  EXPECT_EQ(read_text(hosts.alice, hosts.now, client), "world");
}

TEST_F(FastOpen, ConnectMayWaitForTheFirstWrite) {
  learn();
  const Descriptor client = stream();
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::tcp_fastopen_connect, 1));
  const std::size_t frames = hosts.log().size();
  ASSERT_TRUE(hosts.alice.connect(hosts.now, client, server));
  hosts.run_for(10ms);
  EXPECT_EQ(hosts.log().size(), frames) << "nothing is sent yet";
  const Readiness ready = hosts.alice.poll(client).value();
  EXPECT_TRUE(ready.writable && !ready.hang_up && !ready.readable);
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, server).error(), Errno::eisconn);
  EXPECT_EQ(read_text(hosts.alice, hosts.now, client), "EAGAIN");
  EXPECT_EQ(hosts.alice.remote_endpoint(client).value_or(Endpoint{}), server);
  EXPECT_EQ(hosts.alice.write(hosts.now, client, octets_of("hello")).value_or(0), 5u);
  hosts.run_for(1ms);
  const auto accepted = hosts.bob.accept(hosts.now, listener);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, *accepted), "hello");
}

TEST_F(FastOpen, WithoutACookieConnectAsksForOne) {
  const Descriptor client = stream();
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::tcp_fastopen_connect, 1));
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, server).error(), Errno::einprogress);
  hosts.run_for(50ms);
  const Descriptor second = stream();
  EXPECT_EQ(send(second, "hello").value_or(0), 5u);
}

TEST_F(FastOpen, ASecondOneOnTheSameSocketHasToWait) {
  const Descriptor client = stream();
  EXPECT_EQ(send(client, "x").error(), Errno::einprogress);
  EXPECT_EQ(send(client, "x").error(), Errno::ealready);
  hosts.run_for(50ms);
  // A connection that stands takes the data as ever.
  EXPECT_EQ(send(client, "x").value_or(0), 1u);
}

TEST_F(FastOpen, NeedsADestination) {
  const Descriptor client = stream();
  EXPECT_EQ(hosts.alice.write(hosts.now, client, octets_of("x"), {.fast_open = true}).error(),
            Errno::edestaddrreq);
}

TEST_F(FastOpen, OptionsKeepTheirValues) {
  EXPECT_EQ(hosts.bob.get_option(hosts.now, listener, SocketOption::tcp_fastopen).value_or(0), 5);
  EXPECT_EQ(hosts.bob.set_option(hosts.now, listener, SocketOption::tcp_fastopen, -1).error(),
            Errno::einval);
  const Descriptor client = stream();
  EXPECT_EQ(
      hosts.alice.set_option(hosts.now, client, SocketOption::tcp_fastopen_connect, 2).error(),
      Errno::einval);
  EXPECT_EQ(
      hosts.bob.set_option(hosts.now, listener, SocketOption::tcp_fastopen_connect, 1).error(),
      Errno::einval);
}

TEST_F(FastOpen, DeferredAcceptWaitsForData) {
  ASSERT_TRUE(hosts.bob.set_option(hosts.now, listener, SocketOption::tcp_defer_accept, 5));
  const Descriptor client = stream();
  (void)hosts.alice.connect(hosts.now, client, server);
  hosts.run_for(50ms);
  EXPECT_FALSE(hosts.bob.poll(listener)->readable);
  ASSERT_TRUE(hosts.alice.write(hosts.now, client, octets_of("hello")));
  hosts.run_for(50ms);
  EXPECT_TRUE(hosts.bob.poll(listener)->readable);
}

}  // namespace
}  // namespace packetwright::iface
