// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "harness/script/print_parts.hh"
#include "harness/script/printer.hh"

namespace packetwright::script {
namespace {

void print_field(std::string& out, std::string_view name, const std::optional<Number>& number) {
  if (!number) return;
  out += ' ';
  out += name;
  out += ' ';
  print_number(out, *number);
}

void print_ports(std::string& out, const std::optional<Ports>& ports) {
  if (!ports) return;
  print_number(out, ports->src);
  out += " > ";
  print_number(out, ports->dst);
  out += ' ';
}

void print_length(std::string& out, const Number& length) {
  out += '(';
  print_number(out, length);
  out += ')';
}

void print_seq_range(std::string& out, const SeqRange& seq) {
  if (seq.ignored) {
    out += "...";
  } else {
    print_number(out, seq.first);
    out += ':';
    print_number(out, seq.last);
  }
  print_length(out, seq.length);
  if (seq.absolute) out += '!';
}

void print_udp_encapsulation(std::string& out, const std::optional<Ports>& ports) {
  if (!ports) return;
  out += "/udp(";
  print_number(out, ports->src);
  out += " > ";
  print_number(out, ports->dst);
  out += ')';
}

// --- IP

std::string_view name_of(Ecn ecn) noexcept {
  constexpr auto kNames = std::to_array<std::string_view>({"noecn", "ect0", "ect1", "ce", "ect01"});
  return kNames[static_cast<std::size_t>(ecn)];
}

void print_addresses(std::string& out, const std::vector<Address>& addresses) {
  for (const Address& address : addresses) {
    out += ' ';
    print_address(out, address);
  }
}

void print_data(std::string& out, const std::optional<Octets>& data) {
  if (!data) return;
  out += ' ';
  print_octets(out, *data);
}

void print_ip_option(std::string& out, const IpOption& option) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"eol", "nop", "rr", "lsrr", "ssrr", "ts", "ra", "kind"});
  out += kNames[static_cast<std::size_t>(option.kind)];
  if (option.slots) {
    out += ' ';
    print_number(out, *option.slots);
  }
  if (option.value) {
    out += ' ';
    print_number(out, *option.value);
  }
  print_field(out, "len", option.length);
  print_field(out, "ptr", option.pointer);
  print_field(out, "flag", option.flag);
  print_field(out, "overflow", option.overflow);
  print_addresses(out, option.addresses);
  print_data(out, option.data);
}

void print_ipv6_option(std::string& out, const Ipv6Option& option) {
  constexpr auto kNames = std::to_array<std::string_view>({"pad1", "padn", "ra", "jumbo", "kind"});
  out += kNames[static_cast<std::size_t>(option.kind)];
  if (option.value) {
    out += ' ';
    print_number(out, *option.value);
  }
  print_field(out, "len", option.length);
  print_data(out, option.data);
}

void print_extension(std::string& out, const Ipv6Extension& extension) {
  switch (extension.kind) {
    case Ipv6ExtensionKind::hop_by_hop:
    case Ipv6ExtensionKind::destination:
      out += extension.kind == Ipv6ExtensionKind::hop_by_hop ? "hopopts <" : "dstopts <";
      for (std::size_t i = 0; i < extension.options.size(); ++i) {
        if (i > 0) out += ',';
        print_ipv6_option(out, extension.options[i]);
      }
      out += '>';
      return;
    case Ipv6ExtensionKind::routing:
      out += "routing";
      print_field(out, "type", extension.number);
      print_field(out, "left", extension.segments_left);
      print_addresses(out, extension.addresses);
      print_data(out, extension.data);
      return;
    case Ipv6ExtensionKind::fragment:
      out += "fragment";
      print_field(out, "id", extension.id);
      print_field(out, "offset", extension.offset);
      if (extension.more_fragments) out += " mf";
      return;
    case Ipv6ExtensionKind::other:
      out += "ext ";
      if (extension.number) print_number(out, *extension.number);
      print_data(out, extension.data);
      return;
  }
}

