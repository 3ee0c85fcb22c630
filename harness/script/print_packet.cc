// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "harness/script/print_parts.hh"
#include "harness/script/printer.hh"

namespace packetwright::script {
namespace {

void print_length_and_coverage(std::string& out, const Number& length, const Number& coverage) {
  out += '(';
  print_number(out, length);
  out += ", ";
  print_number(out, coverage);
  out += ')';
}

struct QuotePrinter {
  std::string& out;

  void operator()(const QuotedTcp& quote) const {
    print_seq_range(out, quote.seq);
    print_udp_encapsulation(out, quote.udp_encapsulation);
  }
  void operator()(const QuotedUdp& quote) const {
    if (quote.coverage) {
      out += "udplite ";
      return print_length_and_coverage(out, quote.length, *quote.coverage);
    }
    out += "udp ";
    print_length(out, quote.length);
  }
  void operator()(const QuotedSctp& quote) const {
    out += "sctp ";
    print_length(out, quote.tag);
    print_udp_encapsulation(out, quote.udp_encapsulation);
  }
  void operator()(const QuotedNothing& quote) const {
    out += "raw ";
    print_length(out, quote.length);
  }
  void operator()(const QuotedOctets& quote) const { print_octets(out, quote.data); }
};

void print_icmp_field(std::string& out, const IcmpField& field) {
  out += " " + field.name;
  if (std::holds_alternative<std::monostate>(field.value)) return;
  out += ' ';
  if (const auto* number = std::get_if<Number>(&field.value)) print_number(out, *number);
  if (const auto* address = std::get_if<Address>(&field.value)) print_address(out, *address);
  if (const auto* link = std::get_if<LinkAddress>(&field.value)) print_link_address(out, *link);
}

void print_icmp(std::string& out, const Icmp& icmp) {
  out += "icmp " + icmp.type;
  if (!icmp.code.empty()) out += " " + icmp.code;
  print_field(out, "mtu", icmp.mtu);
  print_field(out, "id", icmp.id);
  for (const IcmpField& field : icmp.fields) print_icmp_field(out, field);
  if (icmp.length) {
    out += ' ';
    print_length(out, *icmp.length);
  }
  if (icmp.quote) {
    out += " [";
    std::visit(QuotePrinter{out}, *icmp.quote);
    out += ']';
  }
}

void print_arp(std::string& out, const Arp& arp) {
  const auto link = [&](std::string_view word, const std::optional<LinkAddress>& address) {
    if (!address) return;
    out += word;
    print_link_address(out, *address);
  };
  switch (arp.form) {
    case ArpForm::who_has:
      out += "arp who-has ";
      print_address(out, arp.target);
      out += " tell ";
      print_address(out, arp.sender);
      break;
    case ArpForm::reply:
      out += "arp reply ";
      print_address(out, arp.sender);
      break;
    case ArpForm::probe:
      out += "arp probe ";
      print_address(out, arp.target);
      break;
    case ArpForm::announce:
      out += "arp announce ";
      print_address(out, arp.sender);
      break;
  }
  link(arp.form == ArpForm::reply ? " is-at " : " from ", arp.sender_mac);
  link(" to ", arp.target_mac);
  const bool for_someone = arp.target.literal || !arp.target.name.empty();
  if (arp.form == ArpForm::reply && for_someone) {
    out += " for ";
    print_address(out, arp.target);
  }
}

void print_record(std::string& out, const DnsRecord& record) {
  constexpr auto kSections = std::to_array<std::string_view>({"answer", "authority", "additional"});
  out += kSections[static_cast<std::size_t>(record.section)];
  out += ' ';
  print_text(out, record.name);
  out += ' ';
  print_number(out, record.ttl);
  print_field(out, "class", record.dns_class);
  out += " " + record.type;
  for (const auto& part : record.data) {
    out += ' ';
    if (const auto* text = std::get_if<Text>(&part)) print_text(out, *text);
    if (const auto* number = std::get_if<Number>(&part)) print_number(out, *number);
    if (const auto* octets = std::get_if<Octets>(&part)) print_octets(out, *octets);
    if (const auto* address = std::get_if<IpAddress>(&part)) {
      Address plain;
      plain.literal = *address;
      print_address(out, plain);
    }
  }
}

void print_dns(std::string& out, const Dns& dns) {
  out += "dns ";
  print_ports(out, dns.ports);
  if (dns.form == DnsForm::raw) {
    out += "raw ";
    if (dns.raw) print_octets(out, *dns.raw);
    return;
  }
  out += dns.form == DnsForm::query ? "query " : "response ";
  print_text(out, dns.name);
  out += " " + dns.type;
  for (const std::string& flag : dns.flags) out += " " + flag;
  for (const DnsRecord& record : dns.records) {
    out += ", ";
    print_record(out, record);
  }
}

struct BodyPrinter {
  std::string& out;

