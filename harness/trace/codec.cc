// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/codec.hh"

#include <algorithm>

#include "stack/base/assert.hh"

namespace packetwright::trace {
namespace {

// How often each kind comes among random octets: segments most, because they lead furthest.
constexpr std::uint8_t kFirstOctets = 16;
enum class Tag : std::uint8_t {
  segment = 0,  // 0 .. 6
  datagram = 7,
  icmp_error = 8,
  again = 9,
  renew = 10,
  call = 11,  // 11 .. 13
  wait = 14,  // 14 and 15
};

std::uint8_t slot_of(std::uint8_t octet) {
  return octet % kSlots;
}
std::uint16_t length_of(Bytes octets, std::size_t at) {
  return load_be16(octets, at) & kMaxLength;
}

Damage damage_of(Bytes octets, std::size_t at) {
  const std::uint8_t harm = octets[at] % 16;
  // Most packets are sound: a trace of broken ones leads nowhere.
  Damage damage;
  if (harm >= kHarms) return damage;
  damage.harm = static_cast<Harm>(harm);
  if (damage.harm == Harm::none) return damage;
  damage.at = octets[at + 1];
  damage.value = octets[at + 2];
  return damage;
}
void put_damage(const Damage& damage, MutableBytes octets, std::size_t at) {
  octets[at] = static_cast<std::uint8_t>(damage.harm);
  octets[at + 1] = damage.at;
  octets[at + 2] = damage.value;
}

// The slot, and in the higher bits the pieces; one packet of four comes in several.
Pieces pieces_of(std::uint8_t octet) {
  if ((octet & 0x0c) != 0x0c) return {};
  return {static_cast<std::uint8_t>(1 + (octet >> 4 & 3)), (octet & 0x40) != 0,
          (octet & 0x80) != 0};
}
std::uint8_t octet_of(std::uint8_t slot, const Pieces& pieces) {
  if (pieces == Pieces{}) return slot;
  return static_cast<std::uint8_t>(slot | 0x0c | (pieces.count - 1) << 4 |
                                   (pieces.reversed ? 0x40 : 0) | (pieces.overlapping ? 0x80 : 0));
}

std::uint8_t octet_of(Tag tag) {
  return static_cast<std::uint8_t>(tag);
}

// The layout of each kind of event: octet 0 is its tag, 1 its slot, the rest as written here.
struct Encoder {
  MutableBytes out;

  void operator()(const Segment& segment) const {
    out[0] = octet_of(Tag::segment);
    out[1] = octet_of(segment.slot, segment.pieces);
    out[2] = static_cast<std::uint8_t>(segment.flags.bits());
    out[3] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(segment.seq) |
                                       static_cast<std::uint8_t>(segment.ack) << 4);
    store_be16(out, 4, static_cast<std::uint16_t>(segment.seq_offset));
    store_be16(out, 6, static_cast<std::uint16_t>(segment.ack_offset));
    store_be16(out, 8, segment.window);
    store_be16(out, 10, segment.length);
    put_damage(segment.damage, out, 12);
    out[15] = segment.options;
  }
  void operator()(const Datagram& datagram) const {
    out[0] = octet_of(Tag::datagram);
    out[1] = octet_of(datagram.slot, datagram.pieces);
    out[2] = datagram.to_nobody ? 1 : 0;
    store_be16(out, 10, datagram.length);
    put_damage(datagram.damage, out, 12);
  }
  void operator()(const IcmpError& error) const {
    out[0] = octet_of(Tag::icmp_error);
    out[1] = error.slot;
    out[2] = error.type;
    out[3] = error.code;
    store_be32(out, 4, error.word);
    out[8] = error.quoted;
    put_damage(error.damage, out, 12);
  }
  void operator()(const Again& again) const {
    out[0] = octet_of(Tag::again);
    out[2] = again.back;
  }
  void operator()(const Renew& renew) const {
    out[0] = octet_of(Tag::renew);
    out[1] = renew.slot;
  }
  void operator()(const Call& call) const {
    out[0] = octet_of(Tag::call);
    out[1] = call.slot;
    out[2] = static_cast<std::uint8_t>(call.kind);
    store_be16(out, 10, call.amount);
  }
  void operator()(const Wait& wait) const {
    out[0] = octet_of(Tag::wait);
    out[2] = wait.mantissa;
    out[3] = wait.exponent;
    out[4] = wait.until_timer ? 1 : 0;
  }
};

Segment segment_of(Bytes octets) {
  Segment segment;
  segment.slot = slot_of(octets[1]);
  segment.flags = wire::TcpFlags{octets[2]};
  segment.seq = static_cast<SeqBase>((octets[3] & 15) % kSeqBases);
  segment.ack = static_cast<AckBase>((octets[3] >> 4) % kAckBases);
  segment.seq_offset = static_cast<std::int16_t>(load_be16(octets, 4));
  segment.ack_offset = static_cast<std::int16_t>(load_be16(octets, 6));
  segment.window = load_be16(octets, 8);
  segment.length = length_of(octets, 10);
  segment.damage = damage_of(octets, 12);
  segment.options = octets[15];
  segment.pieces = pieces_of(octets[1]);
  return segment;
}

}  // namespace

Event decode_event(Bytes octets) {
  PW_ASSERT(octets.size() == kEventSize);
  const std::uint8_t tag = octets[0] % kFirstOctets;
  const std::uint8_t slot = slot_of(octets[1]);
  if (tag < octet_of(Tag::datagram)) return segment_of(octets);
  if (tag == octet_of(Tag::datagram)) {
    return Datagram{slot, (octets[2] & 1) != 0, length_of(octets, 10), damage_of(octets, 12),
                    pieces_of(octets[1])};
  }
  if (tag == octet_of(Tag::icmp_error)) {
    return IcmpError{
        slot, octets[2], octets[3], load_be32(octets, 4), octets[8], damage_of(octets, 12)};
  }
  if (tag == octet_of(Tag::again)) return Again{octets[2]};
  if (tag == octet_of(Tag::renew)) return Renew{slot};
  if (tag < octet_of(Tag::wait)) {
    return Call{slot, static_cast<CallKind>(octets[2] % kCallKinds), length_of(octets, 10)};
  }
  return Wait{octets[2], static_cast<std::uint8_t>(octets[3] % (kMaxWaitExponent + 1)),
              (octets[4] & 1) != 0};
}

void encode_event(const Event& event, MutableBytes octets) {
  PW_ASSERT(octets.size() == kEventSize);
  std::fill(octets.begin(), octets.end(), std::uint8_t{0});
  std::visit(Encoder{octets}, event);
}

Trace decode(Bytes octets) {
  Trace trace;
  if (octets.size() < kPreambleSize) return trace;
  trace.family = (octets[0] & 1) != 0 ? Family::ipv6 : Family::ipv4;
  trace.seed = octets[1];
  const std::size_t count = std::min((octets.size() - kPreambleSize) / kEventSize, kMaxEvents);
  trace.events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    trace.events.push_back(
        decode_event(octets.subspan(kPreambleSize + i * kEventSize, kEventSize)));
  }
  return trace;
}

Buffer encode(const Trace& trace) {
  Buffer octets(kPreambleSize + trace.events.size() * kEventSize);
  octets[0] = trace.family == Family::ipv6 ? 1 : 0;
  octets[1] = trace.seed;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    encode_event(trace.events[i],
                 MutableBytes{octets}.subspan(kPreambleSize + i * kEventSize, kEventSize));
  }
  return octets;
}

}  // namespace packetwright::trace
