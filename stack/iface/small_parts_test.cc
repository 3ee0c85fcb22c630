// SPDX-License-Identifier: Apache-2.0
// The parts that take a few lines each: attributes, mapped addresses, the frame queue, and what one
// protocol's word is in another's.
#include <algorithm>

#include <gtest/gtest.h>

#include "stack/iface/error_words.hh"
#include "stack/iface/frame_queue.hh"
#include "stack/iface/mapped_address.hh"
#include "stack/iface/protocol_words.hh"
#include "stack/iface/segment_attributes.hh"

namespace packetwright::iface {
namespace {

const Endpoint kLocal{IpAddress::v4(10, 0, 0, 1), 80};
const Endpoint kRemote{IpAddress::v4(10, 0, 0, 2), 4'000};
const SegmentAttributes kUsual{};
const SegmentAttributes kMarked{.traffic_class = 0x28};

TEST(IfaceAttributeTable, KnowsConnectionsAndFallsBackToTheirListener) {
  AttributeTable table;
  EXPECT_EQ(table.find(kLocal, kRemote), std::nullopt);
  table.set(kLocal, std::nullopt, kMarked, kUsual);
  EXPECT_EQ(table.find(kLocal, kRemote), kMarked);
  const SegmentAttributes own{.hop_limit = 9};
  table.set(kLocal, kRemote, own, kUsual);
  EXPECT_EQ(table.find(kLocal, kRemote), own);
  // Also if what it wants is as usual, and its listener's wishes are not.
  table.set(kLocal, kRemote, kUsual, kUsual);
  EXPECT_EQ(table.find(kLocal, kRemote), kUsual);
}

TEST(IfaceAttributeTable, ForgetsWhatIsAsUsual) {
  AttributeTable table;
  table.set(kLocal, kRemote, kMarked, kUsual);
  table.set(kLocal, kRemote, kUsual, kUsual);
  EXPECT_EQ(table.find(kLocal, kRemote), std::nullopt);
}

TEST(IfaceAttributeTable, IsBoundedAndForgetsTheOldest) {
  AttributeTable table;
  Endpoint remote = kRemote;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    remote.address = IpAddress::v4(i);
    table.set(kLocal, remote, kMarked, kUsual);
  }
  EXPECT_EQ(table.find(kLocal, remote), kMarked);
  remote.address = IpAddress::v4(0);
  EXPECT_EQ(table.find(kLocal, remote), std::nullopt);
}

TEST(IfaceMappedAddress, IsSeenByIpv6SocketsOnly) {
  const IpAddress mapped = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1});
  EXPECT_EQ(as_seen_by(Domain::inet, kLocal), kLocal);
  EXPECT_EQ(as_seen_by(Domain::inet6, kLocal), (Endpoint{mapped, 80}));
  EXPECT_EQ(unmapped({mapped, 80}), kLocal);
  const Endpoint six{IpAddress::v6({0xfd}), 80};
  EXPECT_EQ(unmapped(six), six);
  EXPECT_EQ(as_seen_by(Domain::inet6, six), six);
}

TEST(IfaceFrameQueue, KeepsOrderAndReusesBuffers) {
  FrameQueue queue{2};
  EXPECT_EQ(queue.push(100).size(), 100u);
  EXPECT_EQ(queue.push(200).size(), 200u);
  EXPECT_TRUE(queue.full());
  Buffer frame;
  ASSERT_TRUE(queue.pop(frame));
  EXPECT_EQ(frame.size(), 100u);
  const std::uint8_t* const memory = frame.data();
  ASSERT_TRUE(queue.pop(frame));
  EXPECT_EQ(frame.size(), 200u);
  EXPECT_FALSE(queue.pop(frame));
  // The buffer that went in with the second pop() is filled again.
  Buffer& again = queue.push(50);
  EXPECT_EQ(again.size(), 50u);
  EXPECT_EQ(again.data(), memory);
}

TEST(IfaceProtocolWords, AnIcmpErrorIsHardForTcpWhereItSaysThatTheProtocolOrPortIsNotThere) {
  icmp::ErrorReport report;
  report.local = kLocal.address;
  const auto kind = [&](icmp::Problem problem) {
    report.problem = problem;
    return tcp_error_of(report, kLocal, kRemote, SeqNum{1}).kind;
  };
  // RFC 9293, 3.9.2.2: codes 2 and 3 are hard, 4 is path MTU discovery's, the others are soft.
  EXPECT_EQ(kind(icmp::Problem::protocol_unreachable), tcp::IcmpErrorKind::hard);
  EXPECT_EQ(kind(icmp::Problem::port_unreachable), tcp::IcmpErrorKind::hard);
  EXPECT_EQ(kind(icmp::Problem::packet_too_big), tcp::IcmpErrorKind::packet_too_big);
  for (const icmp::Problem soft :
       {icmp::Problem::net_unreachable, icmp::Problem::host_unreachable,
        icmp::Problem::source_route_failed, icmp::Problem::hop_limit_exceeded,
        icmp::Problem::erroneous_header, icmp::Problem::prohibited}) {
    EXPECT_EQ(kind(soft), tcp::IcmpErrorKind::soft);
  }
  // ICMPv6: type 1 codes 1 and 4.
  report.local = IpAddress::v6({0xfd});
  EXPECT_EQ(kind(icmp::Problem::prohibited), tcp::IcmpErrorKind::hard);
  EXPECT_EQ(kind(icmp::Problem::port_unreachable), tcp::IcmpErrorKind::hard);
  EXPECT_EQ(kind(icmp::Problem::protocol_unreachable), tcp::IcmpErrorKind::soft);
}

