// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/case.hh"

#include <tuple>

namespace packetwright::runner {

std::string_view folder_of(std::string_view id) noexcept {
  const std::size_t slash = id.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : id.substr(0, slash);
}

std::string_view leaf_of(std::string_view id) noexcept {
  const std::size_t slash = id.rfind('/');
  return slash == std::string_view::npos ? id : id.substr(slash + 1);
}

bool in_report_order(std::string_view a, std::string_view b) noexcept {
  return std::tuple(folder_of(a), leaf_of(a)) < std::tuple(folder_of(b), leaf_of(b));
}

}  // namespace packetwright::runner
