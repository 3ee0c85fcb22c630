// SPDX-License-Identifier: Apache-2.0
#include "harness/import/datagram.hh"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "harness/import/link.hh"
#include "harness/packet/dissect.hh"

namespace packetwright::import {
namespace {

using packet::Dissected;
using packet::Field;
using packet::Part;
using packet::Proto;

constexpr std::uint8_t kTcp = 6, kUdp = 17;

std::uint64_t hash_of(Bytes octets) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t octet : octets) hash = (hash ^ octet) * 0x100000001b3;
  return hash;
}

// Which datagram a fragment is of.
using FragmentKey = std::tuple<IpAddress, IpAddress, std::uint32_t, std::uint8_t>;

// Fragments of one datagram by their place, until all are there.
struct Incomplete {
  std::map<std::size_t, std::pair<Piece, Buffer>> parts;
  std::size_t known = 0;            // octets
  std::optional<std::size_t> size;  // of the whole payload, once the last fragment is known
};

class Collector {
 public:
  explicit Collector(const capture::Capture& capture) : capture_(capture) {}

  Datagrams run() {
    for (std::size_t i = 0; i < capture_.packets.size(); ++i) {
      frame(static_cast<std::uint32_t>(i + 1), capture_.packets[i]);
    }
    for (const auto& [key, incomplete] : incomplete_) {
      count("fragments of datagrams that are not complete", incomplete.parts.size());
    }
    for (const std::string& what : order_) {
      out_.left_out.push_back(std::to_string(counts_[what]) + " " + what);
    }
    return std::move(out_);
  }

 private:
  void count(const std::string& what, std::size_t times = 1) {
    if (counts_[what] == 0) order_.push_back(what);
    counts_[what] += times;
  }

  void frame(std::uint32_t number_of_frame, const capture::Packet& packet) {
    const auto link = capture_.interfaces[packet.interface].link_type;
    const auto found = network_packet(packet, link);
    if (!found) return count(found.error());
    Datagram out;
    out.frame = number_of_frame;
    out.time_ns = packet.time_ns;
    out.interface = packet.interface;
    out.direction = found->direction;
    network(found->octets, std::move(out));
  }

  void network(Bytes octets, Datagram out) {
    const Dissected packet = packet::dissect(octets, false);
    const auto addresses = packet.addresses();
    if (!addresses) return count("packets that are not IP, or cut inside its header");
    const auto headers =
        std::count_if(packet.parts().begin(), packet.parts().end(), [](const Part& part) {
          return !part.quoted && (part.proto == Proto::ipv4 || part.proto == Proto::ipv6);
        });
    if (headers != 1) return count("packets in tunnels");
    out.src.address = addresses->src;
    out.dst.address = addresses->dst;
    const Part* ip = packet.find(Proto::ipv4);
    const bool v4 = ip != nullptr;
    if (!v4) ip = packet.find(Proto::ipv6);
    out.ecn = static_cast<std::uint8_t>(packet.u32(v4 ? Field::ipv4_ecn : Field::ipv6_ecn));
    // By the header's own length, which the capture may have cut.
    const std::size_t total = v4 ? packet.u32(Field::ipv4_total_length)
                                 : ip->size + packet.u32(Field::ipv6_payload_length);
    out.identity = hash_of(octets.first(std::min(octets.size(), total)));
    out.numbered = v4 && packet.u32(Field::ipv4_id) != 0;

    const Part* fragment = packet.find(Proto::fragment);
    const std::uint64_t offset =
        8 * (v4 ? packet.u32(Field::ipv4_offset) : packet.u32(Field::fragment_offset));
    const bool more = (v4 ? packet.u32(Field::ipv4_mf) : packet.u32(Field::fragment_mf)) != 0;
    if (offset == 0 && !more) return transport(packet, ip->offset + total, std::move(out));

    const Part& before = v4 ? *ip : *fragment;
    const std::uint32_t id = packet.u32(v4 ? Field::ipv4_id : Field::fragment_id);
    const auto protocol = static_cast<std::uint8_t>(
        packet.u32(v4 ? Field::ipv4_protocol : Field::fragment_next_header));
    const std::size_t start = before.offset + before.size;
    const std::size_t end = ip->offset + total;
    if (end <= start || end > octets.size()) return count("fragments that are cut");
    const Bytes data = octets.subspan(start, end - start);
    const FragmentKey key{out.src.address, out.dst.address, id, protocol};
    const Piece piece{out.frame, out.time_ns, id, offset, offset + data.size()};
    add_fragment(key, piece, data, more, std::move(out));
  }

