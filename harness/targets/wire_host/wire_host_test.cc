// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/packet/dissect.hh"
#include "harness/packet/packet.hh"
#include "harness/targets/linux/namespaces.hh"
#include "harness/targets/linux/netlink.hh"
#include "harness/targets/wire_host/interface.hh"
#include "harness/targets/wire_host/wire_target.hh"
#include "stack/wire/address_text.hh"

// A host on a wire: the kernel's own stack in a namespace, at the other end of a pair of devices.
namespace packetwright::wire_host {
namespace {

using linux_stack::Netlink;
using linux_stack::NetlinkRequest;
using linux_stack::NetworkNamespace;
using linux_stack::UniqueFd;
using packet::Dissected;
using packet::Field;
using packet::Layer;
using packet::Proto;
using packet::Station;
using packet::Wide;
using targets::SentFrame;
using ::testing::HasSubstr;

IpAddress ip(const char* text) {
  return *wire::parse_address(text);
}

std::string problem_of(std::string_view name) {
  const auto opened = WireTarget::open(name);
  return opened ? "none" : opened.error();
}

// --- what needs no network

TEST(WireWords, AllOfThem) {
  const auto words = read_words("wire:eth0.7,192.0.2.7/26,peer=192.0.2.9,mac=02:00:00:00:00:09");
  ASSERT_TRUE(words.ok()) << words.error();
  EXPECT_EQ(words->interface, "eth0.7");
  EXPECT_EQ(words->host, ip("192.0.2.7"));
  EXPECT_EQ(words->length, 26);
  EXPECT_EQ(words->peer, ip("192.0.2.9"));
  EXPECT_EQ(wire::to_string(words->peer_mac), "02:00:00:00:00:09");
  EXPECT_EQ(read_words("wire:eth0,2001:db8::7")->host, ip("2001:db8::7"));
}

TEST(WireWords, WhatMakesNoSenseIsNamed) {
  const auto said = [](std::string_view name) { return read_words(name).error(); };
  for (const char* const name : {"wire", "wire:", "wire:eth0", "wire:eth0,", "wire:,192.0.2.7"}) {
    EXPECT_THAT(said(name), HasSubstr("--target wire:IFACE,ADDRESS")) << name;
  }
  EXPECT_EQ(said("wire:eth0,192.0.2"), "\"192.0.2\" is no address");
  EXPECT_EQ(said("wire:eth0,192.0.2.7/33"), "\"192.0.2.7/33\" is no address with a length");
  EXPECT_THAT(said("wire:eth0,224.0.0.1"), HasSubstr("one host"));
  EXPECT_THAT(said("wire:eth0,192.0.2.7,peer=::1"), HasSubstr("peer=::1"));
  EXPECT_THAT(said("wire:eth0,192.0.2.7,peer=192.0.2.7"), HasSubstr("cannot be a neighbour"));
  EXPECT_THAT(said("wire:eth0,192.0.2.7,mac=ff:ff:ff:ff:ff:ff"), HasSubstr("mac="));
  EXPECT_THAT(said("wire:eth0,192.0.2.7,port=9"), HasSubstr("\"port=9\" is not known"));
}

const Station kHost4{{{2, 0, 0, 0, 0, 7}}, IpAddress::v4(192, 0, 2, 7)};
const Station kPeer4{kPeerMac, IpAddress::v4(192, 0, 2, 254)};

// A packet from one address to another, in frames of the host.
Dissected from_host(const char* src, const char* dst, const MacAddress& to) {
  packet::Packet out;
  out.layers.push_back(Layer(Proto::ethernet)
                           .set(Field::ethernet_src, Wide{kHost4.mac})
                           .set(Field::ethernet_dst, Wide{to}));
  out.layers.push_back(
      Layer(Proto::ipv4).set(Field::ipv4_src, Wide{ip(src)}).set(Field::ipv4_dst, Wide{ip(dst)}));
  out.layers.push_back(Layer(Proto::icmpv4).set(Field::icmpv4_type, 8));
  return packet::dissect(packet::build(out), true);
}

TEST(WireHearing, OnlyWhatIsForThePeerOrForWhomItSpokeAs) {
  Hearing hearing{kHost4, kPeer4};
  const MacAddress router{{2, 0, 0, 0, 0, 1}};
  EXPECT_TRUE(hearing.concerns(from_host("192.0.2.7", "192.0.2.254", kPeerMac)));
  EXPECT_TRUE(hearing.concerns(from_host("192.0.2.7", "192.0.2.254", router)));
  EXPECT_FALSE(hearing.concerns(from_host("192.0.2.7", "192.0.2.3", router)));
  EXPECT_FALSE(hearing.concerns(from_host("192.0.2.7", "224.0.0.251", {{1, 0, 0x5e, 0, 0, 0xfb}})));
  const auto asks_for = [](const char* whom) {
    return packet::dissect(packet::who_has(ip(whom), kHost4), true);
  };
  EXPECT_TRUE(hearing.concerns(asks_for("192.0.2.254")));
  EXPECT_FALSE(hearing.concerns(asks_for("192.0.2.3")));
  hearing.note_sent(from_host("240.0.0.1", "192.0.2.7", kHost4.mac));
  EXPECT_TRUE(hearing.concerns(from_host("192.0.2.7", "240.0.0.1", router)));
  hearing.begin();
  EXPECT_FALSE(hearing.concerns(from_host("192.0.2.7", "240.0.0.1", router)));
}

// --- a network of two namespaces

constexpr char kHere[] = "hw0", kThere[] = "eth0", kDown[] = "hw1";
constexpr char kName4[] = "wire:hw0,192.0.2.1/24", kName6[] = "wire:hw0,2001:db8:2::1/64";

void bring_up(Netlink& route, const char* device) {
  ifinfomsg message{};
  message.ifi_index = static_cast<int>(if_nametoindex(device));
  message.ifi_flags = message.ifi_change = IFF_UP;
  NetlinkRequest request{RTM_NEWLINK, NLM_F_ACK};
  ASSERT_TRUE(route.change(std::move(request.fixed(message))).ok());
}

void add_address(Netlink& route, const char* device, const char* prefix) {
  const Prefix added = *wire::parse_prefix(prefix);
  ifaddrmsg message{};
  message.ifa_family = added.address.is_v4() ? AF_INET : AF_INET6;
  message.ifa_prefixlen = added.length;
  message.ifa_flags = added.address.is_v6() ? IFA_F_NODAD : 0;
  message.ifa_index = if_nametoindex(device);
  NetlinkRequest request{RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE};
  request.fixed(message).attribute(IFA_LOCAL, added.address).attribute(IFA_ADDRESS, added.address);
  ASSERT_TRUE(route.change(std::move(request)).ok());
}

// The device and its other end, which is in the namespace `there`.
bool make_pair(Netlink& route, const char* here, const char* name_there, int there) {
  NetlinkRequest request{RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL};
  request.fixed(ifinfomsg{})
      .attribute(IFLA_IFNAME, std::string_view{here})
      .nest(IFLA_LINKINFO, [&](NetlinkRequest& info) {
        info.attribute(IFLA_INFO_KIND, std::string_view{"veth"});
        info.nest(IFLA_INFO_DATA, [&](NetlinkRequest& data) {
          data.nest(VETH_INFO_PEER, [&](NetlinkRequest& peer) {
            peer.fixed(ifinfomsg{})
                .attribute(IFLA_IFNAME, std::string_view{name_there})
                .attribute(IFLA_NET_NS_FD, static_cast<std::uint32_t>(there));
          });
        });
      });
  return route.change(std::move(request)).ok();
}

// Asks until it is so; ten seconds at most.
bool eventually(const std::function<bool()>& is_so) {
  for (int i = 0; i < 10'000; ++i) {
    if (is_so()) return true;
    poll(nullptr, 0, 1);
  }
  return false;
}

struct Network {
  std::optional<NetworkNamespace> there, here;
  std::string missing;  // why there is none
};

// The process stays in `here`.
void build(Network& network) {
  auto there = NetworkNamespace::create();
  if (!there) {
    network.missing = there.error();
    return;
  }
  const UniqueFd handle{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
  auto here = NetworkNamespace::create();
  auto route_here = Netlink::open(NETLINK_ROUTE);
  if (!here || !route_here || !make_pair(*route_here, kHere, kThere, handle.get()) ||
      !make_pair(*route_here, kDown, "eth1", handle.get())) {
    network.missing = "no pair of devices can be made";
    return;
  }
  network.there.emplace(std::move(*there));
  network.here.emplace(std::move(*here));
  network.there->enter();
  auto route_there = Netlink::open(NETLINK_ROUTE);
  ASSERT_TRUE(route_there.ok());
  bring_up(*route_there, kThere);
  add_address(*route_there, kThere, "192.0.2.1/24");
  add_address(*route_there, kThere, "192.0.2.2/24");
  add_address(*route_there, kThere, "2001:db8:2::1/64");
  network.here->enter();
  bring_up(*route_here, kHere);
  bring_up(*route_here, "lo");
  add_address(*route_here, kHere, "192.0.2.200/24");
  // The devices work, and have said what they say when they come up.
  EXPECT_TRUE(eventually([] { return find_interface(kHere).ok(); }));
}

class WireHost : public ::testing::Test {
 protected:
  static Network& network() {
    static Network one = [] {
      Network made;
      build(made);
      return made;
    }();
    return one;
  }
  void SetUp() override {
    if (!network().missing.empty()) GTEST_SKIP() << network().missing;
    network().here->enter();
  }
};

std::unique_ptr<WireTarget> opened(std::string_view name) {
  auto target = WireTarget::open(name);
  EXPECT_TRUE(target.ok()) << target.error();
  return target ? std::move(*target) : nullptr;
}

targets::Config config_of(const WireTarget& target) {
  return target.given();
}

packet::Packet to_host(const targets::Config& config, bool v4) {
  packet::Packet out;
  out.layers.push_back(Layer(Proto::ethernet)
                           .set(Field::ethernet_dst, Wide{config.local_mac})
                           .set(Field::ethernet_src, Wide{config.peer_mac}));
  Layer header(v4 ? Proto::ipv4 : Proto::ipv6);
  header.set(v4 ? Field::ipv4_src : Field::ipv6_src, Wide{v4 ? config.peer4 : config.peer6});
  header.set(v4 ? Field::ipv4_dst : Field::ipv6_dst,
             Wide{v4 ? config.local4.address : config.local6.address});
  out.layers.push_back(std::move(header));
  return out;
}

Buffer echo_request(const targets::Config& config, bool v4) {
  packet::Packet out = to_host(config, v4);
  out.layers.push_back(Layer(v4 ? Proto::icmpv4 : Proto::icmpv6)
                           .set(v4 ? Field::icmpv4_type : Field::icmpv6_type, v4 ? 8 : 128));
  out.payload_size = 8;
  return packet::build(out);
}

Buffer segment(const targets::Config& config, std::uint16_t port, std::uint64_t flags,
               std::uint64_t seq, std::uint64_t ack) {
  packet::Packet out = to_host(config, true);
  out.layers.push_back(Layer(Proto::tcp)
                           .set(Field::tcp_src_port, 49152)
                           .set(Field::tcp_dst_port, port)
                           .set(Field::tcp_flags, flags)
                           .set(Field::tcp_seq, seq)
                           .set(Field::tcp_ack, ack)
                           .set(Field::tcp_win, 1000));
  return packet::build(out);
}

// The first frame that comes within ten seconds; nothing: empty.
std::vector<SentFrame> first_heard(WireTarget& target) {
  std::vector<SentFrame> heard;
  const Instant until = target.now() + 10s;
  while (heard.empty() && target.now() < until) {
    target.advance_to(until, true);
    target.drain(heard);
  }
  return heard;
}

TEST_F(WireHost, AnswersEchoesOfThePeerInBothFamilies) {
  for (const bool v4 : {true, false}) {
    const auto target = opened(v4 ? kName4 : kName6);
    ASSERT_NE(target, nullptr);
    EXPECT_TRUE(target->traits().has(v4 ? "arp" : "ndp"));
    const targets::Config config = config_of(*target);
    ASSERT_TRUE(target->reset(config).ok());
    target->inject(echo_request(config, v4));
    const std::vector<SentFrame> heard = first_heard(*target);
    ASSERT_EQ(heard.size(), 1u);
    const Dissected reply = packet::dissect(heard[0].octets, true);
    EXPECT_EQ(reply.get(Field::ethernet_src), Wide{config.local_mac});
    EXPECT_EQ(reply.u32(v4 ? Field::icmpv4_type : Field::icmpv6_type), v4 ? 0u : 129u);
    EXPECT_GE(heard[0].at, Instant{} - 1s);
    EXPECT_LE(heard[0].at, target->now());
  }
}

// This machine's own stack has an address on the same interface and sees all frames for the peer.
TEST_F(WireHost, TheLocalStackDoesNotInterfereWithAHandshake) {
  network().there->enter();
  const UniqueFd listener{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(::listen(listener.get(), 1), 0);  // at a port of the kernel's choice
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  network().here->enter();

  constexpr std::uint64_t kSyn = 2, kAck = 16;
  const auto target = opened(kName4);
  ASSERT_NE(target, nullptr);
  const targets::Config config = config_of(*target);
  ASSERT_TRUE(target->reset(config).ok());
  target->inject(segment(config, port, kSyn, 1000, 0));
  const std::vector<SentFrame> heard = first_heard(*target);
  ASSERT_EQ(heard.size(), 1u);
  const Dissected answer = packet::dissect(heard[0].octets, true);
  EXPECT_EQ(answer.u32(Field::tcp_flags), kSyn | kAck);
  // The stack at the other end left it to its device, which left it to us.
  EXPECT_TRUE(answer.bad_checksums().empty());
  target->inject(segment(config, port, kAck, 1001, answer.u32(Field::tcp_seq) + 1));
  UniqueFd accepted;
  EXPECT_TRUE(eventually([&] {
    accepted = UniqueFd{accept(listener.get(), nullptr, nullptr)};
    return bool{accepted};
  }));
}

TEST_F(WireHost, WhatTheHostSaysToOthersIsNotHeard) {
  const auto target = opened(kName4);
  ASSERT_NE(target, nullptr);
  const targets::Config config = config_of(*target);
  ASSERT_TRUE(target->reset(config).ok());
  network().there->enter();
  const UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  network().here->enter();
  sockaddr_in other{};
  other.sin_family = AF_INET;
  other.sin_port = htons(9);
  other.sin_addr.s_addr = htonl(ip("192.0.2.200").v4_value());
  ASSERT_EQ(sendto(socket.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&other), sizeof other), 1);
  target->inject(echo_request(config, true));
  const std::vector<SentFrame> heard = first_heard(*target);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_TRUE(packet::dissect(heard[0].octets, true).has(Proto::icmpv4));
}

TEST_F(WireHost, ThePeerIsNobodyElse) {
  const auto target = opened(kName4);
  ASSERT_NE(target, nullptr);
  const IpAddress peer = config_of(*target).peer4;
  EXPECT_EQ(peer, ip("192.0.2.254"));
  // The next run takes the next address, unless it wants that one.
  const auto second = opened(kName4);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(config_of(*second).peer4, ip("192.0.2.253"));
  EXPECT_EQ(problem_of("wire:hw0,192.0.2.1,peer=192.0.2.254"),
            "somebody on hw0 has peer=192.0.2.254 already");
  EXPECT_EQ(problem_of("wire:hw0,192.0.2.1,peer=192.0.2.2"),
            "somebody on hw0 has peer=192.0.2.2 already");
  EXPECT_EQ(problem_of("wire:hw0,192.0.2.1,peer=198.51.100.2"),
            "peer=198.51.100.2 is not on the network of the host, 192.0.2.1/24");
}

TEST_F(WireHost, KeepsItsAddressesAndTakesNoSettings) {
  const auto target = opened(kName4);
  ASSERT_NE(target, nullptr);
  targets::Config other = config_of(*target);
  other.peer4 = ip("192.0.2.9");
  auto done = target->reset(other);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().unsupported);
  targets::Config with_knob = config_of(*target);
  with_knob.knobs["tcp_sack"] = "0";
  done = target->reset(with_knob);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().unsupported);
  EXPECT_EQ(done.error().reason, "a host on a wire takes no settings: tcp_sack");
  EXPECT_EQ(
      target->socket(targets::Domain::inet, targets::SocketType::datagram, targets::Protocol::udp)
          .error(),
      ENOTSUP);
}

TEST_F(WireHost, WhatIsMissingIsSaid) {
  EXPECT_EQ(problem_of("wire:nothing0,192.0.2.1"),
            "there is no interface nothing0 (ip link lists them)");
  EXPECT_EQ(problem_of("wire:hw1,192.0.2.1"), "interface hw1 is down (ip link set hw1 up)");
  EXPECT_EQ(problem_of("wire:lo,192.0.2.1"), "interface lo is no Ethernet");
  EXPECT_THAT(problem_of("wire:hw0,192.0.2.200"), HasSubstr("this machine's own address on hw0"));
  EXPECT_EQ(problem_of("wire:hw0,192.0.2.77,peer=192.0.2.66"),
            "192.0.2.77 does not answer on hw0 (3 ARP requests from 192.0.2.66)");
}

// A user namespace of its own has no rights in this network.
TEST_F(WireHost, MissingRightsAreNamed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string said = unshare(CLONE_NEWUSER) == 0 ? problem_of(kName4) : "cannot hinder";
    _exit(write(ends[1], said.data(), said.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::array<char, 512> text{};
  const ssize_t got = read(ends[0], text.data(), text.size() - 1);
  ::close(ends[0]);
  waitpid(child, nullptr, 0);
  const std::string said(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (said == "cannot hinder") GTEST_SKIP() << "no user namespace within this one";
  EXPECT_THAT(said, HasSubstr("a packet socket cannot be made"));
  EXPECT_THAT(said, HasSubstr("CAP_NET_RAW"));
}

}  // namespace
}  // namespace packetwright::wire_host
