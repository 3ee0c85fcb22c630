// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iterator>

#include "stack/base/bytes.hh"
#include "stack/base/result.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

// The options that stand one behind the other in `octets` from place `first` on, in wire order:
// `for (const auto& option : TcpOptions{view.options()})`. What an option is, and whether it is the
// last one, `Option::read(octets, at, item)` says: it reads the one at place `at`, which is within
// the octets, or says what is wrong with it, and returns where the next one begins; the end of the
// octets if there is none, as behind an error.
template <class Option, std::size_t first = 0>
class OptionList {
 public:
  using Item = Result<Option, ParseError>;

  class Iterator {
   public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    Iterator() = default;
    explicit Iterator(Bytes octets) noexcept : octets_(octets) { read(); }
    [[nodiscard]] const Item& operator*() const noexcept { return item_; }
    [[nodiscard]] const Item* operator->() const noexcept { return &item_; }
    Iterator& operator++() noexcept {
      at_ = next_;
      read();
      return *this;
    }
    void operator++(int) noexcept { ++*this; }
    [[nodiscard]] friend bool operator==(const Iterator& it, std::default_sentinel_t) noexcept {
      return it.at_ >= it.octets_.size();
    }

   private:
    void read() noexcept {
      if (at_ >= octets_.size()) return;
      next_ = Option::read(octets_, at_, item_);
    }

    Bytes octets_;
    std::size_t at_ = first;
    std::size_t next_ = first;
    Item item_ = Option{};
  };

  explicit OptionList(Bytes octets) noexcept : octets_(octets) {}
  [[nodiscard]] Iterator begin() const noexcept { return Iterator{octets_}; }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  Bytes octets_;
};

}  // namespace packetwright::wire
