// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
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
  void hold_fin(SeqNum seq) { fin_ = seq; }
  [[nodiscard]] std::optional<SeqNum> fin() const noexcept { return fin_; }

  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  // A D-SACK block waits to be sent.
  [[nodiscard]] bool has_duplicate() const noexcept { return first_.has_value(); }
  // Fills in at most `limit` blocks; returns how many.
  [[nodiscard]] std::uint8_t blocks(std::span<SackBlock> into, std::size_t limit) const;
  // An ACK with the blocks was sent: each duplicate is reported once.
  void reported() noexcept { first_.reset(); }
  void clear();
  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept {
    return ranges_.capacity() * sizeof(SackBlock);
  }

 private:
  // The most recently touched range first, which is the order in which RFC 2018, 4 wants them.
  std::vector<SackBlock> ranges_;
  std::optional<SackBlock> first_;  // a block to be sent once, before the ranges
  std::optional<SeqNum> fin_;
};

}  // namespace packetwright::tcp
