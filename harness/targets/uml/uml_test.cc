// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/test_frames.hh"
#include "harness/targets/linux/test_processes.hh"
#include "harness/targets/uml/confinement.hh"
#include "harness/targets/uml/image.hh"
#include "harness/targets/uml/installed.hh"
#include "harness/targets/uml/machine.hh"
#include "harness/targets/uml/uml_target.hh"

namespace packetwright::uml {
namespace {

using ::testing::HasSubstr;

// What a process comes to that does as it is told.
template <class Deed>
int status_after(const Deed& deed) {
  const pid_t child = fork();
  if (child == 0) _exit(deed());
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(UmlConfinement, LeavesNoRandomNumbers) {
  const int status = status_after([] {
    if (!confine()) return 1;
    std::array<char, 8> octets;
    const long got = syscall(SYS_getrandom, octets.data(), octets.size(), 0);
    return got == -1 && errno == ENOSYS ? 0 : 2;
  });
  EXPECT_EQ(status, 0);
}

TEST(UmlConfinement, PermitsWhatAKernelDoes) {
  const int status = status_after([] {
    if (!confine()) return 1;
    const pid_t child = fork();
    if (child == 0) _exit(7);
    int its = 0;
    return waitpid(child, &its, 0) == child && WEXITSTATUS(its) == 7 ? 0 : 2;
  });
  EXPECT_EQ(status, 0);
}

class Uml : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open("uml");
    if (!opened) GTEST_SKIP() << opened.error();
    target_ = std::move(*opened);
  }

  void reset(std::uint64_t seed = 1) {
    config_.seed = seed;
    const auto done = target_->reset(config_);
    ASSERT_TRUE(done.ok()) << done.error().reason;
  }
  void reset_strongly(std::uint64_t seed = 1) {
    config_.seed = seed;
    const auto done = target_->reset_strongly(config_);
    ASSERT_TRUE(done.ok()) << done.error().reason;
  }

  // What the stack sends when it is asked to connect, for a long time.
  std::vector<targets::SentFrame> attempt(Duration time) {
    const auto fd =
        target_->socket(targets::Domain::inet, targets::SocketType::stream, targets::Protocol::tcp);
    EXPECT_TRUE(fd.ok());
    const auto connected = target_->connect(*fd, {config_.peer4, 80});
    EXPECT_FALSE(connected.ok());
    target_->advance_to(Instant{} + time, false);
    std::vector<targets::SentFrame> sent;
    target_->drain(sent);
    return sent;
  }

  targets::Config config_;
  std::unique_ptr<targets::Target> target_;
};

bool operator==(const std::vector<targets::SentFrame>& a,
                const std::vector<targets::SentFrame>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.at == y.at && x.octets == y.octets;
  });
}

TEST_F(Uml, SendsAgainForMinutesAtOnce) {
  reset();
  const auto sent = attempt(std::chrono::seconds{100});
  // At 0, 1, 3, 7, 15, 31 and 63 seconds. A timer of Linux is late by an eighth at most, and ticks.
  ASSERT_EQ(sent.size(), 7U);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const Duration due = std::chrono::seconds{(1 << i) - 1};
    EXPECT_GE(sent[i].at, Instant{} + due) << i;
    EXPECT_LE(sent[i].at, Instant{} + due + due / 8 + 8 * target_->traits().tick) << i;
  }
  EXPECT_GE(target_->now(), Instant{} + std::chrono::seconds{100});
}

TEST_F(Uml, IsTheSameToTheOctetAfterEitherReset) {
  reset();
  const auto first = attempt(std::chrono::seconds{5});
  EXPECT_EQ(first.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    reset();
    EXPECT_TRUE(attempt(std::chrono::seconds{5}) == first) << i;
  }
  reset_strongly();
  EXPECT_TRUE(attempt(std::chrono::seconds{5}) == first);
}

TEST_F(Uml, DrawsFromTheSeed) {
  reset(1);
  const auto one = attempt(std::chrono::milliseconds{100});
  reset(2);
  const auto two = attempt(std::chrono::milliseconds{100});
  ASSERT_EQ(one.size(), 1U);
  ASSERT_EQ(two.size(), 1U);
  EXPECT_NE(one[0].octets, two[0].octets);
}

TEST_F(Uml, ForgetsWhatACaseLeft) {
  reset();
  const auto fd =
      target_->socket(targets::Domain::inet, targets::SocketType::datagram, targets::Protocol::udp);
  ASSERT_TRUE(fd.ok());
  ASSERT_TRUE(target_->bind(*fd, {config_.local4.address, 5000}).ok());
  config_.knobs = {{"ip_default_ttl", "7"}};
  reset();
  config_.knobs.clear();
  reset();
  const auto again =
      target_->socket(targets::Domain::inet, targets::SocketType::datagram, targets::Protocol::udp);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *fd);
  EXPECT_TRUE(target_->bind(*again, {config_.local4.address, 5000}).ok());
  EXPECT_EQ(target_->get_option(*again, targets::Option::ip_ttl).value_or(0), 64);
}