TEST(IfaceErrorWords, WhatIcmpTellsAUdpSocketHasTheErrnoOfItsKind) {
  struct Row {
    icmp::Problem problem;
    Errno error;
    bool fatal;
  };
  // POSIX names for RFC 1122, 4.1.3.3; what may pass by itself is no end (3.2.2.1).
  for (const Row& row : {Row{icmp::Problem::net_unreachable, Errno::enetunreach, false},
                         Row{icmp::Problem::host_unreachable, Errno::ehostunreach, false},
                         Row{icmp::Problem::protocol_unreachable, Errno::enoprotoopt, true},
                         Row{icmp::Problem::port_unreachable, Errno::econnrefused, true},
                         Row{icmp::Problem::packet_too_big, Errno::emsgsize, true},
                         Row{icmp::Problem::source_route_failed, Errno::ehostunreach, false},
                         Row{icmp::Problem::prohibited, Errno::eacces, true},
                         Row{icmp::Problem::hop_limit_exceeded, Errno::ehostunreach, false},
                         Row{icmp::Problem::reassembly_timeout, Errno::ehostunreach, false},
                         Row{icmp::Problem::erroneous_header, Errno::eproto, true},
                         Row{icmp::Problem::unknown, Errno::eproto, false}}) {
    EXPECT_EQ(errno_of(udp_error_of(row.problem)), row.error);
    EXPECT_EQ(is_fatal(row.problem), row.fatal);
  }
}

TEST(IfaceErrorWords, HowAConnectionEndedHasTheErrnoThatPosixGivesIt) {
  using tcp::TcpError;
  EXPECT_EQ(errno_of(TcpError::connection_does_not_exist), Errno::enotconn);
  EXPECT_EQ(errno_of(TcpError::connection_already_exists), Errno::eaddrnotavail);
  EXPECT_EQ(errno_of(TcpError::connection_closing), Errno::epipe);
  EXPECT_EQ(errno_of(TcpError::connection_reset), Errno::econnreset);
  EXPECT_EQ(errno_of(TcpError::connection_refused), Errno::econnrefused);
  EXPECT_EQ(errno_of(TcpError::insufficient_resources), Errno::eagain);
  EXPECT_EQ(errno_of(TcpError::remote_unspecified), Errno::eaddrnotavail);
  EXPECT_EQ(errno_of(TcpError::aborted_by_user_timeout), Errno::etimedout);
  EXPECT_EQ(errno_of(TcpError::unreachable), Errno::ehostunreach);
}

TEST(IfaceErrorWords, WhyADatagramWasNotSentHasItsErrno) {
  using ip::SendError;
  using udp::UdpError;
  EXPECT_EQ(errno_of(SendError::network_unreachable), Errno::enetunreach);
  EXPECT_EQ(errno_of(SendError::address_not_available), Errno::eaddrnotavail);
  EXPECT_EQ(errno_of(SendError::message_too_big), Errno::emsgsize);
  for (const SendError wrong :
       {SendError::invalid_destination, SendError::invalid_hop_limit, SendError::invalid_options}) {
    EXPECT_EQ(errno_of(wrong), Errno::einval);
  }
  EXPECT_EQ(errno_of(UdpError::address_in_use), Errno::eaddrinuse);
  EXPECT_EQ(errno_of(UdpError::no_port_free), Errno::eaddrinuse);
  EXPECT_EQ(errno_of(UdpError::destination_required), Errno::edestaddrreq);
  EXPECT_EQ(errno_of(UdpError::not_connected), Errno::enotconn);
  EXPECT_EQ(errno_of(UdpError::closed_for_writing), Errno::epipe);
}

TEST(IfaceErrorWords, IcmpErrorsHaveTheirErrno) {
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 3, 0), Errno::enetunreach);
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 3, 1), Errno::ehostunreach);
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 3, 2), Errno::enoprotoopt);
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 3, 3), Errno::econnrefused);
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 3, 4), Errno::emsgsize);
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 11, 0), Errno::ehostunreach);
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 3, 5), Errno::ehostunreach);   // source route failed
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 11, 1), Errno::ehostunreach);  // reassembly
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 12, 0), Errno::eproto);
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 12, 1), Errno::eproto);
  EXPECT_EQ(errno_of_icmp(Family::ipv4, 3, 77), Errno::eproto);
  EXPECT_EQ(errno_of_icmp(Family::ipv6, 4, 2), Errno::eproto);
  EXPECT_EQ(errno_of_icmp(Family::ipv6, 1, 4), Errno::econnrefused);
  EXPECT_EQ(errno_of_icmp(Family::ipv6, 1, 1), Errno::eacces);
  EXPECT_EQ(errno_of_icmp(Family::ipv6, 3, 0), Errno::ehostunreach);
}

}  // namespace
}  // namespace packetwright::iface
