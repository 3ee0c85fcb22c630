// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/quiet_machine.hh"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

namespace packetwright::cli {
namespace {

TEST(QuietMachine, OneCommandAtATime) {
  std::string folder = std::filesystem::temp_directory_path() / "packetwright_quiet_XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  ASSERT_EQ(setenv("TMPDIR", folder.c_str(), 1), 0);
  std::shared_ptr<void> quiet = wait_for_quiet_machine();
  const std::string name = folder + "/packetwright-" + std::to_string(getuid()) + ".alone";
  const int other = open(name.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(other, 0);
  EXPECT_NE(flock(other, LOCK_EX | LOCK_NB), 0);
  quiet.reset();
  EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
  close(other);
  // Where nothing can be agreed upon, nobody waits.
  ASSERT_EQ(setenv("TMPDIR", (folder + "/none").c_str(), 1), 0);
  EXPECT_EQ(wait_for_quiet_machine().use_count(), 0);
  unsetenv("TMPDIR");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace packetwright::cli
