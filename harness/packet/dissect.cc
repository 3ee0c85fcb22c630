// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/dissect.hh"

#include <algorithm>

#include "harness/packet/checksums.hh"
#include "harness/packet/numbers.hh"

namespace packetwright::packet {
namespace {

// Nested tunnels and extension headers end somewhere; this bounds what a hostile frame can ask for.
constexpr std::size_t kMaxParts = 32;

constexpr std::uint16_t kDnsPort = 53;

bool is_icmp_error(Proto proto, std::uint64_t type) {
  if (proto == Proto::icmpv6) return type < 128;  // RFC 4443, 2.1
  // RFC 792: unreachable, source quench, redirect, time exceeded, parameter problem.
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

}  // namespace

// Walks from header to header. Each step looks at what the previous one announced.
class Dissector {
 public:
  explicit Dissector(Dissected& out) : out_(out), end_(out.octets_.size()) {}

  void run(bool ethernet) {
    if (ethernet) {
      if (!take(Proto::ethernet, fixed_size_of(Proto::ethernet))) return;
      by_ethertype(field(Field::ethernet_type));
    } else {
      by_ip_version();
    }
  }

 private:
  [[nodiscard]] Bytes here() const { return Bytes{out_.octets_}.subspan(at_, end_ - at_); }
  [[nodiscard]] std::uint64_t field(Field which) const {
    return out_.get(out_.parts_.back(), which).value_or(Wide{}).low;
  }

  // Adds a header of `size` octets at the current place; false: it is not there in full.
  bool take(Proto proto, std::size_t size) {
    if (out_.parts_.size() >= kMaxParts) return flaw(proto, "more headers than anyone sends");
    if (end_ - at_ < size) {
      return flaw(proto, "cut off: " + std::to_string(end_ - at_) + " of " + std::to_string(size) +
                             " octets");
    }
    out_.parts_.push_back({proto, at_, size, end_, quoted_});
    at_ += size;
    return true;
  }

  bool flaw(Proto proto, const std::string& what) {
    if (out_.flaw_.empty()) out_.flaw_ = std::string(name_of(proto)) + ": " + what;
    return false;
  }

  // What the last header carries ends here, if there is less than there was.
  void limit_to(std::size_t end) {
    end_ = std::min(end_, std::max(end, at_));
    out_.parts_.back().end = end_;
  }

  void by_ethertype(std::uint64_t type) {
    switch (type) {
      case kEthertypeIpv4: return ipv4();
      case kEthertypeIpv6: return ipv6();
      case kEthertypeArp: static_cast<void>(take(Proto::arp, fixed_size_of(Proto::arp))); return;
      case kEthertypeMpls: return mpls();
      default: return;
    }
  }

  void by_ip_version() {
    if (at_ >= end_) return;
    const int version = here()[0] >> 4;
    if (version == 4) return ipv4();
    if (version == 6) return ipv6();
  }

  void ipv4() {
    const std::size_t start = at_;
    if (end_ - at_ < 20) {
      flaw(Proto::ipv4, "cut off: " + std::to_string(end_ - at_) + " of 20 octets");
      return;
    }
    const std::size_t size = std::size_t{here()[0] & 0x0fu} * 4;
    if (size < 20) {
      flaw(Proto::ipv4, "header_length says " + std::to_string(size) + " octets");
      return;
    }
    if (!take(Proto::ipv4, size)) return;
    // A quoted datagram is cut off by nature; its own length is not that of the quote.
    limit_to(start + field(Field::ipv4_total_length));
    if (field(Field::ipv4_offset) != 0 || field(Field::ipv4_mf) != 0) return;
    by_protocol(field(Field::ipv4_protocol));
  }

  void ipv6() {
    const std::size_t start = at_;
    if (!take(Proto::ipv6, fixed_size_of(Proto::ipv6))) return;
    limit_to(start + 40 + field(Field::ipv6_payload_length));
    by_protocol(field(Field::ipv6_next_header));
  }

  // An extension header whose second octet counts units of eight octets after the first eight.
  bool extension(Proto proto) {
    if (end_ - at_ < 8) return flaw(proto, "cut off");
    return take(proto, (std::size_t{here()[1]} + 1) * 8);
  }

