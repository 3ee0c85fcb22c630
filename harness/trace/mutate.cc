// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/mutate.hh"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "harness/trace/codec.hh"
#include "stack/base/bytes.hh"

namespace packetwright::trace {
namespace {

using wire::TcpFlags;
namespace flag = wire::tcp_flag;

template <class T, std::size_t N>
T any_of(const T (&choices)[N], Rng& rng) {
  return choices[rng.below(N)];
}

// What a connection is made of; the last ones are rare.
constexpr TcpFlags kFlags[] = {flag::syn,
                               flag::syn,
                               flag::syn | flag::ack,
                               flag::syn | flag::ack,
                               flag::ack,
                               flag::ack,
                               flag::ack,
                               flag::ack,
                               flag::ack | flag::psh,
                               flag::fin | flag::ack,
                               flag::fin | flag::ack,
                               flag::rst,
                               flag::rst | flag::ack,
                               flag::ack | flag::urg,
                               flag::fin,
                               flag::syn | flag::fin,
                               flag::ack | flag::ece,
                               flag::syn | flag::ece | flag::cwr};
constexpr std::int16_t kOffsets[] = {-1, 1, -2, 2, -100, 100, -1'000, 1'000, -32'768, 32'767};
constexpr std::uint16_t kWindows[] = {0, 1, 100, 1'000, 8'192, 65'535};
constexpr std::uint16_t kLengths[] = {1, 2, 100, 536, 1'000, 1'400, 4'000};
constexpr std::uint8_t kOptions[] = {
    0,
    with::mss,
    with::mss | with::window_scale | with::sack_permitted,
    with::mss | with::window_scale | with::sack_permitted | with::timestamps,
    with::timestamps,
    with::sack,
    with::timestamps | with::sack,
    with::timestamps | with::old_timestamp,
    with::unknown,
    with::broken};

Segment likely_segment(Rng& rng) {
  Segment segment;
  segment.flags = any_of(kFlags, rng);
  if (segment.flags.has(flag::ack) && !segment.flags.has(flag::syn) && rng.chance(1, 2)) {
    segment.length = any_of(kLengths, rng);
  }
  if (rng.chance(1, 3)) segment.options = any_of(kOptions, rng);
  if (rng.chance(1, 4)) segment.window = any_of(kWindows, rng);
  // One thing out of place at a time finds more than many.
  switch (rng.below(12)) {
    case 0: segment.seq = static_cast<SeqBase>(rng.below(kSeqBases)); break;
    case 1: segment.ack = static_cast<AckBase>(rng.below(kAckBases)); break;
    case 2: segment.seq_offset = any_of(kOffsets, rng); break;
    case 3: segment.ack_offset = any_of(kOffsets, rng); break;
    case 4:
      segment.damage = {static_cast<Harm>(1 + rng.below(kHarms - 1)),
                        static_cast<std::uint8_t>(rng.next16()),
                        static_cast<std::uint8_t>(rng.next16())};
      break;
    case 5:
      segment.pieces = {static_cast<std::uint8_t>(2 + rng.below(3)), rng.chance(1, 2),
                        rng.chance(1, 4)};
      break;
    default: break;
  }
  return segment;
}

IcmpError likely_error(Rng& rng) {
  // Destination Unreachable, Packet Too Big and Time Exceeded, of both families.
  constexpr std::pair<std::uint8_t, std::uint8_t> kErrors[] = {
      {3, 4}, {3, 1}, {3, 3}, {3, 2}, {11, 0}, {12, 0}, {4, 0}, {2, 0}, {1, 0}, {1, 4}};
  constexpr std::uint32_t kWords[] = {0, 68, 576, 1'280, 1'400, 1'500};
  const auto [type, code] = any_of(kErrors, rng);
  return {0, type, code, any_of(kWords, rng), static_cast<std::uint8_t>(rng.chance(1, 4) ? 8 : 28),
          {}};
}

// Any event with one octet of its code changed: every field is reached so.
void change(Event& event, Rng& rng) {
  std::uint8_t code[kEventSize];
  encode_event(event, code);
  const std::size_t at = 1 + rng.below(kEventSize - 1);
  code[at] = rng.chance(1, 2) ? static_cast<std::uint8_t>(code[at] ^ (1u << rng.below(8)))
                              : static_cast<std::uint8_t>(rng.next16());
  event = decode_event(code);
}

void mutate_once(Trace& trace, Rng& rng) {
  std::vector<Event>& events = trace.events;
  const auto place = [&events, &rng] {
    return events.begin() + static_cast<std::ptrdiff_t>(rng.below(events.size()));
  };
  if (events.empty()) return events.push_back(likely_event(rng));
  const bool full = events.size() >= kMaxEvents;
  switch (rng.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      if (!full) events.insert(place() + (rng.chance(1, 2) ? 1 : 0), likely_event(rng));
      break;
    case 5:
    case 6:
    case 7:
      if (!full) events.push_back(likely_event(rng));
      break;
    case 8:
    case 9:
      if (events.size() > 1) events.erase(place());
      break;
    case 10:
      if (!full) {
        const Event copy = *place();
        events.insert(place(), copy);
      }
      break;
    case 11: std::iter_swap(place(), place()); break;
    case 12: trace.family = trace.family == Family::ipv4 ? Family::ipv6 : Family::ipv4; break;
    default: change(*place(), rng); break;
  }
}

}  // namespace

Event likely_event(Rng& rng) {
  const auto slot = static_cast<std::uint8_t>(rng.chance(7, 8) ? 0 : rng.below(kSlots));
  const std::uint64_t what = rng.below(20);
  if (what < 9) {
    Segment segment = likely_segment(rng);
    segment.slot = slot;
    return segment;
  }
  if (what < 14) {
    // The calls of a stream in the first half, more often than the others.
    const std::uint64_t kind = rng.chance(3, 4) ? rng.below(9) : rng.below(kCallKinds);
    return Call{slot, static_cast<CallKind>(kind),
                rng.chance(1, 8) ? static_cast<std::uint16_t>(rng.next16() & kMaxLength)
                                 : any_of(kLengths, rng)};
  }
  if (what < 17) {
    return Wait{static_cast<std::uint8_t>(rng.next16()),
                static_cast<std::uint8_t>(rng.below(kMaxWaitExponent + 1)), rng.chance(1, 2)};
  }
  if (what == 17) {
    IcmpError error = likely_error(rng);
    error.slot = slot;
    return error;
  }
  if (what == 18) {
    return Datagram{slot, rng.chance(1, 4), any_of(kLengths, rng), {}, {}};
  }
  if (rng.chance(1, 2)) return Renew{slot};
  return Again{static_cast<std::uint8_t>(rng.below(8))};
}

void mutate(Trace& trace, Rng& rng) {
  for (std::uint64_t times = 1 + rng.below(4); times > 0; --times) mutate_once(trace, rng);
}

Trace cross(const Trace& one, const Trace& other, Rng& rng) {
  Trace child = one;
  child.events.resize(rng.below(one.events.size() + 1));
  const std::size_t from = rng.below(other.events.size() + 1);
  for (std::size_t i = from; i < other.events.size() && child.events.size() < kMaxEvents; ++i) {
    child.events.push_back(other.events[i]);
  }
  if (child.events.empty()) child.events.push_back(likely_event(rng));
  return child;
}

}  // namespace packetwright::trace
