// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/send_buffer.hh"

#include <algorithm>

namespace packetwright::tcp {

void SendBuffer::start_at(SeqNum first) {
  begin_ = first;
}

std::size_t SendBuffer::append(Bytes text) {
  const std::size_t taken = std::min<std::size_t>(text.size(), space());
  ring_.write(size_, text.first(taken));
  size_ += static_cast<std::uint32_t>(taken);
  return taken;
}

void SendBuffer::acknowledge(SeqNum seq) {
  if (begin_ < seq) {
    const std::uint32_t octets = std::min(seq - begin_, size_);
    ring_.drop_front(octets);
    begin_ += octets;
    size_ -= octets;
  }
  while (first_mark_ < marks_.size() && marks_[first_mark_].end <= seq) ++first_mark_;
  // Forget the acknowledged marks when they are the larger half: constant time on average.
  if (first_mark_ * 2 >= marks_.size()) {
    marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(first_mark_));
    first_mark_ = 0;
  }
}

void SendBuffer::copy(SeqNum from, MutableBytes into) const {
  PW_ASSERT(begin_ <= from);
  ring_.read(from - begin_, into);
}

void SendBuffer::release() {
  ring_.release();
  begin_ += size_;
  size_ = 0;
  std::vector<Mark>{}.swap(marks_);
  first_mark_ = 0;
}

void SendBuffer::mark_sent(SeqNum from, Mark mark) {
  const auto first = marks_.begin() + static_cast<std::ptrdiff_t>(first_mark_);
  if (first == marks_.end() || marks_.back().end <= from) {
    marks_.push_back(mark);
    return;
  }
  const auto after = [](const Mark& m, SeqNum seq) { return m.end <= seq; };
  const auto begin = std::lower_bound(first, marks_.end(), from, after);
  const auto end = std::lower_bound(begin, marks_.end(), mark.end, after);
  if (begin == end) {
    // Shorter than the segment it was part of, which now begins later.
    marks_.insert(begin, mark);
    return;
  }
  *begin = mark;
  marks_.erase(begin + 1, end);
}

SendBuffer::Mark SendBuffer::mark_of(SeqNum seq) const {
  const auto held = marks();
  const auto at = std::lower_bound(held.begin(), held.end(), seq,
                                   [](const Mark& m, SeqNum s) { return m.end <= s; });
  PW_ASSERT(at != held.end());
  return *at;
}

}  // namespace packetwright::tcp
