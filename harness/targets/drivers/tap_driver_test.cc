// SPDX-License-Identifier: Apache-2.0
// The reference stack and the running kernel at the two ends of a TAP device, in a network
// namespace of this process.
#include "harness/targets/drivers/tap_driver.hh"

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/drivers/event_loop.hh"
#include "harness/targets/linux/namespaces.hh"

namespace packetwright::drivers {
namespace {

using iface::Descriptor;
using iface::Domain;
using iface::SocketType;
using linux_stack::NetworkNamespace;
using linux_stack::UniqueFd;
using ::testing::HasSubstr;
using Ended = EventLoop::Ended;

constexpr IpAddress kOurs = IpAddress::v4(192, 0, 2, 2);
constexpr IpAddress kKernels = IpAddress::v4(192, 0, 2, 1);
// Nothing here takes long; whoever waits in vain says so instead of hanging.
constexpr Duration kLimit = 20s;

iface::StackConfig config_for(const iface::Driver& driver) {
  iface::StackConfig config;
  config.mac = driver.mac();
  config.mtu = driver.mtu();
  config.addresses = {{kOurs, 24}};
  config.claim.probe = false;
  config.routers.solicit = false;
  config.autoconfiguration.link_local = false;
  return config;
}

class TapDriverTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = NetworkNamespace::create();
    if (!made) GTEST_SKIP() << made.error();
    space_.emplace(std::move(*made));
    auto opened = TapDriver::open("tap0");
    if (!opened) GTEST_SKIP() << opened.error();
    driver_ = std::move(*opened);
    stack_.emplace(config_for(*driver_));
    loop_ = std::make_unique<EventLoop>(*stack_, *driver_);
  }

