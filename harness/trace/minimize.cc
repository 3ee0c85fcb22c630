// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/minimize.hh"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace packetwright::trace {
namespace {

// Takes out runs of events, long ones first.
bool shorten(Trace& trace, const std::function<bool(const Trace&)>& holds) {
  bool any = false;
  for (std::size_t size = std::max<std::size_t>(trace.events.size() / 2, 1);; size /= 2) {
    for (std::size_t at = 0; at < trace.events.size();) {
      Trace shorter = trace;
      const auto first = shorter.events.begin() + static_cast<std::ptrdiff_t>(at);
      const std::size_t count = std::min(size, trace.events.size() - at);
      shorter.events.erase(first, first + static_cast<std::ptrdiff_t>(count));
      if (holds(shorter)) {
        trace = std::move(shorter);
        any = true;
      } else {
        at += count;
      }
    }
    if (size <= 1) return any;
  }
}

// What the event would be with one thing ordinary that is not.
std::vector<Event> plainer(const Event& event) {
  std::vector<Event> out;
  if (const auto* segment = std::get_if<Segment>(&event)) {
    const auto with_change = [&](auto change) {
      Segment changed = *segment;
      change(changed);
      if (changed != *segment) out.push_back(changed);
    };
    with_change([](Segment& one) { one.damage = {}; });
    with_change([](Segment& one) { one.pieces = {}; });
    with_change([](Segment& one) { one.options = 0; });
    with_change([](Segment& one) { one.seq = SeqBase::next; });
    with_change([](Segment& one) { one.ack = AckBase::all; });
    with_change([](Segment& one) { one.seq_offset = 0; });
    with_change([](Segment& one) { one.ack_offset = 0; });
    with_change([](Segment& one) { one.window = Segment{}.window; });
    with_change([](Segment& one) { one.length = std::min<std::uint16_t>(one.length, 100); });
    with_change([](Segment& one) { one.length = 0; });
    with_change([](Segment& one) {
      one.flags = one.flags.without(wire::tcp_flag::psh | wire::tcp_flag::urg |
                                    wire::tcp_flag::ece | wire::tcp_flag::cwr);
    });
  } else if (const auto* datagram = std::get_if<Datagram>(&event)) {
    if (datagram->damage != Damage{} || datagram->pieces != Pieces{}) {
      out.push_back(Datagram{datagram->slot, datagram->to_nobody, datagram->length, {}, {}});
    }
  } else if (const auto* call = std::get_if<Call>(&event)) {
    if (call->amount > 100 && call->kind != CallKind::set_option) {
      out.push_back(Call{call->slot, call->kind, 100});
    }
  }
  return out;
}

bool simplify(Trace& trace, const std::function<bool(const Trace&)>& holds) {
  bool any = false;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    for (bool again = true; again;) {
      again = false;
      for (const Event& choice : plainer(trace.events[i])) {
        Trace simpler = trace;
        simpler.events[i] = choice;
        if (!holds(simpler)) continue;
        trace = std::move(simpler);
        any = again = true;
        break;
      }
    }
  }
  return any;
}

}  // namespace

Trace minimized(Trace trace, const std::function<bool(const Trace&)>& holds) {
  while (shorten(trace, holds) || simplify(trace, holds)) {
  }
  return trace;
}

}  // namespace packetwright::trace
