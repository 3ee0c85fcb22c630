// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "stack/base/seq_num.hh"
#include "stack/tcp/segment.hh"

namespace packetwright::tcp {

// Which text beyond RCV.NXT is held (RFC 9293, 3.10.7.4: SHLD-31), and what the SACK option of the
// next ACK says (RFC 2018, 4; RFC 2883, 4). The octets themselves are in the ReceiveBuffer.
class Reassembly {
 public:
  // A segment with text [left, right) arrived, and `nxt` is RCV.NXT before it is taken. Notes which
  // part of it is a duplicate, for the D-SACK block of the next ACK.
  void note_duplicate(SeqNum left, SeqNum right, SeqNum nxt);

  // Holds [left, right). False: that would make more than `max_ranges` separate ranges; nothing is
  // held then.
  [[nodiscard]] bool hold(SeqNum left, SeqNum right, std::size_t max_ranges);
  // RCV.NXT after everything held from `nxt` on has been taken; that is no longer held then.
  [[nodiscard]] SeqNum take(SeqNum nxt);

  // A FIN at `seq` waits for the text before it.
  void hold_fin(SeqNum seq) { held().fin = seq; }
  [[nodiscard]] std::optional<SeqNum> fin() const noexcept {
    return held_ ? held_->fin : std::nullopt;
  }

  [[nodiscard]] bool empty() const noexcept { return !held_ || held_->ranges.empty(); }
  // A D-SACK block waits to be sent.
  [[nodiscard]] bool has_duplicate() const noexcept { return held_ && held_->first; }
  // Fills in at most `limit` blocks; returns how many.
  [[nodiscard]] std::uint8_t blocks(std::span<SackBlock> into, std::size_t limit) const;
  // An ACK with the blocks was sent: each duplicate is reported once.
  void reported() noexcept {
    if (held_) held_->first.reset();
  }
  void clear() noexcept { held_.reset(); }
  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept {
    return held_ ? sizeof *held_ + held_->ranges.capacity() * sizeof(SackBlock) : 0;
  }

 private:
  struct Held {
    // The most recently touched range first, which is the order in which RFC 2018, 4 wants them.
    std::vector<SackBlock> ranges;
    std::optional<SackBlock> first;  // a block to be sent once, before the ranges
    std::optional<SeqNum> fin;
  };
  [[nodiscard]] Held& held() {
    if (!held_) held_ = std::make_unique<Held>();
    return *held_;
  }

  std::unique_ptr<Held> held_;  // from the first segment that is not the next one
};

}  // namespace packetwright::tcp