  // Gives the kernel's end its address, which brings it up.
  static void address_kernel() {
    const UniqueFd control{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq request = tap0();
    const sockaddr_in address = kernel_endpoint(kKernels, 0);
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    ASSERT_EQ(ioctl(control.get(), SIOCSIFADDR, &request), 0);
    set_up(true);
  }
  static void set_up(bool up) {
    const UniqueFd control{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq request = tap0();
    ASSERT_EQ(ioctl(control.get(), SIOCGIFFLAGS, &request), 0);
    request.ifr_flags =
        static_cast<short>(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    ASSERT_EQ(ioctl(control.get(), SIOCSIFFLAGS, &request), 0);
  }
  static ifreq tap0() {
    ifreq request{};
    std::strncpy(request.ifr_name, "tap0", IFNAMSIZ - 1);
    return request;
  }
  static sockaddr_in kernel_endpoint(const IpAddress& address, std::uint16_t port) {
    sockaddr_in endpoint{};
    endpoint.sin_family = AF_INET;
    endpoint.sin_port = htons(port);
    endpoint.sin_addr.s_addr = htonl(address.v4_value());
    return endpoint;
  }

  std::optional<NetworkNamespace> space_;
  std::unique_ptr<TapDriver> driver_;
  std::optional<iface::Stack> stack_;
  std::unique_ptr<EventLoop> loop_;
};

TEST_F(TapDriverTest, DatagramsGoBothWays) {
  address_kernel();
  ASSERT_EQ(loop_->run_until([&] { return driver_->link_up(); }, kLimit), Ended::done);
  const UniqueFd kernel{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)};
  const sockaddr_in theirs = kernel_endpoint(kKernels, 7);
  ASSERT_EQ(::bind(kernel.get(), reinterpret_cast<const sockaddr*>(&theirs), sizeof theirs), 0);

  const Descriptor socket = stack_->socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(stack_->bind(socket, {kOurs, 9}));
  const Buffer question{'p', 'i', 'n', 'g'};
  const Endpoint there{kKernels, 7};
  ASSERT_TRUE(stack_->write(loop_->now(), socket, question, {}, &there));

  std::array<char, 64> text{};
  sockaddr_in from{};
  socklen_t size = sizeof from;
  ssize_t got = -1;
  ASSERT_EQ(loop_->run_until(
                [&] {
                  if (got < 0) {
                    got = ::recvfrom(kernel.get(), text.data(), text.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
                  }
                  // The loop does not know of this socket: look at it again in a while.
                  loop_->wake_at(loop_->now() + 1ms);
                  return got >= 0;
                },
                kLimit),
            Ended::done);
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(got)), "ping");
  EXPECT_EQ(ntohl(from.sin_addr.s_addr), kOurs.v4_value());

  ASSERT_EQ(::sendto(kernel.get(), "pong", 4, 0, reinterpret_cast<const sockaddr*>(&from), size),
            4);
  ASSERT_EQ(loop_->run_until([&] { return stack_->poll(socket)->readable; }, kLimit), Ended::done);
  const auto answer = stack_->read(loop_->now(), socket, 64).value();
  EXPECT_EQ(std::string(answer.octets.begin(), answer.octets.end()), "pong");
  EXPECT_EQ(answer.from, there);
}

TEST_F(TapDriverTest, TheLinkFollowsTheKernelsEnd) {
  EXPECT_FALSE(driver_->link_up());
  address_kernel();
  ASSERT_EQ(loop_->run_until([&] { return driver_->link_up(); }, kLimit), Ended::done);
  set_up(false);
  ASSERT_EQ(loop_->run_until([&] { return !driver_->link_up(); }, kLimit), Ended::done);
  EXPECT_TRUE(driver_->transmit(Buffer(60, 0)));  // lost, and in nobody's way
  Buffer frame;
  EXPECT_FALSE(driver_->receive(frame));
  set_up(true);
  ASSERT_EQ(loop_->run_until([&] { return driver_->link_up(); }, kLimit), Ended::done);
}

TEST_F(TapDriverTest, TheMtuIsTheDevicesAndTheAddressAsAsked) {
  EXPECT_EQ(driver_->mtu(), 1500);
  EXPECT_EQ(driver_->mac().octets[0], 0x02);
  const MacAddress mac{{2, 0, 0, 0, 0, 7}};
  const auto other = TapDriver::open("tap1", mac);
  ASSERT_TRUE(other) << other.error();
  EXPECT_EQ((*other)->mac(), mac);
}

TEST_F(TapDriverTest, WhatCannotBeOpenedSaysWhy) {
  EXPECT_THAT(TapDriver::open("tap0").error(), HasSubstr("another program is attached"));
  EXPECT_THAT(TapDriver::open("lo").error(), HasSubstr("no TAP device"));
  EXPECT_THAT(TapDriver::open("").error(), HasSubstr("1 to 15 characters"));
  EXPECT_THAT(TapDriver::open("a_name_that_is_too_long").error(), HasSubstr("1 to 15 characters"));
}

TEST_F(TapDriverTest, TheLoopEndsByTime) {
  int asked = 0;
  loop_->wake_at(loop_->now() + 1ms);
  EXPECT_EQ(loop_->run_until([&] { return ++asked, false; }, 5ms), Ended::timed_out);
  EXPECT_GE(asked, 2);
}

TEST_F(TapDriverTest, TheLoopEndsBySignal) {
  std::raise(SIGTERM);
  EXPECT_EQ(loop_->run_until([] { return false; }, kLimit), Ended::interrupted);
  std::raise(SIGINT);
  EXPECT_EQ(loop_->run_until([] { return false; }, kLimit), Ended::interrupted);
  EXPECT_EQ(loop_->run_until([] { return true; }, kLimit), Ended::done);
}

TEST_F(TapDriverTest, TheLoopEndsWithTheDevice) {
  // iproute2 is what the tests have besides; the kernel offers no simpler way.
  ASSERT_EQ(std::system("ip link delete tap0"), 0);
  EXPECT_EQ(loop_->run_until([] { return false; }, kLimit), Ended::no_device);
}

}  // namespace
}  // namespace packetwright::drivers
