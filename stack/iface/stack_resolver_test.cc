// SPDX-License-Identifier: Apache-2.0
// Alice looks names up; Bob is a DNS server made of sockets, over UDP and TCP.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "stack/iface/test_hosts.hh"
#include "stack/wire/dns.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

constexpr std::uint16_t kPort = 53;
constexpr int kLargeAnswer = 200;  // addresses: some 4 kB, which do not fit into any UDP response

class StackResolver : public testing::Test {
 protected:
  StackResolver() : hosts(alice_with_large_answers(), bob_config()) {
    hosts.alice.set_dns_servers({{kBob4, kPort}});
    udp_ = hosts.bob.socket(Domain::inet, SocketType::datagram).value();
    EXPECT_TRUE(hosts.bob.bind(udp_, {IpAddress{}, kPort}));
    listener_ = hosts.bob.socket(Domain::inet, SocketType::stream).value();
    EXPECT_TRUE(hosts.bob.bind(listener_, {IpAddress{}, kPort}));
  }

  static StackConfig alice_with_large_answers() {
    StackConfig config = alice_config();
    config.dns.max_results = kLargeAnswer;
    return config;
  }

  void listen() { EXPECT_TRUE(hosts.bob.listen(listener_, 5)); }

  // The question comes back with `count` addresses behind it, or truncated.
  static Buffer answer_to(Bytes question, int count, bool truncated) {
    const auto view = wire::DnsView::parse(question);
    EXPECT_TRUE(view);
    wire::DnsHeader header = view->header();
    header.qr = header.ra = true;
    header.tc = truncated;
    Buffer out(16'384);
    wire::DnsWriter writer{out, header, wire::DnsCompression::on};
    wire::DnsWalk walk{*view};
    const wire::DnsQuestion asked = walk.next_question()->value();
    writer.question(asked);
    for (int i = 0; i < count; ++i) {
      writer.address(wire::DnsSection::answer, asked.name, 60,
                     IpAddress::v4(192, 0, 2, static_cast<std::uint8_t>(i)));
    }
    EXPECT_FALSE(writer.overflowed());
    out.resize(writer.written().size());
    return out;
  }

  // Bob answers what has come: over UDP that it is too large, over TCP whole. Runs until the
  // result is there, or `limit` has passed.
  std::optional<Result<dns::Answer, dns::DnsError>> serve(dns::QueryId query,
                                                          Duration limit = 60s) {
    for (const Instant end = hosts.now + limit; hosts.now < end; hosts.run_for(10ms)) {
      if (auto result = hosts.alice.take_resolved(hosts.now, query)) return result;
      while (const auto question = hosts.bob.read(hosts.now, udp_, 65'535)) {
        ++over_udp;
        const Buffer answer = answer_to(question->octets, 0, true);
        (void)hosts.bob.write(hosts.now, udp_, answer, {}, &*question->from);
      }
      if (const auto accepted = hosts.bob.accept(hosts.now, listener_)) {
        connections.push_back(*accepted);
        received_.clear();
      }
      if (!connections.empty()) serve_stream(connections.back());
    }
    return std::nullopt;
  }

  void serve_stream(Descriptor stream) {
    const auto read = hosts.bob.read(hosts.now, stream, 65'535);
    if (!read) return;
    if (read->octets.empty()) ended = true;
    received_.insert(received_.end(), read->octets.begin(), read->octets.end());
    while (received_.size() >= 2 && received_.size() >= 2u + load_be16(received_, 0)) {
      const std::size_t size = load_be16(received_, 0);
      ++over_tcp;
      const Buffer answer = answer_to(Bytes{received_}.subspan(2, size), kLargeAnswer, false);
      received_.erase(received_.begin(), received_.begin() + 2 + static_cast<std::ptrdiff_t>(size));
      if (hang_up) {
        (void)hosts.bob.close(hosts.now, stream);
        connections.pop_back();
        return;
      }
      Buffer framed(2);
      store_be16(framed, 0, static_cast<std::uint16_t>(answer.size()));
      framed.insert(framed.end(), answer.begin(), answer.end());
      (void)hosts.bob.write(hosts.now, stream, framed);
    }
  }

  dns::QueryId resolve(std::string_view name) {
    return hosts.alice.resolve(hosts.now, name, Family::ipv4).value();
  }

  TwoHosts hosts;
  int over_udp = 0, over_tcp = 0;
  bool hang_up = false;  // Bob closes instead of answering
  bool ended = false;    // Bob saw the end of a stream
  std::vector<Descriptor> connections;

 private:
  Descriptor udp_ = -1, listener_ = -1;
  Buffer received_;
};

//= RFC7766-5-a
//= RFC7766-8-a
TEST_F(StackResolver, AnAnswerThatIsTooLargeForUdpComesOverTcp) {
  listen();
  const auto result = serve(resolve("www.example"));
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->addresses.size(), std::size_t{kLargeAnswer});
  EXPECT_EQ((*result)->addresses[7], IpAddress::v4(192, 0, 2, 7));
  EXPECT_EQ(over_udp, 1);
  EXPECT_EQ(over_tcp, 1);
}

//= RFC7766-5-b
//= RFC7766-6.2.2-a
//= RFC7766-6.2.3-a
TEST_F(StackResolver, TheConnectionServesTheNextQuestionAndEndsWhenItIsIdle) {
  listen();
  EXPECT_TRUE(serve(resolve("a.example")));
  EXPECT_TRUE(serve(resolve("b.example")));
  EXPECT_EQ(connections.size(), 1u);
  EXPECT_EQ(over_tcp, 2);
  hosts.run_for(11s);
  serve_stream(connections.back());
  EXPECT_TRUE(ended);
  (void)hosts.bob.close(hosts.now, connections.back());
  hosts.run_for(120s);
  EXPECT_EQ(hosts.alice.network().tcp().connection_count(), 0u);
  EXPECT_EQ(hosts.alice.next_deadline(), std::nullopt);
}

TEST_F(StackResolver, AServerWithoutTcpMakesItASoftError) {
  const auto result = serve(resolve("www.example"));  // nobody listens
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error(), dns::DnsError::truncated);
  EXPECT_EQ(hosts.alice.network().tcp().connection_count(), 0u);
}

//= RFC7766-6.2.4-a
TEST_F(StackResolver, AServerThatHangsUpIsAskedOnceMore) {
  listen();
  hang_up = true;
  const auto result = serve(resolve("www.example"));
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error(), dns::DnsError::truncated);
  EXPECT_EQ(over_tcp, 2);
}

