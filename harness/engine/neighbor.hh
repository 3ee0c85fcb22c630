// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/engine/settings.hh"
#include "harness/packet/dissect.hh"
#include "harness/script/tree.hh"

// The traffic of a link that a script does not speak of: the harness answers for the peer and the
// gateway, and looks away from what a host says by itself.
namespace packetwright::engine {

// Protocols that the script itself plays; the harness then keeps its hands off them.
struct ScriptedProtocols {
  bool tcp = false;
  bool udp = false;
  bool arp = false;
  bool ndp = false;  // neighbour and router discovery
  bool mld = false;  // multicast listener discovery
  bool igmp = false;
};
[[nodiscard]] ScriptedProtocols scripted_protocols(const script::Script& script);

enum class Chatter : std::uint8_t {
  none,    // it is not: the script must account for the frame
  ignore,  // MLD, IGMP, router solicitations, address detection, announcements
  answer,  // a question about who has an address; the answer is `reply`
};
struct ChatterVerdict {
  Chatter what = Chatter::none;
  Buffer reply;  // a whole frame
};
[[nodiscard]] ChatterVerdict judge_chatter(const packet::Dissected& frame,
                                           const ScriptedProtocols& scripted,
                                           const Settings& settings);

}  // namespace packetwright::engine