void print_info(std::string& out, const IpInfo& info) {
  std::string list;
  const auto next = [&]() -> std::string& {
    if (!list.empty()) list += ", ";
    return list;
  };
  const auto number = [&](std::string_view name, const std::optional<Number>& value) {
    if (!value) return;
    next() += name;
    list += ' ';
    print_number(list, *value);
  };
  if (info.ecn) next() += name_of(*info.ecn);
  number("tos", info.tos);
  number("dscp", info.dscp);
  number("flowlabel", info.flow_label);
  number("ttl", info.ttl);
  number("id", info.id);
  if (info.dont_fragment) next() += *info.dont_fragment ? "df" : "nodf";
  if (info.more_fragments) next() += *info.more_fragments ? "mf" : "nomf";
  number("offset", info.offset);
  number("proto", info.protocol);
  if (!info.options.empty()) {
    next() += "options <";
    for (std::size_t i = 0; i < info.options.size(); ++i) {
      if (i > 0) list += ',';
      print_ip_option(list, info.options[i]);
    }
    list += '>';
  }
  for (const Ipv6Extension& extension : info.extensions) print_extension(next(), extension);
  if (!list.empty()) out += "[" + list + "]";
}

struct EncapsulationPrinter {
  std::string& out;

  void operator()(const IpHeader& header) const {
    out += header.family == Family::ipv4 ? "ipv4 " : "ipv6 ";
    print_info(out, header.info);
    if (!header.info.empty()) out += ' ';
    print_address(out, header.src);
    out += " > ";
    print_address(out, header.dst);
  }
  void operator()(const GreHeader& header) const {
    out += "gre";
    if (!header.given) return;
    out += ' ';
    print_gre_fields(out, header.flags, header.sum, header.offset, header.key, header.sequence);
  }
  void operator()(const MplsStack& stack) const {
    out += "mpls";
    for (const MplsEntry& entry : stack.entries) {
      out += ' ';
      print_mpls_entry(out, entry.label, entry.traffic_class, entry.bottom, entry.ttl);
    }
  }
};

// --- TCP

