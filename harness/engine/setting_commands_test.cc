// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/setting_commands.hh"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"

namespace packetwright::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A world of a few files in which every setting of TCP can be had, and no other.
struct SettingCommands : testing::Test {
  std::map<std::string, std::string> files;
  SettingsWorld world{"suite/",
                      [this](const std::string& path) -> Result<std::string, std::string> {
                        const auto found = files.find(path);
                        if (found == files.end()) return Err{std::string("no such file")};
                        return found->second;
                      },
                      [](std::string_view name, std::string_view) -> Result<void, std::string> {
                        if (name.find("tcp_") != name.npos) return {};
                        return Err{"no setting " + std::string(name)};
                      }};

  // "a=1 b=2", or "! why".
  [[nodiscard]] std::string read(std::string_view command) const {
    const auto settings = settings_of_command(command, world);
    if (!settings) return "! " + settings.error();
    std::string text;
    for (const HostSetting& one : *settings) {
      if (!text.empty()) text += ' ';
      switch (one.kind) {
        case HostSetting::Kind::sysctl: text += one.name + "=" + one.value; break;
        case HostSetting::Kind::forget_peers: text += "(forget)"; break;
        case HostSetting::Kind::put_back: text += "(back)"; break;
      }
    }
    return text;
  }
};

TEST_F(SettingCommands, SysctlSetsSeveralAtOnceInEitherSpelling) {
  EXPECT_EQ(read("sysctl -q net.ipv4.tcp_sack=0"), "net.ipv4.tcp_sack=0");
  EXPECT_EQ(read("/sbin/sysctl -qw net.ipv4.tcp_a=1 net/ipv4/tcp_b=\"4 5 6\""),
            "net.ipv4.tcp_a=1 net.ipv4.tcp_b=4 5 6");
}

TEST_F(SettingCommands, AVectorOfLinesIsReadAsAShellWould) {
  EXPECT_EQ(read("#!/bin/bash\n"
                 "# a remark\n"
                 "\n"
                 "  sysctl -q net.ipv4.tcp_a=1   # another\n"
                 "sysctl -q net.ipv4.tcp_b=2 \\\n"
                 "          net.ipv4.tcp_c=3 > /dev/null 2>&1\n"
                 "true; sysctl net.ipv4.tcp_d='x#y'\n"),
            "net.ipv4.tcp_a=1 net.ipv4.tcp_b=2 net.ipv4.tcp_c=3 net.ipv4.tcp_d=x#y");
}

