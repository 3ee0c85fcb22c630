// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/model/choices.hh"
#include "harness/model/outcome.hh"
#include "harness/model/segment.hh"
#include "harness/model/variables.hh"

// The oracle of the sweep: SEGMENT ARRIVES of RFC 9293, 3.10.7, with RFC 5961, 6191 and 7323. It is
// written in tables, a row a rule, from the texts alone: no code is shared with stack/tcp.
namespace packetwright::model {

// All that a TCP may do in this situation, the likeliest first; never empty. More than one where
// `choices` leaves more than one variant of a point that matters here.
[[nodiscard]] std::vector<Outcome> segment_arrives(const Variables& before, const Segment& segment,
                                                   const Choices& choices);

}  // namespace packetwright::model
