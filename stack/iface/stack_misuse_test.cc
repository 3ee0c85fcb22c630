// SPDX-License-Identifier: Apache-2.0
// Every call on a socket in every state: each has an answer, and none of them is an assertion.
#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

template <class T>
std::string word_of(const SocketResult<T>& result) {
  return result ? "ok" : std::string{name_of(result.error())};
}

// A socket of alice in some state, with bob where it takes two.
struct Subject {
  TwoHosts hosts;
  Descriptor fd = -1;

  [[nodiscard]] Stack& stack() { return hosts.alice; }
  [[nodiscard]] Instant now() const { return hosts.now; }
};

using Make = std::function<void(Subject&)>;

void make_stream(Subject& s) {
  s.fd = s.stack().socket(Domain::inet, SocketType::stream).value();
}
void make_bound(Subject& s) {
  make_stream(s);
  ASSERT_TRUE(s.stack().bind(s.fd, {kAlice4, 7'000}));
}
void make_listening(Subject& s) {
  make_bound(s);
  ASSERT_TRUE(s.stack().listen(s.fd, 1));
}
void make_connecting(Subject& s) {
  make_stream(s);
  EXPECT_EQ(s.stack().connect(s.now(), s.fd, {kBob4, 80}).error(), Errno::einprogress);
}
void make_connected(Subject& s) {
  s.fd = connect(s.hosts).client;
  EXPECT_EQ(s.stack().get_option(s.now(), s.fd, SocketOption::so_error).value_or(1), 0);
}
void make_shut(Subject& s) {
  make_connected(s);
  ASSERT_TRUE(s.stack().shutdown(s.now(), s.fd, ShutdownHow::both));
}
void make_peer_closed(Subject& s) {
  const ConnectedPair pair = connect(s.hosts);
  s.fd = pair.client;
  EXPECT_EQ(s.stack().get_option(s.now(), s.fd, SocketOption::so_error).value_or(1), 0);
  ASSERT_TRUE(s.hosts.bob.shutdown(s.now(), pair.server, ShutdownHow::write));
  s.hosts.run_for(50ms);
}
void make_reset(Subject& s) {
  const ConnectedPair pair = connect(s.hosts);
  s.fd = pair.client;
  ASSERT_TRUE(s.hosts.bob.abort(s.now(), pair.server));
  s.hosts.run_for(50ms);
}
void make_refused(Subject& s) {
  make_connecting(s);
  s.hosts.run_for(50ms);
}
void make_deferred(Subject& s) {
  make_connected(s);  // which warms the neighbour cache; the cookie comes from a Fast Open
  const Descriptor server = s.hosts.bob.socket(Domain::inet, SocketType::stream).value();
  ASSERT_TRUE(s.hosts.bob.bind(server, {IpAddress{}, 81}));
  ASSERT_TRUE(s.hosts.bob.set_option(s.now(), server, SocketOption::tcp_fastopen, 5));
  ASSERT_TRUE(s.hosts.bob.listen(server, 5));
  const Descriptor first = s.stack().socket(Domain::inet, SocketType::stream).value();
  const Endpoint to{kBob4, 81};
  (void)s.stack().write(s.now(), first, {}, {.fast_open = true}, &to);
  s.hosts.run_for(50ms);
  make_stream(s);
  ASSERT_TRUE(s.stack().set_option(s.now(), s.fd, SocketOption::tcp_fastopen_connect, 1));
  ASSERT_TRUE(s.stack().connect(s.now(), s.fd, to));
}
void make_datagram(Subject& s) {
  s.fd = s.stack().socket(Domain::inet, SocketType::datagram).value();
}
void make_connected_datagram(Subject& s) {
  make_datagram(s);
  ASSERT_TRUE(s.stack().connect(s.now(), s.fd, {kBob4, 9}));
}
void make_shut_datagram(Subject& s) {
  make_connected_datagram(s);
  ASSERT_TRUE(s.stack().shutdown(s.now(), s.fd, ShutdownHow::both));
}
void make_ping(Subject& s) {
  s.fd = s.stack().socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
}
void make_nothing(Subject& s) {
  s.fd = 99;
}

const std::map<std::string, Make> kStates = {
    {"unopened", make_nothing},
    {"stream", make_stream},
    {"bound", make_bound},
    {"listening", make_listening},
    {"connecting", make_connecting},
    {"connected", make_connected},
    {"shut", make_shut},
    {"peer closed", make_peer_closed},
    {"reset", make_reset},
    {"refused", make_refused},
    {"deferred", make_deferred},
    {"datagram", make_datagram},
    {"udp connected", make_connected_datagram},
    {"udp shut", make_shut_datagram},
    {"ping", make_ping},
};

// What a call says to the socket; each is made on a socket of its own.
using Call = std::function<std::string(Subject&)>;

const std::vector<std::pair<std::string, Call>> kCalls = {
    {"bind", [](Subject& s) { return word_of(s.stack().bind(s.fd, {kAlice4, 7'001})); }},
    {"listen", [](Subject& s) { return word_of(s.stack().listen(s.fd, 1)); }},
    {"accept", [](Subject& s) { return word_of(s.stack().accept(s.now(), s.fd)); }},
    {"connect", [](Subject& s) { return word_of(s.stack().connect(s.now(), s.fd, {kBob4, 82})); }},
    {"read", [](Subject& s) { return word_of(s.stack().read(s.now(), s.fd, 10)); }},
    {"write",
     [](Subject& s) { return word_of(s.stack().write(s.now(), s.fd, octets_of("12345678"))); }},
    {"shutdown",
     [](Subject& s) { return word_of(s.stack().shutdown(s.now(), s.fd, ShutdownHow::write)); }},
    {"peer", [](Subject& s) { return word_of(s.stack().remote_endpoint(s.fd)); }},
    {"mark", [](Subject& s) { return word_of(s.stack().at_mark(s.fd)); }},
    {"error queue", [](Subject& s) { return word_of(s.stack().read_error(s.fd)); }},
};

TEST(SocketMisuse, EveryCallInEveryStateHasItsErrno) {
  std::string table;
  for (const auto& [state, make] : kStates) {
    table += state + ":";
    for (const auto& [name, call] : kCalls) {
      Subject subject;
      make(subject);
      table += " " + call(subject);
      subject.hosts.run_for(1s);
    }
    table += "\n";
  }
  // bind, listen, accept, connect, read, write, shutdown, remote_endpoint, at_mark, read_error.
  EXPECT_EQ(
      table,
      "bound: EINVAL ok EINVAL EINPROGRESS ENOTCONN ENOTCONN ENOTCONN ENOTCONN ENOTCONN EAGAIN\n"
      "connected: EINVAL EINVAL EINVAL EISCONN EAGAIN ok ok ok ok EAGAIN\n"
      "connecting: EINVAL EINVAL EINVAL EALREADY EAGAIN EAGAIN ok ok ok EAGAIN\n"
      "datagram: ok EOPNOTSUPP EOPNOTSUPP ok EAGAIN EDESTADDRREQ ENOTCONN ENOTCONN "
      "EOPNOTSUPP EAGAIN\n"
      "deferred: EINVAL EINVAL EINVAL EISCONN EAGAIN ok ENOTCONN ok ENOTCONN EAGAIN\n"
      "listening: EINVAL ok EAGAIN EOPNOTSUPP ENOTCONN EPIPE ok ENOTCONN ENOTCONN EAGAIN\n"
      "peer closed: EINVAL EINVAL EINVAL EISCONN ok ok ok ok ok EAGAIN\n"
      "ping: ok EOPNOTSUPP EOPNOTSUPP ok EAGAIN EDESTADDRREQ ENOTCONN ENOTCONN "
      "EOPNOTSUPP EAGAIN\n"
      "refused: EINVAL EINVAL EINVAL ECONNREFUSED ECONNREFUSED ECONNREFUSED ENOTCONN ok ok EAGAIN\n"
      "reset: EINVAL EINVAL EINVAL ECONNRESET ECONNRESET ECONNRESET ENOTCONN ok ok EAGAIN\n"
      "shut: EINVAL EINVAL EINVAL EISCONN ok EPIPE ok ok ok EAGAIN\n"
      "stream: ok ok EINVAL EINPROGRESS ENOTCONN ENOTCONN ENOTCONN ENOTCONN ENOTCONN EAGAIN\n"
      "udp connected: EINVAL EOPNOTSUPP EOPNOTSUPP ok EAGAIN ok ok ok EOPNOTSUPP EAGAIN\n"
      "udp shut: EINVAL EOPNOTSUPP EOPNOTSUPP ok ok EPIPE ok ok EOPNOTSUPP EAGAIN\n"
      "unopened: EBADF EBADF EBADF EBADF EBADF EBADF EBADF EBADF EBADF EBADF\n");
}

// Endpoints, sizes, flags and values that nobody should give, one after the other to one socket.
TEST(SocketMisuse, NoArgumentInAnyStateIsWorseThanAnErrno) {
  const Endpoint kEndpoints[] = {
      {},
      {IpAddress{}, 80},
      {kBob4, 0},
      {kBob6, 80},
      {IpAddress::v4(255, 255, 255, 255), 80},
      {IpAddress::v4(10, 0, 0, 255), 80},
      {IpAddress::v4(224, 0, 0, 1), 80},
      {IpAddress::v4(127, 0, 0, 1), 80},
      {IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 2}), 80},
      {kAlice4, 65'535},
      {kBob4, 80},
  };
  const std::int64_t kValues[] = {std::numeric_limits<std::int64_t>::min(),
                                  -2,
                                  -1,
                                  0,
                                  1,
                                  2,
                                  47,
                                  255,
                                  256,
                                  65'536,
                                  std::int64_t{1} << 31,
                                  std::numeric_limits<std::int64_t>::max()};
  const Buffer huge(70'000);
  for (const auto& [state, make] : kStates) {
    for (const Domain domain : {Domain::inet, Domain::inet6}) {
      Subject s;
      make(s);
      if (domain == Domain::inet6 && s.fd != 99) {
        s.fd = s.stack().socket(domain, SocketType::stream).value();
      }
      Stack& stack = s.stack();
      for (int option = 0; option <= static_cast<int>(SocketOption::tcp_fastopen_connect);
           ++option) {
        for (const std::int64_t value : kValues) {
          (void)stack.set_option(s.now(), s.fd, static_cast<SocketOption>(option), value);
        }
        (void)stack.get_option(s.now(), s.fd, static_cast<SocketOption>(option));
      }
      for (const Endpoint& endpoint : kEndpoints) {
        (void)stack.bind(s.fd, endpoint);
        (void)stack.connect(s.now(), s.fd, endpoint);
        for (int flags = 0; flags < 8; ++flags) {
          const WriteFlags how{(flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0};
          (void)stack.write(s.now(), s.fd, {}, how, &endpoint);
          (void)stack.write(s.now(), s.fd, huge, how, &endpoint);
          (void)stack.write(s.now(), s.fd, huge, how);
        }
        s.hosts.run_for(10ms);
      }
      for (int flags = 0; flags < 4; ++flags) {
        const ReadFlags how{(flags & 1) != 0, (flags & 2) != 0};
        (void)stack.read(s.now(), s.fd, 0, how);
        (void)stack.read(s.now(), s.fd, std::numeric_limits<std::size_t>::max(), how);
      }
      for (const int backlog :
           {std::numeric_limits<int>::min(), -1, 0, 1, std::numeric_limits<int>::max()}) {
        (void)stack.listen(s.fd, backlog);
        (void)stack.accept(s.now(), s.fd);
      }
      (void)stack.set_isn(s.fd, 7);
      (void)stack.set_ip_options(s.fd, huge);
      (void)stack.poll(s.fd);
      (void)stack.read_error(s.fd);
      (void)stack.tcp_status(s.fd);
      (void)stack.netstat(s.now());
      for (const ShutdownHow how : {ShutdownHow::read, ShutdownHow::write, ShutdownHow::both}) {
        (void)stack.shutdown(s.now(), s.fd, how);
      }
      s.hosts.run_for(1s);
      EXPECT_EQ(stack.close(s.now(), s.fd).ok(), state != "unopened") << state;
      EXPECT_EQ(word_of(stack.close(s.now(), s.fd)), "EBADF") << state;
      EXPECT_EQ(word_of(stack.abort(s.now(), s.fd)), "EBADF") << state;
      s.hosts.run_for(1s);
    }
  }
}

}  // namespace
}  // namespace packetwright::iface
