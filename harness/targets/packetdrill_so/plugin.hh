// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "harness/targets/packetdrill_so/packetdrill_interface.h"
#include "harness/targets/shared_object.hh"
#include "stack/base/result.hh"

namespace packetwright::packetdrill_so {

// A shared object and the one stack that it offers. The interface has no handle of its own for a
// stack, so that there is one to a process.
class Plugin {
 public:
  // `file`: a path. The error is the dynamic linker's.
  [[nodiscard]] static Result<std::unique_ptr<Plugin>, std::string> load(const std::string& file);
  ~Plugin();
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  // Ends the stack that there is, and begins another one. An error: it offers no stack.
  [[nodiscard]] Result<void, std::string> restart(const std::string& flags);
  // The same, with static data as new: the shared object is unloaded in between. False: it stayed,
  // because it has threads or the linker holds it; its static data live on.
  [[nodiscard]] Result<bool, std::string> reload(const std::string& flags);

  // Valid until the next restart() or reload().
  [[nodiscard]] const packetdrill_interface& slots() const noexcept { return slots_; }
  // nullptr: it does not say when it will act.
  [[nodiscard]] packetwright_next_timer_t next_timer() const noexcept { return next_timer_; }

 private:
  explicit Plugin(std::unique_ptr<targets::SharedObject> object) : object_(std::move(object)) {}
  Result<void, std::string> find_symbols();
  void end_stack();

  std::unique_ptr<targets::SharedObject> object_;
  packetdrill_interface_init_t init_ = nullptr;
  packetwright_next_timer_t next_timer_ = nullptr;
  packetdrill_interface slots_{};
};

}  // namespace packetwright::packetdrill_so
