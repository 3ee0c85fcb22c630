// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/seq_num.hh"
#include "stack/tcp/byte_ring.hh"

namespace packetwright::tcp {

//= RFC2018-8-a
//= RFC6675-4-a
//= RFC2018-3-b
// The text between SND.UNA and the end of what the user has written, and where it was cut into
// segments. Text stays until it is acknowledged cumulatively; a selective acknowledgment does not
// free it (RFC 2018, 8).
class SendBuffer {
 public:
  explicit SendBuffer(std::uint32_t capacity) : capacity_(capacity) {}

  // The sequence number of the first octet ever written.
  void start_at(SeqNum first);
  // Takes what fits; returns how many octets that was.
  std::size_t append(Bytes text);
  // Octets before `seq` are acknowledged; a SYN or FIN beyond either end is no harm.
  void acknowledge(SeqNum seq);
  // Text that is held, from an offset inside it.
  void copy(SeqNum from, MutableBytes into) const;
  void release();
  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept {
    return ring_.memory() + marks_.capacity() * sizeof(Mark) +
           (record_ends_ ? record_ends_->capacity() * sizeof(SeqNum) : 0);
  }

  [[nodiscard]] SeqNum begin() const noexcept { return begin_; }
  [[nodiscard]] SeqNum end() const noexcept { return begin_ + size_; }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint32_t space() const noexcept {
    return size_ < capacity_ ? capacity_ - size_ : 0;
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }
  void set_capacity(std::uint32_t capacity) noexcept { capacity_ = capacity; }

  // A segment that was sent: `size` numbers before `end`, SYN and FIN counted. Remembered so that a
  // retransmission is cut as the original was, and for what RFC 8985, 5.2 keeps of each segment.
  struct Mark {
    SeqNum end;
    std::uint16_t size = 0;  // set by mark_sent(); less once a part is acknowledged
    bool psh : 1 = false;
    bool resent : 1 = false;  // the last time was not the first
    bool lost : 1 = false;    // ... and is lost; to be sent again
    bool sacked : 1 = false;  // the peer reports to hold it
    Instant sent_at{};        // the last time; no other segment left at the same

    [[nodiscard]] SeqNum begin() const noexcept { return end - std::uint32_t{size}; }
  };
  // Notes that a segment of [from, mark.end) was sent, in place of marks within; it is neither lost
  // nor reported.
  void mark_sent(SeqNum from, Mark mark);
  // Nothing of what is held was ever sent.
  void forget_marks() {
    marks_.clear();
    first_mark_ = 0;
    lost_octets_ = sacked_segments_ = 0;
  }
  // The segment that holds `seq`, which was sent.
  [[nodiscard]] Mark mark_of(SeqNum seq) const;
  // Marks not acknowledged, in order: one for each segment outstanding.
  [[nodiscard]] std::span<const Mark> marks() const noexcept {
    return std::span{marks_}.subspan(first_mark_);
  }
  // marks()[i], not reported, is lost.
  void mark_lost(std::size_t i);
  // Everything that is not reported is lost.
  void mark_all_lost();
  // The peer reports [left, right); calls `note` for each segment that is whole in it for the first
  // time, in order.
  template <class Note>
  void mark_sacked(SeqNum left, SeqNum right, const Note& note) {
    for (std::size_t i = mark_index(left); i < marks_.size(); ++i) {
      Mark& mark = marks_[i];
      if (right < mark.end) break;
      if (mark.sacked || mark.begin() < left) continue;
      note(std::as_const(mark));
      uncount(mark);
      mark.lost = false;
      mark.sacked = true;
      ++sacked_segments_;
      ++delivered_segments_;
    }
  }
  // The reports are void (RFC 2018, 8).
  void take_back_sacks();
  // Nothing is lost.
  void take_back_losses();
  [[nodiscard]] std::uint32_t lost_octets() const noexcept { return lost_octets_; }
  [[nodiscard]] std::uint32_t sacked_segments() const noexcept { return sacked_segments_; }
  // Segments that have arrived, by SACK or cumulatively; it wraps around.
  [[nodiscard]] std::uint32_t delivered_segments() const noexcept { return delivered_segments_; }

  // The last octet written ends a segment, whatever comes after it.
  void end_record();
  // Where the segment that begins at `from` has to end: behind the last octet of a record, or, if
  // there is none, behind all that is held.
  [[nodiscard]] SeqNum record_end(SeqNum from) const noexcept {
    return record_ends_ == nullptr ? end() : next_record_end(from);
  }
  [[nodiscard]] bool ends_record(SeqNum seq) const noexcept {
    return record_ends_ != nullptr && next_record_end(seq - 1) == seq && seq < end();
  }

 private:
  // The mark that holds `seq`, or the first after it.
  [[nodiscard]] std::size_t mark_index(SeqNum seq) const;
  [[nodiscard]] SeqNum next_record_end(SeqNum from) const noexcept;
  void forget_records();
  // Takes a mark out of the two sums.
  void uncount(const Mark& mark) noexcept;

  ByteRing ring_;
  SeqNum begin_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_;
  std::uint32_t delivered_segments_ = 0;
  std::vector<Mark> marks_;
  std::size_t first_mark_ = 0;  // those before are acknowledged
  std::uint32_t lost_octets_ = 0;
  std::uint32_t sacked_segments_ = 0;
  // The ends of records (MSG_EOR), in order; null: there are none, as usual.
  std::unique_ptr<std::vector<SeqNum>> record_ends_;
};

}  // namespace packetwright::tcp
