// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/segments.hh"

#include <algorithm>

namespace packetwright::engine {
namespace {

using packet::Dissected;
using packet::Field;
using packet::Proto;
using packet::Wide;

constexpr std::uint64_t kFin = 0x001, kSyn = 0x002, kRst = 0x004, kPsh = 0x008;
constexpr std::uint8_t kTimestampKind = 8;

const script::OptTimestamps* timestamps_of(const script::Tcp& tcp) {
  for (const script::TcpOption& option : tcp.options) {
    if (const auto* found = std::get_if<script::OptTimestamps>(&option)) return found;
  }
  return nullptr;
}

// TSval of a segment (RFC 7323, 3.2).
std::optional<std::uint32_t> live_timestamp(const Dissected& frame) {
  const packet::Part* tcp = frame.find(Proto::tcp);
  if (tcp == nullptr) return std::nullopt;
  for (const packet::HeaderOption& option : frame.options(*tcp)) {
    if (option.kind == kTimestampKind && option.data.size() == 8) {
      return load_be32(option.data, 0);
    }
  }
  return std::nullopt;
}

// One segment out of two that follow each other: the first header, both payloads, and the flags
// that stand for the end of what is sent.
Dissected merged(const Dissected& first, const Dissected& second, bool any_push) {
  const Bytes head = first.payload();
  const Bytes tail = second.payload();
  const std::size_t start = first.last()->offset + first.last()->size;
  Buffer octets(first.octets().begin(), first.octets().begin() + static_cast<long>(start));
  octets.insert(octets.end(), head.begin(), head.end());
  octets.insert(octets.end(), tail.begin(), tail.end());
  const bool ethernet = first.has(Proto::ethernet);
  Dissected probe = packet::dissect(octets, ethernet);
  const std::uint64_t more = tail.size();
  if (const auto length = first.get(Field::ipv4_total_length)) {
    probe.set(Field::ipv4_total_length, length->low + more);
  } else if (const auto payload = first.get(Field::ipv6_payload_length)) {
    probe.set(Field::ipv6_payload_length, payload->low + more);
  }
  Dissected whole = packet::dissect(probe.octets(), ethernet);
  // PSH in the middle counts only if the script wants one: a stack that had sent it all at once
  // would have pushed once, and where it pushes otherwise is its own affair.
  const std::uint64_t end_marks = any_push ? kFin : kFin | kPsh;
  whole.set(Field::tcp_flags, (first.u32(Field::tcp_flags) & ~end_marks) |
                                  (second.u32(Field::tcp_flags) & (kFin | kPsh)));
  for (const Field field : whole.bad_checksums()) {
    const packet::Part* part = whole.find(packet::info_of(field).proto);
    if (part == nullptr) continue;
    if (const auto right = whole.right_value(*part, field)) whole.set(field, *right);
  }
  return whole;
}

bool follows(const Dissected& first, const Dissected& second) {
  const std::uint64_t flags = second.u32(Field::tcp_flags);
  if ((flags & (kSyn | kRst)) != 0 || second.payload().empty()) return false;
  return second.u32(Field::tcp_seq) ==
         first.u32(Field::tcp_seq) + static_cast<std::uint32_t>(first.payload().size());
}

}  // namespace

void note_inbound_syn(const script::Tcp& tcp, Connection& connection) {
  const std::uint32_t seq = tcp.seq.first.u32();
  connection.last_syn_in = seq;
  if (connection.local_space.known() && connection.remote_space.known()) return;
  connection.remote_space.learn(connection.remote_space.to_live(seq, true), seq);
}

void remember_inbound(const script::Packet& packet, Bytes frame, bool ethernet,
                      Connection& connection) {
  const Dissected dissected = packet::dissect(frame, ethernet);
  connection.live.on_inbound(dissected);
  const auto* tcp = packet.as<script::Tcp>();
  if (tcp == nullptr) {
    if (packet.payload.has_value()) connection.inbound.remember(0, packet.payload->octets);
    return;
  }
  if (packet.payload.has_value()) {
    const bool syn = tcp->flags.has(script::TcpFlags::kSyn);
    const std::uint64_t offset = syn ? 0 : tcp->seq.first.u32() - 1u;
    connection.inbound.remember(offset, packet.payload->octets);
  }
  // Urgent data may be taken out of the stream, so its places cannot be told any more.
  if (tcp->flags.has(script::TcpFlags::kUrg)) connection.inbound.give_up();
  const std::uint64_t flags = dissected.u32(Field::tcp_flags);
  Connection::Last last;
  last.seq = dissected.u32(Field::tcp_seq) +
             static_cast<std::uint32_t>(dissected.payload().size()) +
             ((flags & kSyn) != 0 ? 1 : 0) + ((flags & kFin) != 0 ? 1 : 0);
  last.ack = dissected.u32(Field::tcp_ack);
  last.win = static_cast<std::uint16_t>(dissected.u32(Field::tcp_win));
  connection.last_in = last;
}

void learn_first_timestamp(const script::Tcp& tcp, const Dissected& live, Connection& connection) {
  const script::OptTimestamps* option = timestamps_of(tcp);
  const auto value = live_timestamp(live);
  if (option == nullptr || option->val_ignored || !value.has_value()) return;
  if (!connection.timestamps.anchored()) connection.timestamps.learn(option->val.u32(), *value);
}

void learn_timestamp(const script::Tcp& tcp, const Dissected& live, Connection& connection) {
  const script::OptTimestamps* option = timestamps_of(tcp);
  const auto value = live_timestamp(live);
  if (option == nullptr || option->val_ignored || !value.has_value()) return;
  connection.timestamps.learn(option->val.u32(), *value);
}

bool merge_segments(const script::Packet& packet, std::deque<SeenFrame>& queue, std::size_t index,
                    const std::function<bool(const SeenFrame&)>& same_flow) {
  const auto* tcp = packet.as<script::Tcp>();
  if (tcp == nullptr || index >= queue.size()) return true;
  const auto wanted = static_cast<std::size_t>(tcp->seq.length.value);
  const bool any_push = tcp->flags.has(script::TcpFlags::kPsh);
  while (true) {
    const Dissected& first = queue[index].frame;
    const std::size_t size = first.payload().size();
    if (size == 0 || size >= wanted) return true;
    std::size_t next = index + 1;
    while (next < queue.size() && !same_flow(queue[next])) ++next;
    if (next == queue.size()) return false;
    if (!follows(first, queue[next].frame)) return true;
    queue[index].frame = merged(first, queue[next].frame, any_push);
    queue.erase(queue.begin() + static_cast<long>(next));
  }
}

void accept_either_ect(const script::Packet& packet, const Dissected& mapped,
                       packet::Packet& expected) {
  if (packet.ip.ecn != script::Ecn::ect01) return;
  const bool v4 = mapped.has(Proto::ipv4);
  const Field field = v4 ? Field::ipv4_ecn : Field::ipv6_ecn;
  packet::Layer* ip = expected.find(v4 ? Proto::ipv4 : Proto::ipv6);
  const auto got = mapped.get(field);
  if (ip == nullptr || !got.has_value()) return;
  const bool ect = got->low == 1 || got->low == 2;
  ip->set(field, ect ? *got : Wide{2});
}

}  // namespace packetwright::engine
