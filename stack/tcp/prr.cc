// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/prr.hh"

#include <algorithm>

namespace packetwright::tcp {

void Prr::begin(std::uint32_t flight, std::uint32_t ssthresh) {
  flight_ = std::max(flight, 1u);
  ssthresh_ = ssthresh;
  delivered_ = out_ = 0;
}

//= RFC6937-3-a
//= RFC6937-3-b
std::uint32_t Prr::on_ack(std::uint32_t delivered, std::uint32_t pipe, bool safe,
                          std::uint32_t smss) {
  delivered_ += delivered;
  std::uint64_t count = 0;
  if (pipe > ssthresh_) {
    const std::uint64_t due = (delivered_ * ssthresh_ + flight_ - 1) / flight_;
    count = due > out_ ? due - out_ : 0;
  } else {
    // Losses have emptied the network further than was wanted. It is filled by as much as arrived
    // (CRB), and by a segment more for each ACK that shows progress (SSRB).
    std::uint64_t limit = delivered_ > out_ ? delivered_ - out_ : 0;
    limit = std::max<std::uint64_t>(limit, delivered) + (safe ? smss : 0);
    count = std::min<std::uint64_t>(ssthresh_ - pipe, limit);
  }
  // The first retransmission goes whatever the window.
  if (out_ == 0) count = std::max<std::uint64_t>(count, smss);
  return static_cast<std::uint32_t>(count);
}

}  // namespace packetwright::tcp
