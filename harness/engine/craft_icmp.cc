// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/craft_icmp.hh"

#include <algorithm>
#include <array>

#include "harness/packet/numbers.hh"
#include "harness/script/icmp_names.hh"

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::Layer;
using packet::Proto;
using packet::Wide;

constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
// What an error must quote of the datagram behind its IP header (RFC 792).
constexpr std::size_t kQuoted = 8;

class IcmpCrafter {
 public:
  IcmpCrafter(const script::Icmp& icmp, const CraftContext& context, bool inbound,
              packet::Packet& out)
      : icmp_(icmp),
        context_(context),
        settings_(context.settings),
        inbound_(inbound),
        out_(out),
        v4_(context.settings.family() == Family::ipv4),
        layer_(v4_ ? Proto::icmpv4 : Proto::icmpv6) {}

  std::optional<CraftError> run() {
    const Family family = settings_.family();
    const auto type = script::icmp_type(family, icmp_.type);
    if (!type.has_value()) return wrong("no ICMP type '" + icmp_.type + "' in this IP version");
    const auto code = script::icmp_code(family, *type, icmp_.code);
    if (!code.has_value()) {
      return wrong("no code '" + icmp_.code + "' of ICMP " + icmp_.type + " in this IP version");
    }
    type_ = *type;
    layer_.set(v4_ ? Field::icmpv4_type : Field::icmpv6_type, *type);
    layer_.set(v4_ ? Field::icmpv4_code : Field::icmpv6_code, *code);
    if (icmp_.mtu.has_value() && !is_router_advertisement()) {
      layer_.set(v4_ ? Field::icmpv4_mtu : Field::icmpv6_mtu, icmp_.mtu->u32());
    }
    if (icmp_.id.has_value()) {
      layer_.set(v4_ ? Field::icmpv4_id : Field::icmpv6_id, icmp_.id->u16());
    }
    if (auto error = set_fields()) return error;
    out_.layers.push_back(std::move(layer_));
    return inbound_ ? carry() : expect();
  }

 private:
  static CraftError wrong(std::string reason) { return {false, std::move(reason)}; }
  [[nodiscard]] bool is_router_advertisement() const { return !v4_ && type_ == 134; }

  // --- fields

  [[nodiscard]] const script::IcmpField* find(std::string_view name) const {
    for (const script::IcmpField& field : icmp_.fields) {
      if (field.name == name) return &field;
    }
    return nullptr;
  }
  [[nodiscard]] std::uint32_t number(std::string_view name) const {
    const script::IcmpField* field = find(name);
    const auto* value = field == nullptr ? nullptr : std::get_if<script::Number>(&field->value);
    return value == nullptr ? 0 : value->u32();
  }
  [[nodiscard]] std::uint32_t flag(std::string_view name, std::uint32_t bit) const {
    return find(name) == nullptr ? 0 : bit;
  }

