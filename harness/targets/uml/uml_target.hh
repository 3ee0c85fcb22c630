// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/targets/plugin/plugin_target.hh"

namespace packetwright::uml {

inline constexpr std::string_view kName = "uml", kKasanName = "uml-kasan";

// Linux as a program of this machine, in virtual time (docs/uml.md); `name` is one of the two. An
// error says what is missing.
[[nodiscard]] Result<std::unique_ptr<plugin::PluginTarget>, std::string> open(
    std::string_view name);

}  // namespace packetwright::uml
