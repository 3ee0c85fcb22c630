// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/cli/command_line.hh"
#include "harness/sim/target_goodput.hh"
#include "stack/base/result.hh"

// What `packetwright goodput` measures, in the order in which it tells it.
namespace packetwright::cli {

// One line of a table.
struct GoodputRow {
  std::string name;
  sim::Measurement measurement;
  std::size_t seeds = 1;
};

struct GoodputTable {
  std::string title, heading;  // the heading is that of the rows' names
  bool shares = true;          // of the bottleneck; else times
  std::vector<GoodputRow> rows;
};

// An end of the command: a loss that is no share.
[[nodiscard]] Result<std::vector<GoodputTable>, EarlyEnd> goodput_tables(
    const GoodputArguments& arguments);

}  // namespace packetwright::cli
