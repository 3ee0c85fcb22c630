// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/craft.hh"

#include <algorithm>

#include "harness/engine/craft_arp.hh"
#include "harness/engine/craft_dns.hh"
#include "harness/engine/craft_fragment.hh"
#include "harness/engine/craft_icmp.hh"
#include "harness/engine/craft_ip.hh"
#include "harness/engine/craft_override.hh"
#include "harness/engine/signature.hh"
#include "harness/packet/numbers.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Layer;
using packet::Proto;
using packet::Setting;
using packet::Wide;

using Status = std::optional<CraftError>;  // empty: fine

// The Ethernet address that an IP destination has on the link: of the station, or of the group
// (RFC 894, RFC 1112, 6.4, RFC 2464, 7).
MacAddress link_address_of(const IpAddress& to, const Settings& settings,
                           const MacAddress& unicast) {
  const bool directed = to.is_v4() && settings.config.local4.is_directed_broadcast(to);
  if (to.is_limited_broadcast() || directed) return MacAddress::broadcast();
  if (!to.is_multicast()) return unicast;
  const Bytes octets = to.octets();
  MacAddress mac;
  if (to.is_v4()) {
    mac.octets = {0x01,      0x00,     0x5e, static_cast<std::uint8_t>(octets[1] & 0x7f),
                  octets[2], octets[3]};
  } else {
    mac.octets = {0x33, 0x33, octets[12], octets[13], octets[14], octets[15]};
  }
  return mac;
}

class Crafter {
 public:
  Crafter(const script::Packet& packet, const CraftContext& context, bool inbound)
      : in_(packet), context_(context), settings_(context.settings), inbound_(inbound) {}

  Result<packet::Packet, CraftError> run() {
    if (Status error = network()) return Err{*error};
    if (Status error = std::visit([this](const auto& body) { return transport(body); }, in_.body)) {
      return Err{*error};
    }
    content();
    // What lies inside a datagram is lied about before it is cut; what is outside, in each piece.
    if (in_.fragment.has_value()) {
      if (Status error = overrides(OverridePlace::inside)) return Err{*error};
      cut_fragment(*in_.fragment, inbound_, out_);
    }
    if (Status error = overrides(in_.fragment.has_value() ? OverridePlace::outside
                                                          : OverridePlace::anywhere)) {
      return Err{*error};
    }
    link();
    return std::move(out_);
  }

 private:
  static CraftError wrong(std::string reason) { return {false, std::move(reason)}; }
  static CraftError unsupported(std::string reason) { return {true, std::move(reason)}; }

  [[nodiscard]] bool is_arp() const { return in_.as<script::Arp>() != nullptr; }

  // --- headers in front of the transport

  // In strict mode an explicit IP header that stands last is the packet's own.
  [[nodiscard]] bool replaces_ours() const {
    return settings_.strict && !in_.encapsulation.empty() &&
           std::holds_alternative<script::IpHeader>(in_.encapsulation.back());
  }

  Status network() {
    for (const script::Encapsulation& one : in_.encapsulation) {
      if (Status error = std::visit([this](const auto& header) { return tunnel(header); }, one)) {
        return error;
      }
    }
    if (is_arp() || replaces_ours()) return std::nullopt;
    const auto* literal = in_.as<script::Literal>();
    if (literal != nullptr && literal->layer == script::LiteralLayer::frame) return std::nullopt;
    Layer ip(settings_.family() == Family::ipv4 ? Proto::ipv4 : Proto::ipv6);
    if (inbound_ || compares_addresses()) {
      set_addresses(ip, inbound_ ? settings_.peer() : settings_.local(),
                    inbound_ ? settings_.local() : settings_.peer());
    }
    return ip_layers(std::move(ip), in_.ip);
  }