  void by_protocol(std::uint64_t number) {
    const std::optional<Proto> proto = header_with_ip_protocol(number);
    if (!proto.has_value()) return;
    switch (*proto) {
      case Proto::hop_by_hop:
        // Protocol 0 means this only behind an IPv6 header.
        if (out_.parts_.back().proto != Proto::ipv6) return;
        if (extension(*proto)) by_protocol(field(Field::hop_by_hop_next_header));
        return;
      case Proto::destination:
        if (extension(*proto)) by_protocol(field(Field::destination_next_header));
        return;
      case Proto::routing:
        if (extension(*proto)) by_protocol(field(Field::routing_next_header));
        return;
      case Proto::fragment:
        if (!take(*proto, 8)) return;
        if (field(Field::fragment_offset) != 0 || field(Field::fragment_mf) != 0) return;
        return by_protocol(field(Field::fragment_next_header));
      case Proto::ipv4: return ipv4();
      case Proto::ipv6: return ipv6();
      case Proto::icmpv4:
      case Proto::icmpv6: return icmp(*proto);
      case Proto::udp: return udp();
      case Proto::udplite: static_cast<void>(take(*proto, fixed_size_of(*proto))); return;
      case Proto::tcp: return tcp();
      case Proto::gre: return gre();
      case Proto::mpls: return mpls();
      case Proto::ethernet:
      case Proto::arp:
      case Proto::dns: return;
    }
  }

  void icmp(Proto proto) {
    if (!take(proto, 8)) return;
    const std::uint64_t type =
        field(proto == Proto::icmpv4 ? Field::icmpv4_type : Field::icmpv6_type);
    if (quoted_ || !is_icmp_error(proto, type) || at_ == end_) return;
    quoted_ = true;
    if (proto == Proto::icmpv4) return ipv4();
    ipv6();
  }

  void udp() {
    const std::size_t start = at_;
    if (!take(Proto::udp, 8)) return;
    const std::uint64_t length = field(Field::udp_length);
    if (length >= 8) limit_to(start + length);
    const bool dns =
        field(Field::udp_src_port) == kDnsPort || field(Field::udp_dst_port) == kDnsPort;
    if (dns && !quoted_ && end_ - at_ >= 12) static_cast<void>(take(Proto::dns, 12));
  }

  void tcp() {
    // The quote of an ICMP error may hold no more than the first eight octets of TCP.
    if (quoted_ && end_ - at_ < 20) {
      static_cast<void>(take(Proto::tcp, end_ - at_));
      return;
    }
    if (end_ - at_ < 20) {
      flaw(Proto::tcp, "cut off: " + std::to_string(end_ - at_) + " of 20 octets");
      return;
    }
    const std::size_t size = static_cast<std::size_t>(here()[12] >> 4) * 4;
    if (size < 20 || size > end_ - at_) {
      flaw(Proto::tcp, "data_offset says " + std::to_string(size) + " octets");
      static_cast<void>(take(Proto::tcp, 20));
      return;
    }
    static_cast<void>(take(Proto::tcp, size));
  }

  void gre() {
    if (end_ - at_ < 4) {
      flaw(Proto::gre, "cut off");
      return;
    }
    // RFC 2784 and 2890: checksum, key and sequence number are there if their bits say so.
    const unsigned flags = here()[0];
    const std::size_t size = 4 + ((flags & 0x80u) != 0 ? 4u : 0u) +
                             ((flags & 0x20u) != 0 ? 4u : 0u) + ((flags & 0x10u) != 0 ? 4u : 0u);
    if (!take(Proto::gre, size)) return;
    by_ethertype(field(Field::gre_protocol));
  }

  void mpls() {
    do {
      if (!take(Proto::mpls, 4)) return;
    } while (field(Field::mpls_s) == 0);
    by_ip_version();
  }

