// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "harness/targets/packetwright_target.h"
#include "harness/targets/shared_object.hh"
#include "stack/base/result.hh"

namespace packetwright::plugin {

// A shared object that keeps to packetwright_target.h as far as can be told without calling it.
class Library {
 public:
  // `file`: a path, with a slash in it. An error: what is wrong with it, and how it should be.
  [[nodiscard]] static Result<std::unique_ptr<Library>, std::string> load(const std::string& file);

  // What it offers, as this version of the header has it: members that its maker did not know are
  // null. Valid until reload().
  [[nodiscard]] const pw_target& table() const noexcept { return table_; }

  // Static data as new. False: they are not, because it could not be unloaded.
  [[nodiscard]] Result<bool, std::string> reload();

 private:
  explicit Library(std::unique_ptr<targets::SharedObject> object) : object_(std::move(object)) {}
  Result<void, std::string> read_table();

  std::unique_ptr<targets::SharedObject> object_;
  pw_target table_{};
};

}  // namespace packetwright::plugin