  void append(std::uint64_t value, int octets) {
    for (int i = octets - 1; i >= 0; --i) {
      body_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }
  // An address the script gives; nothing where it gives none.
  std::optional<CraftError> append_address(std::string_view name) {
    const script::IcmpField* field = find(name);
    if (field == nullptr) return std::nullopt;
    const auto* address = std::get_if<script::Address>(&field->value);
    const auto resolved = address == nullptr ? std::nullopt : resolve(*address, settings_);
    if (!resolved.has_value()) return wrong("icmp." + std::string(name) + ": unknown address");
    body_.insert(body_.end(), resolved->octets().begin(), resolved->octets().end());
    return std::nullopt;
  }
  // Source (1) or target (2) link-layer address, one unit of eight octets (RFC 4861, 4.6.1).
  std::optional<CraftError> append_link_option(std::string_view name, std::uint8_t kind) {
    const script::IcmpField* field = find(name);
    if (field == nullptr) return std::nullopt;
    const auto* mac = std::get_if<script::LinkAddress>(&field->value);
    const auto resolved = mac == nullptr ? std::nullopt : resolve(*mac, settings_);
    if (!resolved.has_value()) return wrong("icmp." + std::string(name) + ": unknown address");
    append(kind, 1);
    append(1, 1);
    body_.insert(body_.end(), resolved->octets.begin(), resolved->octets.end());
    return std::nullopt;
  }
  // Prefix information (RFC 4861, 4.6.2).
  std::optional<CraftError> append_prefix_option() {
    if (find("prefix") == nullptr) return std::nullopt;
    append(3, 1);
    append(4, 1);
    append(find("prefix_length") == nullptr ? 64 : number("prefix_length"), 1);
    append(flag("on_link", 0x80) | flag("autonomous", 0x40), 1);
    append(number("valid"), 4);
    append(number("preferred"), 4);
    append(0, 4);
    return append_address("prefix");
  }

  // The names that belong into the first eight octets have a place there; the others make the body
  // of neighbour discovery (RFC 4861, 4), timestamps and address masks (RFC 792, RFC 950), in the
  // order of the message whatever the order of the script.
  std::optional<CraftError> set_fields() {
    for (const std::string_view name : {"seq", "pointer", "gateway"}) {
      const script::IcmpField* field = find(name);
      if (field == nullptr) continue;
      const auto known = packet::field_named(layer_.proto, name);
      if (!known.has_value()) return wrong("icmp." + field->name + ": not in this IP version");
      if (auto error = set_known(*known, *field)) return error;
    }
    const bool advertisement = is_router_advertisement();
    std::uint32_t rest =
        flag("router", 0x80000000) | flag("solicited", 0x40000000) | flag("override", 0x20000000);
    if (advertisement) {
      rest = (number("hop_limit") << 24) | flag("managed", 0x800000) | flag("other", 0x400000) |
             number("lifetime");
      append(number("reachable"), 4);
      append(number("retrans"), 4);
    }
    // An expected message of which the script says nothing may say what it likes.
    const bool open = !inbound_ && icmp_.fields.empty();
    if (rest != 0 || (!v4_ && !open && (advertisement || type_ == 136))) {
      layer_.set(v4_ ? Field::icmpv4_rest : Field::icmpv6_rest, rest);
    }
    if (v4_ && (type_ == 13 || type_ == 14)) {
      append(number("originate"), 4);
      append(number("receive"), 4);
      append(number("transmit"), 4);
    }
    for (const std::string_view name : {"target", "dest", "mask"}) {
      if (auto error = append_address(name)) return error;
    }
    if (auto error = append_link_option("slla", 1)) return error;
    if (auto error = append_link_option("tlla", 2)) return error;
    if (icmp_.mtu.has_value() && advertisement) {
      // The MTU option (RFC 4861, 4.6.4).
      append(5, 1);
      append(1, 1);
      append(0, 2);
      append(icmp_.mtu->u32(), 4);
    }
    return append_prefix_option();
  }

  std::optional<CraftError> set_known(Field known, const script::IcmpField& field) {
    if (const auto* value = std::get_if<script::Number>(&field.value)) {
      layer_.set(known, Wide{static_cast<std::uint64_t>(value->value)});
      return std::nullopt;
    }
    if (const auto* address = std::get_if<script::Address>(&field.value)) {
      const auto resolved = resolve(*address, settings_);
      if (!resolved.has_value()) return wrong("unknown address '" + address->name + "'");
      layer_.set(known, Wide{*resolved});
      return std::nullopt;
    }
    return wrong("icmp." + field.name + ": not a value of this field");
  }

  // --- what an injected message carries

  [[nodiscard]] bool is_error() const {
    if (!v4_) return type_ < 128;
    return type_ == 3 || type_ == 4 || type_ == 5 || type_ == 11 || type_ == 12;
  }

  std::optional<CraftError> carry() {
    if (!body_.empty()) {
      out_.payload = std::move(body_);
      return std::nullopt;
    }
    if (icmp_.length.has_value()) {
      out_.payload_size = static_cast<std::size_t>(icmp_.length->value);
      return std::nullopt;
    }
    if (!icmp_.quote.has_value()) {
      if (is_error()) out_.payload = default_quote();
      return std::nullopt;
    }
    if (const auto* none = std::get_if<script::QuotedNothing>(&*icmp_.quote)) {
      const auto size = static_cast<std::size_t>(none->length.value);
      out_.payload_size = size > 8 ? size - 8 : 0;
    } else if (const auto* octets = std::get_if<script::QuotedOctets>(&*icmp_.quote)) {
      out_.payload = octets->data.octets;
    } else if (const auto* tcp = std::get_if<script::QuotedTcp>(&*icmp_.quote)) {
      out_.payload = tcp_quote(tcp->seq.first.u32(), tcp->seq.length.value, tcp->seq.absolute);
    } else if (const auto* udp = std::get_if<script::QuotedUdp>(&*icmp_.quote)) {
      out_.payload = udp_quote(*udp);
    }
    return std::nullopt;
  }

  // Without brackets packetdrill quotes an empty segment at the target's ISN. In strict mode it is
  // the last packet that the target sent, as a router would have it.
  Buffer default_quote() {
    if (settings_.strict && context_.quote != nullptr) {
      if (auto quoted = last_packet(*context_.quote)) return std::move(*quoted);
    }
    return tcp_quote(0, 0, false);
  }

  [[nodiscard]] static std::optional<Buffer> last_packet(const packet::Dissected& frame) {
    for (const packet::Part& part : frame.parts()) {
      if (part.proto != Proto::ipv4 && part.proto != Proto::ipv6) continue;
      const std::size_t end = std::min(part.end, part.offset + part.size + kQuoted);
      const auto begin = frame.octets().begin();
      return Buffer(begin + static_cast<long>(part.offset), begin + static_cast<long>(end));
    }
    return std::nullopt;
  }

  // An IP header from the target to the peer, which says that `length` octets follow.
  [[nodiscard]] Layer quoted_ip(std::uint8_t protocol, std::uint64_t length) const {
    Layer ip(v4_ ? Proto::ipv4 : Proto::ipv6);
    ip.set(v4_ ? Field::ipv4_src : Field::ipv6_src, Wide{settings_.local()});
    ip.set(v4_ ? Field::ipv4_dst : Field::ipv6_dst, Wide{settings_.peer()});
    ip.set(v4_ ? Field::ipv4_protocol : Field::ipv6_next_header, protocol);
    ip.set(v4_ ? Field::ipv4_total_length : Field::ipv6_payload_length,
           length + (v4_ ? kIpv4Header : 0));
    return ip;
  }

  [[nodiscard]] Buffer first_octets(const packet::Packet& whole) const {
    Buffer octets = packet::build(whole);
    octets.resize((v4_ ? kIpv4Header : kIpv6Header) + kQuoted);
    return octets;
  }

  [[nodiscard]] Buffer tcp_quote(std::uint32_t seq, std::int64_t length, bool absolute) const {
    packet::Packet quoted;
    quoted.layers.push_back(quoted_ip(6, 20 + static_cast<std::uint64_t>(length)));
    Layer tcp(Proto::tcp);
    const Connection* connection = context_.connection;
    if (connection != nullptr) {
      tcp.set(Field::tcp_src_port, local_port());
      tcp.set(Field::tcp_dst_port, connection->remote.port);
      seq = absolute ? seq : connection->local_space.to_live(seq, false);
    }
    tcp.set(Field::tcp_seq, seq);
    quoted.layers.push_back(std::move(tcp));
    return first_octets(quoted);
  }

  [[nodiscard]] Buffer udp_quote(const script::QuotedUdp& quote) const {
    const bool lite = quote.coverage.has_value();
    const std::uint64_t length = 8 + static_cast<std::uint64_t>(quote.length.value);
    packet::Packet quoted;
    Layer udp(lite ? Proto::udplite : Proto::udp);
    quoted.layers.push_back(quoted_ip(*packet::ip_protocol_of(udp.proto), length));
    if (context_.connection != nullptr) {
      udp.set(lite ? Field::udplite_src_port : Field::udp_src_port, local_port());
      udp.set(lite ? Field::udplite_dst_port : Field::udp_dst_port,
              context_.connection->remote.port);
    }
    set_length_or_coverage(udp, quote);
    quoted.layers.push_back(std::move(udp));
    return first_octets(quoted);
  }

  // The same two octets tell the one or the other.
  static void set_length_or_coverage(Layer& udp, const script::QuotedUdp& quote) {
    if (quote.coverage.has_value()) {
      udp.set(Field::udplite_coverage, quote.coverage->u16());
    } else {
      udp.set(Field::udp_length, 8 + static_cast<std::uint64_t>(quote.length.value));
    }
  }

  [[nodiscard]] std::uint16_t local_port() const {
    const std::uint16_t port = context_.connection->local.port;
    return port != 0 ? port : settings_.bind_port;
  }

  // --- what is compared of an expected message

  std::optional<CraftError> expect() {
    if (!body_.empty()) {
      out_.payload = std::move(body_);
      // Options of neighbour discovery that the script does not mention may follow.
      return std::nullopt;
    }
    if (icmp_.length.has_value()) {
      out_.payload_size = static_cast<std::size_t>(icmp_.length->value);
      return std::nullopt;
    }
    if (!icmp_.quote.has_value()) return std::nullopt;
    Layer ip(v4_ ? Proto::ipv4 : Proto::ipv6);
    ip.set(v4_ ? Field::ipv4_src : Field::ipv6_src, Wide{settings_.peer()});
    if (const auto* tcp = std::get_if<script::QuotedTcp>(&*icmp_.quote)) {
      Layer layer(Proto::tcp);
      if (!tcp->seq.ignored) layer.set(Field::tcp_seq, tcp->seq.first.u32());
      quoted_ports(layer, Field::tcp_src_port, Field::tcp_dst_port);
      out_.layers.push_back(std::move(ip));
      out_.layers.push_back(std::move(layer));
    } else if (const auto* udp = std::get_if<script::QuotedUdp>(&*icmp_.quote)) {
      const bool lite = udp->coverage.has_value();
      Layer layer(lite ? Proto::udplite : Proto::udp);
      set_length_or_coverage(layer, *udp);
      quoted_ports(layer, lite ? Field::udplite_src_port : Field::udp_src_port,
                   lite ? Field::udplite_dst_port : Field::udp_dst_port);
      out_.layers.push_back(std::move(ip));
      out_.layers.push_back(std::move(layer));
    } else if (const auto* octets = std::get_if<script::QuotedOctets>(&*icmp_.quote)) {
      out_.payload = octets->data.octets;
    }
    return std::nullopt;
  }

  // The quoted packet is one that the peer sent.
  void quoted_ports(Layer& layer, Field src, Field dst) const {
    if (!settings_.strict || context_.connection == nullptr) return;
    layer.set(src, context_.connection->remote.port);
    layer.set(dst, local_port());
  }

  const script::Icmp& icmp_;
  const CraftContext& context_;
  const Settings& settings_;
  const bool inbound_;
  packet::Packet& out_;
  const bool v4_;
  Layer layer_;
  std::uint8_t type_ = 0;
  Buffer body_;
};

}  // namespace

std::optional<CraftError> craft_icmp(const script::Icmp& icmp, const CraftContext& context,
                                     bool inbound, packet::Packet& out) {
  return IcmpCrafter(icmp, context, inbound, out).run();
}

bool is_link_local_message(const script::Icmp& icmp) {
  return icmp.type.starts_with("neighbo") || icmp.type.starts_with("router_") ||
         icmp.type.starts_with("mld");
}

}  // namespace packetwright::engine
