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

TEST(TargetRegistry, AnInstalledAgentIsKnownByItsName) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path{testing::TempDir()} / "it's agents";
  fs::create_directories(folder);
  for (const char* const name : {"pw_silent", "pw_no_program"}) {
    std::ofstream{folder / name} << "#!/bin/sh\necho 'nothing to say' >&2\nexit 3\n";
  }
  fs::permissions(folder / "pw_silent", fs::perms::owner_all);
  fs::permissions(folder / "pw_no_program", fs::perms::owner_read);
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
