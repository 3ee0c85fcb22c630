// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/plugin.hh"

#include <filesystem>
#include <system_error>
#include <utility>

#include <dlfcn.h>

namespace packetwright::packetdrill_so {
namespace {

constexpr const char* kInit = "packetdrill_interface_init";
constexpr const char* kNextTimer = "packetwright_next_timer";

std::string linker_error() {
  const char* const text = dlerror();
  return text != nullptr ? text : "unknown error of the dynamic linker";
}

// A thread whose code is unmapped takes the process down.
bool has_threads() {
  std::error_code error;
  int threads = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/task", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++threads;
  }
  return threads > 1;
}

}  // namespace

Result<std::unique_ptr<Plugin>, std::string> Plugin::load(const std::string& file) {
  std::unique_ptr<Plugin> plugin{new Plugin{file}};
  if (auto opened = plugin->open(); !opened) return Err{opened.error()};
  return plugin;
}

Plugin::~Plugin() {
  end_stack();
  unload();
}

// A plug-in that left threads behind still needs its code, and stays.
void Plugin::unload() {
  if (handle_ != nullptr && !has_threads()) dlclose(std::exchange(handle_, nullptr));
}

Result<void, std::string> Plugin::open() {
  dlerror();
  handle_ = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) return Err{linker_error()};
  init_ = reinterpret_cast<packetdrill_interface_init_t>(dlsym(handle_, kInit));
  if (init_ == nullptr) {
    return Err{file_ + " does not export " + kInit + "(), so it is no plug-in for packetdrill"};
  }
  next_timer_ = reinterpret_cast<packetwright_next_timer_t>(dlsym(handle_, kNextTimer));
  return {};
}

void Plugin::end_stack() {
  const packetdrill_interface slots = std::exchange(slots_, {});
  if (slots.free != nullptr) slots.free(slots.userdata);
}

Result<void, std::string> Plugin::restart(const std::string& flags) {
  end_stack();
  init_(flags.c_str(), &slots_);
  if (slots_.netdev_send != nullptr && slots_.netdev_receive != nullptr) return {};
  return Err{std::string{kInit} + "(\"" + flags + "\") offers no " +
             (slots_.netdev_send == nullptr ? "netdev_send()" : "netdev_receive()") +
             ": it refused these flags, or it is not made for this interface"};
}

Result<bool, std::string> Plugin::reload(const std::string& flags) {
  end_stack();
  unload();
  bool unloaded = false;
  if (handle_ == nullptr) {
    // Opening it without loading it tells whether it is still there.
    void* const still = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    unloaded = still == nullptr;
    if (still != nullptr) dlclose(still);
    if (auto opened = open(); !opened) return Err{opened.error()};
  }
  if (auto started = restart(flags); !started) return Err{started.error()};
  return unloaded;
}

}  // namespace packetwright::packetdrill_so
