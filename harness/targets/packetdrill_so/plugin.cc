// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/plugin.hh"

#include <utility>

namespace packetwright::packetdrill_so {
namespace {

constexpr const char* kInit = "packetdrill_interface_init";
constexpr const char* kNextTimer = "packetwright_next_timer";

}  // namespace

Result<std::unique_ptr<Plugin>, std::string> Plugin::load(const std::string& file) {
  auto object = targets::SharedObject::load(file);
  if (!object) return Err{object.error()};
  std::unique_ptr<Plugin> plugin{new Plugin{std::move(*object)}};
  if (auto found = plugin->find_symbols(); !found) return Err{found.error()};
  return plugin;
}

Plugin::~Plugin() {
  end_stack();
}

Result<void, std::string> Plugin::find_symbols() {
  init_ = reinterpret_cast<packetdrill_interface_init_t>(object_->symbol(kInit));
  if (init_ == nullptr) {
    return Err{object_->file() + " does not export " + kInit +
               "(), so it is no plug-in for packetdrill"};
  }
  next_timer_ = reinterpret_cast<packetwright_next_timer_t>(object_->symbol(kNextTimer));
  return {};
}

void Plugin::end_stack() {
  const packetdrill_interface slots = std::exchange(slots_, {});
  if (slots.free != nullptr) slots.free(slots.userdata);
}

Result<void, std::string> Plugin::restart(const std::string& flags) {
  end_stack();
  if (init_ == nullptr) return Err{object_->file() + " is not loaded any more"};
  init_(flags.c_str(), &slots_);
  if (slots_.netdev_send != nullptr && slots_.netdev_receive != nullptr) return {};
  return Err{std::string{kInit} + "(\"" + flags + "\") offers no " +
             (slots_.netdev_send == nullptr ? "netdev_send()" : "netdev_receive()") +
             ": it refused these flags, or it is not made for this interface"};
}

Result<bool, std::string> Plugin::reload(const std::string& flags) {
  end_stack();
  init_ = nullptr;
  const auto unloaded = object_->reload();
  if (!unloaded) return Err{unloaded.error()};
  if (auto found = find_symbols(); !found) return Err{found.error()};
  if (auto started = restart(flags); !started) return Err{started.error()};
  return *unloaded;
}

}  // namespace packetwright::packetdrill_so
