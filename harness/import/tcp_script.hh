// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/import/import.hh"
#include "harness/import/mend.hh"
#include "stack/base/result.hh"

namespace packetwright::import {

// The script of a mended TCP connection. Socket calls are inferred: a write ends where PSH says
// that one ended, a read takes what has come when something is done with it, a FIN was a close, or
// a shutdown where the stack went on receiving.
[[nodiscard]] Result<Imported, std::string> tcp_script(const Mended& mended,
                                                       const Conversation& conversation,
                                                       const std::vector<std::string>& title,
                                                       const ImportOptions& options);

}  // namespace packetwright::import