TEST_F(SettingCommands, ArithmeticIsDone) {
  EXPECT_EQ(read("sysctl net.ipv4.tcp_rmem=\"4096 $((10+2*3)) $((15*1024*1024))\""),
            "net.ipv4.tcp_rmem=4096 16 15728640");
  EXPECT_EQ(read("sysctl net.ipv4.tcp_a=$((7 / 2 - 4 * (1 - 2)))"), "net.ipv4.tcp_a=7");
  for (const char* const wrong : {"$((1/0))", "$((x))", "$((1+))", "$((9223372036854775807+1))",
                                  "$(date)", "$x", "$((((1))"}) {
    EXPECT_THAT(read(std::string("sysctl net.ipv4.tcp_a=") + wrong), HasSubstr("cannot tell"))
        << wrong;
  }
  EXPECT_THAT(read("sysctl net.ipv4.tcp_a=$((" + std::string(100'000, '(')), HasSubstr("! "));
  EXPECT_THAT(read("sysctl net.ipv4.tcp_a=$((" + std::string(1'000, '(') + "))"),
              HasSubstr("cannot tell"));
}

TEST_F(SettingCommands, WhatElseSetsThings) {
  EXPECT_EQ(read("../common/set_sysctls.py /proc/sys/net/ipv4/tcp_a=\"1 2\" \\\n"
                 " /proc/sys/net/ipv4/tcp_b=0x5"),
            "net.ipv4.tcp_a=1 2 net.ipv4.tcp_b=0x5");
  EXPECT_EQ(read("echo 1 2 > /proc/sys/net/ipv4/tcp_a"), "net.ipv4.tcp_a=1 2");
  EXPECT_EQ(read("echo 3 > /sys/module/tcp_cubic/parameters/hystart_detect"),
            "tcp_cubic.hystart_detect=3");
  EXPECT_EQ(read("ip tcp_metrics flush all > /dev/null 2>&1; ip tcp_metrics flush"),
            "(forget) (forget)");
  EXPECT_EQ(read("/tmp/sysctl_restore_${PPID}.sh"), "(back)");
  EXPECT_EQ(read("tc qdisc add dev tun0 root pfifo\nethtool -K tun0 tso off gso off"), "");
}

TEST_F(SettingCommands, FilesAreReadFromWhereTheScriptIs) {
  files["suite/../common/a.sh"] = "sysctl net.ipv4.tcp_a=1\nsh b.sh\n";
  files["suite/b.sh"] = "sysctl net.ipv4.tcp_b=2";
  files["/etc/c.sh"] = "sysctl net.ipv4.tcp_c=3";
  EXPECT_EQ(read("../common/a.sh\nsysctl net.ipv4.tcp_d=4\n. /etc/c.sh"),
            "net.ipv4.tcp_a=1 net.ipv4.tcp_b=2 net.ipv4.tcp_d=4 net.ipv4.tcp_c=3");
}

TEST_F(SettingCommands, OfTwoTheFirstThatCanBeHadCounts) {
  EXPECT_EQ(read("sysctl net.ipv4.tcp_a=1 || sysctl net.ipv4.tcp_b=2"), "net.ipv4.tcp_a=1");
  EXPECT_EQ(read("sysctl net.core.x=1 &> /dev/null ||\\\n sysctl net.ipv4.tcp_b=2"),
            "net.ipv4.tcp_b=2");
  EXPECT_EQ(read("sysctl net.ipv4.tcp_a=1 || sysctl net.core.x=2 && sysctl net.ipv4.tcp_c=3"),
            "net.ipv4.tcp_a=1 net.ipv4.tcp_c=3");
  EXPECT_EQ(read("sysctl net.core.x=1 || sysctl net.core.y=2"), "! no setting net.core.y");
  EXPECT_EQ(read("sysctl net.core.x=1 && sysctl net.ipv4.tcp_a=1"), "! no setting net.core.x");
  EXPECT_EQ(read("sysctl -e net.core.x=1 net.ipv4.tcp_a=1"), "net.ipv4.tcp_a=1")
      << "-e is for settings that need not exist";
}

TEST_F(SettingCommands, WhatIsNoSettingIsNamed) {
  EXPECT_EQ(read("rm -f /tmp/x"),
            "! this target runs no commands, and 'rm -f /tmp/x' is not a setting");
  EXPECT_EQ(read("sysctl net.core.x=1"), "! no setting net.core.x");
  for (const char* const command : {"sysctl -a",
                                    "sysctl net.ipv4.tcp_a",
                                    "sysctl =1",
                                    "sysctl",
                                    "set_sysctls.py tcp_a=1",
                                    "set_sysctls.py /proc/sys/net/ipv4/tcp_a",
                                    "ip route add default via 10.0.0.1",
                                    "tc qdisc add dev tun0 root pfifo limit 0",
                                    "tc qdisc add dev tun0 root fq",
                                    "ethtool -K tun0 tso on",
                                    "ethtool -K tun0",
                                    "echo 1 > /tmp/x",
                                    "echo 1 > /sys/x",
                                    "sysctl net.ipv4.tcp_a=1 > file",
                                    "nstat | grep x",
                                    "sleep 1 &",
                                    "cat < x",
                                    "echo 1 >",
                                    "sysctl net.ipv4.tcp_a=\"1",
                                    "./run.sh with arguments",
                                    "./missing.sh",
                                    "sh x"}) {
    EXPECT_THAT(read(command), testing::StartsWith("! ")) << command;
  }
}

TEST_F(SettingCommands, AComplaintHasTheFileAndItsLine) {
  files["suite/./a.sh"] = "sysctl net.ipv4.tcp_a=1\n\n./b.sh\n";
  files["suite/./b.sh"] = "#!/bin/sh\nsysctl \\\n  net.core.x=1\n";
  EXPECT_EQ(read("true\n./a.sh"), "! ./a.sh:3: ./b.sh:3: no setting net.core.x");
  EXPECT_EQ(read("./c.sh"), "! cannot read suite/./c.sh: no such file");
}

TEST_F(SettingCommands, AFileThatRunsItselfEnds) {
  files["suite/a.sh"] = "a.sh";
  EXPECT_THAT(read("a.sh"), HasSubstr("too deep"));
}

// --- in a script

const std::string kProbe = "+0 < S 0:0(0) win 1000\n";

FakeTarget with_settings() {
  FakeTarget target;
  target.traits_.capabilities = {"icmp", "ipv4", "ipv6", "sysctls", "tcp"};
  return target;
}

TEST(SettingsOfScripts, AreMadeWhenTheirTimeComes) {
  FakeTarget target = with_settings();
  RunOptions options;
  options.folder = "x/";
  options.read_file = [](const std::string& path) -> Result<std::string, std::string> {
    return "sysctl -q net.ipv4.tcp_from=" + path + "; ip tcp_metrics flush";
  };
  const Outcome outcome = run_text("`./d.sh`\n" + kProbe +
                                       "+.5 `sysctl net.ipv4.tcp_b=1`\n"
                                       "+.5 `/tmp/sysctl_restore_${PPID}.sh`\n",
                                   target, options);
  EXPECT_EQ(failure_text(outcome), "passed");
  EXPECT_THAT(target.sysctls,
              ElementsAre("net.ipv4.tcp_from=x/./d.sh at 0 ms", "net.ipv4.tcp_b=1 at 500 ms"));
  EXPECT_EQ(target.peers_forgotten, 1);
}

TEST(SettingsOfScripts, WhatIsNoneIsKnownBeforeTheFirstEvent) {
  FakeTarget target = with_settings();
  const Outcome outcome = run_text(kProbe + "+0 `sysctl net.core.x=1`\n", target);
  EXPECT_EQ(failure_text(outcome), "unsupported: no setting net.core.x");
  EXPECT_EQ(outcome.reason_line, 2u);
  EXPECT_TRUE(target.injected.empty());
}

TEST(SettingsOfScripts, ArePutBackAtTheEndOnly) {
  FakeTarget target = with_settings();
  const Outcome outcome = run_text("+0 `/tmp/sysctl_restore_1.sh`\n" + kProbe, target);
  EXPECT_THAT(failure_text(outcome), HasSubstr("put settings back at the end"));
  EXPECT_EQ(outcome.reason_line, 1u);
}

TEST(SettingsOfScripts, NeedATargetThatHasSettings) {
  FakeTarget target;
  const Outcome outcome = run_text("`sysctl net.ipv4.tcp_a=1`\n" + kProbe, target);
  EXPECT_EQ(failure_text(outcome), "unsupported: this target runs no shell commands");
  EXPECT_TRUE(target.sysctls.empty());
}

}  // namespace
}  // namespace packetwright::engine
