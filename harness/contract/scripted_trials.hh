// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "harness/contract/trials.hh"
#include "harness/targets/target.hh"

// The trials that are scripts.
namespace packetwright::contract {

using Names = std::span<const std::string>;

// Nothing but an answer within the call: an Echo Request.
TrialResult quiescence4(targets::Target& target, Names);
TrialResult quiescence6(targets::Target& target, Names);
TrialResult udp4(targets::Target& target, Names);
TrialResult udp6(targets::Target& target, Names);
TrialResult tcp_accepts4(targets::Target& target, Names);
TrialResult tcp_accepts6(targets::Target& target, Names);
TrialResult tcp_connects4(targets::Target& target, Names);
TrialResult tcp_connects6(targets::Target& target, Names);
TrialResult dns(targets::Target& target, Names);

}  // namespace packetwright::contract
