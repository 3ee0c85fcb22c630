// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/icmp_quote.hh"

#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"

namespace packetwright::wire {

std::optional<QuotedDatagram::Ports> QuotedDatagram::ports() const noexcept {
  const bool has_ports = protocol == IpProtocol::tcp || protocol == IpProtocol::udp;
  if (!has_ports || !is_first_fragment || transport.size() < 4) return std::nullopt;
  return Ports{load_be16(transport, 0), load_be16(transport, 2)};
}

std::optional<SeqNum> QuotedDatagram::tcp_seq() const noexcept {
  if (protocol != IpProtocol::tcp || !is_first_fragment || transport.size() < 8) {
    return std::nullopt;
  }
  return SeqNum{load_be32(transport, 4)};
}

Result<QuotedDatagram, ParseError> parse_ipv4_quote(Bytes quote) noexcept {
  const auto view = Ipv4View::parse_lax(quote);
  if (!view) return Err{view.error()};
  if (view->version() != 4) {
    return fail(ParseErrc::bad_version, Layer::ipv4, 0, 4, view->version());
  }
  const std::size_t header_size = std::size_t{view->ihl()} * 4;
  if (header_size < kIpv4HeaderSize) {
    return fail(ParseErrc::bad_length, Layer::ipv4, 0, kIpv4HeaderSize, header_size);
  }
  if (quote.size() < header_size) {
    return fail(ParseErrc::truncated, Layer::ipv4, 0, header_size, quote.size());
  }
  QuotedDatagram quoted;
  quoted.src = view->src();
  quoted.dst = view->dst();
  quoted.protocol = view->protocol();
  quoted.tos = view->tos();
  quoted.is_first_fragment = view->fragment_offset() == 0;
  quoted.transport_offset = header_size;
  // Some routers change Total Length of what they quote: what is there counts, not what it says.
  quoted.transport = quote.subspan(header_size);
  return quoted;
}

Result<QuotedDatagram, ParseError> parse_ipv6_quote(Bytes quote) noexcept {
  const auto view = Ipv6View::parse_lax(quote);
  if (!view) return Err{view.error()};
  if (view->version() != 6) {
    return fail(ParseErrc::bad_version, Layer::ipv6, 0, 6, view->version());
  }
  const Bytes payload = quote.subspan(kIpv6HeaderSize);
  const auto upper = find_upper_layer(view->next_header(), payload);
  if (!upper) return Err{upper.error()};
  QuotedDatagram quoted;
  quoted.src = view->src();
  quoted.dst = view->dst();
  quoted.protocol = upper->protocol;
  quoted.tos = view->traffic_class();
  quoted.is_first_fragment = upper->is_first_fragment;
  quoted.transport_offset = kIpv6HeaderSize + upper->offset;
  quoted.transport = payload.subspan(upper->offset);
  return quoted;
}

}  // namespace packetwright::wire
