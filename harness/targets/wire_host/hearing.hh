// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "harness/packet/dissect.hh"
#include "harness/packet/neighbor_messages.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::wire_host {

// Which of the frames that the host sends are for us. The host speaks with others too.
class Hearing {
 public:
  Hearing(const packet::Station& host, const packet::Station& peer) : host_(host), peer_(peer) {
    begin();
  }

  // A case begins: there is nobody but the peer.
  void begin() { ours_ = {peer_.address}; }
  // A frame to the host. Whoever it says it is from is of ours.
  void note_sent(const packet::Dissected& frame);
  // Whether a frame of the host is to one of ours, or asks for one, or tells all what they asked.
  [[nodiscard]] bool concerns(const packet::Dissected& frame) const;

 private:
  packet::Station host_, peer_;
  std::set<IpAddress> ours_;
};

}  // namespace packetwright::wire_host
