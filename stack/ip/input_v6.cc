// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "stack/ip/input_internal.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"

namespace packetwright::ip {

// A Fragment header that stands somewhere in the chain, and what surrounds it.
struct Ipv6Fragment {
  wire::Ipv6View ip;
  wire::Ipv6ExtensionView header;
  AddressKind kind = AddressKind::unicast;
  std::size_t offset = 0;  // of the Fragment header, from the start of the packet
};

namespace {

using wire::IpProtocol;
using wire::Ipv6ExtensionView;
using wire::Ipv6OptionType;
using wire::UnknownOptionAction;

constexpr std::uint32_t kPayloadLengthAt = 4;
constexpr std::uint32_t kRoutingTypeAt = 2;     // in a Routing header
constexpr std::uint32_t kFragmentOffsetAt = 2;  // in a Fragment header

struct Situation {
  const wire::Ipv6View& ip;
  AddressKind kind;
  LinkCast link;
};

Problem problem_of(const Situation& where, ProblemKind kind, std::size_t pointer) {
  Problem problem;
  problem.kind = kind;
  problem.pointer = static_cast<std::uint32_t>(pointer);
  problem.source = where.ip.src();
  problem.destination = where.ip.dst();
  problem.destination_kind = where.kind;
  problem.link = where.link;
  problem.packet.assign(where.ip.octets().begin(), where.ip.octets().end());
  return problem;
}

Received refuse_extension(const Situation& where, ProblemKind kind, std::size_t pointer) {
  return refuse(DropReason::ip_bad_extension, problem_of(where, kind, pointer));
}

bool is_known_option(IpProtocol header, Ipv6OptionType type) noexcept {
  switch (type) {
    //= RFC8200-4.2-f
    case Ipv6OptionType::pad1:
    case Ipv6OptionType::padn: return true;
    case Ipv6OptionType::router_alert: return header == IpProtocol::hop_by_hop;
    case Ipv6OptionType::jumbo: break;  // no link here is large enough for it (RFC 2675, 1)
  }
  return false;
}

// RFC 8200, 4.2: the options of one header, in order. What is returned is why the packet ends here.
std::optional<Received> receive_options(const Situation& where, const Ipv6ExtensionView& header,
                                        std::size_t header_at) {
  //= RFC8200-4.2-a
  for (const wire::Ipv6Options::Item& item : header.options()) {
    if (!item) {
      return refuse_extension(where, ProblemKind::bad_header_field,
                              header_at + item.error().offset);
    }
    //= RFC8200-4.2-g
    if (is_known_option(header.kind(), item->type)) continue;
    const std::size_t option_at = header_at + item->offset;
    switch (item->action_if_unknown()) {
      //= RFC8200-4.2-b
      case UnknownOptionAction::skip: continue;
      //= RFC8200-4.2-c
      case UnknownOptionAction::discard: return refuse(DropReason::ip_bad_option);
      //= RFC8200-4.2-d
      case UnknownOptionAction::discard_and_report: {
        Problem problem = problem_of(where, ProblemKind::unknown_option, option_at);
        problem.even_if_multicast = true;
        return refuse(DropReason::ip_bad_option, std::move(problem));
      }
      //= RFC8200-4.2-e
      case UnknownOptionAction::discard_and_report_unless_multicast:
        return refuse(DropReason::ip_bad_option,
                      problem_of(where, ProblemKind::unknown_option, option_at));
    }
  }
  return std::nullopt;
}

// How much of an upper-layer header belongs to the header chain (RFC 7112, 3).
std::size_t upper_header_size(IpProtocol protocol) noexcept {
  switch (protocol) {
    case IpProtocol::tcp: return 20;
    case IpProtocol::udp: return 8;
    case IpProtocol::icmpv6: return 8;
    case IpProtocol::no_next_header: return 0;
    case IpProtocol::hop_by_hop:
    case IpProtocol::icmpv4:
    case IpProtocol::igmp:
    case IpProtocol::ipv4:
    case IpProtocol::ipv6:
    case IpProtocol::routing:
    case IpProtocol::fragment:
    case IpProtocol::gre:
    case IpProtocol::destination_options:
    case IpProtocol::mpls: break;
  }
  return 1;  // unknown to us: something has to be there
}

// Whether the first fragment holds all headers up to and including the upper layer's.
bool has_whole_chain(IpProtocol first, Bytes rest) noexcept {
  const auto upper = wire::find_upper_layer(first, rest);
  if (!upper) return false;
  return rest.size() - upper->offset >= upper_header_size(upper->protocol);
}

// Where the Next Header octet stands that announces the Fragment header at `fragment_at`. The chain
// up to there was followed when the fragment arrived.
std::size_t announcement_of(Bytes packet, std::size_t fragment_at) noexcept {
  wire::Ipv6ExtensionWalk walk{static_cast<IpProtocol>(packet[6]),
                               packet.subspan(wire::kIpv6HeaderSize)};
  while (wire::kIpv6HeaderSize + walk.offset() < fragment_at) {
    const auto header = walk.next();
    PW_ASSERT(header && header->ok());
  }
  return walk.next_header_offset();
}

}  // namespace

// RFC 8200, 4: the headers strictly in the order in which they stand.
//= RFC8200-4-b
//= RFC8200-4-d
//= RFC8200-4.1-a
Received Input::on_ipv6(const Arrival& arrival, Bytes packet) {
  //= RFC8200-3-a
  //= RFC8200-3-c
  const auto parsed = wire::Ipv6View::parse(packet);
  if (!parsed) return refuse(DropReason::ip_malformed);
  const wire::Ipv6View& ip = *parsed;

  AddressKind kind = AddressKind::unicast;
  if (const auto wrong = check_addresses(ip.src(), ip.dst(), arrival.link, kind)) {
    return refuse(*wrong);
  }

  const Situation here{ip, kind, arrival.link};
  bool fragmented = arrival.fragmented;
  wire::Ipv6ExtensionWalk walk{ip.next_header(), ip.payload()};
  while (true) {
    const std::size_t header_at = wire::kIpv6HeaderSize + walk.offset();
    const std::size_t named_at = walk.next_header_offset();
    //= RFC8200-4-a
    if (walk.protocol() == IpProtocol::hop_by_hop && walk.offset() != 0) {
      return refuse_extension(here, ProblemKind::unknown_next_header, named_at);
    }
    const auto next = walk.next();
    if (!next) break;
    if (!*next) {
      // Cut off by the end of the packet: the length field is the one that is wrong.
      if (next->error().code == wire::ParseErrc::too_many) {
        return refuse(DropReason::ip_bad_extension);
      }
      return refuse_extension(here, ProblemKind::bad_header_field,
                              header_at + next->error().offset);
    }
    const Ipv6ExtensionView& header = **next;
    switch (header.kind()) {
      case IpProtocol::hop_by_hop:
      case IpProtocol::destination_options:
        if (auto refused = receive_options(here, header, header_at)) return *std::move(refused);
        break;
      case IpProtocol::routing:
        // No type is known here; type 0 must not be (RFC 5095, 3).
        //= RFC8200-4.4-a
        //= RFC8200-4.4-b
        //= RFC5095-3-a
        //= RFC5095-3-b
        if (header.segments_left() != 0) {
          return refuse_extension(here, ProblemKind::bad_header_field, header_at + kRoutingTypeAt);
        }
        break;
      case IpProtocol::fragment:
        // A fragment of a fragment has no honest use, and would let one packet set off the
        // reassembly of another without end.
        if (fragmented) return refuse(DropReason::fragment_malformed);
        fragmented = true;
        // An atomic fragment is a packet of its own, whatever else has its Identification.
        //= RFC6946-4-a
        //= RFC6946-4-b
        //= RFC8200-4.5-f
        if (header.is_atomic_fragment()) break;
        return on_ipv6_fragment(arrival, {ip, header, kind, header_at});
      case IpProtocol::icmpv4:
      case IpProtocol::igmp:
      case IpProtocol::ipv4:
      case IpProtocol::tcp:
      case IpProtocol::udp:
      case IpProtocol::ipv6:
      case IpProtocol::gre:
      case IpProtocol::icmpv6:
      case IpProtocol::no_next_header:
      case IpProtocol::mpls: break;  // not extension headers; the walk has ended before them
    }
  }

  //= RFC8200-4.7-a
  if (walk.protocol() == IpProtocol::no_next_header) return refuse(DropReason::ip_no_next_header);
  // Only duplicate address detection and router discovery speak before they have an address.
  if (ip.src().is_unspecified() && walk.protocol() != IpProtocol::icmpv6) {
    return refuse(DropReason::ip_bad_source);
  }

  //= RFC8200-3-b
  // The Hop Limit is for those who forward: at its destination any will do.
  Datagram& datagram = datagram_;
  datagram.source = ip.src();
  datagram.destination = ip.dst();
  datagram.protocol = walk.protocol();
  datagram.hop_limit = ip.hop_limit();
  datagram.traffic_class = ip.traffic_class();
  datagram.flow_label = ip.flow_label();
  datagram.dont_fragment = false;
  datagram.options = {};
  datagram.payload = ip.payload().subspan(walk.offset());
  datagram.kind = kind;
  datagram.link = arrival.link;
  datagram.fragmented = fragmented;
  datagram.packet = ip.octets();
  datagram.protocol_offset = static_cast<std::uint16_t>(walk.next_header_offset());
  return {&datagram};
}

// RFC 8200, 4.5.
Received Input::on_ipv6_fragment(const Arrival& arrival, const Ipv6Fragment& piece) {
  const Situation here{piece.ip, piece.kind, arrival.link};
  const Bytes packet = piece.ip.octets();
  const std::size_t data_at = piece.offset + wire::kIpv6FragmentSize;
  //= RFC8200-4.5-e
  //= RFC8200-4.5-o
  Fragment fragment;
  fragment.key = {piece.ip.src(), piece.ip.dst(), piece.header.fragment_id(), {}};
  fragment.offset = piece.header.fragment_offset();
  fragment.more = piece.header.more_fragments();
  fragment.header = packet.first(data_at);
  fragment.data = packet.subspan(data_at);
  fragment.ecn = piece.ip.ecn();
  fragment.destination_kind = piece.kind;
  fragment.link = arrival.link;

  // A length that is no multiple of 8 is the first thing wrong with a fragment.
  const bool is_first = fragment.offset == 0;
  //= RFC7112-5-b
  //= RFC7112-5-c
  //= RFC8200-4.5-k
  if (is_first && fragment.data.size() % 8 == 0 &&
      !has_whole_chain(piece.header.next_header(), fragment.data)) {
    return refuse(DropReason::ip_bad_extension,
                  problem_of(here, ProblemKind::incomplete_header_chain, 0));
  }

  auto result = reassembler_.add(arrival.at, fragment);
  if (!result) {
    Received received = refuse(result.error());
    //= RFC8200-4.5-i
    if (result.error() == DropReason::fragment_malformed && fragment.more &&
        fragment.data.size() % 8 != 0) {
      received.problem = std::make_unique<Problem>(
          problem_of(here, ProblemKind::bad_header_field, kPayloadLengthAt));
    }
    //= RFC8200-4.5-j
    if (result.error() == DropReason::fragment_too_big) {
      received.problem = std::make_unique<Problem>(
          problem_of(here, ProblemKind::bad_header_field, piece.offset + kFragmentOffsetAt));
    }
    if (received.problem) received.problem->non_initial_fragment = !is_first;
    return received;
  }
  if (!*result) return {};  // kept

  // The Fragment header of the first fragment goes, and the header before it names what it named.
  //= RFC8200-4.5-n
  //= RFC8200-5-c
  Reassembled& whole = **result;
  Buffer& octets = whole.octets;
  const std::size_t fragment_at = whole.header_size - wire::kIpv6FragmentSize;
  octets[announcement_of(octets, fragment_at)] = octets[fragment_at];
  octets.erase(octets.begin() + static_cast<std::ptrdiff_t>(fragment_at),
               octets.begin() + static_cast<std::ptrdiff_t>(whole.header_size));
  store_be16(octets, kPayloadLengthAt,
             static_cast<std::uint16_t>(octets.size() - wire::kIpv6HeaderSize));
  if (whole.congested) octets[1] |= 0x30;  // CE, the lower half of the Traffic Class
  reassembled_ = std::move(octets);
  return on_ipv6({arrival.at, arrival.link, true}, reassembled_);
}

}  // namespace packetwright::ip
