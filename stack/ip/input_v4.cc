// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "stack/ip/input_internal.hh"
#include "stack/wire/ipv4.hh"

namespace packetwright::ip {
namespace {

constexpr std::size_t kTotalLengthAt = 2;
constexpr std::size_t kTosAt = 1;
constexpr std::size_t kFragmentAt = 6;
constexpr std::uint16_t kProtocolAt = 9;
constexpr std::uint8_t kCe = 3;

Problem problem_of(const wire::Ipv4View& ip, const OptionError& error, AddressKind kind,
                   LinkCast link) {
  Problem problem;
  problem.kind = *error.problem;
  problem.pointer = error.pointer;
  problem.source = ip.src();
  problem.destination = ip.dst();
  problem.destination_kind = kind;
  problem.link = link;
  problem.non_initial_fragment = ip.fragment_offset() != 0;
  problem.packet.assign(ip.octets().begin(), ip.octets().end());
  return problem;
}

// Makes one header of what was the header of the first fragment.
void become_whole(MutableBytes datagram, std::size_t header_size, bool congested) {
  store_be16(datagram, kTotalLengthAt, static_cast<std::uint16_t>(datagram.size()));
  store_be16(datagram, kFragmentAt, 0);
  if (congested) datagram[kTosAt] |= kCe;
  wire::fill_ipv4_checksum(datagram.first(header_size));
}

}  // namespace

Received Input::on_ipv4(const Arrival& arrival, Bytes packet) {
  // Version, IHL, Total Length, and as many octets as it says; padding of the frame is cut off.
  // Nothing is computed over a length that has not been checked.
  //= RFC1122-3.2.1.1-a
  //= RFC791-3.1-a
  //= RFC791-3.1-b
  const auto parsed = wire::Ipv4View::parse(packet);
  if (!parsed) return refuse(DropReason::ip_malformed);
  const wire::Ipv4View& ip = *parsed;
  //= RFC1122-3.2.1.2-a
  if (config_.verify_checksum && !ip.verify_checksum()) return refuse(DropReason::ip_bad_checksum);

  const IpAddress source = ip.src();
  const IpAddress destination = ip.dst();
  AddressKind kind = AddressKind::unicast;
  if (const auto wrong = check_addresses(source, destination, arrival.link, kind)) {
    return refuse(*wrong);
  }

  // The options are those of this host now, filled in on a copy: an ICMP error quotes what arrived.
  // They come before reassembly, because a source route that is not at its end is not ours to
  // reassemble (RFC 1122, 3.2.1.8 (c)).
  options_.assign(ip.options().begin(), ip.options().end());
  if (!options_.empty()) {
    const IpAddress here = kind == AddressKind::unicast
                               ? destination
                               : addresses_.select_source(source, source).value_or(destination);
    if (const auto error = receive_options(arrival.at, options_, here, config_.options)) {
      if (!error->problem) return refuse(error->reason);
      return refuse(error->reason, problem_of(ip, *error, kind, arrival.link));
    }
  }

  if (ip.is_fragment()) return on_ipv4_fragment(arrival, ip, kind);
  // A whole datagram takes the place of its own fragments. One that could never have been
  // fragmented has an Identification that says nothing.
  //= RFC791-3.2-e
  //= RFC6864-4.1-a
  //= RFC6864-4.1-c
  if (!ip.df() && !arrival.fragmented) {
    reassembler_.release({source, destination, ip.id(), ip.protocol()});
  }

  //= RFC1122-3.2.1.7-b
  // The Time to Live is for those who forward: at its destination any will do.
  Datagram& datagram = datagram_;
  datagram.source = source;
  datagram.destination = destination;
  datagram.flow_label = 0;
  datagram.protocol = ip.protocol();
  datagram.hop_limit = ip.ttl();
  datagram.traffic_class = ip.tos();
  datagram.dont_fragment = ip.df();
  //= RFC1122-3.2.1.8-b
  datagram.options = options_;
  datagram.payload = ip.payload();
  datagram.kind = kind;
  datagram.link = arrival.link;
  datagram.fragmented = arrival.fragmented;
  datagram.packet = ip.octets();
  datagram.protocol_offset = kProtocolAt;
  return {&datagram};
}

Received Input::on_ipv4_fragment(const Arrival& arrival, const wire::Ipv4View& ip,
                                 AddressKind kind) {
  //= RFC791-3.2-a
  Fragment fragment;
  fragment.key = {ip.src(), ip.dst(), ip.id(), ip.protocol()};
  fragment.offset = ip.fragment_offset();
  fragment.more = ip.mf();
  fragment.header = ip.header();
  fragment.data = ip.payload();
  fragment.ecn = ip.ecn();
  fragment.destination_kind = kind;
  fragment.link = arrival.link;

  //= RFC1122-3.3.2-a
  auto result = reassembler_.add(arrival.at, fragment);
  if (!result) return refuse(result.error());
  if (!*result) return {};  // kept
  Reassembled& whole = **result;
  become_whole(whole.octets, whole.header_size, whole.congested);
  reassembled_ = std::move(whole.octets);
  return on_ipv4({arrival.at, arrival.link, true}, reassembled_);
}

}  // namespace packetwright::ip
