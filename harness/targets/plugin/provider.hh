// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "harness/targets/packetwright_target.h"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::plugin {

// Where the functions of packetwright_target.h come from: a shared object (Library), or whatever
// else can be made to look like one.
class Provider {
 public:
  virtual ~Provider() = default;

  // "plug-in": what is to blame where it breaks the interface.
  [[nodiscard]] virtual std::string_view noun() const noexcept = 0;
  // How frames get to it (Traits::medium).
  [[nodiscard]] virtual std::string_view medium() const noexcept = 0;
  // It keeps to the header as far as check() can tell. Valid until renew().
  [[nodiscard]] virtual const pw_target& table() const noexcept = 0;
  // What create() finds in `*stack`: functions that are the same for everybody know by that whose
  // they are.
  [[nodiscard]] virtual void* context() noexcept { return nullptr; }
  // Everything as new, static data too. False: these are not.
  [[nodiscard]] virtual Result<bool, targets::ResetError> renew() = 0;
  // How it ended without a result of a function to tell of it, until create() brings it back.
  // nullopt: it did not.
  [[nodiscard]] virtual std::optional<targets::Death> death() const { return std::nullopt; }
};

// What is wrong with a table of this version, as far as can be told without calling it: "lacks
// create()".
[[nodiscard]] Result<void, std::string> check(const pw_target& table);

// Whether the stack moves its clock itself, in wait(): a real one, or a virtual one whose next
// timer nobody knows.
[[nodiscard]] bool keeps_time(const pw_target& table) noexcept;

}  // namespace packetwright::plugin
