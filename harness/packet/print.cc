// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/print.hh"

#include <algorithm>

#include "harness/packet/dns_text.hh"
#include "harness/packet/numbers.hh"
#include "harness/packet/text.hh"
#include "harness/script/icmp_names.hh"

namespace packetwright::packet {
namespace {

// Payload longer than this is told by its length alone.
constexpr std::size_t kShownPayload = 32;

class Printer {
 public:
  Printer(const Dissected& frame, const PrintContext& context) : frame_(frame), context_(context) {}

  std::string run() {
    for (const Part& part : frame_.parts()) {
      if (part.quoted) break;
      header(part);
    }
    const Part* last = frame_.last();
    const bool has_network = last != nullptr && last->proto != Proto::ethernet && !text_.empty();
    if (!has_network && (last == nullptr || last->proto == Proto::ethernet)) {
      return "frame hex \"" + hex_octets(frame_.octets()) + '"';
    }
    if (!frame_.flaw().empty()) text_ += " (malformed " + frame_.flaw() + ')';
    return std::move(text_);
  }

 private:
  [[nodiscard]] std::uint64_t value(const Part& part, Field field) const {
    return frame_.get(part, field).value_or(Wide{}).low;
  }
  [[nodiscard]] std::string number(const Part& part, Field field) const {
    return std::to_string(value(part, field));
  }
  void word(std::string_view text) {
    if (text.empty()) return;
    if (!text_.empty()) text_ += ' ';
    text_ += text;
  }

  [[nodiscard]] std::string name(const IpAddress& address) const {
    for (const auto& [known, its_name] : context_.addresses) {
      if (known == address) return its_name;
    }
    return address_text(address);
  }
  [[nodiscard]] std::string name(const MacAddress& mac) const {
    for (const auto& [known, its_name] : context_.macs) {
      if (known == mac) return its_name;
    }
    return address_text(mac);
  }
  [[nodiscard]] MacAddress mac_at(const Part& part, std::size_t offset) const {
    MacAddress mac;
    const Bytes octets = frame_.header(part).subspan(offset, 6);
    std::copy(octets.begin(), octets.end(), mac.octets.begin());
    return mac;
  }
  [[nodiscard]] IpAddress ip_at(const Part& part, std::size_t offset, std::size_t size) const {
    return IpAddress::from_octets(frame_.header(part).subspan(offset, size));
  }

  void header(const Part& part) {
    switch (part.proto) {
      case Proto::ethernet: return;
      case Proto::arp: return arp(part);
      case Proto::ipv4: return ipv4(part);
      case Proto::ipv6: return ipv6(part);
      case Proto::hop_by_hop:
      case Proto::routing:
      case Proto::destination: return word(joined({"[", name_of(part.proto), "]"}));
      case Proto::fragment:
        word("[fragment id " + number(part, Field::fragment_id) + " offset " +
             std::to_string(value(part, Field::fragment_offset) * 8) +
             (value(part, Field::fragment_mf) != 0 ? " mf]" : "]"));
        if (frame_.last() == &part) {
          other_protocol(value(part, Field::fragment_next_header));
        }
        return;
      case Proto::icmpv4:
      case Proto::icmpv6: return icmp(part);
      case Proto::udp: return udp(part);
      case Proto::udplite: return udplite(part);
      case Proto::tcp: return tcp(part);
      case Proto::gre: return word("gre:");
      case Proto::mpls:
        return word("mpls(label " + number(part, Field::mpls_label) + ",tc " +
                    number(part, Field::mpls_tc) +
                    (value(part, Field::mpls_s) != 0 ? ",[S],ttl " : ",ttl ") +
                    number(part, Field::mpls_ttl) + "):");
      case Proto::dns: return dns(part);
    }
  }

