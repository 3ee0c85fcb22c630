// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "harness/engine/outcome.hh"
#include "harness/script/expression.hh"
#include "harness/targets/posix_calls.hh"
#include "stack/base/instant.hh"

namespace packetwright::engine {

// Whether a time stamp of the target is near enough to a time of the script.
using StampCheck = std::function<bool(Duration script, Instant target)>;

// What recvmsg() wrote and the script says otherwise: the flags, and each control message in its
// order: level, type and data. Data of errors is compared by members; a time stamp of 0 and a
// statistic of all ones match anything.
[[nodiscard]] std::vector<FieldDifference> compare_message(const script::Expression& want,
                                                           const targets::Value& got,
                                                           targets::PosixCalls* posix,
                                                           const StampCheck& near_enough);

}  // namespace packetwright::engine
