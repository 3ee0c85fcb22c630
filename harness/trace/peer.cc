// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/peer.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "harness/trace/content.hh"
#include "harness/trace/packets.hh"
#include "harness/trace/sent_packet.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/tcp_options.hh"
#include "stack/wire/udp.hh"

namespace packetwright::trace {
namespace {

using wire::IpProtocol;

// How far behind the clock a timestamp of long ago is.
constexpr std::uint32_t kLongAgoMs = 1u << 25;

std::uint32_t milliseconds(Instant now) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

std::uint16_t length_of(std::uint16_t asked, const Pieces& pieces) {
  return pieces.count > 1 ? asked : std::min(asked, kMaxLengthInOnePiece);
}

}  // namespace

Peer::Peer(const targets::Config& config, Family family, std::uint64_t seed)
    : family_(family),
      address_(family == Family::ipv4 ? config.peer4 : config.peer6),
      stack_address_(family == Family::ipv4 ? config.local4.address : config.local6.address),
      rng_(seed) {
  for (std::size_t slot = 0; slot < kSlots; ++slot) lives_[slot] = born(slot);
}

Peer::Life Peer::born(std::size_t slot) {
  Life life;
  life.port = static_cast<std::uint16_t>(kPeerPort + slot + kSlots * renewals_);
  life.stack_port = static_cast<std::uint16_t>(kStackPort + slot);
  life.iss = life.next = life.last_seq = life.acknowledged = SeqNum{rng_.next32()};
  life.stack_iss = life.stack_next = life.last_ack = SeqNum{rng_.next32()};
  return life;
}

void Peer::renew(std::size_t slot) {
  ++renewals_;
  lives_[slot] = born(slot);
}

SeqNum Peer::seq_of(const Life& life, const Segment& segment) {
  const auto offset = static_cast<std::uint32_t>(std::int32_t{segment.seq_offset});
  switch (segment.seq) {
    case SeqBase::next: break;
    case SeqBase::acknowledged: return life.acknowledged + offset;
    case SeqBase::right_edge: return life.acknowledged + life.window + offset;
    case SeqBase::last: return life.last_seq + offset;
    case SeqBase::initial: return life.iss + offset;
  }
  return life.next + offset;
}

SeqNum Peer::ack_of(const Life& life, const Segment& segment) {
  const auto offset = static_cast<std::uint32_t>(std::int32_t{segment.ack_offset});
  switch (segment.ack) {
    case AckBase::all: break;
    case AckBase::last: return life.last_ack + offset;
    case AckBase::initial: return life.stack_iss + offset;
  }
  return life.stack_next + offset;
}

std::optional<Outgoing> Peer::send(const Segment& segment, Instant now) {
  Life& life = lives_[segment.slot];
  const bool is_syn = segment.flags.has(wire::tcp_flag::syn);
  const std::uint16_t length = length_of(segment.length, segment.pieces);
  wire::TcpFields tcp;
  tcp.src_port = life.port;
  tcp.dst_port = life.stack_port;
  tcp.seq = seq_of(life, segment);
  if (segment.flags.has(wire::tcp_flag::ack)) tcp.ack = ack_of(life, segment);
  tcp.flags = segment.flags;
  tcp.win = segment.window;
  if (segment.flags.has(wire::tcp_flag::urg)) tcp.urgent = length;

  std::array<std::uint8_t, wire::kTcpMaxOptionsSize> room;
  wire::TcpOptionWriter options{room};
  const auto has = [&segment](std::uint8_t bit) { return (segment.options & bit) != 0; };
  if (has(with::mss)) options.mss(kPeerMss);
  if (has(with::window_scale)) options.window_scale(kPeerWindowScale);
  if (has(with::sack_permitted)) options.sack_permitted();
  if (has(with::timestamps)) {
    const std::uint32_t clock = milliseconds(now) + life.iss.value();
    options.timestamps({has(with::old_timestamp) ? clock - kLongAgoMs : clock,
                        segment.flags.has(wire::tcp_flag::ack) ? life.stack_timestamp : 0});
  }
  if (has(with::sack)) {
    const wire::SackBlock block{tcp.ack + 1'000, tcp.ack + 2'000};
    options.sack({&block, 1});
  }
  constexpr std::array<std::uint8_t, 2> kData{1, 2};
  if (has(with::unknown)) options.raw(wire::TcpOptionKind{222}, kData);
  if (has(with::broken)) options.raw(wire::TcpOptionKind{223}, kData, 255);
  options.pad();
  tcp.options = options.written();
  tcp.set_lengths();

  Buffer octets(tcp.encoded_size());
  tcp.emit(octets);
  const Buffer text = peer_text(life.port, tcp.seq + (is_syn ? 1 : 0), length);
  octets.insert(octets.end(), text.begin(), text.end());
  Outgoing out = finish(ip_packet({address_, stack_address_}, IpProtocol::tcp, octets, next_id_),
                        segment.damage, segment.pieces);

  const bool has_fin = segment.flags.has(wire::tcp_flag::fin);
  const SeqNum end = tcp.seq + length + (is_syn ? 1 : 0) + (has_fin ? 1 : 0);
  if (tcp.seq <= life.next && life.next < end) life.next = end;
  life.last_seq = tcp.seq;
  if (segment.flags.has(wire::tcp_flag::ack)) life.last_ack = tcp.ack;
  return out;
}

std::optional<Outgoing> Peer::send(const Datagram& datagram) {
  const auto port = static_cast<std::uint16_t>(kDatagramPort + datagram.slot);
  const std::uint16_t length = length_of(datagram.length, datagram.pieces);
  wire::UdpFields udp;
  udp.src_port = port;
  udp.dst_port = datagram.to_nobody ? kNobodysPort : port;
  udp.set_lengths(length);
  Buffer octets(udp.encoded_size());
  udp.emit(octets);
  const Buffer text = peer_text(port, SeqNum{}, length);
  octets.insert(octets.end(), text.begin(), text.end());
  return finish(ip_packet({address_, stack_address_}, IpProtocol::udp, octets, next_id_),
                datagram.damage, datagram.pieces);
}

std::optional<Outgoing> Peer::send(const IcmpError& error) {
  const Buffer& about = lives_[error.slot].last_packet;
  if (about.empty()) return std::nullopt;
  const std::size_t size =
      std::min<std::size_t>(about.size(), ip_header_size(family_) + error.quoted);
  Buffer octets(wire::kIcmpHeaderSize);
  octets[0] = error.type;
  octets[1] = error.code;
  store_be32(octets, 4, error.word);
  octets.insert(octets.end(), about.begin(), about.begin() + static_cast<std::ptrdiff_t>(size));
  const IpProtocol protocol = family_ == Family::ipv4 ? IpProtocol::icmpv4 : IpProtocol::icmpv6;
  return finish(ip_packet({address_, stack_address_}, protocol, octets, next_id_), error.damage,
                {});
}

std::optional<Outgoing> Peer::send(const Again& again) {
  if (sent_.empty()) return std::nullopt;
  return sent_[sent_.size() - 1 - again.back % sent_.size()];
}

Outgoing Peer::finish(Buffer packet, const Damage& damage, const Pieces& pieces) {
  Outgoing out;
  out.damaged = damage.harm != Harm::none;
  apply(damage, pieces.count > 1, packet);
  out.packet = packet;
  out.arrivals = in_pieces(std::move(packet), pieces, next_id_++);
  sent_.push_back(out);
  return out;
}

void Peer::hear(Bytes packet) {
  const auto sent = SentPacket::parse(packet);
  if (!sent || !sent->tcp) return;
  const auto life = std::find_if(lives_.begin(), lives_.end(), [&sent](const Life& one) {
    return one.port == sent->tcp->dst_port();
  });
  if (life == lives_.end()) return;
  const wire::TcpView& tcp = *sent->tcp;
  const auto options = wire::read_tcp_options(tcp.options());
  life->last_packet.assign(packet.begin(), packet.end());
  life->stack_port = tcp.src_port();
  if (options.timestamps) life->stack_timestamp = options.timestamps->val;
  if (tcp.flags().has(wire::tcp_flag::rst)) return;
  const SeqNum end = sent->seq_end();
  if (tcp.flags().has(wire::tcp_flag::syn)) {
    life->stack_iss = tcp.seq();
    life->stack_next = end;
    life->stack_scale = options.window_scale.value_or(0);
  } else if (life->stack_next < end) {
    life->stack_next = end;
  }
  if (!tcp.flags().has(wire::tcp_flag::ack)) return;
  life->acknowledged = tcp.ack();
  const bool is_scaled = !tcp.flags().has(wire::tcp_flag::syn);
  life->window = std::uint32_t{tcp.win()}
                 << (is_scaled ? std::min(life->stack_scale, wire::kMaxWindowScale) : 0);
}

}  // namespace packetwright::trace
