// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "harness/script/print_parts.hh"
#include "harness/script/printer.hh"

namespace packetwright::script {
namespace {

void print_digits(std::string& out, const Buffer& octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t octet : octets) {
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
}

void print_blob(std::string& out, const Buffer& octets) {
  if (!octets.empty()) out += ' ';
  print_digits(out, octets);
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
  void operator()(const OptAckRate& option) const {
    out += "exp-tarr";
    if (!option.rate) return;
    out += ' ';
    print_number(out, *option.rate);
  }
  void operator()(const OptOther& option) const {
    constexpr std::ptrdiff_t kExperiment = 2;  // octets of the identifier
    if (option.form == OptOther::Form::generic && option.data) {
      out += "gen-";
      print_number(out, option.kind);
      return print_blob(out, option.data->octets);
    }
    if (option.form == OptOther::Form::experiment && option.data) {
      const Buffer& octets = option.data->octets;
      const auto data = octets.begin() + kExperiment;
      out += "exp-";
      print_digits(out, Buffer(octets.begin(), data));
      return print_blob(out, Buffer(data, octets.end()));
    }
    out += "kind ";
    print_number(out, option.kind);
    print_field(out, "len", option.length);
    print_data(out, option.data);
  }
  void operator()(const OptRaw& option) const {
    if (option.bare) return print_digits(out, option.data.octets);
    print_octets(out, option.data);
  }
};

}  // namespace

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
  if (tcp.reset_reason) {
    out += " [code ";
    print_number(out, tcp.reset_reason->code);
    out += ", pen ";
    print_number(out, tcp.reset_reason->pen);
    out += ']';
  }
  print_udp_encapsulation(out, tcp.udp_encapsulation);
}

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

}  // namespace packetwright::script