  void arp(const Part& part) {
    const IpAddress sender = ip_at(part, 14, 4);
    const IpAddress target = ip_at(part, 24, 4);
    const MacAddress sender_mac = mac_at(part, 8);
    const std::uint64_t op = value(part, Field::arp_op);
    if (op == 1 && sender.is_unspecified()) {
      word("arp probe " + name(target));
    } else if (op == 1 && sender == target) {
      word("arp announce " + name(sender));
    } else if (op == 1) {
      word("arp who-has " + name(target) + " tell " + name(sender));
    } else if (op == 2) {
      word("arp reply " + name(sender) + " is-at " + name(sender_mac) + " to " +
           name(mac_at(part, 18)));
    } else {
      word("arp who-has " + name(target) + " tell " + name(sender) +
           " {arp.op=" + std::to_string(op) + "}");
    }
  }

  [[nodiscard]] bool usual(const IpAddress& src, const IpAddress& dst) const {
    return (src == context_.local && dst == context_.peer) ||
           (src == context_.peer && dst == context_.local);
  }

  void addresses(const IpAddress& src, const IpAddress& dst, const std::string& info) {
    if (usual(src, dst)) {
      word(info);
      return;
    }
    word(src.is_v4() ? "ipv4" : "ipv6");
    word(info);
    word(name(src) + " > " + name(dst) + ":");
  }

  void ipv4(const Part& part) {
    std::string info;
    const auto add = [&info](const std::string& text) {
      info += (info.empty() ? "[" : ", ") + text;
    };
    const std::uint64_t tos = value(part, Field::ipv4_tos);
    static constexpr const char* kEcn[] = {"", "ect1", "ect0", "ce"};
    if ((tos & ~std::uint64_t{3}) != 0) {
      add("tos " + hex_number(tos));
    } else if (tos != 0) {
      add(kEcn[tos & 3]);
    }
    const std::uint64_t offset = value(part, Field::ipv4_offset);
    const bool more = value(part, Field::ipv4_mf) != 0;
    if (offset != 0 || more) {
      add("id " + number(part, Field::ipv4_id));
      if (more) add("mf");
      add("offset " + std::to_string(offset * 8));
    }
    const std::vector<HeaderOption> options = frame_.options(part);
    if (!options.empty()) {
      std::string list = "options <";
      for (std::size_t i = 0; i < options.size(); ++i) {
        list += (i == 0 ? "" : ", ") + ip_option_text(options[i]);
      }
      add(list + ">");
    }
    if (!info.empty()) info += ']';
    addresses(ip_at(part, 12, 4), ip_at(part, 16, 4), info);
    if (frame_.last() == &part) other_protocol(value(part, Field::ipv4_protocol));
  }

  void ipv6(const Part& part) {
    const std::uint64_t tos = value(part, Field::ipv6_traffic_class);
    addresses(ip_at(part, 8, 16), ip_at(part, 24, 16),
              tos == 0 ? std::string{} : joined({"[tos ", hex_number(tos), "]"}));
    if (frame_.last() == &part) other_protocol(value(part, Field::ipv6_next_header));
  }

  void other_protocol(std::uint64_t number) {
    word("ip proto " + std::to_string(number) + " (" + std::to_string(frame_.payload().size()) +
         ")");
  }

  void tcp(const Part& part) {
    if (part.size < 20) return word("tcp hex \"" + hex_octets(frame_.header(part)) + '"');
    ports(part, Field::tcp_src_port, Field::tcp_dst_port);
    const std::uint64_t flags = value(part, Field::tcp_flags);
    word(tcp_flags_text(flags));
    const std::uint64_t seq = value(part, Field::tcp_seq);
    const std::size_t length = frame_.payload().size();
    word(std::to_string(seq) + ":" + std::to_string((seq + length) & 0xffffffff) + "(" +
         std::to_string(length) + ")");
    const std::uint64_t ack = value(part, Field::tcp_ack);
    if ((flags & 0x010) != 0 || ack != 0) word("ack " + std::to_string(ack));
    word("win " + number(part, Field::tcp_win));
    const std::uint64_t urgent = value(part, Field::tcp_urg);
    if ((flags & 0x020) != 0 || urgent != 0) word("urg " + std::to_string(urgent));
    word(tcp_options_text(frame_.options(part)));
    const std::uint64_t reserved = value(part, Field::tcp_reserved);
    if (reserved != 0) word("{tcp.reserved=" + std::to_string(reserved) + "}");
  }

