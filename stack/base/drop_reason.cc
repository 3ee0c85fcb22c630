// SPDX-License-Identifier: Apache-2.0
#include "stack/base/drop_reason.hh"

namespace packetwright::inline base {

std::string_view name_of(DropReason reason) noexcept {
  static constexpr std::array<std::string_view, kDropReasonCount> kNames{
#define PW_X(name) #name,
      PW_DROP_REASONS(PW_X)
#undef PW_X
  };
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace packetwright::inline base
