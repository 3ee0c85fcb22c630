// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/link.hh"

#include "stack/wire/checksum.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/ipv4.hh"

namespace packetwright::sweep {

std::optional<ReadSegment> read_segment(const Link& link, Bytes frame) {
  if (link.ethernet) {
    const auto ethernet = wire::EthernetView::parse(frame);
    if (!ethernet || ethernet->ether_type() != wire::EtherType::ipv4) return std::nullopt;
    frame = ethernet->payload();
  }
  const auto ip = wire::Ipv4View::parse(frame);
  if (!ip || ip->protocol() != wire::IpProtocol::tcp) return std::nullopt;
  const auto tcp = wire::TcpView::parse(ip->payload());
  if (!tcp || !tcp->verify_checksum(ip->src(), ip->dst())) return std::nullopt;
  ReadSegment read{tcp->src_port(), tcp->dst_port(), {}};
  read.segment = {tcp->seq(),
                  tcp->ack(),
                  tcp->flags(),
                  tcp->win(),
                  static_cast<std::uint32_t>(tcp->payload().size()),
                  wire::find_tcp_timestamps(tcp->options())};
  return read;
}

Buffer frame_of(const Link& link, wire::TcpFields fields, Bytes text) {
  fields.src_port = link.peer_port;
  fields.dst_port = link.local_port;
  wire::Ipv4Fields ip;
  ip.src = link.peer;
  ip.dst = link.local;
  ip.protocol = wire::IpProtocol::tcp;
  const std::size_t size = fields.encoded_size() + text.size();
  ip.set_lengths(size);
  const std::size_t link_size = link.ethernet ? wire::kEthernetHeaderSize : 0;
  const std::size_t ip_size = ip.encoded_size();
  Buffer frame(link_size + ip_size + size);
  const MutableBytes whole{frame};
  if (link.ethernet) {
    wire::EthernetFields{link.local_mac, link.peer_mac, {}, wire::EtherType::ipv4}.emit(whole);
  }
  ip.emit(whole.subspan(link_size));
  wire::fill_ipv4_checksum(whole.subspan(link_size, ip_size));
  const MutableBytes segment = whole.subspan(link_size + ip_size);
  fields.emit(segment);
  store_bytes(segment, fields.encoded_size(), text);
  wire::fill_tcp_checksum(segment, link.peer, link.local);
  return frame;
}

}  // namespace packetwright::sweep
