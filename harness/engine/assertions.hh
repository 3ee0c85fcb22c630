// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/engine/calls.hh"
#include "harness/engine/session.hh"

// `= state(4) TIME_WAIT`, `= info(4, cwnd) 10` and `= unpredictable(isn)`. A target that cannot
// tell its states and counters is not judged: the assertion is skipped and counted, and the wire
// decides.
namespace packetwright::engine {

void assert_state(Session& session, Calls& calls, const script::Event& event,
                  const script::StateAssertion& assertion);
void assert_info(Session& session, Calls& calls, const script::Event& event,
                 const script::InfoAssertion& assertion);
void assert_unpredictable(Session& session, const script::Event& event,
                          const script::UnpredictableAssertion& assertion);

// "TIME_WAIT".
[[nodiscard]] std::string_view state_text(targets::TcpState state) noexcept;

}  // namespace packetwright::engine
