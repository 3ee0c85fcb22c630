// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/targets/agent/message.hh"
#include "harness/targets/packetwright_target.h"

namespace packetwright::agent {

// The functions of packetwright_target.h, each of which asks the Agent in `stack` for the operation
// of its name. Those that the agent does not have are null. Its texts are those of `hello`.
[[nodiscard]] pw_target table_of(const Hello& hello);

}  // namespace packetwright::agent
