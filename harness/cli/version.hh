// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace packetwright::cli {

// "0.1.0 (1a2b3c4d5e6f)": the version and the commit it was built from, if that is known.
[[nodiscard]] std::string version_text();
// Several lines: version, commit, compiler, how it was built.
[[nodiscard]] std::string version_report();

}  // namespace packetwright::cli
