// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/packet/checksums.hh"
#include "harness/packet/numbers.hh"
#include "harness/packet/packet.hh"

namespace packetwright::packet {
namespace {

// One header that is being built, and where it will lie.
struct Piece {
  const Layer* layer = nullptr;
  std::size_t offset = 0;
  std::size_t size = 0;
};

std::size_t round_up(std::size_t octets, std::size_t unit) {
  return (octets + unit - 1) / unit * unit;
}

// An ICMP message quotes the packet after it; everything inside the quote is built like any packet.
bool is_ip(Proto proto) {
  return proto == Proto::ipv4 || proto == Proto::ipv6;
}

Buffer header_of(const Layer& layer) {
  Buffer header(fixed_size_of(layer.proto), 0);
  switch (layer.proto) {
    case Proto::ipv4:
    case Proto::tcp:
      if (layer.options.has_value()) {
        const Buffer options = encode_options(*layer.options);
        header.insert(header.end(), options.begin(), options.end());
      }
      if (layer.rest.has_value()) {
        header.insert(header.end(), layer.rest->begin(), layer.rest->end());
      }
      header.resize(round_up(header.size(), 4), 0);
      break;
    case Proto::hop_by_hop:
    case Proto::destination:
    case Proto::routing:
      // The first two (or four) octets are fields; the rest is given, padded to a whole number of
      // eight octets (RFC 8200, 4.2: Pad1 and PadN are the script's business, zeros are Pad1).
      if (layer.rest.has_value()) {
        header.resize(layer.proto == Proto::routing ? 4 : 2);
        header.insert(header.end(), layer.rest->begin(), layer.rest->end());
        header.resize(std::max<std::size_t>(round_up(header.size(), 8), 8), 0);
      }
      break;
    default:
      if (layer.rest.has_value()) {
        header.insert(header.end(), layer.rest->begin(), layer.rest->end());
      }
      break;
  }
  return header;
}

// The number by which the layer outside `next` announces it.
std::optional<std::uint16_t> ethertype_of(Proto next) {
  switch (next) {
    case Proto::arp: return kEthertypeArp;
    case Proto::ipv4: return kEthertypeIpv4;
    case Proto::ipv6: return kEthertypeIpv6;
    case Proto::mpls: return kEthertypeMpls;
    default: return std::nullopt;
  }
}

class Builder {
 public:
  explicit Builder(const Packet& packet) : packet_(packet) {}

  Buffer run() {
    for (const Layer& layer : packet_.layers) {
      const Buffer header = header_of(layer);
      pieces_.push_back({&layer, octets_.size(), header.size()});
      octets_.insert(octets_.end(), header.begin(), header.end());
    }
    append_payload();
    for (std::size_t i = 0; i < pieces_.size(); ++i) usual_values(i);
    for (std::size_t i = pieces_.size(); i-- > 0;) settings(i, false);
    for (std::size_t i = pieces_.size(); i-- > 0;) checksum(i);
    // Not zeros: who reads padding as payload shall be seen to do so.
    octets_.resize(octets_.size() + packet_.trailer.value_or(0), 0xee);
    return std::move(octets_);
  }

 private:
  void append_payload() {
    if (packet_.payload.has_value()) {
      octets_.insert(octets_.end(), packet_.payload->begin(), packet_.payload->end());
    } else if (packet_.payload_size.has_value()) {
      octets_.resize(octets_.size() + *packet_.payload_size, 0);
    }
  }

  [[nodiscard]] MutableBytes header(std::size_t i) {
    return MutableBytes{octets_}.subspan(pieces_[i].offset, pieces_[i].size);
  }
  [[nodiscard]] std::size_t from_header_to_end(std::size_t i) const {
    return octets_.size() - pieces_[i].offset;
  }
  void put(std::size_t i, Field field, Wide value) { write_field(header(i), field, value); }

  [[nodiscard]] std::optional<Proto> next(std::size_t i) const {
    if (i + 1 >= pieces_.size()) return std::nullopt;
    return pieces_[i + 1].layer->proto;
  }

  void next_protocol(std::size_t i, Field field) {
    if (const auto proto = next(i)) {
      if (const auto number = ip_protocol_of(*proto)) put(i, field, *number);
    } else {
      put(i, field, kIpProtoNoNext);
    }
  }