  void ports(const Part& part, Field src, Field dst) {
    if (context_.ports) word(number(part, src) + " > " + number(part, dst));
  }

  void udp(const Part& part) {
    const bool dns = frame_.last() != &part && !part.quoted;
    if (dns) return;
    word("udp");
    ports(part, Field::udp_src_port, Field::udp_dst_port);
    const Bytes payload = frame_.payload();
    word(joined({"(", std::to_string(payload.size()), ")"}));
    content(payload);
  }

  void udplite(const Part& part) {
    word("udplite");
    ports(part, Field::udplite_src_port, Field::udplite_dst_port);
    const Bytes payload = frame_.payload();
    word(joined(
        {"(", std::to_string(payload.size()), ", ", number(part, Field::udplite_coverage), ")"}));
    content(payload);
  }

  // Octets are shown where there are few, and where they are not just zeros.
  void content(Bytes payload) {
    const bool zeros =
        std::all_of(payload.begin(), payload.end(), [](std::uint8_t octet) { return octet == 0; });
    if (!zeros && payload.size() <= kShownPayload) word(payload_text(payload));
  }

  void icmp(const Part& part) {
    const bool v4 = part.proto == Proto::icmpv4;
    const Family family = v4 ? Family::ipv4 : Family::ipv6;
    const auto type =
        static_cast<std::uint8_t>(value(part, v4 ? Field::icmpv4_type : Field::icmpv6_type));
    const auto code =
        static_cast<std::uint8_t>(value(part, v4 ? Field::icmpv4_code : Field::icmpv6_code));
    const std::string type_name = script::icmp_type_name(family, type);
    word("icmp " + type_name);
    word(script::icmp_code_name(family, type, code));
    if (type_name == "echo_request" || type_name == "echo_reply") {
      word("id " + number(part, v4 ? Field::icmpv4_id : Field::icmpv6_id));
      word("seq " + number(part, v4 ? Field::icmpv4_seq : Field::icmpv6_seq));
      const Bytes payload = frame_.payload();
      word(joined({"(", std::to_string(payload.size()), ")"}));
      content(payload);
      return;
    }
    const bool too_big = v4 ? type == 3 && code == 4 : type == 2;
    if (too_big) word("mtu " + number(part, v4 ? Field::icmpv4_mtu : Field::icmpv6_mtu));
    if (type_name == "parameter_problem") {
      word("pointer " + number(part, v4 ? Field::icmpv4_pointer : Field::icmpv6_pointer));
    }
    quote();
  }

  void quote() {
    if (const Part* tcp_part = frame_.find(Proto::tcp, true)) {
      const std::uint64_t seq = value(*tcp_part, Field::tcp_seq);
      word(joined({"[", std::to_string(seq), ":", std::to_string(seq), "(0)]"}));
    } else if (const Part* udp_part = frame_.find(Proto::udp, true)) {
      const std::uint64_t length = value(*udp_part, Field::udp_length);
      word("[udp (" + std::to_string(length >= 8 ? length - 8 : 0) + ")]");
    } else if (const Part* lite = frame_.find(Proto::udplite, true)) {
      word("[udplite (..., " + number(*lite, Field::udplite_coverage) + ")]");
    }
  }

  void dns(const Part& part) {
    word(dns_text(Bytes{frame_.octets()}.subspan(part.offset, part.end - part.offset)));
  }

  const Dissected& frame_;
  const PrintContext& context_;
  std::string text_;
};

}  // namespace

std::string print(const Dissected& frame, const PrintContext& context) {
  return Printer(frame, context).run();
}

}  // namespace packetwright::packet
