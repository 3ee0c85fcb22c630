// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/descriptor_table.hh"

#include <string>

#include <gtest/gtest.h>

#include "stack/iface/errno.hh"

namespace packetwright::iface {
namespace {

TEST(IfaceDescriptorTable, GivesTheLowestFreeNumber) {
  DescriptorTable<std::string> table{8};
  EXPECT_EQ(table.insert("a"), 0);
  EXPECT_EQ(table.insert("b"), 1);
  EXPECT_EQ(table.insert("c"), 2);
  table.erase(1);
  table.erase(0);
  EXPECT_EQ(table.insert("d"), 0);
  EXPECT_EQ(table.insert("e"), 1);
  EXPECT_EQ(table.insert("f"), 3);
  EXPECT_EQ(*table.find(1), "e");
}

TEST(IfaceDescriptorTable, RefusesWhenFullAndServesAgainAfterAClose) {
  DescriptorTable<int> table{2};
  EXPECT_EQ(table.insert(7), 0);
  EXPECT_EQ(table.insert(8), 1);
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.insert(9), std::nullopt);
  table.erase(1);
  EXPECT_EQ(table.insert(9), 1);
}

TEST(IfaceDescriptorTable, KnowsNoOtherNumbers) {
  DescriptorTable<int> table{4};
  (void)table.insert(1);
  table.erase(0);
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(-1), nullptr);
  EXPECT_EQ(table.find(99), nullptr);
}

TEST(IfaceErrno, HasThePosixNames) {
  EXPECT_EQ(name_of(Errno::eacces), "EACCES");
  EXPECT_EQ(name_of(Errno::econnrefused), "ECONNREFUSED");
  EXPECT_EQ(name_of(Errno::eprotonosupport), "EPROTONOSUPPORT");
  EXPECT_EQ(name_of(Errno::etimedout), "ETIMEDOUT");
}

}  // namespace
}  // namespace packetwright::iface
