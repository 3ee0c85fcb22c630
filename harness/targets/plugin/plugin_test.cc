// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/run_for_test.hh"
#include "harness/targets/installed.hh"
#include "harness/targets/isolation/probe.hh"
#include "harness/targets/plugin/plugin_target.hh"

namespace packetwright::plugin {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string misbehaving() {
  return std::string{"plugin:"} + PW_MISBEHAVING_PLUGIN;
}

std::unique_ptr<PluginTarget> with_fault(const std::string& fault) {
  auto opened = PluginTarget::open(misbehaving());
  EXPECT_TRUE(opened.ok()) << opened.error();
  targets::Config config;
  if (!fault.empty()) config.knobs = {{"fault", fault}};
  const auto begun = (*opened)->reset(config);
  EXPECT_TRUE(begun.ok()) << begun.error().reason;
  return std::move(*opened);
}

std::string fault_of(const PluginTarget& target) {
  const auto death = target.death();
  return death ? death->log : "";
}

std::vector<targets::SentFrame> drained(PluginTarget& target) {
  std::vector<targets::SentFrame> frames;
  target.drain(frames);
  return frames;
}

const Buffer kFrame{1, 2, 3};

class TableFault {
 public:
  explicit TableFault(const char* fault) { setenv("PW_TABLE_FAULT", fault, 1); }
  ~TableFault() { unsetenv("PW_TABLE_FAULT"); }
  TableFault(const TableFault&) = delete;
  TableFault& operator=(const TableFault&) = delete;
};

// --- the shared object and its table

TEST(PluginName, IsAPathAfterAColon) {
  EXPECT_EQ(file_of("plugin:a/b.so").value(), "a/b.so");
  EXPECT_EQ(file_of("plugin:b.so").value(), "./b.so");
  EXPECT_THAT(file_of("plugin").error(), HasSubstr("plugin:FILE"));
  EXPECT_THAT(file_of("plugin:").error(), HasSubstr("plugin:FILE"));
}

TEST(PluginTable, WhatIsNoPluginIsRefused) {
  EXPECT_THAT(PluginTarget::open("plugin:/no/such.so").error(), HasSubstr("/no/such.so"));
  // A file that exists and is no shared object.
  EXPECT_THAT(PluginTarget::open(std::string{"plugin:"} + PW_SOURCE_DIR + "/README.md").error(),
              HasSubstr("README.md"));
  // A shared object of somebody else.
  EXPECT_THAT(PluginTarget::open("plugin:" PW_ANOTHER_PLUGIN).error(),
              HasSubstr("does not export packetwright_target()"));
}

TEST(PluginTable, WhatIsWrongWithItIsSaid) {
  const std::pair<const char*, const char*> faults[] = {
      {"null", "returned a null pointer"},
      {"version", "made for version 2 of packetwright_target.h; this program has version 1"},
      {"small", "its table has 12 octets"},
      {"no_create", "lacks create(), inject()"},
      {"flags", "flags that nobody knows: 64"},
      {"no_time", "lacks next_timer() or tick_ns"},
      {"no_clock", "lacks now() (for PW_REAL_TIME), wait() (for PW_REAL_TIME)"},
  };
  for (const auto& [fault, said] : faults) {
    const TableFault wrong{fault};
    const auto opened = PluginTarget::open(misbehaving());
    ASSERT_FALSE(opened.ok()) << fault;
    EXPECT_THAT(opened.error(), HasSubstr(said));
  }
}

TEST(PluginTable, WhatAnOlderHeaderDidNotHaveIsNotThere) {
  const TableFault old{"old"};
  const auto target = with_fault("");
  EXPECT_EQ(target->socket(targets::Domain::inet, {}, {}).error(), ENOTSUP);
  target->inject(kFrame);
  EXPECT_EQ(drained(*target).size(), 1u);
}

TEST(PluginTable, SaysWhatTheTargetIs) {
  const auto target = with_fault("");
  const targets::Traits& traits = target->traits();
  EXPECT_EQ(traits.version, "misbehaving 7");
  EXPECT_EQ(traits.clock, targets::ClockKind::virtual_time);
  EXPECT_FALSE(traits.ethernet);
  EXPECT_THAT(traits.capabilities, ElementsAre("ipv4", "udp", "virtual_time"));
}

TEST(PluginProbe, TellsTheSameFromAProcessOfItsOwn) {
  const auto probe = [](const std::string& target) {
    return isolation::probe([&]() { return targets::as_target(PluginTarget::open(target)); });
  };
  const auto probed = probe(misbehaving());
  ASSERT_TRUE(probed.ok()) << probed.error();
  EXPECT_EQ(probed->version, "misbehaving 7");
  EXPECT_FALSE(probed->ethernet);
  EXPECT_THAT(probed->capabilities, ElementsAre("ipv4", "udp", "virtual_time"));
  EXPECT_THAT(probe("plugin:/no/such.so").error(), HasSubstr("/no/such.so"));
}

TEST(PluginInstalled, IsFoundByItsName) {
  const std::filesystem::path pebble{PW_PEBBLE_PLUGIN};
  const std::string name = pebble.stem().string();
  const auto found = [](std::string_view what) {
    return targets::find_installed(targets::kPlugins, what);
  };
  EXPECT_EQ(found(name), std::nullopt);
  const std::string folders = "/no/such/folder::" + pebble.parent_path().string();
  setenv("PACKETWRIGHT_PLUGINS", folders.c_str(), 1);
  EXPECT_EQ(found(name), pebble.string());
  EXPECT_THAT(targets::installed(targets::kPlugins), Contains(name));
  EXPECT_EQ(PluginTarget::open(name).value()->traits().name, name);
  EXPECT_EQ(found("no_such_plugin"), std::nullopt);
  for (const char* const odd : {"", "../x", "1", "a/b"}) {
    EXPECT_EQ(found(odd), std::nullopt) << odd;
  }
  unsetenv("PACKETWRIGHT_PLUGINS");
}

// --- lives

TEST(PluginLife, AnErrorHasItsReason) {
  const auto target = with_fault("");
  targets::Config config;
  config.knobs = {{"fault", "refused"}};
  auto begun = target->reset_strongly(config);
  ASSERT_FALSE(begun.ok());
  EXPECT_EQ(begun.error().reason, "there is no such knob");
  EXPECT_FALSE(begun.error().unsupported);
  config.knobs = {{"fault", "unsupported"}};
  begun = target->reset_strongly(config);
  ASSERT_FALSE(begun.ok());
  EXPECT_TRUE(begun.error().unsupported);
  EXPECT_THAT(begun.error().reason, HasSubstr("create()"));
  config.knobs = {{"fault", "long_reason"}};
  EXPECT_EQ(target->reset_strongly(config).error().reason.size(), 511u);
  config.knobs = {{"fault", "no_stack"}};
  EXPECT_THAT(target->reset_strongly(config).error().reason, HasSubstr("gave no stack"));
  // Nothing is called without a stack, and the next life is whole.
  target->inject(kFrame);
  EXPECT_THAT(drained(*target), IsEmpty());
  EXPECT_TRUE(target->reset(targets::Config{}).ok());
  EXPECT_EQ(fault_of(*target), "");
}

TEST(PluginLife, AResetIsQuickAStrongOneRenewsStaticData) {
  const auto target = with_fault("");
  const auto marks = [&] { return target->socket(targets::Domain::inet, {}, {}).value(); };
  EXPECT_EQ(marks(), 100);
  ASSERT_TRUE(target->reset(targets::Config{}).ok());
  EXPECT_EQ(marks(), 101);
  ASSERT_TRUE(target->reset_strongly(targets::Config{}).ok());
  EXPECT_EQ(marks(), 100);
  // A reset that fails leaves nothing that could be used.
  targets::Config config;
  config.knobs = {{"fault", "reset_fails"}};
  EXPECT_FALSE(target->reset(config).ok());
  EXPECT_EQ(target->socket(targets::Domain::inet, {}, {}).error(), EIO);
  ASSERT_TRUE(target->reset(targets::Config{}).ok());
  EXPECT_EQ(marks(), 200);
}

TEST(PluginLife, OneWithOneLifeIsLoadedAnewForEach) {
  const TableFault one_life{"one_life"};
  const auto target = with_fault("");
  const auto marks = [&] { return target->socket(targets::Domain::inet, {}, {}).value(); };
  for (int life = 0; life < 3; ++life) {
    EXPECT_EQ(marks(), 100);
    ASSERT_TRUE(target->reset(targets::Config{}).ok());
  }
}

TEST(PluginLife, WhatIsSentAtTheEndOfOneIsNotOfTheNext) {
  const auto target = with_fault("last_frame");
  ASSERT_TRUE(target->reset_strongly(targets::Config{}).ok());
  EXPECT_THAT(drained(*target), IsEmpty());
}

// --- frames and time

TEST(PluginTime, GoesFromTimerToTimer) {
  const auto target = with_fault("");
  EXPECT_EQ(target->next_timer(), instant_at(1'000'000'000));
  target->advance_to(instant_at(2'500'000'000), false);
  EXPECT_EQ(target->now(), instant_at(2'500'000'000));
  const auto frames = drained(*target);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].at, instant_at(1'000'000'000));
  EXPECT_EQ(frames[1].at, instant_at(2'000'000'000));
  target->advance_to(instant_at(9'000'000'000), true);
  EXPECT_EQ(target->now(), instant_at(3'000'000'000));
  target->advance_to(instant_at(1'000), false);  // a past instant
  EXPECT_EQ(target->now(), instant_at(3'000'000'000));
}

TEST(PluginTime, WithoutTimersGoesFromTickToTick) {
  const TableFault ticks{"ticks"};
  const auto target = with_fault("");
  EXPECT_EQ(target->traits().tick, 250ms);
  target->advance_to(instant_at(1'100'000'000), false);
  const auto frames = drained(*target);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].at, instant_at(1'000'000'000));
}

TEST(PluginTime, WithoutAnyTimerTakesOneStep) {
  const auto target = with_fault("never");
  EXPECT_EQ(target->next_timer(), std::nullopt);
  target->advance_to(instant_at(7'000'000'000'000'000), false);
  EXPECT_EQ(target->now(), instant_at(7'000'000'000'000'000));
}

TEST(PluginFault, ATimerThatDoesNotMoveOnIsNoHang) {
  const auto target = with_fault("standstill");
  target->advance_to(instant_at(5), false);
  EXPECT_THAT(fault_of(*target), HasSubstr("next_timer() does not move on"));
}

TEST(PluginFault, EachIsToldInWords) {
  struct Case {
    const char* fault;
    const char* said;
    void (*act)(PluginTarget&);
  };
  const Case cases[] = {
      {"null_frame", "null pointer", [](PluginTarget& t) { t.inject(kFrame); }},
      {"large_frame", "a frame of 65550 octets", [](PluginTarget& t) { t.inject(kFrame); }},
      {"flood", "inject() sent more than 10000 frames", [](PluginTarget& t) { t.inject(kFrame); }},
      {"thread", "send() was called from another thread",
       [](PluginTarget& t) { t.inject(kFrame); }},
      {"strange_errno", "socket() returned -70000, which is no errno",
       [](PluginTarget& t) { EXPECT_FALSE(t.socket(targets::Domain::inet, {}, {}).ok()); }},
      {"bad_address", "accept() wrote an address that is neither IPv4 nor IPv6",
       [](PluginTarget& t) { EXPECT_FALSE(t.accept(1, nullptr).ok()); }},
      {"long_read", "read() returned 11, where 10 is the most there can be",
       [](PluginTarget& t) { EXPECT_FALSE(t.read(1, 10, {}).ok()); }},
      {"long_write", "write() returned 4, where 3 is the most there can be",
       [](PluginTarget& t) { EXPECT_FALSE(t.write(1, kFrame, {}, nullptr).ok()); }},
      {"poll_bits", "poll() returned 64", [](PluginTarget& t) { EXPECT_FALSE(t.poll(1).ok()); }},
      {"bad_state", "the state 12", [](PluginTarget& t) { EXPECT_FALSE(t.tcp_status(1).ok()); }},
      {"many_counters", "33 counters", [](PluginTarget& t) { EXPECT_FALSE(t.tcp_status(1).ok()); }},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.fault);
    const auto target = with_fault(one.fault);
    EXPECT_EQ(fault_of(*target), "");
    one.act(*target);
    EXPECT_THAT(fault_of(*target), HasSubstr(one.said));
    // Nothing of it counts any more.
    static_cast<void>(drained(*target));
    target->inject(kFrame);
    EXPECT_THAT(drained(*target), IsEmpty());
    EXPECT_EQ(target->read(1, 1, {}).error(), EIO);
    ASSERT_TRUE(target->reset(targets::Config{}).ok());
    target->inject(kFrame);
    EXPECT_EQ(drained(*target).size(), 1u);
  }
}

TEST(PluginFault, AFrameThatNobodyAskedForIsOne) {
  const auto target = with_fault("");
  void* const loaded = dlopen(PW_MISBEHAVING_PLUGIN, RTLD_NOW | RTLD_NOLOAD);
  ASSERT_NE(loaded, nullptr);
  reinterpret_cast<void (*)()>(dlsym(loaded, "send_now"))();
  dlclose(loaded);
  EXPECT_THAT(fault_of(*target), HasSubstr("while no function of the plug-in was running"));
}

using PluginDeathTest = ::testing::Test;

TEST(PluginDeathTest, AnAccessBeyondAFrameOrBufferEndsTheProcess) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(with_fault("over_read")->inject(kFrame), "");
  EXPECT_DEATH(static_cast<void>(with_fault("overwrite")->read(1, 100, {})), "");
}

// --- sockets

TEST(PluginSockets, ResultsArriveAsTheyAre) {
  const auto target = with_fault("");
  Endpoint peer;
  EXPECT_EQ(target->accept(3, &peer).value(), 1);
  EXPECT_EQ(peer.port, 7);
  const auto received = target->read(1, 4, {});
  EXPECT_EQ(received->octets, (Buffer{'r', 'r', 'r', 'r'}));
  EXPECT_TRUE(received->out_of_band);
  EXPECT_EQ(received->from, std::nullopt);
  EXPECT_EQ(target->write(1, kFrame, {}, nullptr).value(), 3u);
  const auto ready = target->poll(1).value();
  EXPECT_TRUE(ready.readable && ready.hang_up);
  EXPECT_FALSE(ready.writable || ready.error || ready.urgent);
  const auto status = target->tcp_status(1).value();
  EXPECT_EQ(status.state, targets::TcpState::fin_wait_2);
  EXPECT_THAT(status.counters, ElementsAre(std::pair<const std::string, std::int64_t>{"cwnd", 10}));
  EXPECT_EQ(target->netstat().value(), "no sockets\n");
}

TEST(PluginSockets, AListThatIsTooLongIsCut) {
  EXPECT_EQ(with_fault("long_netstat")->netstat()->size(), (std::size_t{1} << 20) - 1);
}

TEST(PluginSockets, WhatIsNotThereIsNotSupported) {
  const auto target = with_fault("");
  EXPECT_EQ(target->bind(1, {}).error(), ENOTSUP);
  EXPECT_EQ(target->set_isn(1, 5).error(), ENOTSUP);
  EXPECT_EQ(target->resolve("a", Family::ipv4, {}).error(), ENOTSUP);
}

// --- the example, by scripts

engine::Outcome run_on_pebble(const std::string& text) {
  const auto opened = PluginTarget::open("plugin:" PW_PEBBLE_PLUGIN);
  EXPECT_TRUE(opened.ok()) << opened.error();
  return engine::run_text(text, **opened);
}

TEST(Pebble, AnswersEchoRequests) {
  const engine::Outcome outcome = run_on_pebble(
      "// Echo.\n//: needs icmp\n"
      "0 < icmp echo_request id 7 seq 3 (56)\n"
      "+0 > icmp echo_reply id 7 seq 3 (56)\n");
  EXPECT_EQ(engine::failure_text(outcome), "passed");
}

TEST(Pebble, MovesDatagramsBothWays) {
  const engine::Outcome outcome = run_on_pebble(
      "// Datagrams.\n//: needs udp\n"
      "0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3\n"
      "+0 bind(3, ..., ...) = 0\n"
      "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
      "+0 read(3, ..., 100) = -1 EAGAIN (nothing)\n"
      "+0 < udp (5) \"hello\"\n"
      "+0 read(3, \"hello\", 100) = 5\n"
      "+0 connect(3, ..., ...) = 0\n"
      "+0 write(3, \"world!\", 6) = 6\n"
      "+0 > udp (6) \"world!\"\n"
      "+0 close(3) = 0\n"
      "+0 < udp (5) \"again\"\n"
      "+0 > icmp unreachable port_unreachable [udp (5)]\n");
  EXPECT_EQ(engine::failure_text(outcome), "passed");
}

TEST(Pebble, AsksThreeTimesForTheAddressOfItsGateway) {
  const engine::Outcome outcome = run_on_pebble(
      "// Address resolution, with timers.\n//: needs udp, arp\n"
      "0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3\n"
      "+0 connect(3, ..., ...) = 0\n"
      "+0 write(3, \"a\", 1) = 1\n"
      "+0 > arp who-has gateway tell local\n"
      "+1 > arp who-has gateway tell local\n"
      "+1 > arp who-has gateway tell local\n"
      "+0 silence 5\n");
  EXPECT_EQ(engine::failure_text(outcome), "passed");
}

TEST(Pebble, RefusesSettings) {
  const engine::Outcome outcome = run_on_pebble(
      "// A knob.\n//: needs icmp\n//: set colour blue\n"
      "0 < icmp echo_request id 7 seq 3 (56)\n");
  EXPECT_EQ(outcome.status, engine::Status::unsupported);
  EXPECT_EQ(outcome.reason, "pebble has no settings, and so not colour");
}

}  // namespace
}  // namespace packetwright::plugin
