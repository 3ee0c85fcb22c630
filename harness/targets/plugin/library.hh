// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "harness/targets/packetwright_target.h"
#include "harness/targets/plugin/provider.hh"
#include "harness/targets/shared_object.hh"
#include "stack/base/result.hh"

namespace packetwright::plugin {

// A shared object that keeps to packetwright_target.h as far as can be told without calling it.
class Library final : public Provider {
 public:
  // `file`: a path, with a slash in it. An error: what is wrong with it, and how it should be.
  [[nodiscard]] static Result<std::unique_ptr<Library>, std::string> load(const std::string& file);

  // What it offers, as this version of the header has it: members that its maker did not know are
  // null.
  [[nodiscard]] const pw_target& table() const noexcept override { return table_; }
  [[nodiscard]] std::string_view noun() const noexcept override { return "plug-in"; }
  [[nodiscard]] std::string_view medium() const noexcept override { return "memory"; }

  // False: it could not be unloaded.
  [[nodiscard]] Result<bool, targets::ResetError> renew() override;

 private:
  explicit Library(std::unique_ptr<targets::SharedObject> object) : object_(std::move(object)) {}
  Result<void, std::string> read_table();

  std::unique_ptr<targets::SharedObject> object_;
  pw_target table_{};
};

}  // namespace packetwright::plugin
