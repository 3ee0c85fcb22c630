// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/probe.hh"

#include <memory>
#include <utility>

#include "harness/targets/isolation/probe.hh"
#include "harness/targets/packetdrill_so/packetdrill_so_target.hh"

namespace packetwright::packetdrill_so {

Result<targets::Traits, std::string> probe(std::string_view target) {
  if (const auto words = words_of(target); !words) return Err{words.error()};
  return isolation::probe([&]() -> Result<std::unique_ptr<targets::Target>, std::string> {
    auto opened = PacketdrillSoTarget::open(target);
    if (!opened) return Err{opened.error()};
    return std::unique_ptr<targets::Target>{std::move(*opened)};
  });
}

}  // namespace packetwright::packetdrill_so
