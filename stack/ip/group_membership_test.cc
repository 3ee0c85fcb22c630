// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/group_membership.hh"

#include <string>

#include <gtest/gtest.h>

#include "stack/wire/address_text.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::ip {
namespace {

const IpAddress kGroup4 = IpAddress::v4(239, 1, 2, 3);
const IpAddress kOther4 = IpAddress::v4(239, 1, 2, 4);
const IpAddress kGroup6 = IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 1});

Buffer query4(std::uint8_t code, const IpAddress& group = IpAddress::v4(0, 0, 0, 0),
              std::size_t size = 12) {
  Buffer query(size);
  query[0] = 0x11;
  query[1] = code;
  store_bytes(MutableBytes{query}, 4, group.octets());
  return query;
}

Buffer query6(std::uint16_t code, const IpAddress& group = IpAddress::v6({}),
              std::size_t size = 28) {
  Buffer query(size);
  query[0] = 130;
  store_be16(query, 4, code);
  store_bytes(MutableBytes{query}, 8, group.octets());
  return query;
}

class Host {
 public:
  explicit Host(Family family, const GroupConfig& config = {})
      : groups(family, config, Rng{7}), family_(family) {}

  // What was announced since the last look: "to DESTINATION: TYPE [RECORD GROUP SOURCES] ...".
  std::string said() {
    std::string text;
    while (const auto next = groups.next_announcement()) {
      if (!text.empty()) text += " | ";
      text += "to " + wire::to_string(next->destination) + ": " + std::to_string(next->message[0]);
      const Bytes message{next->message};
      const std::size_t address = family_ == Family::ipv4 ? 4 : 16;
      if (message[0] != 0x22 && message[0] != 143) {
        text += " " + wire::to_string(IpAddress::from_octets(
                          message.subspan(family_ == Family::ipv4 ? 4 : 8, address)));
        continue;
      }
      std::size_t at = 8;
      for (int left = load_be16(message, 6); left > 0; --left) {
        text += " [" + std::to_string(message[at]) + " " +
                wire::to_string(IpAddress::from_octets(message.subspan(at + 4, address)));
        const std::size_t sources = load_be16(message, at + 2);
        for (std::size_t i = 1; i <= sources; ++i) {
          text += " " + wire::to_string(
                            IpAddress::from_octets(message.subspan(at + 4 + i * address, address)));
        }
        text += "]";
        at += 4 + (1 + sources) * address;
      }
    }
    return text;
  }
  std::string hears(const Buffer& message) {
    reason = groups.on_message(now, message);
    return said();
  }
  // Time passes until the next deadline, which is to come within `most`.
  std::string waits(Duration most) {
    const auto next = groups.next_deadline();
    EXPECT_TRUE(next && *next <= now + most);
    if (!next) return "nothing is pending";
    now = std::max(now, *next);
    groups.on_deadline(now);
    return said();
  }
  std::string joins(const IpAddress& group, bool quietly = false) {
    groups.join(now, group, quietly);
    return said();
  }
  std::string leaves(const IpAddress& group) {
    groups.leave(now, group);
    return said();
  }

