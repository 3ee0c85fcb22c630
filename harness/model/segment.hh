// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/seq_num.hh"

namespace packetwright::model {

// A segment that arrives, by the names of RFC 9293, 3.3.1. What is not here decides nothing.
struct Segment {
  bool syn = false, ack_flag = false, fin = false, rst = false;
  SeqNum seq, ack;
  std::uint32_t size = 0;  // octets of text
  std::uint16_t win = 0;   // as sent; no connection of the model scales windows
  std::optional<std::uint32_t> tsval;
  bool urgent = false;
  std::uint16_t urgent_pointer = 0;
  // What is wrong with the segment itself.
  bool bad_checksum = false;
  bool bad_data_offset = false;    // below five words, or beyond the segment
  bool bad_option_length = false;  // of an option behind those that are here

  // SEG.LEN: text, SYN and FIN.
  [[nodiscard]] std::uint32_t len() const noexcept {
    return size + (syn ? 1u : 0u) + (fin ? 1u : 0u);
  }
  // The number of its first octet of text, and of its FIN.
  [[nodiscard]] SeqNum text() const noexcept { return seq + (syn ? 1u : 0u); }
  [[nodiscard]] SeqNum fin_number() const noexcept { return text() + size; }
};

}  // namespace packetwright::model