  void operator()(const Tcp& tcp) const { print_tcp(out, tcp); }
  void operator()(const Udp& udp) const {
    out += udp.coverage ? "udplite " : "udp ";
    print_ports(out, udp.ports);
    if (udp.coverage) return print_length_and_coverage(out, udp.length, *udp.coverage);
    print_length(out, udp.length);
  }
  void operator()(const Icmp& icmp) const { print_icmp(out, icmp); }
  void operator()(const Arp& arp) const { print_arp(out, arp); }
  void operator()(const Dns& dns) const { print_dns(out, dns); }
  void operator()(const OtherIp& other) const {
    out += "ip proto ";
    print_number(out, other.protocol);
    out += ' ';
    print_length(out, other.length);
  }
  void operator()(const Sctp& sctp) const { out += sctp.text; }
  void operator()(const Literal& literal) const {
    constexpr auto kLayers = std::to_array<std::string_view>({"tcp ", "udp ", "icmp ", "frame "});
    out += kLayers[static_cast<std::size_t>(literal.layer)];
    print_octets(out, literal.data);
  }
};

struct OverrideValuePrinter {
  std::string& out;

  void operator()(const std::monostate&) const { out += "bad"; }
  void operator()(const Number& number) const { print_number(out, number); }
  void operator()(const std::string& word) const { out += word; }
  void operator()(const Address& address) const { print_address(out, address); }
  void operator()(const LinkAddress& address) const { print_link_address(out, address); }
  void operator()(const Octets& octets) const { print_octets(out, octets); }
};

void print_overrides(std::string& out, const std::vector<Override>& overrides) {
  if (overrides.empty()) return;
  out += " {";
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    const Override& entry = overrides[i];
    if (i > 0) out += ", ";
    out += entry.layer + "." + entry.field + "=";
    // A negative number brings its own sign.
    const Number* number = std::get_if<Number>(&entry.value);
    const bool plus = entry.how == Override::How::add &&
                      !(number != nullptr && number->spelling.empty() && number->value < 0);
    if (plus) out += '+';
    if (entry.how == Override::How::keep) out += "keep ";
    std::visit(OverrideValuePrinter{out}, entry.value);
  }
  out += '}';
}

void print_fragment(std::string& out, const std::optional<Fragment>& fragment) {
  if (!fragment) return;
  out += " frag";
  print_field(out, "id", fragment->id);
  out += ' ';
  print_number(out, fragment->first);
  out += ':';
  print_number(out, fragment->last);
  if (fragment->more) out += *fragment->more ? " mf" : " nomf";
}

}  // namespace

std::string print_packet(const Packet& packet) {
  std::string out = packet.direction == Direction::inbound ? "< " : "> ";
  if (!packet.connection.empty()) out += "@" + packet.connection + " ";
  for (const Encapsulation& header : packet.encapsulation) {
    print_encapsulation(out, header);
  }
  if (!packet.ip.empty()) {
    print_info(out, packet.ip);
    out += ' ';
  }
  std::visit(BodyPrinter{out}, packet.body);
  if (packet.payload) {
    out += ' ';
    print_octets(out, *packet.payload);
  }
  print_fragment(out, packet.fragment);
  print_overrides(out, packet.overrides);
  return out;
}

}  // namespace packetwright::script
