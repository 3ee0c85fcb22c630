// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "stack/base/assert.hh"

namespace packetwright::iface {

// What an application holds of a socket: a small number.
using Descriptor = int;

// Numbers for things, as POSIX gives them to files: always the lowest that is free, 0 first, and
// never more than a limit.
template <class T>
class DescriptorTable {
 public:
  explicit DescriptorTable(std::size_t limit) noexcept : limit_(limit) {}

  // nullopt: the table is full, and `entry` is gone.
  [[nodiscard]] std::optional<Descriptor> insert(T entry) {
    std::size_t slot = lowest_free_;
    while (slot < entries_.size() && entries_[slot].has_value()) ++slot;
    if (slot >= limit_) return std::nullopt;
    if (slot == entries_.size()) entries_.emplace_back();
    entries_[slot].emplace(std::move(entry));
    lowest_free_ = slot + 1;
    ++size_;
    return static_cast<Descriptor>(slot);
  }

  // nullptr: no such descriptor, whatever the number is. Valid until the next insert().
  [[nodiscard]] T* find(Descriptor descriptor) noexcept {
    const auto slot = static_cast<std::size_t>(descriptor);
    if (descriptor < 0 || slot >= entries_.size() || !entries_[slot]) return nullptr;
    return &*entries_[slot];
  }
  [[nodiscard]] const T* find(Descriptor descriptor) const noexcept {
    return const_cast<DescriptorTable*>(this)->find(descriptor);
  }

  // The descriptor is in use.
  void erase(Descriptor descriptor) noexcept {
    PW_ASSERT(find(descriptor) != nullptr);
    const auto slot = static_cast<std::size_t>(descriptor);
    entries_[slot].reset();
    if (slot < lowest_free_) lowest_free_ = slot;
    --size_;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // Octets of memory of the table itself.
  [[nodiscard]] std::size_t memory() const noexcept {
    return entries_.capacity() * sizeof(std::optional<T>);
  }
  [[nodiscard]] bool full() const noexcept { return size_ >= limit_; }

  // In the order of the numbers: visit(descriptor, entry).
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t slot = 0; slot < entries_.size(); ++slot) {
      if (entries_[slot]) visit(static_cast<Descriptor>(slot), *entries_[slot]);
    }
  }

 private:
  std::size_t limit_;
  std::size_t size_ = 0;
  std::size_t lowest_free_ = 0;  // no lower slot is free
  std::vector<std::optional<T>> entries_;
};

}  // namespace packetwright::iface