  void add_fragment(const FragmentKey& key, const Piece& piece, Bytes data, bool more,
                    Datagram out) {
    Incomplete& incomplete = incomplete_[key];
    const auto next = incomplete.parts.lower_bound(piece.first);
    const bool overlaps_next = next != incomplete.parts.end() && next->first < piece.last;
    const bool overlaps_previous =
        next != incomplete.parts.begin() && std::prev(next)->second.first.last > piece.first;
    // A copy of what is there already, say: a tap on two interfaces gives such.
    if (overlaps_next || overlaps_previous) return count("fragments that overlap others");
    incomplete.parts.emplace(piece.first, std::pair(piece, Buffer(data.begin(), data.end())));
    incomplete.known += data.size();
    if (!more) incomplete.size = piece.last;
    if (!incomplete.size || incomplete.known != *incomplete.size) return;
    Buffer whole;
    for (const auto& [first, part] : incomplete.parts) {
      whole.insert(whole.end(), part.second.begin(), part.second.end());
      out.pieces.push_back(part.first);
    }
    std::sort(out.pieces.begin(), out.pieces.end(),
              [](const Piece& a, const Piece& b) { return a.frame < b.frame; });
    out.frame = out.pieces.front().frame;
    out.time_ns = out.pieces.front().time_ns;
    out.identity = 0;
    const std::uint8_t protocol = std::get<3>(key);
    incomplete_.erase(key);
    if (protocol == kUdp && whole.size() >= 8) return udp(whole, std::move(out));
    count(protocol == kTcp ? "TCP segments in fragments" : "other datagrams in fragments");
  }

  // `end`: where the IP packet ends by its own length.
  void transport(const Dissected& packet, std::size_t end, Datagram out) {
    if (const Part* udp_part = packet.find(Proto::udp)) {
      const std::size_t stop = std::min(end, packet.octets().size());
      if (stop < udp_part->offset + 8) return count("UDP datagrams that are cut in their header");
      const Bytes octets = packet.octets();
      return udp(octets.subspan(udp_part->offset, stop - udp_part->offset), std::move(out));
    }
    const Part* tcp = packet.find(Proto::tcp);
    if (tcp == nullptr) {
      if (packet.has(Proto::icmpv4) || packet.has(Proto::icmpv6)) return count("ICMP messages");
      return count("packets of other protocols, or cut in their headers");
    }
    if (tcp->size < 20 || !packet.flaw().empty()) {
      return count("TCP segments that are malformed, or cut in their header");
    }
    out.transport = Transport::tcp;
    out.src.port = static_cast<std::uint16_t>(packet.u32(Field::tcp_src_port));
    out.dst.port = static_cast<std::uint16_t>(packet.u32(Field::tcp_dst_port));
    out.flags = static_cast<std::uint16_t>(packet.u32(Field::tcp_flags));
    out.seq = packet.u32(Field::tcp_seq);
    out.ack = packet.u32(Field::tcp_ack);
    out.win = static_cast<std::uint16_t>(packet.u32(Field::tcp_win));
    out.urg = static_cast<std::uint16_t>(packet.u32(Field::tcp_urg));
    out.options = packet.options(*tcp);
    const std::size_t start = tcp->offset + tcp->size;
    out.length = end > start ? static_cast<std::uint32_t>(end - start) : 0;
    const std::size_t kept = packet.octets().size() - start;
    const Bytes payload =
        Bytes{packet.octets()}.subspan(start, std::min<std::size_t>(kept, out.length));
    out.payload.assign(payload.begin(), payload.end());
    out_.all.push_back(std::move(out));
  }

  void udp(Bytes octets, Datagram out) {
    out.transport = Transport::udp;
    out.src.port = load_be16(octets, 0);
    out.dst.port = load_be16(octets, 2);
    const std::size_t length = load_be16(octets, 4);
    if (length < 8) return count("UDP datagrams that are malformed");
    out.length = static_cast<std::uint32_t>(length - 8);
    const Bytes payload = octets.subspan(8, std::min(octets.size(), length) - 8);
    out.payload.assign(payload.begin(), payload.end());
    out_.all.push_back(std::move(out));
  }

  const capture::Capture& capture_;
  Datagrams out_;
  std::map<FragmentKey, Incomplete> incomplete_;
  std::map<std::string, std::size_t> counts_;
  std::vector<std::string> order_;
};

}  // namespace

Datagrams datagrams_of(const capture::Capture& capture) {
  return Collector(capture).run();
}

}  // namespace packetwright::import
