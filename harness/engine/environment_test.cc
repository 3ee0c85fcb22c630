// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/environment.hh"

#include <cerrno>

#include <gtest/gtest.h>

#include "harness/script/parser.hh"

namespace packetwright::engine {
namespace {

std::string lack(std::string_view command, int status, const std::string& output) {
  return missing_from_environment(command, {status, output}).value_or("nothing");
}

TEST(Environment, MissingThingsAreNamed) {
  EXPECT_EQ(lack("frob", 127, "sh: 1: frob: not found\n"), "the tool frob is missing");
  EXPECT_EQ(lack("frob", 127, "bash: line 2: frob: command not found\n"),
            "the tool frob is missing");
  EXPECT_EQ(lack("x", 127, ""), "a command does not exist");
  EXPECT_EQ(lack("sysctl -q net.x=1", 255,
                 "sysctl: cannot stat /proc/sys/net/x: No such file or directory\n"),
            "this system has no such setting (sysctl: cannot stat /proc/sys/net/x: No such file "
            "or directory)");
  EXPECT_EQ(lack("sysctl", 0, "first\nsysctl: setting key \"a.b\": Operation not permitted\n"),
            "a setting is not permitted here (sysctl: setting key \"a.b\": Operation not "
            "permitted)");
  EXPECT_EQ(lack("tc qdisc replace dev tun0 root fq limit 5", 2,
                 "Error: Specified qdisc kind is unknown.\n"),
            "this kernel has no queueing discipline fq (Error: Specified qdisc kind is unknown.)");
  EXPECT_EQ(lack("ip link", 2, "RTNETLINK answers: Operation not permitted\n"),
            "a command is not permitted what it asks for (RTNETLINK answers: Operation not "
            "permitted)");
}

TEST(Environment, FailuresOfTheirOwnAreNone) {
  EXPECT_EQ(lack("grep x", 1, ""), "nothing");
  EXPECT_EQ(lack("test", 1, "the file was not found in the archive\n"), "nothing");
  EXPECT_EQ(lack("true", 0, "all is well\n"), "nothing");
}

std::string lack_of(const std::string& text, int error) {
  const script::ParseResult parsed = script::parse({"test.pkt", "0 " + text + "\n"});
  EXPECT_TRUE(parsed.ok()) << text;
  const auto* call = parsed.script.events.at(0).as<script::SystemCall>();
  return missing_for_call(*call, error).value_or("nothing");
}

TEST(Environment, WhatACallMissesIsNamed) {
  const std::string vegas = "setsockopt(3, SOL_TCP, TCP_CONGESTION, \"vegas\", 5) = 0";
  EXPECT_EQ(lack_of(vegas, ENOENT), "this kernel has no congestion control vegas");
  EXPECT_EQ(lack_of(vegas, EPERM), "congestion control vegas is not permitted here");
  EXPECT_EQ(lack_of(vegas, EINVAL), "nothing");
  EXPECT_EQ(lack_of("setsockopt(3, SOL_TCP, TCP_MD5SIG, [1], 4) = 0", ENOPROTOOPT),
            "this system has no socket option TCP_MD5SIG");
  EXPECT_EQ(lack_of("socket(..., SOCK_RAW, IPPROTO_RAW) = 3", EPERM),
            "socket() is not permitted here what it asks for");
  EXPECT_EQ(lack_of("socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3", EAFNOSUPPORT),
            "this system has no such protocol: socket() fails with EAFNOSUPPORT");
  EXPECT_EQ(lack_of("accept(3, ..., ...) = 4", EMFILE),
            "accept() fails for want of descriptors (see ulimit -n)");
  EXPECT_EQ(lack_of("write(3, ..., 10) = 10", EPERM), "nothing");
}

}  // namespace
}  // namespace packetwright::engine
