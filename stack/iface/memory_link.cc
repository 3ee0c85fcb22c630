// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/memory_link.hh"

namespace packetwright::iface {

MemoryLink::MemoryLink(const Config& config)
    : mtu_(config.mtu),
      to_first_(config.max_frames),
      to_second_(config.max_frames),
      first_(config.first, *this, to_first_, to_second_),
      second_(config.second, *this, to_second_, to_first_) {}

void MemoryLink::plug(bool in) {
  plugged_in_ = in;
  if (in) return;
  to_first_.clear();
  to_second_.clear();
}

bool MemoryLink::End::transmit(Bytes frame) {
  if (!link_.plugged_in_) return true;
  if (out_.full()) return false;
  store_bytes(out_.push(frame.size()), 0, frame);
  return true;
}

}  // namespace packetwright::iface
