// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/other_systems.hh"

#include <gtest/gtest.h>

namespace packetwright::linux_stack {
namespace {

std::string symbol(std::string_view name) {
  return of_another_system(name).value_or("nothing");
}
std::string command(std::string_view text) {
  return command_of_another_system(text).value_or("nothing");
}

TEST(OtherSystems, SymbolsAreNamedWithTheirSystem) {
  EXPECT_EQ(symbol("TCP_KEEPINIT"), "TCP_KEEPINIT is a symbol of FreeBSD, not of Linux");
  EXPECT_EQ(symbol("TCP_REMOTE_UDP_ENCAPS_PORT"),
            "TCP_REMOTE_UDP_ENCAPS_PORT is a symbol of FreeBSD, not of Linux");
  EXPECT_EQ(symbol("SO_RTABLE"), "SO_RTABLE is a symbol of OpenBSD, not of Linux");
  EXPECT_EQ(symbol("TCP_CONNECTIONTIMEOUT"),
            "TCP_CONNECTIONTIMEOUT is a symbol of macOS, not of Linux");
}

TEST(OtherSystems, OnlyWholeNamesOfTheirsCount) {
  EXPECT_EQ(symbol("TCP_NODELAY"), "nothing");
  EXPECT_EQ(symbol("TCP_KEEPINI"), "nothing");
  EXPECT_EQ(symbol("TCP_KEEPINIT "), "nothing");
  EXPECT_EQ(symbol(""), "nothing");
}

TEST(OtherSystems, SettingsAndProgramsAreNamed) {
  EXPECT_EQ(command("sysctl -w net.inet.tcp.blackhole=0"),
            "net.inet.tcp.blackhole is a setting of FreeBSD, and this is Linux");
  EXPECT_EQ(command("true; sysctl kern.ipc.maxsockbuf"),
            "kern.ipc.maxsockbuf is a setting of FreeBSD, and this is Linux");
  EXPECT_EQ(command("sockstat -4 -P tcp | grep -c LISTEN"),
            "sockstat is a program of FreeBSD, and this is Linux");
  EXPECT_EQ(command("test $(sockstat -4 | wc -l) = 1"),
            "sockstat is a program of FreeBSD, and this is Linux");
}

TEST(OtherSystems, CommandsOfLinuxAreLeftAlone) {
  EXPECT_EQ(command("sysctl -q net.ipv4.tcp_sack=0 kernel.pid_max"), "nothing");
  EXPECT_EQ(command("echo sockstat net.inet.tcp.blackhole"), "nothing");
  EXPECT_EQ(command("sysctl -q net.ipv4.tcp_sack=0; echo net.inet.tcp"), "nothing");
  EXPECT_EQ(command(""), "nothing");
}

}  // namespace
}  // namespace packetwright::linux_stack