  // packetdrill looks at addresses only to find the connection; and what is sent to a group or by
  // a host that has no address yet must say so itself.
  [[nodiscard]] bool compares_addresses() const {
    if (!settings_.strict || in_.fragment.has_value()) return settings_.strict;
    const auto* icmp = in_.as<script::Icmp>();
    return icmp == nullptr || !is_link_local_message(*icmp);
  }

  static void set_addresses(Layer& ip, const IpAddress& src, const IpAddress& dst) {
    const bool v4 = ip.proto == Proto::ipv4;
    ip.set(v4 ? Field::ipv4_src : Field::ipv6_src, Wide{src});
    ip.set(v4 ? Field::ipv4_dst : Field::ipv6_dst, Wide{dst});
  }

  Status ip_layers(Layer ip, const script::IpInfo& info) {
    std::vector<Layer> extensions;
    if (Status error = apply_ip_info(info, settings_, inbound_, ip, extensions)) return error;
    out_.layers.push_back(std::move(ip));
    for (Layer& extension : extensions) out_.layers.push_back(std::move(extension));
    return std::nullopt;
  }

  Status tunnel(const script::IpHeader& header) {
    const auto src = resolve(header.src, settings_);
    const auto dst = resolve(header.dst, settings_);
    if (!src.has_value()) return wrong("unknown address '" + header.src.name + "'");
    if (!dst.has_value()) return wrong("unknown address '" + header.dst.name + "'");
    if (src->family() != header.family || dst->family() != header.family) {
      return wrong("an address does not belong to the IP version of its header");
    }
    Layer ip(header.family == Family::ipv4 ? Proto::ipv4 : Proto::ipv6);
    set_addresses(ip, *src, *dst);
    return ip_layers(std::move(ip), header.info);
  }

  Status tunnel(const script::GreHeader& header) {
    Layer gre(Proto::gre);
    Buffer rest;
    const std::uint16_t flags = header.flags.u16();
    const auto append = [&rest](std::uint64_t value, int octets) {
      for (int i = octets - 1; i >= 0; --i) {
        rest.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
      }
    };
    if (header.given) {
      gre.set(Field::gre_flags, flags);
      if ((flags & script::GreHeader::kChecksumPresent) != 0) {
        append(header.sum.u16(), 2);
        append(header.offset.u16(), 2);
      }
      if ((flags & script::GreHeader::kKeyPresent) != 0) append(header.key.u32(), 4);
      if ((flags & script::GreHeader::kSequencePresent) != 0) append(header.sequence.u32(), 4);
      gre.rest = std::move(rest);
    }
    out_.layers.push_back(std::move(gre));
    return std::nullopt;
  }

  Status tunnel(const script::MplsStack& stack) {
    for (const script::MplsEntry& entry : stack.entries) {
      Layer mpls(Proto::mpls);
      mpls.set(Field::mpls_label, entry.label.u32());
      mpls.set(Field::mpls_tc, entry.traffic_class.u8());
      mpls.set(Field::mpls_s, entry.bottom ? 1 : 0);
      mpls.set(Field::mpls_ttl, entry.ttl.u8());
      out_.layers.push_back(std::move(mpls));
    }
    return std::nullopt;
  }

  // --- the transport

  void set_ports(Layer& layer, const std::optional<script::Ports>& ports, Field src, Field dst) {
    const Connection* connection = context_.connection;
    if (ports.has_value()) {
      layer.set(src, ports->src.u16());
      layer.set(dst, ports->dst.u16());
    } else if (inbound_ && connection != nullptr) {
      layer.set(src, connection->remote.port);
      layer.set(dst, connection->local.port != 0 ? connection->local.port : settings_.bind_port);
    }
  }

