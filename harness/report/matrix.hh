// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "harness/report/document.hh"
#include "harness/report/paint.hh"

namespace packetwright::report {

// Runs of the same cases on several targets, side by side.
struct Matrix {
  // Of the runs of one folder on one target.
  struct Cell {
    std::size_t held = 0;    // passed, whatever was expected
    std::size_t judged = 0;  // had a verdict on the stack: neither unsupported nor error
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  struct Area {
    std::string folder;
    std::vector<Cell> cells;  // a target each
  };
  // A run that held on one target and did not on another.
  struct Difference {
    std::string name;                   // "udp/from_nobody [ipv4]"
    std::string title;                  // of the case
    std::string places;                 // "RFC 1122, 3.2.1.3"
    std::vector<std::string> verdicts;  // words; empty: that target did not run it
  };
  std::vector<std::string> targets;   // as they are called in headings
  std::vector<std::string> versions;  // of the stacks
  std::vector<Difference> differences;
  std::vector<Area> areas;
  std::vector<Cell> total;
};

// Documents of finished runs. Two of one target are told apart by their numbers: "linux#2".
[[nodiscard]] Matrix matrix_of(std::span<const Json> documents);

[[nodiscard]] Json to_json(const Matrix& matrix);
void write_text(std::ostream& out, const Matrix& matrix, const Paint& paint);
void write_markdown(std::ostream& out, const Matrix& matrix);

}  // namespace packetwright::report
