// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/script/literals.hh"
#include "harness/script/source.hh"

// Packets as a script writes them. What is optional was not written: injected packets then get a
// sensible value, expected ones are not compared on it. Numbers have passed their range checks.
namespace packetwright::script {

// --- IP

enum class Ecn : std::uint8_t { no_ecn, ect0, ect1, ce, ect01 };  // ect01: ECT(0) or ECT(1)

enum class IpOptionKind : std::uint8_t {
  eol,
  nop,
  record_route,         // rr SLOTS [ptr N] [ADDRESS ...]
  loose_source_route,   // lsrr ADDRESS ... [ptr N]
  strict_source_route,  // ssrr ADDRESS ... [ptr N]
  timestamp,            // ts SLOTS [flag N] [ptr N] [overflow N] [ADDRESS ...]
  router_alert,         // ra [N]
  other,                // kind N [len N] [hex ".."]
};

// An IPv4 option (RFC 791, 3.1).
struct IpOption {
  IpOptionKind kind = IpOptionKind::nop;
  std::optional<Number> slots;     // record_route, timestamp: room, in entries
  std::optional<Number> pointer;   // absent: 4, or 5 for a timestamp
  std::optional<Number> flag;      // timestamp
  std::optional<Number> overflow;  // timestamp
  std::optional<Number> value;     // router_alert; `other`: the kind
  std::optional<Number> length;  // `other`: the length octet, where it is to differ from the truth
  std::vector<Address> addresses;
  std::optional<Octets> data;  // `other`; without data or length it is one octet long

  friend bool operator==(const IpOption&, const IpOption&) = default;
};

enum class Ipv6ExtensionKind : std::uint8_t { hop_by_hop, destination, routing, fragment, other };
enum class Ipv6OptionKind : std::uint8_t { pad1, padn, router_alert, jumbo, other };

// An option of a hop-by-hop or destination options header (RFC 8200, 4.2).
struct Ipv6Option {
  Ipv6OptionKind kind = Ipv6OptionKind::pad1;
  std::optional<Number> value;   // padn: octets of padding data; ra, jumbo; `other`: the type
  std::optional<Number> length;  // `other`: the length octet, where it is to differ from the truth
  std::optional<Octets> data;

  friend bool operator==(const Ipv6Option&, const Ipv6Option&) = default;
};

// An extension header (RFC 8200, 4.3 to 4.6). The builder pads option headers to eight octets.
struct Ipv6Extension {
  Ipv6ExtensionKind kind = Ipv6ExtensionKind::other;
  std::vector<Ipv6Option> options;      // hop_by_hop, destination
  std::optional<Number> number;         // routing: the type; `other`: the next header value
  std::optional<Number> segments_left;  // routing
  std::vector<Address> addresses;       // routing
  std::optional<Number> id;             // fragment
  std::optional<Number> offset;         // fragment: octets, a multiple of 8
  bool more_fragments = false;          // fragment
  std::optional<Octets> data;           // routing, `other`: what follows the fixed part

  friend bool operator==(const Ipv6Extension&, const Ipv6Extension&) = default;
};

// What a script says of an IP header, in ( ) or [ ].
struct IpInfo {
  std::optional<Ecn> ecn;
  std::optional<Number> tos;         // the whole octet; traffic class in IPv6
  std::optional<Number> dscp;        // its upper six bits
  std::optional<Number> ttl;         // hop limit in IPv6
  std::optional<Number> flow_label;  // 20 bit
  std::optional<Number> id;
  std::optional<Number> offset;  // octets, a multiple of 8
  std::optional<Number> protocol;
  std::optional<bool> dont_fragment;
  std::optional<bool> more_fragments;
  std::vector<IpOption> options;          // IPv4
  std::vector<Ipv6Extension> extensions;  // IPv6, in the order of the wire

  [[nodiscard]] bool empty() const { return *this == IpInfo{}; }
  friend bool operator==(const IpInfo&, const IpInfo&) = default;
};

// --- what may stand in front, outermost first

struct IpHeader {  // ipv4 [info] SRC > DST:
  Family family = Family::ipv4;
  IpInfo info;
  Address src, dst;
  friend bool operator==(const IpHeader&, const IpHeader&) = default;
};

// `gre` [flags ...] (RFC 2784, 2890). `flags` are the bits of the first sixteen of the header.
struct GreHeader {
  static constexpr std::uint16_t kChecksumPresent = 0x8000;
  static constexpr std::uint16_t kKeyPresent = 0x2000;
  static constexpr std::uint16_t kSequencePresent = 0x1000;