  Status transport(const script::Tcp& tcp) {
    if (tcp.psp_spi.has_value()) return unsupported("PSP encapsulation is not supported");
    if (tcp.udp_encapsulation.has_value()) {
      return unsupported("TCP in UDP encapsulation is not supported");
    }
    Layer layer(Proto::tcp);
    const bool explicit_ports = inbound_ || settings_.strict;
    if (explicit_ports) set_ports(layer, tcp.ports, Field::tcp_src_port, Field::tcp_dst_port);
    layer.set(Field::tcp_flags, tcp.flags.bits);
    // When to push is the sender's choice (RFC 9293, 3.9.1.2): a case that is about PSH says so
    // with {tcp.psh=1}.
    if (!inbound_ && settings_.strict) layer.settings.back().not_compared = script::TcpFlags::kPsh;
    if (Status error = numbers(tcp, layer)) return error;
    if (inbound_ || tcp.win.has_value()) {
      layer.set(Field::tcp_win, tcp.win.value_or(script::Number{0}).u16());
    }
    layer.set(Field::tcp_urg, tcp.urg.value_or(script::Number{0}).u16());
    if (!inbound_) layer.set(Field::tcp_reserved, 0);
    if (inbound_ || !tcp.any_options) {
      auto options = craft_tcp_options(tcp, context_, inbound_);
      if (!options.ok()) return options.error();
      layer.options = std::move(*options);
    }
    out_.layers.push_back(std::move(layer));
    out_.payload_size = static_cast<std::size_t>(tcp.seq.length.value);
    return std::nullopt;
  }

  Status numbers(const script::Tcp& tcp, Layer& layer) {
    const Connection* connection = context_.connection;
    const bool syn = tcp.flags.has(script::TcpFlags::kSyn);
    const auto ack = tcp.ack.has_value() ? tcp.ack->u32() : 0;
    if (inbound_ && connection != nullptr) {
      layer.set(Field::tcp_seq, tcp.seq.absolute
                                    ? tcp.seq.first.u32()
                                    : connection->remote_space.to_live(tcp.seq.first.u32(), syn));
      layer.set(Field::tcp_ack,
                tcp.ack.has_value() ? connection->local_space.to_live(ack, syn) : 0);
      return std::nullopt;
    }
    if (!tcp.seq.ignored) layer.set(Field::tcp_seq, tcp.seq.first.u32());
    layer.set(Field::tcp_ack, ack);
    return std::nullopt;
  }

  Status transport(const script::Udp& udp) {
    const bool lite = udp.coverage.has_value();
    Layer layer(lite ? Proto::udplite : Proto::udp);
    if (inbound_ || settings_.strict) {
      set_ports(layer, udp.ports, lite ? Field::udplite_src_port : Field::udp_src_port,
                lite ? Field::udplite_dst_port : Field::udp_dst_port);
    }
    if (lite) layer.set(Field::udplite_coverage, udp.coverage->u16());
    out_.layers.push_back(std::move(layer));
    out_.payload_size = static_cast<std::size_t>(udp.length.value);
    return std::nullopt;
  }

  Status transport(const script::Icmp& icmp) { return craft_icmp(icmp, context_, inbound_, out_); }

  Status transport(const script::Dns& dns) { return craft_dns(dns, context_, inbound_, out_); }

  Status transport(const script::Arp& arp) {
    return craft_arp(arp, context_, inbound_, out_, link_);
  }

  Status transport(const script::OtherIp& other) {
    Layer& ip = innermost_ip();
    ip.set(protocol_field(ip), other.protocol.u8());
    out_.payload_size = static_cast<std::size_t>(other.length.value);
    return std::nullopt;
  }

  // NOLINTNEXTLINE(readability-convert-member-functions-to-static): one of a set
  Status transport(const script::Sctp&) { return unsupported("SCTP is not supported"); }

  Status transport(const script::Literal& literal) {
    if (literal.layer != script::LiteralLayer::frame) {
      const bool v4 = settings_.family() == Family::ipv4;
      const Proto proto = literal.layer == script::LiteralLayer::tcp   ? Proto::tcp
                          : literal.layer == script::LiteralLayer::udp ? Proto::udp
                          : v4                                         ? Proto::icmpv4
                                                                       : Proto::icmpv6;
      Layer& ip = innermost_ip();
      ip.set(protocol_field(ip), *packet::ip_protocol_of(proto));
    } else {
      raw_frame_ = true;
    }
    out_.payload = literal.data.octets;
    return std::nullopt;
  }

