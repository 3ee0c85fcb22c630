// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/plugin/provider.hh"

#include <string>

namespace packetwright::plugin {
namespace {

constexpr std::uint32_t kKnownFlags = PW_ETHERNET | PW_REAL_TIME | PW_ONE_LIFE;

// What is missing in a table, as a list; empty: nothing is.
std::string missing(const pw_target& table) {
  std::string list;
  const auto require = [&](bool there, const char* what) {
    if (there) return;
    list += list.empty() ? "" : ", ";
    list += what;
  };
  require(table.name != nullptr && *table.name != '\0', "name");
  require(table.stack_version != nullptr, "stack_version");
  require(table.capabilities != nullptr, "capabilities");
  require(table.create != nullptr, "create()");
  require(table.destroy != nullptr, "destroy()");
  require(table.inject != nullptr, "inject()");
  if ((table.flags & PW_REAL_TIME) != 0) {
    require(table.now != nullptr, "now() (for PW_REAL_TIME)");
    require(table.wait != nullptr, "wait() (for PW_REAL_TIME)");
  } else if (!keeps_time(table)) {
    require(table.advance != nullptr, "advance()");
    require(table.next_timer != nullptr || table.tick_ns != 0, "next_timer() or tick_ns");
  }
  return list;
}

}  // namespace

Result<void, std::string> check(const pw_target& table) {
  if ((table.flags & ~kKnownFlags) != 0) {
    return Err{"has flags that nobody knows: " + std::to_string(table.flags)};
  }
  const std::string lacking = missing(table);
  if (!lacking.empty()) return Err{"lacks " + lacking};
  return {};
}

bool keeps_time(const pw_target& table) noexcept {
  if ((table.flags & PW_REAL_TIME) != 0) return true;
  return table.next_timer == nullptr && table.now != nullptr && table.wait != nullptr;
}

}  // namespace packetwright::plugin
