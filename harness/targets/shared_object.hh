// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "stack/base/result.hh"

namespace packetwright::targets {

// A shared object in this process, and the way to get its static data as new.
class SharedObject {
 public:
  // `file`: a path, with a slash in it. The error is the dynamic linker's.
  [[nodiscard]] static Result<std::unique_ptr<SharedObject>, std::string> load(
      const std::string& file);
  // Stays in memory if threads run, which may be in its code.
  ~SharedObject();
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  // nullptr: it does not export that. Valid until reload().
  [[nodiscard]] void* symbol(const char* name) const;

  // Unloads it and loads it again. False: it stayed, because it has threads or the linker holds it;
  // its static data live on. After an error it is not loaded, and has no symbols.
  [[nodiscard]] Result<bool, std::string> reload();

 private:
  explicit SharedObject(std::string file) : file_(std::move(file)) {}
  Result<void, std::string> open();
  void unload();

  std::string file_;
  void* handle_ = nullptr;
};

}  // namespace packetwright::targets