  Dissected& out_;
  std::size_t at_ = 0;
  std::size_t end_;
  bool quoted_ = false;
};

const Part* Dissected::find(Proto proto, bool quoted) const noexcept {
  // The innermost of several, as the fields of a tunnelled packet are those of the inner one.
  const Part* found = nullptr;
  for (const Part& part : parts_) {
    if (part.proto == proto && part.quoted == quoted) found = &part;
  }
  return found;
}

std::optional<Wide> Dissected::get(const Part& part, Field field) const noexcept {
  if (!field_fits(field, part.size)) return std::nullopt;
  return read_field(header(part), field);
}

std::optional<Wide> Dissected::get(Field field, bool quoted) const noexcept {
  const Part* part = find(info_of(field).proto, quoted);
  if (part == nullptr) return std::nullopt;
  return get(*part, field);
}

void Dissected::set(Field field, Wide value, bool quoted) noexcept {
  const Part* part = find(info_of(field).proto, quoted);
  if (part == nullptr || !field_fits(field, part->size)) return;
  write_field(MutableBytes{octets_}.subspan(part->offset, part->size), field, value);
}

Bytes Dissected::payload() const noexcept {
  if (parts_.empty()) return octets_;
  const Part& part = parts_.back();
  const std::size_t start = part.offset + part.size;
  return Bytes{octets_}.subspan(start, part.end - start);
}

std::vector<HeaderOption> Dissected::options(const Part& part) const {
  if (part.proto != Proto::tcp && part.proto != Proto::ipv4) return {};
  if (part.size <= 20) return {};
  return decode_options(header(part).subspan(20));
}

void Dissected::overwrite(std::size_t offset, Bytes octets) noexcept {
  store_bytes(octets_, offset, octets);
}

std::optional<Wide> Dissected::right_value(const Part& part, Field field) const {
  if (is_checksum(field)) {
    Buffer copy(octets_.begin() + static_cast<long>(part.offset),
                octets_.begin() + static_cast<long>(part.end));
    if (!field_fits(field, copy.size())) return std::nullopt;
    write_field(copy, field, 0);
    if (part.proto == Proto::ipv4) return Wide{checksum_of(Bytes{copy}.first(part.size))};
    if (part.proto == Proto::icmpv4) return Wide{checksum_of(copy)};
    for (std::size_t i = parts_.size(); i-- > 0;) {
      const Part& outer = parts_[i];
      if (outer.offset >= part.offset || outer.quoted != part.quoted) continue;
      if (outer.proto != Proto::ipv4 && outer.proto != Proto::ipv6) continue;
      return Wide{transport_checksum(part.proto, header(outer), copy)};
    }
    return std::nullopt;
  }
  switch (field) {
    case Field::ipv4_version: return Wide{4};
    case Field::ipv6_version: return Wide{6};
    case Field::ipv4_header_length:
    case Field::tcp_data_offset: return Wide{part.size / 4};
    case Field::ipv4_total_length:
    case Field::udp_length: return Wide{part.end - part.offset};
    case Field::ipv6_payload_length: return Wide{part.end - part.offset - part.size};
    case Field::ipv4_reserved:
    case Field::tcp_reserved:
    case Field::fragment_reserved:
    case Field::fragment_reserved2: return Wide{0};
    default: return std::nullopt;
  }
}

std::optional<Dissected::Addresses> Dissected::addresses(bool quoted) const noexcept {
  for (std::size_t i = parts_.size(); i-- > 0;) {
    const Part& part = parts_[i];
    if (part.quoted != quoted) continue;
    const Bytes octets = header(part);
    if (part.proto == Proto::ipv4) {
      return Addresses{IpAddress::from_octets(octets.subspan(12, 4)),
                       IpAddress::from_octets(octets.subspan(16, 4))};
    }
    if (part.proto == Proto::ipv6) {
      return Addresses{IpAddress::from_octets(octets.subspan(8, 16)),
                       IpAddress::from_octets(octets.subspan(24, 16))};
    }
  }
  return std::nullopt;
}

std::vector<Field> Dissected::bad_checksums() const {
  std::vector<Field> bad;
  for (const Part& part : parts_) {
    if (part.quoted) break;  // a quote is cut off: its checksums cannot be checked
    const std::optional<Field> field = checksum_field_of(part.proto);
    if (!field.has_value()) continue;
    const std::optional<Wide> got = get(part, *field);
    const std::optional<Wide> right = right_value(part, *field);
    if (!got.has_value() || !right.has_value() || *got == *right) continue;
    // RFC 768: zero says that none was computed, which RFC 8200, 8.1 forbids over IPv6.
    if (part.proto == Proto::udp && got->low == 0 && has(Proto::ipv4)) continue;
    // RFC 1071: ones' complement has two zeros, and a sum is right with either. Linux sends 0xffff.
    if (right->low == 0 && got->low == 0xffff) continue;
    bad.push_back(*field);
  }
  return bad;
}

std::vector<HeaderOption> decode_options(Bytes octets) {
  std::vector<HeaderOption> options;
  while (!octets.empty()) {
    HeaderOption option;
    option.kind = octets[0];
    if (option.kind <= 1) {
      options.push_back(option);
      octets = octets.subspan(1);
      continue;
    }
    const std::size_t length = octets.size() > 1 ? octets[1] : 0;
    const bool sound = length >= 2 && length <= octets.size();
    const std::size_t size = sound ? length : octets.size();
    if (!sound) option.length = static_cast<std::uint8_t>(length);
    if (size > 2) option.data.assign(octets.begin() + 2, octets.begin() + static_cast<long>(size));
    options.push_back(std::move(option));
    octets = octets.subspan(size);
  }
  return options;
}

Dissected dissect(Bytes octets, bool ethernet) {
  Dissected out;
  out.octets_.assign(octets.begin(), octets.end());
  Dissector(out).run(ethernet);
  return out;
}

}  // namespace packetwright::packet
