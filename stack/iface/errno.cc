// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/errno.hh"

#include <array>

namespace packetwright::iface {
namespace {

// A name in capitals, made from the enumerator so that the list stands in one place.
struct PosixName {
  std::array<char, 20> letters{};
  std::size_t size = 0;

  constexpr explicit PosixName(std::string_view enumerator) : size(enumerator.size()) {
    for (std::size_t i = 0; i < size; ++i) {
      letters[i] = static_cast<char>(enumerator[i] - 'a' + 'A');
    }
  }
};

constexpr PosixName kNames[] = {
#define PW_X(name) PosixName{#name},
    PW_SOCKET_ERRORS(PW_X)
#undef PW_X
};

}  // namespace

std::string_view name_of(Errno error) noexcept {
  const PosixName& name = kNames[static_cast<std::size_t>(error)];
  return {name.letters.data(), name.size};
}

}  // namespace packetwright::iface
