// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/runner/case.hh"
#include "harness/runner/catalogue.hh"
#include "harness/runner/files.hh"
#include "harness/runner/selection.hh"
#include "harness/script/expand.hh"
#include "harness/script/tree.hh"
#include "stack/base/result.hh"

namespace packetwright::runner {

// A conformance folder: cases, preludes, requirements and expectations. Opening it lists files and
// reads requirements and preludes; cases are read when they are asked for.
class Suite {
 public:
  struct Options {
    std::string prefix = "conformance/";  // in front of the paths that users see
    script::Dialect dialect = script::Dialect::automatic;
    std::map<std::string, std::string> defines;  // symbols of every script (script::ParseOptions)
  };

  // `files` must outlive the suite. An error says what cannot be read or makes no sense.
  [[nodiscard]] static Result<Suite, std::string> open(Files& files, const Options& options);
  // A suite without a folder, for scripts that stand elsewhere.
  [[nodiscard]] static Suite without_folder(const Options& options);

  // The ids of all cases in the order of reports. Preludes and sanity cases are not among them.
  [[nodiscard]] const std::vector<std::string>& ids() const noexcept { return ids_; }
  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }
  [[nodiscard]] const std::map<std::string, script::Source, std::less<>>& preludes()
      const noexcept {
    return preludes_;
  }
  [[nodiscard]] script::PreludeLoader prelude_loader() const;

  // The case that shows a target and its adapter to work at all: sanity_<target>.pkt, or
  // sanity.pkt.
  [[nodiscard]] std::optional<std::string> sanity_id(std::string_view target) const;
  // expectations/<target>.toml; nullopt: there is none.
  [[nodiscard]] std::optional<std::string> expectations_path(std::string_view target) const;

  // Reads one case by its id, which must be one that was listed. Whatever is wrong with the file is
  // in Case::problem.
  [[nodiscard]] Case load(std::string_view id) const;
  // A script that is no part of the folder.
  [[nodiscard]] Case load_text(std::string_view id, std::string_view path, std::string text) const;

  // The cases that a user means, in the order of reports. Sanity cases and preludes can be named by
  // their id. The error says what matches nothing, with near misses.
  [[nodiscard]] Result<std::vector<Case>, std::string> select(const Selection& selection) const;

  // Files below the folder whose path starts with `prefix`.
  [[nodiscard]] std::vector<std::string> files_under(std::string_view prefix) const;
  [[nodiscard]] Result<std::string, std::string> read(std::string_view path) const;

 private:
  // Of every case and of every folder that holds one.
  [[nodiscard]] std::vector<std::string> names() const;
  Suite() = default;

  Files* files_ = nullptr;
  Options options_;
  std::vector<std::string> paths_;  // all files, sorted
  std::vector<std::string> ids_;
  Catalogue catalogue_;
  std::map<std::string, script::Source, std::less<>> preludes_;
};

}  // namespace packetwright::runner
