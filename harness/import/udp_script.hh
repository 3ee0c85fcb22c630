// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/import/import.hh"
#include "stack/base/result.hh"

namespace packetwright::import {

// The script of an exchange of datagrams. A client has one connected socket, a server one that is
// bound and answers to whoever asked. Datagrams that travelled in fragments do so again.
[[nodiscard]] Result<Imported, std::string> udp_script(const Conversation& conversation,
                                                       const std::vector<std::string>& title,
                                                       const ImportOptions& options);

}  // namespace packetwright::import
