// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/model/variables.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::model {

enum class Reply : std::uint8_t {
  none,
  ack,             // <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, challenge ACKs as well
  syn_ack,         // <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>
  reset,           // <SEQ=SEG.ACK><CTL=RST>
  reset_with_ack,  // <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
};

// What the user is told besides text.
enum class Notice : std::uint8_t { none, end_of_stream, error };

// One thing that the texts let a TCP do with a segment: all that can be observed of it.
struct Outcome {
  std::string_view rule;  // the requirement that decided, as the catalogue calls it
  Reply reply = Reply::none;
  std::optional<SeqNum> seq;   // of the reply; nullopt: any, as an initial number is
  SeqNum ack;                  // of the reply, if it has one
  bool may_wait = false;       // the ACK of text in order, for less than 500 ms (MUST-40)
  bool reset_may_ack = false;  // a RST may carry an ACK that the RFC does not ask for
  Variables after;
  std::uint32_t delivered = 0;  // octets from RCV.NXT on
  // The octet of those that is urgent and left the stream: how many stand before it.
  std::optional<std::uint32_t> out_of_band;
  Notice notice = Notice::none;
};

}  // namespace packetwright::model
