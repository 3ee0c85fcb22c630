// SPDX-License-Identifier: Apache-2.0
// packetwright-faults: the command with stacks that go wrong as they are asked to.
//   faulty         misbehaves as the case asks, with `//: set fault NAME`: what tests need
//   faulty:NAME    the reference stack with that fault planted in it: what the suite is measured by
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/cli/command.hh"
#include "harness/targets/faulty/fault.hh"
#include "harness/targets/faulty/faulty_target.hh"
#include "harness/targets/faulty/planted_target.hh"
#include "harness/targets/registry.hh"

namespace {

namespace faulty = packetwright::faulty;
namespace targets = packetwright::targets;
using Opened = packetwright::Result<std::unique_ptr<targets::Target>, std::string>;

// The fault of "faulty:NAME"; nullptr: there is none of that name.
const faulty::Fault* fault_of(std::string_view name) {
  return faulty::find_fault(name.substr(name.find(':') + 1));
}

Opened open(std::string_view name) {
  if (name.find(':') == std::string_view::npos) {
    return Opened{std::make_unique<faulty::FaultyTarget>()};
  }
  const faulty::Fault* const fault = fault_of(name);
  if (fault == nullptr) return packetwright::Err{std::string{"there is no such fault"}};
  return Opened{faulty::open_planted(fault->number)};
}

std::optional<std::string> objection(std::string_view name) {
  if (fault_of(name) != nullptr) return std::nullopt;
  return "there is no such fault (packetwright-faults faults --list tells which there are)";
}

}  // namespace

int main(int argc, char** argv) {
  targets::add(
      {"faulty", targets::ClockKind::virtual_time, "memory", open, true, false, objection});
  return packetwright::cli::command(argc, argv, faulty::fault_table());
}