TEST_F(StackResolver, AServerThatIsSilentOverTcpIsGivenUp) {
  listen();
  hosts.lose = [](const auto& frame) {
    return frame.octets.size() > 23 && frame.octets[12] == 8 && frame.octets[23] == 6;
  };
  const auto result = serve(resolve("www.example"));
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error(), dns::DnsError::truncated);
}

TEST_F(StackResolver, ALookUpThatIsCancelledLeavesNothingBehind) {
  listen();
  const dns::QueryId query = resolve("www.example");
  (void)serve(query, 5ms);
  hosts.alice.cancel_resolve(query);
  hosts.run_for(300s);
  EXPECT_EQ(hosts.alice.take_resolved(hosts.now, query), std::nullopt);
  EXPECT_EQ(hosts.alice.network().resolver().query_count(), 0u);
}

// IPv6 would come first where nothing is known of the way; the policy table prefers IPv4 to
// addresses of a site of its own, and there is no way out of the link.
//= RFC6724-6-a
TEST(StackDestinations, AreInTheOrderInWhichTheyAreToBeTried) {
  StackConfig config = alice_config();
  const IpAddress far = IpAddress::v4(192, 0, 2, 9);
  const auto name = wire::DnsName::from_text("peer").value();
  for (const IpAddress& address : {far, kBob6, kBob4}) config.dns.hosts.add(address, {name});
  Stack stack{config};
  const Instant now{};
  const auto result = stack.take_resolved(now, stack.resolve(now, "peer", std::nullopt).value());
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->addresses, (std::vector{kBob4, kBob6, far}));
}

TEST(StackDestinations, ThisHostIsOneToo) {
  StackConfig config = alice_config();
  const IpAddress self = IpAddress::v4(127, 0, 0, 1);
  const auto name = wire::DnsName::from_text("peer").value();
  for (const IpAddress& address : {IpAddress::v4(192, 0, 2, 9), self}) {
    config.dns.hosts.add(address, {name});
  }
  Stack stack{config};
  const Instant now{};
  const auto result = stack.take_resolved(now, stack.resolve(now, "peer", std::nullopt).value());
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->addresses.front(), self);
}

TEST_F(StackResolver, AServerMayBeOnTheSameHost) {
  hosts.alice.set_dns_servers({{IpAddress::v4(127, 0, 0, 1), kPort}});
  Stack& host = hosts.alice;
  const Descriptor udp = host.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(host.bind(udp, {IpAddress{}, kPort}));
  const dns::QueryId query = resolve("www.example");
  const auto question = host.read(hosts.now, udp, 65'535);
  ASSERT_TRUE(question);
  const Buffer answer = answer_to(question->octets, 1, false);
  ASSERT_TRUE(host.write(hosts.now, udp, answer, {}, &*question->from));
  const auto result = host.take_resolved(hosts.now, query);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->addresses.size(), 1u);
}

}  // namespace
}  // namespace packetwright::iface