  GroupMembership groups;
  Instant now = instant_at(1'000'000'000);
  std::optional<DropReason> reason;

 private:
  Family family_;
};

TEST(GroupMembership, AChangeIsToldTwice) {
  Host host{Family::ipv4};
  EXPECT_EQ(host.joins(kGroup4), "to 224.0.0.22: 34 [4 239.1.2.3]");
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [4 239.1.2.3]");
  EXPECT_EQ(host.groups.next_deadline(), std::nullopt);
  EXPECT_EQ(host.leaves(kGroup4), "to 224.0.0.22: 34 [3 239.1.2.3]");
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [3 239.1.2.3]");
  EXPECT_EQ(host.groups.next_deadline(), std::nullopt);
}

TEST(GroupMembership, TheLastChangeIsWhatIsRepeated) {
  Host host{Family::ipv4};
  host.joins(kGroup4);
  host.leaves(kGroup4);
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [3 239.1.2.3]");
  EXPECT_EQ(host.groups.next_deadline(), std::nullopt);
}

TEST(GroupMembership, Ipv6IsTheSameWithLongerAddresses) {
  Host host{Family::ipv6};
  EXPECT_EQ(host.joins(kGroup6), "to ff02::16: 143 [4 ff02::1:ff00:1]");
  EXPECT_EQ(host.waits(1s), "to ff02::16: 143 [4 ff02::1:ff00:1]");
  EXPECT_EQ(host.leaves(kGroup6), "to ff02::16: 143 [3 ff02::1:ff00:1]");
}

TEST(GroupMembership, SomeGroupsAreNeverSpokenOf) {
  Host four{Family::ipv4};
  EXPECT_EQ(four.joins(IpAddress::v4(224, 0, 0, 1)), "");
  Host six{Family::ipv6};
  EXPECT_EQ(six.joins(wire::kAllNodes), "");
  EXPECT_EQ(six.joins(IpAddress::v6({0xff, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9})), "");
  six.hears(query6(100));
  EXPECT_EQ(six.waits(100ms), "");
}

TEST(GroupMembership, AQueryIsAnsweredWithinItsTime) {
  Host host{Family::ipv4};
  host.joins(kGroup4, true);
  host.joins(kOther4, true);
  EXPECT_EQ(host.hears(query4(10)), "");
  EXPECT_EQ(host.reason, std::nullopt);
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [2 239.1.2.3] [2 239.1.2.4]");
  EXPECT_EQ(host.groups.next_deadline(), std::nullopt);
}

TEST(GroupMembership, ACodeOfZeroWantsAnAnswerAtOnce) {
  Host host{Family::ipv6};
  host.joins(kGroup6, true);
  host.hears(query6(0));
  EXPECT_EQ(host.waits(0s), "to ff02::16: 143 [2 ff02::1:ff00:1]");
}

TEST(GroupMembership, AQueryForOneGroupIsAnsweredByItsListeners) {
  Host host{Family::ipv4};
  host.joins(kGroup4, true);
  host.joins(kOther4, true);
  host.hears(query4(10, IpAddress::v4(239, 9, 9, 9)));
  EXPECT_EQ(host.groups.next_deadline(), std::nullopt);
  host.hears(query4(10, kOther4));
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [2 239.1.2.4]");
}

TEST(GroupMembership, TwoQueriesDrawOneAnswer) {
  Host host{Family::ipv4};
  host.joins(kGroup4, true);
  host.hears(query4(1));
  host.hears(query4(100));
  host.hears(query4(100, kGroup4));
  EXPECT_EQ(host.waits(100ms), "to 224.0.0.22: 34 [2 239.1.2.3]");
  EXPECT_EQ(host.groups.next_deadline(), std::nullopt);
}

Buffer query_for(std::initializer_list<std::uint8_t> sources, const IpAddress& group = kGroup4) {
  Buffer query = query4(10, group);
  store_be16(query, 10, static_cast<std::uint16_t>(sources.size()));
  for (const std::uint8_t last : sources) query.insert(query.end(), {192, 0, 2, last});
  return query;
}

TEST(GroupMembership, WhoAsksForSourcesHearsThatTheyAreWanted) {
  Host host{Family::ipv4};
  host.joins(kGroup4, true);
  host.hears(query_for({1}));
  host.hears(query_for({1, 2}));
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [1 239.1.2.3 192.0.2.1 192.0.2.2]");
  // A question for the whole group covers those for sources, whichever came first.
  host.hears(query_for({1}));
  host.hears(query_for({}));
  host.hears(query_for({2}));
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [2 239.1.2.3]");
}

TEST(GroupMembership, RememberedSourcesAreBounded) {
  Host host{Family::ipv4, {.max_asked_sources = 2}};
  host.joins(kGroup4, true);
  host.hears(query_for({1, 2}));
  host.hears(query_for({3}));
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [2 239.1.2.3]");
  host.hears(query_for({1, 2, 3}));
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [2 239.1.2.3]");
}

TEST(GroupMembership, OlderRoutersHearOlderReports) {
  Host host{Family::ipv4};
  host.joins(kGroup4, true);
  host.hears(query4(10, IpAddress::v4(0, 0, 0, 0), 8));
  EXPECT_EQ(host.groups.version(), 2);
  EXPECT_EQ(host.waits(1s), "to 239.1.2.3: 22 239.1.2.3");
  EXPECT_EQ(host.joins(kOther4), "to 239.1.2.4: 22 239.1.2.4");
  EXPECT_EQ(host.waits(10s), "to 239.1.2.4: 22 239.1.2.4");
  EXPECT_EQ(host.leaves(kOther4), "to 224.0.0.2: 23 239.1.2.4");
  host.hears(query4(0, IpAddress::v4(0, 0, 0, 0), 8));
  EXPECT_EQ(host.groups.version(), 1);
  EXPECT_EQ(host.waits(10s), "to 239.1.2.3: 18 239.1.2.3");
  EXPECT_EQ(host.leaves(kGroup4), "") << "version 1 knows no leaving";
}

TEST(GroupMembership, MldOneIsAnOlderVersionToo) {
  Host host{Family::ipv6};
  host.joins(kGroup6, true);
  host.hears(query6(1000, IpAddress::v6({}), 24));
  EXPECT_EQ(host.waits(1s), "to ff02::1:ff00:1: 131 ff02::1:ff00:1");
  EXPECT_EQ(host.leaves(kGroup6), "to ff02::2: 132 ff02::1:ff00:1");
}

TEST(GroupMembership, OlderRoutersAreForgotten) {
  Host host{Family::ipv4};
  host.joins(kGroup4, true);
  host.hears(query4(10, IpAddress::v4(0, 0, 0, 0), 8));
  host.waits(1s);
  // Two intervals between queries, and the time of one answer (RFC 3376, 8.12).
  EXPECT_EQ(host.groups.next_deadline(), instant_at(1'000'000'000) + 260s);
  host.waits(260s);
  EXPECT_EQ(host.groups.version(), 3);
  EXPECT_EQ(host.leaves(kGroup4), "to 224.0.0.22: 34 [3 239.1.2.3]");
}

TEST(GroupMembership, InOlderVersionsOneHostSpeaksForAll) {
  Host host{Family::ipv4};
  host.joins(kGroup4, true);
  host.hears(query4(10, IpAddress::v4(0, 0, 0, 0), 8));
  host.hears(wire::encode_old_group_report(kGroup4, 2, false));
  EXPECT_EQ(host.reason, std::nullopt);
  EXPECT_EQ(host.groups.next_deadline(), host.now + 260s) << "no answer is pending";
  EXPECT_EQ(host.leaves(kGroup4), "") << "another host was heard last";
  host.hears(wire::encode_old_group_report(kGroup4, 2, false));
  EXPECT_EQ(host.reason, DropReason::group_not_asked_for) << "nobody here listens";
}

TEST(GroupMembership, ReportsOfOthersAreNoMatterInVersionThree) {
  Host host{Family::ipv4};
  host.joins(kGroup4, true);
  host.hears(query4(10));
  host.hears(wire::encode_old_group_report(kGroup4, 2, false));
  EXPECT_EQ(host.reason, DropReason::group_not_asked_for);
  EXPECT_EQ(host.waits(1s), "to 224.0.0.22: 34 [2 239.1.2.3]");
}

TEST(GroupMembership, ARouterSaysHowOftenToRepeat) {
  Host host{Family::ipv4};
  Buffer query = query4(10);
  query[8] = 3;
  host.hears(query);
  host.waits(1s);
  host.joins(kGroup4);
  EXPECT_NE(host.waits(1s), "");
  EXPECT_NE(host.waits(1s), "");
  EXPECT_EQ(host.groups.next_deadline(), std::nullopt);
}

TEST(GroupMembership, NonsenseIsNamed) {
  Host host{Family::ipv4};
  host.hears({0x11, 0, 0});
  EXPECT_EQ(host.reason, DropReason::group_malformed);
  host.hears({0x13, 0, 0, 0, 0, 0, 0, 0});  // DVMRP, which is for routers
  EXPECT_EQ(host.reason, DropReason::group_unknown_type);
  host.hears({0x17, 0, 0, 0, 239, 1, 2, 3});
  EXPECT_EQ(host.reason, DropReason::group_not_asked_for);
  Host silent{Family::ipv4, {.report = false}};
  EXPECT_EQ(silent.joins(kGroup4), "");
  silent.hears(query4(10));
  EXPECT_EQ(silent.reason, DropReason::group_switched_off);
  EXPECT_EQ(silent.groups.next_deadline(), std::nullopt);
}

TEST(GroupMembership, ManyGroupsTakeSeveralMessages) {
  Host host{Family::ipv4};
  for (std::uint8_t i = 1; i <= 100; ++i) host.joins(IpAddress::v4(239, 0, 0, i), true);
  host.groups.on_message(host.now, query4(10));
  host.now += 1s;
  host.groups.on_deadline(host.now);
  std::size_t messages = 0;
  std::size_t records = 0;
  while (const auto next = host.groups.next_announcement()) {
    ++messages;
    records += load_be16(next->message, 6);
    EXPECT_LE(next->message.size(), 1200u);
  }
  EXPECT_EQ(messages, 3u);
  EXPECT_EQ(records, 100u);
}

}  // namespace
}  // namespace packetwright::ip
