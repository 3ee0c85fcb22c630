// SPDX-License-Identifier: Apache-2.0
#include "stack/udp/receive_queue.hh"

#include <utility>

namespace packetwright::udp {

bool ReceiveQueue::push(Received datagram) {
  const std::size_t charge = datagram.octets.size() + kOverhead;
  if (!queue_.empty() && charged_ + charge > limit_) return false;
  charged_ += charge;
  data_size_ += datagram.octets.size();
  queue_.push_back(std::move(datagram));
  return true;
}

const Received& ReceiveQueue::front() const noexcept {
  PW_ASSERT(!queue_.empty());
  return queue_.front();
}

Received ReceiveQueue::pop() {
  PW_ASSERT(!queue_.empty());
  Received datagram = std::move(queue_.front());
  queue_.pop_front();
  charged_ -= datagram.octets.size() + kOverhead;
  data_size_ -= datagram.octets.size();
  return datagram;
}

void ReceiveQueue::clear() noexcept {
  queue_.clear();
  charged_ = 0;
  data_size_ = 0;
}

}  // namespace packetwright::udp
