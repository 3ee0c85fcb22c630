// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/bytes.hh"
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

  [[nodiscard]] SeqNum begin() const noexcept { return begin_; }
  [[nodiscard]] SeqNum end() const noexcept { return begin_ + size_; }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint32_t space() const noexcept {
    return size_ < capacity_ ? capacity_ - size_ : 0;
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }
  void set_capacity(std::uint32_t capacity) noexcept { capacity_ = capacity; }

  // A segment that was sent: everything before `end` that no earlier mark covers. `end` counts SYN
  // and FIN. Remembered so that a retransmission is cut as the original was.
  struct Mark {
    SeqNum end;
    bool psh = false;
  };
  // Notes that a segment of [from, mark.end) was sent, in place of marks within.
  void mark_sent(SeqNum from, Mark mark);
  // Nothing of what is held was ever sent.
  void forget_marks() {
    marks_.clear();
    first_mark_ = 0;
  }
  // The segment that holds `seq`, which was sent.
  [[nodiscard]] Mark mark_of(SeqNum seq) const;
  // Marks not acknowledged, in order: one for each segment outstanding.
  [[nodiscard]] std::span<const Mark> marks() const noexcept {
    return std::span{marks_}.subspan(first_mark_);
  }

 private:
  ByteRing ring_;
  SeqNum begin_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_;
  std::vector<Mark> marks_;
  std::size_t first_mark_ = 0;  // those before are acknowledged
};

}  // namespace packetwright::tcp