void print_blob(std::string& out, const Buffer& octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (!octets.empty()) out += ' ';
  for (const std::uint8_t octet : octets) {
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
}

struct OptionPrinter {
  std::string& out;

  void operator()(const OptEol&) const { out += "eol"; }
  void operator()(const OptNop&) const { out += "nop"; }
  void operator()(const OptMss& option) const {
    out += "mss ";
    print_number(out, option.mss);
  }
  void operator()(const OptWindowScale& option) const {
    out += "wscale ";
    print_number(out, option.shift);
  }
  void operator()(const OptSackPermitted&) const { out += "sackOK"; }
  void operator()(const OptSack& option) const {
    out += "sack";
    for (const SackBlock& block : option.blocks) {
      out += ' ';
      print_number(out, block.left);
      out += ':';
      print_number(out, block.right);
      if (option.absolute) out += '!';
    }
  }
  void operator()(const OptTimestamps& option) const {
    out += "TS val ";
    if (option.val_ignored) {
      out += "...";
    } else {
      print_number(out, option.val);
    }
    out += " ecr ";
    if (option.ecr_ignored) {
      out += "...";
    } else {
      print_number(out, option.ecr);
    }
    if (option.ecr_absolute) out += '!';
  }
  void operator()(const OptMd5& option) const {
    out += "md5";
    if (option.valid) out += " valid";
    print_blob(out, option.digest);
  }
  void operator()(const OptFastOpen& option) const {
    out += option.experimental ? "FOEXP" : "FO";
    print_blob(out, option.cookie);
  }
  void operator()(const OptAccEcn& option) const {
    std::array<std::string_view, 3> names{"e0b", "ceb", "e1b"};
    if (option.order1) std::swap(names[0], names[2]);
    // Plain packetdrill has no spelling for an option without counters, nor for the experimental
    // one; nplab has.
    const bool theirs = option.experimental || option.counters.empty();
    if (theirs) {
      out += option.experimental ? "exp-AccECN" : "AccECN";
      out += option.order1 ? '1' : '0';
    } else {
      out += "ECN";
    }
    for (std::size_t i = 0; i < option.counters.size() && i < names.size(); ++i) {
      out += theirs ? " e" : " ";
      out += names[i];
      out += ' ';
      print_number(out, option.counters[i]);
    }
  }
  void operator()(const OptOther& option) const {
    out += "kind ";
    print_number(out, option.kind);
    print_field(out, "len", option.length);
    print_data(out, option.data);
  }
  void operator()(const OptRaw& option) const { print_octets(out, option.data); }
};

void print_tcp(std::string& out, const Tcp& tcp) {
  if (tcp.psp_spi) {
    out += "encap psp spi ";
    print_number(out, *tcp.psp_spi);
    out += ' ';
  }
  print_ports(out, tcp.ports);
  out += print_tcp_flags(tcp.flags) + " ";
  print_seq_range(out, tcp.seq);
  print_field(out, "ack", tcp.ack);
  print_field(out, "win", tcp.win);
  print_field(out, "urg", tcp.urg);
  if (tcp.any_options) {
    out += " <...>";
  } else if (!tcp.options.empty()) {
    out += " <";
    for (std::size_t i = 0; i < tcp.options.size(); ++i) {
      if (i > 0) out += ',';
      std::visit(OptionPrinter{out}, tcp.options[i]);
    }
    out += '>';
  }
  print_udp_encapsulation(out, tcp.udp_encapsulation);
}

// --- the others

struct QuotePrinter {
  std::string& out;

  void operator()(const QuotedTcp& quote) const {
    print_seq_range(out, quote.seq);
    print_udp_encapsulation(out, quote.udp_encapsulation);
  }
  void operator()(const QuotedUdp& quote) const {
    out += "udp ";
    print_length(out, quote.length);
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
    out += "udp ";
    print_ports(out, udp.ports);
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

std::string print_tcp_flags(const TcpFlags& flags) {
  if (!flags.open.empty()) return flags.open;
  struct Letter {
    char letter;
    std::uint16_t bit;
  };
  constexpr Letter kLetters[] = {
      {'S', TcpFlags::kSyn}, {'F', TcpFlags::kFin}, {'R', TcpFlags::kRst}, {'P', TcpFlags::kPsh},
      {'U', TcpFlags::kUrg}, {'E', TcpFlags::kEce}, {'W', TcpFlags::kCwr}, {'A', TcpFlags::kAe}};
  constexpr std::uint16_t kAce = TcpFlags::kEce | TcpFlags::kCwr | TcpFlags::kAe;
  // A digit alone would be read as a number, so that it needs a letter or the dot in front.
  const bool digit = flags.ace && (flags.bits & ~kAce) != 0;
  std::string out;
  for (const Letter& letter : kLetters) {
    if (digit && (letter.bit & kAce) != 0) continue;
    if (flags.has(letter.bit)) out += letter.letter;
  }
  if (flags.has(TcpFlags::kAck)) out += '.';
  if (digit) out += static_cast<char>('0' + *flags.ace);
  return out.empty() ? "-" : out;
}

std::string print_tcp_option(const TcpOption& option) {
  std::string out;
  std::visit(OptionPrinter{out}, option);
  return out;
}

std::string print_ip_info(const IpInfo& info) {
  std::string out;
  print_info(out, info);
  return out;
}

std::string print_packet(const Packet& packet) {
  std::string out = packet.direction == Direction::inbound ? "< " : "> ";
  if (!packet.connection.empty()) out += "@" + packet.connection + " ";
  for (const Encapsulation& header : packet.encapsulation) {
    std::visit(EncapsulationPrinter{out}, header);
    out += ": ";
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
