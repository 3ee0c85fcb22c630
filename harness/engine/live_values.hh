// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/packet/dissect.hh"
#include "harness/script/packet.hh"
#include "stack/base/result.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::engine {

struct Connection;

// The variables of the stack under test (RFC 9293, 3.3.1) as its peer knows them from the packets
// of one connection, in the numbers of the wire. What the stack sent counts once the script has
// accounted for it, so that a script means the same whatever else is already on its way.
class LiveValues {
 public:
  // A packet of the peer.
  void on_inbound(const packet::Dissected& frame);
  // A packet of the stack under test.
  void on_outbound(const packet::Dissected& frame);

  // The newest acknowledgment of the stack; nullopt: there was none.
  [[nodiscard]] std::optional<SeqNum> rcv_nxt() const noexcept { return rcv_nxt_; }
  // From there to the rightmost edge that the stack ever announced (RFC 7323, 2.4): an announced
  // window is not taken back, whatever a later segment says.
  [[nodiscard]] std::optional<std::uint32_t> rcv_wnd() const noexcept;
  // The newest acknowledgment of the peer that acknowledges something sent; before one, the ISN.
  [[nodiscard]] std::optional<SeqNum> snd_una() const noexcept { return snd_una_; }
  // What follows the last octet, SYN or FIN that the stack sent.
  [[nodiscard]] std::optional<SeqNum> snd_nxt() const noexcept { return snd_nxt_; }

 private:
  void open(SeqNum isn) noexcept;

  std::optional<SeqNum> isn_, rcv_nxt_, rcv_edge_, snd_una_, snd_nxt_;
  // Windows are scaled if both SYNs offered it (RFC 7323, 2.2), which is settled when the stack
  // answers the SYN of the peer; a SYN that comes later changes nothing.
  std::optional<std::uint8_t> offered_shift_;
  bool peer_offers_scaling_ = false;
  std::optional<std::uint8_t> shift_;
};

// Whether some number of the packet is live (script::Number).
[[nodiscard]] bool has_live_values(const script::Packet& packet);

// The same packet with a number in the place of each live value, as the packet counts: absolute in
// a SYN, else relative to the ISNs. `connection` is that of the packet. An error says which value
// is not known yet, or which number does not fit into its field.
[[nodiscard]] Result<script::Packet, std::string> with_live_values(const script::Packet& packet,
                                                                   const Connection& connection);

}  // namespace packetwright::engine
