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
    if (record_ends_ != nullptr) forget_records();
  }
  while (first_mark_ < marks_.size() && marks_[first_mark_].end <= seq) {
    delivered_segments_ += marks_[first_mark_].sacked ? 0 : 1;
    uncount(marks_[first_mark_++]);
  }
  if (first_mark_ < marks_.size() && marks_[first_mark_].begin() < seq) {
    Mark& cut = marks_[first_mark_];
    const std::uint32_t left = cut.end - seq;
    if (cut.lost) lost_octets_ -= cut.size - left;
    cut.size = static_cast<std::uint16_t>(left);
  }
  // Forget the acknowledged marks when they are the larger half: constant time on average.
  if (first_mark_ * 2 >= marks_.size()) {
    marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(first_mark_));
    first_mark_ = 0;
  }
}

void SendBuffer::end_record() {
  if (record_ends_ == nullptr) record_ends_ = std::make_unique<std::vector<SeqNum>>();
  if (record_ends_->empty() || record_ends_->back() < end()) record_ends_->push_back(end());
}

void SendBuffer::forget_records() {
  std::erase_if(*record_ends_, [this](SeqNum end) { return end <= begin_; });
  if (record_ends_->empty()) record_ends_.reset();
}

SeqNum SendBuffer::next_record_end(SeqNum from) const noexcept {
  const auto next = std::upper_bound(record_ends_->begin(), record_ends_->end(), from);
  return next == record_ends_->end() ? end() : *next;
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
  record_ends_.reset();
  first_mark_ = 0;
  lost_octets_ = sacked_segments_ = 0;
}

std::size_t SendBuffer::mark_index(SeqNum seq) const {
  const auto first = marks_.begin() + static_cast<std::ptrdiff_t>(first_mark_);
  const auto at = std::lower_bound(first, marks_.end(), seq,
                                   [](const Mark& m, SeqNum s) { return m.end <= s; });
  return static_cast<std::size_t>(at - marks_.begin());
}

void SendBuffer::uncount(const Mark& mark) noexcept {
  if (mark.lost) lost_octets_ -= mark.size;
  if (mark.sacked) --sacked_segments_;
}

void SendBuffer::mark_sent(SeqNum from, Mark mark) {
  mark.size = static_cast<std::uint16_t>(mark.end - from);
  if (first_mark_ == marks_.size() || marks_.back().end <= from) {
    marks_.push_back(mark);
    return;
  }
  const auto begin = marks_.begin() + static_cast<std::ptrdiff_t>(mark_index(from));
  const auto end = marks_.begin() + static_cast<std::ptrdiff_t>(mark_index(mark.end));
  for (auto at = begin; at != end; ++at) uncount(*at);
  if (end != marks_.end() && end->begin() < mark.end) {
    // The segment that this one ends in now begins later.
    const std::uint32_t left = end->end - mark.end;
    if (end->lost) lost_octets_ -= end->size - left;
    end->size = static_cast<std::uint16_t>(left);
  }
  if (begin == end) {
    marks_.insert(begin, mark);
    return;
  }
  *begin = mark;
  marks_.erase(begin + 1, end);
}

SendBuffer::Mark SendBuffer::mark_of(SeqNum seq) const {
  const std::size_t at = mark_index(seq);
  PW_ASSERT(at < marks_.size());
  return marks_[at];
}

void SendBuffer::mark_lost(std::size_t i) {
  Mark& mark = marks_[first_mark_ + i];
  PW_ASSERT(!mark.sacked);
  if (!mark.lost) lost_octets_ += mark.size;
  mark.lost = true;
}

void SendBuffer::mark_all_lost() {
  for (std::size_t i = 0; i < marks().size(); ++i) {
    if (!marks()[i].sacked) mark_lost(i);
  }
}

void SendBuffer::take_back_losses() {
  for (std::size_t i = first_mark_; i < marks_.size(); ++i) marks_[i].lost = false;
  lost_octets_ = 0;
}

void SendBuffer::take_back_sacks() {
  for (std::size_t i = first_mark_; i < marks_.size(); ++i) marks_[i].sacked = false;
  sacked_segments_ = 0;
}

}  // namespace packetwright::tcp
