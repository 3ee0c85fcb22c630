// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/reset.hh"

#include "stack/base/assert.hh"

namespace packetwright::tcp {

Segment make_reset_for(const Segment& seg, const TcpConfig& config) {
  PW_ASSERT(!seg.rst);
  Segment reset;
  reset.local = seg.local;
  reset.remote = seg.remote;
  reset.rst = true;
  if (seg.has_ack) {
    //= RFC9293-3.10.7.1-c
    reset.seq = seg.ack;
  } else {
    //= RFC9293-3.10.7.1-b
    reset.seq = SeqNum{0};
    reset.has_ack = true;
    reset.ack = seg.end();
  }
  //= RFC7323-5.2-b
  if (seg.options.timestamps && !config.bare_resets) {
    reset.options.timestamps = Timestamps{0, seg.options.timestamps->value};
  }
  return reset;
}

}  // namespace packetwright::tcp
