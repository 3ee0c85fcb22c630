// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/shared_object.hh"

#include <filesystem>
#include <system_error>
#include <utility>

#include <dlfcn.h>

namespace packetwright::targets {
namespace {

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

Result<std::unique_ptr<SharedObject>, std::string> SharedObject::load(const std::string& file) {
  std::unique_ptr<SharedObject> object{new SharedObject{file}};
  if (auto opened = object->open(); !opened) return Err{opened.error()};
  return object;
}

SharedObject::~SharedObject() {
  unload();
}

Result<void, std::string> SharedObject::open() {
  dlerror();
  handle_ = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) return Err{linker_error()};
  return {};
}

void SharedObject::unload() {
  if (handle_ != nullptr && !has_threads()) dlclose(std::exchange(handle_, nullptr));
}

void* SharedObject::symbol(const char* name) const {
  return handle_ == nullptr ? nullptr : dlsym(handle_, name);
}

Result<bool, std::string> SharedObject::reload() {
  unload();
  if (handle_ != nullptr) return false;
  // Opening it without loading it tells whether it is still there.
  void* const still = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  const bool unloaded = still == nullptr;
  if (still != nullptr) dlclose(still);
  if (auto opened = open(); !opened) return Err{opened.error()};
  return unloaded;
}

}  // namespace packetwright::targets
