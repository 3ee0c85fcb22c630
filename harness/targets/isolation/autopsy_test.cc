// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/autopsy.hh"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::isolation {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Wait statuses as Linux lays them out: the exit status in the second octet, the signal in the
// first.
constexpr int exited(int status) {
  return status << 8;
}

TEST(Autopsy, SignalIsACrashWithItsName) {
  const Autopsy found = examine(SIGSEGV, std::nullopt, {}, "last words");
  EXPECT_EQ(found.end, JobEnd::crashed);
  EXPECT_EQ(found.death.signal, SIGSEGV);
  EXPECT_THAT(found.death.log, StartsWith("killed by signal 11 (Segmentation fault)"));
  EXPECT_THAT(found.death.log, HasSubstr("\nlast words"));
}

TEST(Autopsy, ExitStatusTellsACrashFromALoss) {
  EXPECT_EQ(examine(exited(0), std::nullopt, {}, "").end, JobEnd::lost);
  EXPECT_EQ(examine(exited(1), std::nullopt, {}, "").end, JobEnd::crashed);
  EXPECT_EQ(examine(exited(1), std::nullopt, {}, "").death.signal, 0);
}

TEST(Autopsy, RefusedMemoryIsToldFromTheReport) {
  EXPECT_EQ(examine(SIGABRT, std::nullopt, {},
                    "terminate called after throwing an instance of 'std::bad_alloc'")
                .end,
            JobEnd::out_of_memory);
  EXPECT_EQ(examine(exited(1), std::nullopt, {},
                    "==7==ERROR: AddressSanitizer: requested allocation size 0x1 exceeds")
                .end,
            JobEnd::out_of_memory);
}

TEST(Autopsy, LimitForWhichItWasKilledIsTheCause) {
  Limits limits;
  limits.job_timeout = std::chrono::milliseconds{1500};
  limits.memory_bytes = std::size_t{64} << 20;
  const Autopsy hung = examine(SIGKILL, JobEnd::hung, limits, "");
  EXPECT_EQ(hung.end, JobEnd::hung);
  EXPECT_EQ(hung.death.signal, 0);
  EXPECT_EQ(hung.death.log, "still running after 1.500 s");
  EXPECT_EQ(examine(SIGKILL, JobEnd::out_of_memory, limits, "").death.log, "took more than 64 MiB");
}

TEST(Autopsy, KillThatIsNotOursPointsToTheKernel) {
  const Autopsy found = examine(SIGKILL, std::nullopt, {}, "");
  EXPECT_EQ(found.end, JobEnd::crashed);
  EXPECT_THAT(found.death.log, HasSubstr("memory runs out"));
}

TEST(Autopsy, FileBeyondTheLimitIsAFlood) {
  EXPECT_EQ(examine(SIGXFSZ, std::nullopt, {}, "").end, JobEnd::flooded);
}

}  // namespace
}  // namespace packetwright::isolation
