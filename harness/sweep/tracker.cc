// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/tracker.hh"

#include <algorithm>
#include <optional>

namespace packetwright::sweep {
namespace {

using wire::tcp_flag::ack;
using wire::tcp_flag::fin;
using wire::tcp_flag::syn;

class Tracker {
 public:
  void on_peer(const WireSegment& seg) {
    model::Variables& v = out_.variables;
    if (seg.flags.has(syn)) {
      v.irs = seg.seq;
      v.passive = !out_.knows_target;
      out_.knows_peer = true;
      peer_offers_timestamps_ = seg.timestamps.has_value();
    }
    if (seg.flags.has(fin)) fin_of_peer_ = true;
    if (seg.timestamps) v.ts_recent = seg.timestamps->val;
    if (seg.flags.has(ack) && v.snd_una <= seg.ack && seg.ack <= v.snd_nxt) v.snd_una = seg.ack;
    v.snd_wnd = seg.win;
    v.snd_wl1 = seg.seq;
    v.snd_wl2 = seg.ack;
    v.max_snd_wnd = std::max(v.max_snd_wnd, v.snd_wnd);
  }

  void on_target(const WireSegment& seg) {
    model::Variables& v = out_.variables;
    if (seg.flags.has(syn)) {
      out_.knows_target = true;
      v.iss = seg.seq;
      v.snd_una = seg.seq;
      v.snd_nxt = seg.seq + 1;
      // A SYN without the option takes it back for the connection.
      v.timestamps = peer_offers_timestamps_ && seg.timestamps.has_value();
    }
    v.snd_nxt = max(v.snd_nxt, seg.end());
    if (seg.timestamps) out_.tsval_of_target = seg.timestamps->val;
    if (!seg.flags.has(ack)) {
      v.rcv_wnd = seg.win;  // of a SYN: from the first octet on
      return;
    }
    const SeqNum edge = edge_ ? max(*edge_, seg.ack + seg.win) : seg.ack + seg.win;
    edge_ = edge;
    v.rcv_nxt = seg.ack;
    v.last_ack_sent = seg.ack;
    v.rcv_wnd = edge - v.rcv_nxt;
  }

  [[nodiscard]] Tracked finish() {
    const model::Variables& v = out_.variables;
    if (edge_) out_.unread = v.rcv_nxt - v.irs - 1 - (fin_of_peer_ ? 1 : 0);
    return out_;
  }

 private:
  Tracked out_;
  std::optional<SeqNum> edge_;
  bool peer_offers_timestamps_ = false, fin_of_peer_ = false;
};

}  // namespace

Tracked track(std::span<const Traced> frames, Link& link) {
  Tracker tracker;
  bool begun = false;
  for (const Traced& one : frames) {
    const auto read = read_segment(link, one.octets);
    if (!read) continue;
    if (!begun) {
      begun = true;
      link.local_port = one.of_target ? read->src_port : read->dst_port;
      link.peer_port = one.of_target ? read->dst_port : read->src_port;
    }
    one.of_target ? tracker.on_target(read->segment) : tracker.on_peer(read->segment);
  }
  return tracker.finish();
}

}  // namespace packetwright::sweep
