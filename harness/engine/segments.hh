// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include "harness/engine/connection.hh"
#include "harness/engine/tap.hh"
#include "harness/packet/packet.hh"
#include "harness/script/packet.hh"

// What TCP segments teach about their connection, on their way in and out.
namespace packetwright::engine {

// A SYN of the peer fixes the peer's sequence space until the target has answered one.
void note_inbound_syn(const script::Tcp& tcp, Connection& connection);

// What was injected: its content belongs to the peer's stream, and the next segment follows it.
void remember_inbound(const script::Packet& packet, Bytes frame, bool ethernet,
                      Connection& connection);

// The first timestamp of the target anchors its clock to the script's; each later one can be
// echoed.
void learn_first_timestamp(const script::Tcp& tcp, const packet::Dissected& live,
                           Connection& connection);
void learn_timestamp(const script::Tcp& tcp, const packet::Dissected& live, Connection& connection);

// packetdrill merges segments of a stack until they carry what one expected segment says: stacks
// may cut a stream as they like. Merges the segments behind `queue[index]` into it as far as they
// are there; true: nothing more is to come.
[[nodiscard]] bool merge_segments(const script::Packet& packet, std::deque<SeenFrame>& queue,
                                  std::size_t index,
                                  const std::function<bool(const SeenFrame&)>& same_flow);

// `ect01` is a choice that a packet::Packet cannot express: it becomes the one that came.
void accept_either_ect(const script::Packet& packet, const packet::Dissected& mapped,
                       packet::Packet& expected);

}  // namespace packetwright::engine