  // The values that a packet has when the script says nothing. Those of injected packets are
  // packetdrill's: TTL 255, id 0, DF clear.
  void usual_values(std::size_t i) {
    switch (pieces_[i].layer->proto) {
      case Proto::ethernet:
        if (const auto proto = next(i)) {
          if (const auto type = ethertype_of(*proto)) put(i, Field::ethernet_type, *type);
        }
        break;
      case Proto::arp:
        put(i, Field::arp_hw_type, 1);
        put(i, Field::arp_proto_type, kEthertypeIpv4);
        put(i, Field::arp_hw_len, 6);
        put(i, Field::arp_proto_len, 4);
        break;
      case Proto::ipv4:
        put(i, Field::ipv4_version, 4);
        put(i, Field::ipv4_header_length, pieces_[i].size / 4);
        put(i, Field::ipv4_total_length, from_header_to_end(i));
        put(i, Field::ipv4_ttl, 255);
        next_protocol(i, Field::ipv4_protocol);
        break;
      case Proto::ipv6:
        put(i, Field::ipv6_version, 6);
        put(i, Field::ipv6_payload_length, from_header_to_end(i) - pieces_[i].size);
        put(i, Field::ipv6_hop_limit, 255);
        next_protocol(i, Field::ipv6_next_header);
        break;
      case Proto::hop_by_hop:
        next_protocol(i, Field::hop_by_hop_next_header);
        put(i, Field::hop_by_hop_length, pieces_[i].size / 8 - 1);
        break;
      case Proto::destination:
        next_protocol(i, Field::destination_next_header);
        put(i, Field::destination_length, pieces_[i].size / 8 - 1);
        break;
      case Proto::routing:
        next_protocol(i, Field::routing_next_header);
        put(i, Field::routing_length, pieces_[i].size / 8 - 1);
        break;
      case Proto::fragment: next_protocol(i, Field::fragment_next_header); break;
      case Proto::udp: put(i, Field::udp_length, from_header_to_end(i)); break;
      case Proto::tcp: put(i, Field::tcp_data_offset, pieces_[i].size / 4); break;
      case Proto::gre:
        if (const auto proto = next(i)) {
          if (const auto type = ethertype_of(*proto)) put(i, Field::gre_protocol, *type);
        }
        break;
      case Proto::mpls:
        // The last label of the stack carries the S bit (RFC 3032, 2.1).
        put(i, Field::mpls_s, next(i) == Proto::mpls ? 0 : 1);
        put(i, Field::mpls_ttl, 255);
        break;
      case Proto::icmpv4:
      case Proto::icmpv6:
      case Proto::udplite:
      case Proto::dns: break;
    }
  }

  void settings(std::size_t i, bool checksums) {
    for (const Setting& setting : pieces_[i].layer->settings) {
      if (is_checksum(setting.field) != checksums) continue;
      if (!field_fits(setting.field, pieces_[i].size)) continue;
      const Wide right = read_field(header(i), setting.field);
      put(i, setting.field, setting_value(setting, right));
    }
  }

  static Wide setting_value(const Setting& setting, Wide right) {
    switch (setting.how) {
      case Setting::How::exactly: return setting.value;
      case Setting::How::plus: return Wide{right.low + setting.value.low};
      case Setting::How::bad:
        // For a checksum neither 0 nor the other form of zero, which would both be special.
        return is_checksum(setting.field) ? Wide{wrong_checksum(right.low)} : Wide{right.low + 1};
    }
    return right;
  }

  void checksum(std::size_t i) {
    const std::optional<Field> field = checksum_field_of(pieces_[i].layer->proto);
    if (!field.has_value()) return;
    put(i, *field, 0);
    put(i, *field, right_checksum(i));
    settings(i, true);
  }

  std::uint64_t right_checksum(std::size_t i) {
    const Proto proto = pieces_[i].layer->proto;
    if (proto == Proto::ipv4) return checksum_of(header(i));
    const Bytes from_here = Bytes{octets_}.subspan(pieces_[i].offset);
    if (proto == Proto::icmpv4) return checksum_of(from_here);
    for (std::size_t outer = i; outer-- > 0;) {
      if (!is_ip(pieces_[outer].layer->proto)) continue;
      return transport_checksum(proto, header(outer), from_here);
    }
    return checksum_of(from_here);  // no IP header around it: no pseudo-header to count
  }

  const Packet& packet_;
  std::vector<Piece> pieces_;
  Buffer octets_;
};

}  // namespace

const Setting* Layer::find(Field field) const noexcept {
  const Setting* found = nullptr;
  for (const Setting& setting : settings) {
    if (setting.field == field) found = &setting;
  }
  return found;
}

Layer* Packet::find(Proto proto) noexcept {
  for (Layer& layer : layers) {
    if (layer.proto == proto) return &layer;
  }
  return nullptr;
}

const Layer* Packet::find(Proto proto) const noexcept {
  return const_cast<Packet*>(this)->find(proto);
}

Buffer encode_options(const std::vector<HeaderOption>& options) {
  Buffer octets;
  for (const HeaderOption& option : options) {
    octets.push_back(option.kind);
    if (option.kind <= 1) continue;
    octets.push_back(option.length.value_or(static_cast<std::uint8_t>(2 + option.data.size())));
    octets.insert(octets.end(), option.data.begin(), option.data.end());
  }
  return octets;
}

Buffer build(const Packet& packet) {
  return Builder(packet).run();
}

}  // namespace packetwright::packet