  bool given = false;  // false: a bare `gre:`
  Number flags, sum, offset, key, sequence;
  friend bool operator==(const GreHeader&, const GreHeader&) = default;
};

struct MplsEntry {
  Number label, traffic_class, ttl;
  bool bottom = false;  // [S]
  friend bool operator==(const MplsEntry&, const MplsEntry&) = default;
};

struct MplsStack {
  std::vector<MplsEntry> entries;
  friend bool operator==(const MplsStack&, const MplsStack&) = default;
};

using Encapsulation = std::variant<IpHeader, GreHeader, MplsStack>;

struct Ports {
  Number src, dst;
  friend bool operator==(const Ports&, const Ports&) = default;
};

// --- TCP

// Bits as in the header's thirteenth and fourteenth octet, AE being the lowest reserved bit.
struct TcpFlags {
  static constexpr std::uint16_t kFin = 0x001, kSyn = 0x002, kRst = 0x004, kPsh = 0x008,
                                 kAck = 0x010, kUrg = 0x020, kEce = 0x040, kCwr = 0x080,
                                 kAe = 0x100;
  std::uint16_t bits = 0;
  std::optional<std::uint8_t> ace;  // written as a digit 0..7; already part of `bits`
  std::string open;                 // "${flags}" or "${flags}." while a parameter stands here

