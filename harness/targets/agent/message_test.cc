// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/agent/message.hh"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

Buffer record(std::uint8_t kind, const Buffer& octets) {
  Buffer all{kind, 0, 0, 0, static_cast<std::uint8_t>(octets.size())};
  all.insert(all.end(), octets.begin(), octets.end());
  return all;
}

Buffer joined(const std::vector<Buffer>& records) {
  Buffer all;
  for (const Buffer& one : records) all.insert(all.end(), one.begin(), one.end());
  return all;
}

const Buffer kResultOfZero = record(128, Buffer(8, 0));
const Buffer kSomeFrame = record(129, {0, 0, 0, 0, 0, 0, 0, 9, 'a', 'b'});
const Buffer kSomeClock =
    record(131, {0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});

std::string error_of(const Buffer& message, std::size_t operations) {
  const auto decoded = decode_answer(message, operations);
  return decoded ? "" : decoded.error();
}

// --- to the agent

TEST(AgentRequest, IsALengthAndRecords) {
  Request request;
  request.add(Operation::inject).octets(Buffer{1, 2});
  request.add(Operation::bind).u32(3).endpoint({{PW_IPV4, {10, 0, 0, 1}}, 80});
  const Buffer want{0,  0,  0, 35,                  //
                    3,  0,  0, 0,  2,  1, 2,        //
                    10, 0,  0, 0,  23, 0, 0, 0, 3,  //
                    4,  10, 0, 0,  1,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 80};
  EXPECT_THAT(request.finish(), ElementsAreArray(want));
  EXPECT_THAT(request.operations(), ElementsAre(Operation::inject, Operation::bind));
  request.clear();
  request.add(Operation::now);
  EXPECT_THAT(request.finish(), ElementsAre(0, 0, 0, 5, 7, 0, 0, 0, 0));
}

TEST(AgentRequest, AConfigurationHasEverythingInItsPlace) {
  const pw_knob knobs[] = {{"a", "12"}};
  pw_config config{};
  config.seed = 0x0102030405060708;
  config.local4 = {{PW_IPV4, {192, 168, 0, 1}}, 16};
  config.peer6 = {PW_IPV6, {0x20, 1}};
  config.mac[5] = 7;
  config.mtu = 1500;
  config.knobs = knobs;
  config.knob_count = 1;
  Request request;
  request.add(Operation::create).config(config);
  Reader reader{request.finish().subspan(4 + 5)};
  EXPECT_EQ(reader.u64(), config.seed);
  EXPECT_EQ(reader.address().octets[1], 168);
  EXPECT_EQ(reader.u8(), 16);
  EXPECT_EQ(reader.address().family, PW_NONE);
  EXPECT_EQ(reader.u8(), 0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.address().family, PW_NONE);
  EXPECT_EQ(reader.address().octets[0], 0x20);
  EXPECT_THAT(reader.octets(6), ElementsAre(0, 0, 0, 0, 0, 7));
  EXPECT_EQ(reader.u16(), 1500);
  EXPECT_EQ(reader.u16(), 1);
  EXPECT_EQ(reader.text(), "a");
  EXPECT_EQ(reader.text(), "12");
  EXPECT_TRUE(reader.ended_well());
}

TEST(AgentOperations, BearTheNamesOfTheHeader) {
  EXPECT_EQ(name_of(Operation::hello), "hello");
  EXPECT_EQ(name_of(Operation::next_timer), "next_timer");
  EXPECT_EQ(name_of(Operation::close), "close");
  EXPECT_EQ(name_of(Operation::netstat), "netstat");
  EXPECT_EQ(static_cast<int>(Operation::netstat), 26);
}

// --- from the agent

TEST(AgentAnswer, IsWhatHappenedInItsOrder) {
  const Buffer message =
      joined({kSomeFrame, record(130, {'h', 'i'}),
              record(128, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf5, 'm'}), kSomeClock});
  const auto events = decode_answer(message, 1);
  ASSERT_TRUE(events.ok()) << events.error();
  ASSERT_EQ(events->size(), 4u);
  const auto& frame = std::get<FrameSent>(events->at(0));
  EXPECT_EQ(frame.at, 9u);
  EXPECT_THAT(frame.octets, ElementsAre('a', 'b'));
  EXPECT_EQ(std::get<LogLine>(events->at(1)).text, "hi");
  const auto& result = std::get<OperationResult>(events->at(2));
  EXPECT_EQ(result.value, -11);
  EXPECT_THAT(result.more, ElementsAre('m'));
  EXPECT_EQ(std::get<Clock>(events->at(3)).now, 1u);
  EXPECT_EQ(std::get<Clock>(events->at(3)).next_timer, PW_NEVER);
}

