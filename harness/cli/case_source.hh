// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/command_line.hh"
#include "harness/cli/disk.hh"
#include "harness/runner/suite.hh"
#include "stack/base/result.hh"

namespace packetwright::cli {

// The conformance folder, opened.
struct OpenSuite {
  std::unique_ptr<DiskFiles> files;  // nullptr: there is no folder
  std::filesystem::path root;
  runner::Suite suite;
};

// What the user selected.
struct SelectedCases {
  std::vector<runner::Case> cases;
  bool everything = false;  // the whole suite, so that what selects nothing is stale
  // Elsewhere on the disk, as ids that end in a slash: folders of which all was selected.
  std::vector<std::string> folders;
};

// Opens the folder that the arguments name, or the one that find_conformance() finds. Having none
// is no error here: scripts may stand elsewhere.
[[nodiscard]] Result<OpenSuite, EarlyEnd> open_suite(const CaseArguments& arguments);

// The cases that the arguments select. Words may be ids, folders and globs of the suite, or paths
// of scripts and folders on the disk. An end of the command: a word matches nothing, nothing is
// left, or a script that was named itself is invalid and `allow_invalid` is false.
[[nodiscard]] Result<SelectedCases, EarlyEnd> select_cases(const OpenSuite& open,
                                                           const CaseArguments& arguments,
                                                           bool allow_invalid);

}  // namespace packetwright::cli
