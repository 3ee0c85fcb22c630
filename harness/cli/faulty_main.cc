// SPDX-License-Identifier: Apache-2.0
// The command with one target more: a stack that misbehaves as its cases ask. For tests.
#include <memory>
#include <string>
#include <string_view>

#include "harness/cli/command.hh"
#include "harness/targets/faulty/faulty_target.hh"
#include "harness/targets/registry.hh"

namespace {

using packetwright::faulty::FaultyTarget;
namespace targets = packetwright::targets;

}  // namespace

int main(int argc, char** argv) {
  using Opened = packetwright::Result<std::unique_ptr<targets::Target>, std::string>;
  targets::add({"faulty", targets::ClockKind::virtual_time, "memory",
                [](std::string_view) { return Opened{std::make_unique<FaultyTarget>()}; }});
  return packetwright::cli::command(argc, argv);
}