TEST(AgentAnswer, ThatIsCutOffAnywhereIsNone) {
  const Buffer message = joined({kSomeFrame, kResultOfZero, kSomeFrame, kResultOfZero});
  ASSERT_EQ(error_of(message, 2), "");
  for (std::size_t size = 0; size < message.size(); ++size) {
    // Exact, so that a sanitizer sees a read behind its end.
    const Buffer cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(error_of(cut, 2), "") << size;
  }
}

TEST(AgentAnswer, HasAsManyResultsAsOperationsAndNothingElse) {
  EXPECT_THAT(error_of({}, 1), HasSubstr("it sent 0 results, where 1 were asked for"));
  EXPECT_THAT(error_of(joined({kResultOfZero, kResultOfZero}), 1),
              HasSubstr("more than the 1 results asked for, at octet 13"));
  EXPECT_THAT(error_of(joined({kResultOfZero, record(77, {})}), 1),
              HasSubstr("a record of kind 77, at octet 13"));
  EXPECT_THAT(error_of(joined({kSomeClock, kResultOfZero}), 1),
              HasSubstr("a record behind its clock, at octet 21"));
  EXPECT_THAT(error_of({128, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0}, 1),
              HasSubstr("a record of 9 octets, where 8 are left"));
  EXPECT_THAT(error_of(record(128, {0, 0, 0, 0, 0, 0, 0}), 1),
              HasSubstr("a record of kind 128 with 7 octets"));
  EXPECT_THAT(error_of(joined({kResultOfZero, record(131, Buffer(17, 0))}), 1),
              HasSubstr("a record of kind 131 with 17 octets"));
  EXPECT_THAT(error_of({128, 0xff, 0xff, 0xff, 0xff}, 1), HasSubstr("4294967295 octets"));
  EXPECT_THAT(error_of({128, 0, 0}, 1), HasSubstr("half of a record, at octet 0"));
}

const Buffer kHello{0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0,   0, 0, 4,   0, 0, 0,   0,
                    0, 0, 0, 5, 0, 0, 0, 9, 0, 1, 'n', 0, 1, 'v', 0, 2, 'a', 'b'};

TEST(AgentHello, IsReadWhole) {
  const auto hello = read_hello(kHello);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->version, 1);
  EXPECT_EQ(hello->flags, PW_ETHERNET | PW_REAL_TIME);
  EXPECT_EQ(hello->tick_ns, 4u);
  EXPECT_EQ(hello->slack_ns, 5u);
  EXPECT_TRUE(hello->has(Operation::hello));
  EXPECT_FALSE(hello->has(Operation::create));
  EXPECT_TRUE(hello->has(Operation::inject));
  EXPECT_EQ(hello->name + hello->stack_version + hello->capabilities, "nvab");
  for (std::size_t size = 0; size < kHello.size(); ++size) {
    const Buffer cut(kHello.begin(), kHello.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read_hello(cut)) << size;
  }
  Buffer longer = kHello;
  longer.push_back(0);
  EXPECT_FALSE(read_hello(longer));
  Buffer zero = kHello;
  zero.back() = 0;  // in a text
  EXPECT_FALSE(read_hello(zero));
}

TEST(AgentStatus, IsReadWhole) {
  const Buffer status{5, 0, 1, 0, 1, 'c', 0, 0, 0, 0, 0, 0, 0, 10};
  const auto read = read_tcp_status(status);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, PW_FIN_WAIT_1);
  ASSERT_EQ(read->counters.size(), 1u);
  EXPECT_EQ(read->counters[0].name, "c");
  EXPECT_EQ(read->counters[0].value, 10);
  for (std::size_t size = 0; size < status.size(); ++size) {
    const Buffer cut(status.begin(), status.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read_tcp_status(cut)) << size;
  }
}

TEST(AgentAddresses, AreAsManyAsThereAreOctetsFor) {
  EXPECT_TRUE(read_addresses({})->empty());
  Buffer two(34, 0);
  two[0] = 4;
  two[17] = 6;
  two[5] = 99;  // behind the four octets of an IPv4 address
  const auto read = read_addresses(two);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(0).family, PW_IPV4);
  EXPECT_EQ(read->at(0).octets[4], 0);
  EXPECT_EQ(read->at(1).family, PW_IPV6);
  two.pop_back();
  EXPECT_FALSE(read_addresses(two));
}

}  // namespace
}  // namespace packetwright::agent