  // The header that says which protocol follows: the last extension header, or IP itself.
  [[nodiscard]] Layer& innermost_ip() {
    PW_ASSERT(!out_.layers.empty());
    return out_.layers.back();
  }
  [[nodiscard]] static Field protocol_field(const Layer& layer) {
    switch (layer.proto) {
      case Proto::ipv6: return Field::ipv6_next_header;
      case Proto::hop_by_hop: return Field::hop_by_hop_next_header;
      case Proto::routing: return Field::routing_next_header;
      case Proto::fragment: return Field::fragment_next_header;
      case Proto::destination: return Field::destination_next_header;
      default: return Field::ipv4_protocol;
    }
  }

  // --- what it carries

  // Where in the peer's stream the first octet of a segment stands.
  [[nodiscard]] static std::uint64_t stream_offset(const script::Tcp& tcp) {
    if (tcp.flags.has(script::TcpFlags::kSyn)) return 0;
    return tcp.seq.first.u32() - 1u;
  }

  // As draft-boucadair-tcpm-rst-diagnostic-payload and nplab's packetdrill have it.
  static Buffer reset_reason_octets(const script::ResetReason& reason) {
    constexpr std::uint16_t kMagic = 0x33aa;
    Buffer octets(script::ResetReason::kSize, 0);
    store_be16(octets, 0, kMagic);
    store_be16(octets, 2, reason.code.u16());
    store_be32(octets, 4, reason.pen.u32());
    return octets;
  }

  void content() {
    if (in_.payload.has_value()) {
      Buffer octets = in_.payload->octets;
      const std::size_t size = out_.payload_size.value_or(octets.size());
      // Fewer octets than the length says: the rest is zeros.
      if (octets.size() < size) octets.resize(size, 0);
      out_.payload = std::move(octets);
      return;
    }
    const auto* segment = in_.as<script::Tcp>();
    if (segment != nullptr && segment->reset_reason.has_value()) {
      out_.payload = reset_reason_octets(*segment->reset_reason);
      return;
    }
    if (!inbound_ || !settings_.strict || !out_.payload_size.has_value()) return;
    if (out_.payload.has_value()) return;
    const std::size_t size = *out_.payload_size;
    if (segment != nullptr && context_.connection != nullptr) {
      out_.payload = context_.connection->inbound.expected(stream_offset(*segment), size);
    } else if (in_.as<script::Udp>() != nullptr && context_.connection != nullptr) {
      out_.payload = context_.connection->inbound.pattern(0, size);
    } else if (const auto* icmp = in_.as<script::Icmp>(); icmp != nullptr && !icmp->quote) {
      out_.payload = Stream{}.pattern(0, size);
    }
  }

  Status overrides(OverridePlace place) {
    for (const script::Override& one : in_.overrides) {
      if (Status error = apply_override(one, place, context_, inbound_, out_, ethernet_)) {
        return error;
      }
    }
    return std::nullopt;
  }

  // --- the link

  void link() {
    if (raw_frame_ || !context_.ethernet) return;
    Layer ethernet(Proto::ethernet);
    if (inbound_) {
      MacAddress dst = settings_.config.local_mac;
      if (link_.dst.has_value()) {
        dst = *link_.dst;
      } else if (const auto to = destination()) {
        dst = link_address_of(*to, settings_, dst);
      }
      ethernet.set(Field::ethernet_dst, Wide{dst});
      ethernet.set(Field::ethernet_src, Wide{link_.src.value_or(settings_.config.peer_mac)});
    } else if (ethernet_.settings.empty()) {
      return;  // nothing said about Ethernet: nothing compared
    }
    for (const Setting& setting : ethernet_.settings) ethernet.settings.push_back(setting);
    out_.layers.insert(out_.layers.begin(), std::move(ethernet));
  }

