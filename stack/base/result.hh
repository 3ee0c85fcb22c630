// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "stack/base/assert.hh"

namespace packetwright::inline base {

// Wraps an error on its way into a Result: `return Err{ParseErrc::truncated};`.
template <class E>
struct Err {
  E error;
};
template <class E>
Err(E) -> Err<E>;

// Either a value or the reason there is none. Never empty, never throws; reading the wrong side is
// a programmer error. (std::expected is C++23; this is the part of it that we use.)
template <class T, class E>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  constexpr Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class G>
    requires std::is_constructible_v<E, G>
  constexpr Result(Err<G> err) : state_(std::in_place_index<1>, std::move(err.error)) {}

  [[nodiscard]] constexpr bool ok() const noexcept { return state_.index() == 0; }
  constexpr explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] constexpr const T& value() const& noexcept {
    PW_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] constexpr T& value() & noexcept {
    PW_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] constexpr T&& value() && noexcept {
    PW_ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] constexpr const E& error() const noexcept {
    PW_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] constexpr T value_or(T otherwise) const& {
    return ok() ? value() : std::move(otherwise);
  }

  constexpr const T& operator*() const& noexcept { return value(); }
  constexpr T& operator*() & noexcept { return value(); }
  constexpr const T* operator->() const noexcept { return &value(); }
  constexpr T* operator->() noexcept { return &value(); }

 private:
  std::variant<T, E> state_;
};

// Success without a value: `return {};`.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  constexpr Result() = default;
  template <class G>
    requires std::is_constructible_v<E, G>
  constexpr Result(Err<G> err) : error_(std::in_place, std::move(err.error)) {}

  [[nodiscard]] constexpr bool ok() const noexcept { return !error_.has_value(); }
  constexpr explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] constexpr const E& error() const noexcept {
    PW_ASSERT(!ok());
    return *error_;
  }

 private:
  std::optional<E> error_;
};

}  // namespace packetwright::inline base