TEST_F(Uml, TakesOtherAddresses) {
  reset();
  config_.local4 = Prefix{IpAddress::v4(10, 0, 0, 1), 8};
  config_.gateway4 = IpAddress::v4(10, 0, 0, 2);
  reset();
  const auto sent = attempt(std::chrono::milliseconds{100});
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(Bytes{sent[0].octets}.subspan(12, 4)[0], 10);
}

TEST_F(Uml, RefusesKnobsThatTheKernelDoesNotHave) {
  config_.knobs = {{"tcp_no_such_thing", "1"}};
  const auto done = target_->reset(config_);
  ASSERT_FALSE(done.ok());
  EXPECT_THAT(done.error().reason, HasSubstr("tcp_no_such_thing"));
  config_.knobs.clear();
  reset();
}

// A machine by itself, with what its agent says when it is not asked well.
class UmlMachine : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto parts = find_parts("uml");
    if (!parts) GTEST_SKIP() << parts.error();
    auto machine = Machine::boot(*parts);
    ASSERT_TRUE(machine.ok()) << machine.error();
    machine_.emplace(std::move(*machine));
  }
  void await(int fd, short what) {
    pollfd one{fd, what, 0};
    ASSERT_EQ(poll(&one, 1, 60'000), 1);
  }
  std::string log() {
    std::string all;
    std::array<char, 4096> chunk;
    ssize_t got = 0;
    while ((got = read(machine_->log().get(), chunk.data(), chunk.size())) > 0) {
      all.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

  std::optional<Machine> machine_;
};

TEST_F(UmlMachine, EndsWithItsAgentAndSaysWhy) {
  // A message that ends in the middle of a record.
  ASSERT_EQ(write(machine_->channel().get(), "\0\0\0\1\5", 5), 5);
  await(machine_->fd(), POLLIN);
  EXPECT_TRUE(machine_->status().has_value());
  EXPECT_THAT(log(), HasSubstr("Kernel panic"));
}

TEST_F(UmlMachine, EndsWithItsChannel) {
  machine_->channel().reset();
  await(machine_->fd(), POLLIN);
  EXPECT_TRUE(machine_->status().has_value());
}

// The numbers of a process and those that it started.
std::vector<std::string> family(pid_t process) {
  std::vector<std::string> all{std::to_string(process)};
  std::ifstream children{"/proc/" + all[0] + "/task/" + all[0] + "/children"};
  for (std::string one; children >> one;) all.push_back(one);
  return all;
}

void expect_end_of(const std::vector<std::string>& processes) {
  for (const std::string& one : processes) {
    // Where it is there, it can be waited for.
    const int fd = static_cast<int>(syscall(SYS_pidfd_open, std::stoi(one), 0));
    if (fd < 0) continue;
    pollfd end{fd, POLLIN, 0};
    EXPECT_EQ(poll(&end, 1, 60'000), 1) << one;
    ::close(fd);
    EXPECT_FALSE(linux_stack::lives(one));
  }
}

TEST_F(UmlMachine, LeavesNoProcessWhenItsHarnessIsKilled) {
  machine_->end();
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t harness = fork();
  if (harness == 0) {
    const auto machine = Machine::boot(*find_parts("uml"));
    const auto image = machine ? Image::take(machine->process()) : Err{machine.error()};
    const std::string words = image ? std::to_string(machine->process()) + "\n" : image.error();
    static_cast<void>(!write(ends[1], words.data(), words.size()));
    pause();
  }
  ::close(ends[1]);
  std::array<char, 64> words{};
  ASSERT_GT(read(ends[0], words.data(), words.size() - 1), 0);
  ::close(ends[0]);
  const pid_t kernel = std::atoi(words.data());
  ASSERT_GT(kernel, 0) << words.data();
  const std::vector<std::string> all = family(kernel);
  EXPECT_GE(all.size(), 2U);
  ::kill(harness, SIGKILL);
  waitpid(harness, nullptr, 0);
  expect_end_of(all);
}

TEST_F(UmlMachine, LeavesNoProcessWhenItsKernelIsKilled) {
  const auto image = Image::take(machine_->process());
  ASSERT_TRUE(image.ok()) << image.error();
  const std::vector<std::string> all = family(machine_->process());
  EXPECT_GE(all.size(), 2U);
  ::kill(machine_->process(), SIGKILL);
  await(machine_->fd(), POLLIN);
  expect_end_of({all.begin() + 1, all.end()});
}

}  // namespace
}  // namespace packetwright::uml
