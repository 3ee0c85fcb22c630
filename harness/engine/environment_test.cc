// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/environment.hh"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace packetwright::engine
