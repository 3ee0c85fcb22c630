// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/plugin/library.hh"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace packetwright::plugin {
namespace {

constexpr const char* kEntry = "packetwright_target";
// Of version 1. What came later is optional.
constexpr std::size_t kSmallest = offsetof(pw_target, inject) + sizeof(void*);

}  // namespace

Result<std::unique_ptr<Library>, std::string> Library::load(const std::string& file) {
  auto object = targets::SharedObject::load(file);
  if (!object) return Err{object.error()};
  std::unique_ptr<Library> library{new Library{std::move(*object)}};
  if (auto read = library->read_table(); !read) return Err{read.error()};
  return library;
}

Result<void, std::string> Library::read_table() {
  const std::string& file = object_->file();
  table_ = {};
  const auto entry = reinterpret_cast<decltype(&packetwright_target)>(object_->symbol(kEntry));
  if (entry == nullptr) {
    return Err{file + " does not export " + kEntry +
               "(), so it is no plug-in of packetwright (packetwright_target.h says how one is "
               "made)"};
  }
  const pw_target* const theirs = entry();
  if (theirs == nullptr) return Err{file + ": " + kEntry + "() returned a null pointer"};
  if (theirs->version != PACKETWRIGHT_TARGET_VERSION) {
    return Err{file + " is made for version " + std::to_string(theirs->version) +
               " of packetwright_target.h; this program has version " +
               std::to_string(PACKETWRIGHT_TARGET_VERSION)};
  }
  if (theirs->size < kSmallest) {
    return Err{file + " says that its table has " + std::to_string(theirs->size) +
               " octets; the smallest has " + std::to_string(kSmallest)};
  }
  std::memcpy(&table_, theirs, std::min<std::size_t>(theirs->size, sizeof table_));
  if (const auto checked = check(table_); !checked) return Err{file + " " + checked.error()};
  return {};
}

Result<bool, targets::ResetError> Library::renew() {
  const auto unloaded = object_->reload();
  if (!unloaded) return Err{unloaded.error()};
  if (auto read = read_table(); !read) return Err{read.error()};
  return *unloaded;
}

}  // namespace packetwright::plugin
