// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace packetwright::tcp {

// Proportional rate reduction, RFC 6937: during recovery the window shrinks as octets arrive, so
// that it reaches the threshold at the end, without a silence of half a round trip at the
// beginning. All sizes are octets.
class Prr {
 public:
  // Recovery begins with `flight` octets outstanding (RecoverFS).
  void begin(std::uint32_t flight, std::uint32_t ssthresh);
  // An ACK that reports `delivered` octets for the first time, after which `pipe` octets are in the
  // network. `safe`: it moved SND.UNA and told of no further loss. Returns how much may be sent
  // now.
  [[nodiscard]] std::uint32_t on_ack(std::uint32_t delivered, std::uint32_t pipe, bool safe,
                                     std::uint32_t smss);
  void on_sent(std::uint32_t octets) { out_ += octets; }

 private:
  std::uint32_t flight_ = 1;  // RecoverFS
  std::uint32_t ssthresh_ = 0;
  std::uint64_t delivered_ = 0;  // prr_delivered
  std::uint64_t out_ = 0;        // prr_out
};

}  // namespace packetwright::tcp
