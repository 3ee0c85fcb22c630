// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/registry.hh"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace packetwright::targets {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TargetRegistry, EveryNameIsFoundUnderItself) {
  EXPECT_THAT(names(), Contains("reference"));
  EXPECT_THAT(names(), Contains("linux"));
  const std::vector<TargetInfo> all = list();
  ASSERT_EQ(all.size(), names().size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].traits.name, names()[i]);
    EXPECT_EQ(all[i].available, all[i].reason.empty()) << all[i].reason;
    const auto found = find(names()[i]);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->available, all[i].available);
  }
}

TEST(TargetRegistry, ReferenceIsAlwaysThere) {
  const auto found = find("reference");
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->available);
  EXPECT_EQ(found->traits.clock, ClockKind::virtual_time);
  auto opened = open("reference");
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE((*opened)->reset({}).ok());
}

TEST(TargetRegistry, UnknownNameListsTheKnownOnes) {
  const auto opened = open("windows");
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error(), HasSubstr("windows"));
  EXPECT_THAT(opened.error(), HasSubstr("reference"));
  EXPECT_FALSE(find("").ok());
}

TEST(TargetRegistry, WhatTakesWordsSaysWhich) {
  EXPECT_THAT(names(), Contains("packetdrill-so"));
  EXPECT_THAT(find("packetdrill-so")->reason, HasSubstr("--target packetdrill-so:FILE[,FLAGS]"));
  const auto missing = find("packetdrill-so:./nothing.so,flags");
  ASSERT_TRUE(missing.ok());
  EXPECT_EQ(missing->traits.name, "packetdrill-so:./nothing.so,flags");
  EXPECT_FALSE(missing->available);
  EXPECT_THAT(missing->reason, HasSubstr("./nothing.so"));
  EXPECT_THAT(open("packetdrill-so:./nothing.so").error(), HasSubstr("./nothing.so"));
  // Words that make no sense are no target at all; those that do may name what is not here.
  EXPECT_THAT(find("wire:eth0,nowhere").error(), HasSubstr("\"nowhere\" is no address"));
  EXPECT_THAT(find("wire:nothing0,192.0.2.7")->reason, HasSubstr("no interface nothing0"));
  // Others take none.
  EXPECT_FALSE(find("reference:words").ok());
  EXPECT_FALSE(find("packetdrill-sophisticated").ok());
}

TEST(TargetRegistry, ProbingLeavesTheProcessWhereItWas) {
  struct stat before{};
  struct stat after{};
  ASSERT_EQ(stat("/proc/self/ns/net", &before), 0);
  static_cast<void>(list());
  ASSERT_EQ(stat("/proc/self/ns/net", &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

namespace fs = std::filesystem;

// An agent that is found when it is run, and something that is none.
void put_agents(const fs::path& folder) {
  fs::create_directories(folder);
  for (const char* const name : {"pw_silent", "pw_no_program"}) {
    std::ofstream{folder / name} << "#!/bin/sh\necho 'nothing to say' >&2\nexit 3\n";
  }
  fs::permissions(folder / "pw_silent", fs::perms::owner_all);
  fs::permissions(folder / "pw_no_program", fs::perms::owner_read);
}

TEST(TargetRegistry, WhatIsInTheCacheIsKnownByItsName) {
  const fs::path cache = fs::path{testing::TempDir()} / "pw cache";
  put_agents(cache / "agents");
  EXPECT_FALSE(find("pw_silent").ok());
  setenv("PACKETWRIGHT_CACHE", cache.c_str(), 1);
  EXPECT_THAT(names(), Contains("pw_silent"));
  EXPECT_THAT(find("pw_silent")->reason, HasSubstr("nothing to say"));
  unsetenv("PACKETWRIGHT_CACHE");
  fs::remove_all(cache);
}

TEST(TargetRegistry, WhatCouldBeBuiltSaysHow) {
  setenv("PACKETWRIGHT_CACHE", "/nowhere", 1);
  for (const std::string name : {"c-ares", "gvisor", "lwip", "lwip-debian", "musl", "smoltcp"}) {
    EXPECT_THAT(names(), Contains(name));
    const auto found = find(name);
    ASSERT_TRUE(found.ok()) << found.error();
    // Unless this build has made it.
    if (found->available) continue;
    EXPECT_THAT(found->reason, HasSubstr("./pw targets --install " + name));
    EXPECT_THAT(open(name).error(), HasSubstr("./pw targets --install " + name));
  }
  unsetenv("PACKETWRIGHT_CACHE");
}

TEST(TargetRegistry, AnInstalledAgentIsKnownByItsName) {
  const fs::path folder = fs::path{testing::TempDir()} / "it's agents";
  put_agents(folder);
  EXPECT_FALSE(find("pw_silent").ok());
  setenv("PACKETWRIGHT_AGENTS", folder.c_str(), 1);
  EXPECT_THAT(names(), Contains("pw_silent"));
  EXPECT_THAT(names(), Not(Contains("pw_no_program")));
  const auto found = find("pw_silent");
  ASSERT_TRUE(found.ok()) << found.error();
  EXPECT_FALSE(found->available);
  EXPECT_THAT(found->reason, HasSubstr("nothing to say"));  // so it was found, and run
  unsetenv("PACKETWRIGHT_AGENTS");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace packetwright::targets
