// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/wire_checks.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/dns.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/icmp_quote.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv4_options.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"
#include "stack/wire/ndp.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/tcp_options.hh"
#include "stack/wire/udp.hh"

using namespace packetwright;
using wire::IpProtocol;

namespace {

void read_upper(IpProtocol protocol, Bytes octets) {
  if (protocol == IpProtocol::tcp) {
    if (const auto view = wire::TcpView::parse(octets)) {
      fuzz::touch(wire::read_tcp_options(view->options()).sack_count);
      fuzz::touch(view->payload());
    }
  } else if (protocol == IpProtocol::udp) {
    if (const auto view = wire::UdpView::parse(octets)) {
      fuzz::touch(view->payload());
      if (const auto dns = wire::DnsView::parse(view->payload())) {
        fuzz::touch(std::uint64_t{dns->check().ok()});
      }
    }
  } else if (protocol == IpProtocol::icmpv4) {
    if (const auto view = wire::Icmpv4View::parse(octets)) {
      if (const auto quoted = wire::parse_ipv4_quote(view->body())) fuzz::touch(quoted->transport);
    }
  } else if (protocol == IpProtocol::icmpv6) {
    if (const auto view = wire::Icmpv6View::parse(octets)) {
      if (const auto quoted = wire::parse_ipv6_quote(view->body())) fuzz::touch(quoted->transport);
    }
    if (const auto view = wire::RouterAdvertisementView::parse(octets)) {
      fuzz::touch(std::uint64_t{wire::ndp_options_valid(view->options())});
    }
  }
}

}  // namespace

// A whole frame, read as far as it goes, each layer out of the one before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBuffer input{Bytes{data, size}};
  const auto frame = wire::EthernetView::parse(input.octets());
  if (!frame) return 0;
  if (const auto arp = wire::ArpView::parse(frame->payload())) fuzz::touch(arp->target_ip());
  if (const auto view = wire::Ipv4View::parse(frame->payload())) {
    for (const auto& option : wire::Ipv4Options{view->options()}) {
      if (option) fuzz::touch(option->data);
    }
    read_upper(view->protocol(), view->payload());
  }
  if (const auto view = wire::Ipv6View::parse(frame->payload())) {
    if (const auto upper = wire::find_upper_layer(view->next_header(), view->payload())) {
      read_upper(upper->protocol, view->payload().subspan(upper->offset));
    }
  }
  return 0;
}
