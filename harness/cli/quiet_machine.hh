// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace packetwright::cli {

// Waits, for a minute at most, until no other command of this user on this machine runs what is in
// doubt, and keeps others from it while the result lives. Null: nothing could be agreed upon; each
// goes its way then.
[[nodiscard]] std::shared_ptr<void> wait_for_quiet_machine();

}  // namespace packetwright::cli