  [[nodiscard]] bool has(std::uint16_t bit) const noexcept { return (bits & bit) != 0; }
  friend bool operator==(const TcpFlags&, const TcpFlags&) = default;
};

// first:last(length). In a SYN the numbers are absolute in script space, else relative to the ISN
// of the sender.
struct SeqRange {
  Number first, last, length;
  bool ignored = false;   // `...(length)`: expected packets only; first and last are 0
  bool absolute = false;  // `1:1(0)!`: not mapped at all
  friend bool operator==(const SeqRange&, const SeqRange&) = default;
};

struct OptEol {
  friend bool operator==(const OptEol&, const OptEol&) = default;
};
struct OptNop {
  friend bool operator==(const OptNop&, const OptNop&) = default;
};
struct OptMss {
  Number mss;
  friend bool operator==(const OptMss&, const OptMss&) = default;
};
struct OptWindowScale {
  Number shift;
  friend bool operator==(const OptWindowScale&, const OptWindowScale&) = default;
};
struct OptSackPermitted {
  friend bool operator==(const OptSackPermitted&, const OptSackPermitted&) = default;
};
struct SackBlock {
  Number left, right;
  friend bool operator==(const SackBlock&, const SackBlock&) = default;
};
struct OptSack {
  std::vector<SackBlock> blocks;
  bool absolute = false;  // followed by `!`: not mapped
  friend bool operator==(const OptSack&, const OptSack&) = default;
};
struct OptTimestamps {
  Number val, ecr;
  bool val_ignored = false;   // `val ...`
  bool ecr_ignored = false;   // `ecr ...`
  bool ecr_absolute = false;  // `ecr N!`: not mapped
  friend bool operator==(const OptTimestamps&, const OptTimestamps&) = default;
};
struct OptMd5 {  // RFC 2385
  Buffer digest;
  bool valid = false;  // `md5 valid`: computed
  friend bool operator==(const OptMd5&, const OptMd5&) = default;
};
struct OptFastOpen {  // RFC 7413
  Buffer cookie;
  bool experimental = false;  // FOEXP: kind 254 with magic 0xF989
  friend bool operator==(const OptFastOpen&, const OptFastOpen&) = default;
};
struct OptAccEcn {      // RFC 9768: up to three counters, in the order of the wire
  bool order1 = false;  // kind 174: e1b, ceb, e0b; else kind 172: e0b, ceb, e1b
  bool experimental = false;
  std::vector<Number> counters;
  friend bool operator==(const OptAccEcn&, const OptAccEcn&) = default;
};
struct OptAckRate {  // `exp-tarr [N]`: an acknowledgement rate is asked for, or can be
  std::optional<Number> rate;
  friend bool operator==(const OptAckRate&, const OptAckRate&) = default;
};
struct OptOther {  // `kind N [len N] [hex ".."]`
  // How it was written: also `gen-KIND 0102`, and `exp-EXID 0102`, whose data begin with the
  // identifier of the experiment (RFC 6994).
  enum class Form : std::uint8_t { kind, generic, experiment };
  Form form = Form::kind;
  Number kind;
  std::optional<Number> length;  // the length octet, where it is to differ from the truth
  std::optional<Octets> data;    // without data or length the option is its kind alone
  friend bool operator==(const OptOther&, const OptOther&) = default;
};
struct OptRaw {  // `hex ".."`: octets of the options area as they are
  Octets data;
  bool bare = false;  // `<020405b4>`
  friend bool operator==(const OptRaw&, const OptRaw&) = default;
};

using TcpOption =
    std::variant<OptEol, OptNop, OptMss, OptWindowScale, OptSackPermitted, OptSack, OptTimestamps,
                 OptMd5, OptFastOpen, OptAccEcn, OptAckRate, OptOther, OptRaw>;

// Octets that the option takes on the wire. It lies where the script does: OptOther counts its
// data, never its `length`.
[[nodiscard]] std::size_t encoded_size(const TcpOption& option) noexcept;

// `[code N, pen N]`: why a RST is sent, in eight octets of payload; `pen` is the number of the
// organisation that the code is of.
struct ResetReason {
  static constexpr std::int64_t kSize = 8;
  Number code, pen;
  friend bool operator==(const ResetReason&, const ResetReason&) = default;
};

struct Tcp {
  std::optional<Number> psp_spi;  // `encap psp spi N`
  std::optional<Ports> ports;
  TcpFlags flags;
  SeqRange seq;
  std::optional<Number> ack, win, urg;
  bool any_options = false;  // `<...>`: not compared
  std::vector<TcpOption> options;
  std::optional<ResetReason> reset_reason;
  std::optional<Ports> udp_encapsulation;  // `/udp(src > dst)` (RFC 6951 in spirit)
  friend bool operator==(const Tcp&, const Tcp&) = default;
};

// --- UDP, ICMP and the rest

struct Udp {
  std::optional<Ports> ports;
  Number length;  // octets of payload
  // `udplite (length, coverage)` (RFC 3828): the octets, from the header on, that the checksum is
  // of; 0 is all of them. Absent: plain UDP.
  std::optional<Number> coverage;
  friend bool operator==(const Udp&, const Udp&) = default;
};

// What an ICMP error quotes. Plain packetdrill always builds the quote; `[raw (n)]` has none.
struct QuotedTcp {
  SeqRange seq;
  std::optional<Ports> udp_encapsulation;  // `/udp(src > dst)`
  friend bool operator==(const QuotedTcp&, const QuotedTcp&) = default;
};
struct QuotedUdp {
  Number length;
  std::optional<Number> coverage;  // as in Udp
  friend bool operator==(const QuotedUdp&, const QuotedUdp&) = default;
};
struct QuotedSctp {  // (nplab) kept, and run by nobody here
  Number tag;
  std::optional<Ports> udp_encapsulation;
  friend bool operator==(const QuotedSctp&, const QuotedSctp&) = default;
};
struct QuotedNothing {
  Number length;  // octets of the whole ICMP message, zero filled
  friend bool operator==(const QuotedNothing&, const QuotedNothing&) = default;
};
struct QuotedOctets {  // [hex ".."]: the octets after the first eight of the message
  Octets data;
  friend bool operator==(const QuotedOctets&, const QuotedOctets&) = default;
};

// `NAME value` of an ICMP message: kIcmpFields in the parser lists them.
struct IcmpField {
  std::string name;
  std::variant<std::monostate, Number, Address, LinkAddress> value;  // monostate: a flag
  friend bool operator==(const IcmpField&, const IcmpField&) = default;
};

// ICMP or ICMPv6, as the IP version of the run has it.
struct Icmp {
  std::string type;  // "echo_request", "type_42"
  std::string code;  // empty: 0
  std::optional<Number> mtu, id;
  std::vector<IcmpField> fields;  // ours: seq, pointer, gateway, target, ...
  std::optional<std::variant<QuotedTcp, QuotedUdp, QuotedSctp, QuotedNothing, QuotedOctets>> quote;
  std::optional<Number> length;  // ours: `(32)`, octets after the first eight of an echo
  friend bool operator==(const Icmp&, const Icmp&) = default;
};

enum class ArpForm : std::uint8_t { who_has, reply, probe, announce };

// who-has TARGET tell SENDER [from MAC] [to MAC]; reply SENDER is-at MAC [to MAC] [for ADDRESS];
// probe TARGET; announce SENDER (RFC 826, RFC 5227).
struct Arp {
  ArpForm form = ArpForm::who_has;
  Address target, sender;  // reply: `target` is `for`, absent (no name) unless written
  std::optional<LinkAddress> sender_mac, target_mac;  // `from` or is-at; `to`
  friend bool operator==(const Arp&, const Arp&) = default;
};

enum class DnsSection : std::uint8_t { answer, authority, additional };

struct DnsRecord {
  DnsSection section = DnsSection::answer;
  Text name;
  Number ttl;
  std::optional<Number> dns_class;  // absent: IN
  std::string type;                 // "A", "CNAME", "type_99"
  // What follows the type: addresses, names, numbers, octets.
  std::vector<std::variant<IpAddress, Text, Number, Octets>> data;
  friend bool operator==(const DnsRecord&, const DnsRecord&) = default;
};

enum class DnsForm : std::uint8_t { query, response, raw };

// A DNS message over UDP (RFC 1035, 4). Id and ports of a response are those of the last query.
struct Dns {
  DnsForm form = DnsForm::query;
  std::optional<Ports> ports;
  Text name;         // of the question
  std::string type;  // of the question
  std::vector<DnsRecord> records;
  // aa tc rd ra ad cd, qr or noqr, and the name of a response code: noerror formerr servfail
  // nxdomain notimp refused rcode_N. Absent in a packet to inject: what the form implies.
  std::vector<std::string> flags;
  std::optional<Octets> raw;
  friend bool operator==(const Dns&, const Dns&) = default;
};

struct OtherIp {  // ip proto N (length)
  Number protocol;
  Number length;
  friend bool operator==(const OtherIp&, const OtherIp&) = default;
};

// `sctp: ...`: kept as it is written, and run by nobody here.
struct Sctp {
  std::string text;  // from "sctp" on
  friend bool operator==(const Sctp&, const Sctp&) = default;
};

enum class LiteralLayer : std::uint8_t { tcp, udp, icmp, frame };

// `tcp hex ".."`: the octets of that layer and all above; `frame hex ".."`: of everything.
struct Literal {
  LiteralLayer layer = LiteralLayer::frame;
  Octets data;
  friend bool operator==(const Literal&, const Literal&) = default;
};

using Body = std::variant<Tcp, Udp, Icmp, Arp, Dns, OtherIp, Sctp, Literal>;

// --- what may stand behind

// `frag [id N] first:last [mf|nomf]`: only these octets of the IP payload travel.
struct Fragment {
  std::optional<Number> id;
  Number first, last;
  std::optional<bool> more;  // absent: set unless `last` reaches the end
  friend bool operator==(const Fragment&, const Fragment&) = default;
};

// `layer.field = value`. The names of fields are those of the headers (docs/script-language.md).
struct Override {
  enum class How : std::uint8_t {
    set,   // = value
    add,   // = +N or -N: what is right, plus that
    bad,   // = bad: anything but what is right
    keep,  // = keep NAME: not compared, but remembered; of expected packets
  };
  Location where;
  std::string layer, field;
  How how = How::set;
  // set: a number, word, address or octets; add: a number; bad: monostate; keep: the name.
  std::variant<std::monostate, Number, std::string, Address, LinkAddress, Octets> value;
  friend bool operator==(const Override&, const Override&) = default;
};

enum class Direction : std::uint8_t {
  inbound,   // `<`: injected into the stack under test
  outbound,  // `>`: expected of it
};

struct Packet {
  Direction direction = Direction::inbound;
  std::string connection;  // the `@label`; empty: the one that packetdrill has
  // Outermost first. In packetdrill mode all of these stand in front of the IP header that the run
  // makes. In strict mode, if the innermost is an IpHeader, it takes that header's place, and
  // otherwise the run's header follows.
  std::vector<Encapsulation> encapsulation;
  IpInfo ip;  // of the header that the run makes
  Body body;
  std::optional<Octets> payload;  // absent: zeros, or the stream pattern in strict mode
  std::optional<Fragment> fragment;
  std::vector<Override> overrides;

  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return std::get_if<T>(&body);
  }

  friend bool operator==(const Packet&, const Packet&) = default;
};

}  // namespace packetwright::script