  // The destination of the outermost IP header.
  [[nodiscard]] std::optional<IpAddress> destination() const {
    for (const Layer& layer : out_.layers) {
      const bool v4 = layer.proto == Proto::ipv4;
      if (!v4 && layer.proto != Proto::ipv6) continue;
      const Setting* setting = layer.find(v4 ? Field::ipv4_dst : Field::ipv6_dst);
      if (setting == nullptr) return std::nullopt;
      if (v4) return IpAddress::v4(static_cast<std::uint32_t>(setting->value.low));
      std::array<std::uint8_t, 16> octets{};
      store_be64(octets, 0, setting->value.high);
      store_be64(octets, 8, setting->value.low);
      return IpAddress::v6(octets);
    }
    return std::nullopt;
  }

  const script::Packet& in_;
  const CraftContext& context_;
  const Settings& settings_;
  const bool inbound_;
  packet::Packet out_;
  Layer ethernet_{Proto::ethernet};  // overrides of it, until the header is made
  LinkAddresses link_;
  bool raw_frame_ = false;
};

}  // namespace

Result<Buffer, CraftError> craft_inbound(const script::Packet& packet,
                                         const CraftContext& context) {
  auto crafted = Crafter(packet, context, true).run();
  if (!crafted.ok()) return Err{crafted.error()};
  Buffer frame = packet::build(*crafted);
  if (!wants_signature(packet)) return frame;
  const auto unsigned_frame = packet::dissect(frame, context.ethernet);
  if (auto error = fill_signature(*crafted, unsigned_frame, context.settings)) return Err{*error};
  return packet::build(*crafted);
}

Result<packet::Packet, CraftError> craft_expected(const script::Packet& packet,
                                                  const CraftContext& context) {
  return Crafter(packet, context, false).run();
}

std::optional<IpAddress> resolve(const script::Address& address, const Settings& settings) {
  if (address.literal.has_value()) return address.literal;
  const bool v4 = settings.family() == Family::ipv4;
  const auto v6_group = [](std::uint8_t last) {
    std::array<std::uint8_t, 16> octets{};
    octets[0] = 0xff, octets[1] = 0x02, octets[15] = last;
    return IpAddress::v6(octets);
  };
  const std::string& name = address.name;
  if (name == "local") return settings.local();
  if (name == "peer") return settings.peer();
  if (name == "gateway") return settings.gateway();
  if (name == "broadcast") return v4 ? IpAddress::v4(0xffffffff) : v6_group(1);
  if (name == "all_nodes") return v4 ? IpAddress::v4(224, 0, 0, 1) : v6_group(1);
  if (name == "all_routers") return v4 ? IpAddress::v4(224, 0, 0, 2) : v6_group(2);
  if (name == "solicited_node") {
    return wire::solicited_node_group(settings.config.local6.address);
  }
  if (name == "any") return v4 ? IpAddress{} : IpAddress::v6({});
  if (name == "subnet_broadcast") {
    const Prefix& prefix = settings.config.local4;
    const std::uint32_t hosts = prefix.length >= 32 ? 0 : 0xffffffffu >> prefix.length;
    return IpAddress::v4(prefix.address.v4_value() | hosts);
  }
  return std::nullopt;
}

std::optional<MacAddress> resolve(const script::LinkAddress& address, const Settings& settings) {
  if (address.literal.has_value()) return address.literal;
  if (address.name == "local_mac") return settings.config.local_mac;
  if (address.name == "peer_mac") return settings.config.peer_mac;
  if (address.name == "broadcast_mac") return MacAddress::broadcast();
  if (address.name == "zero_mac") return MacAddress{};
  if (address.name == "solicited_node_mac") {
    return wire::multicast_mac(wire::solicited_node_group(settings.config.local6.address));
  }
  return std::nullopt;
}

}  // namespace packetwright::engine
