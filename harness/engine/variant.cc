// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/variant.hh"

namespace packetwright::engine {

std::string_view name_of(Variant variant) noexcept {
  switch (variant) {
    case Variant::ipv4: return "ipv4";
    case Variant::ipv4_mapped_ipv6: return "ipv4-mapped-ipv6";
    case Variant::ipv6: return "ipv6";
  }
  return "?";
}

std::optional<Variant> variant_named(std::string_view name) noexcept {
  if (name == "ipv4") return Variant::ipv4;
  if (name == "ipv4-mapped-ipv6" || name == "ipv4_mapped_ipv6") return Variant::ipv4_mapped_ipv6;
  if (name == "ipv6") return Variant::ipv6;
  return std::nullopt;
}

}  // namespace packetwright::engine
