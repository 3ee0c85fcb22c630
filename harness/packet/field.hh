// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

// Every header field the harness can write, read, compare or lie about, by name and by place. A
// header is a row of bits; once each field is known by offset and width, crafting, matching and
// printing need no code per field.
namespace packetwright::packet {

enum class Proto : std::uint8_t {
  ethernet,
  arp,
  ipv4,
  ipv6,
  hop_by_hop,
  routing,
  fragment,
  destination,
  icmpv4,
  icmpv6,
  udp,
  udplite,
  tcp,
  gre,
  mpls,
  dns,
};

// How a field's value is written in the script language.
enum class Form : std::uint8_t { decimal, hex, flag, mac, ipv4, ipv6 };

// X(layer, field, first bit from the start of the header, width in bits, form). The order of a
// layer's fields is the order in which differences are reported.
#define PW_PACKET_FIELDS(X)                       \
  X(ethernet, dst, 0, 48, mac)                    \
  X(ethernet, src, 48, 48, mac)                   \
  X(ethernet, type, 96, 16, hex)                  \
  /* RFC 826 */                                   \
  X(arp, hw_type, 0, 16, decimal)                 \
  X(arp, proto_type, 16, 16, hex)                 \
  X(arp, hw_len, 32, 8, decimal)                  \
  X(arp, proto_len, 40, 8, decimal)               \
  X(arp, op, 48, 16, decimal)                     \
  X(arp, sender_mac, 64, 48, mac)                 \
  X(arp, sender_ip, 112, 32, ipv4)                \
  X(arp, target_mac, 144, 48, mac)                \
  X(arp, target_ip, 192, 32, ipv4)                \
  /* RFC 791, 3.1 */                              \
  X(ipv4, version, 0, 4, decimal)                 \
  X(ipv4, header_length, 4, 4, decimal)           \
  X(ipv4, tos, 8, 8, hex)                         \
  X(ipv4, dscp, 8, 6, decimal)                    \
  X(ipv4, ecn, 14, 2, decimal)                    \
  X(ipv4, total_length, 16, 16, decimal)          \
  X(ipv4, id, 32, 16, decimal)                    \
  X(ipv4, reserved, 48, 1, flag)                  \
  X(ipv4, df, 49, 1, flag)                        \
  X(ipv4, mf, 50, 1, flag)                        \
  X(ipv4, offset, 51, 13, decimal)                \
  X(ipv4, ttl, 64, 8, decimal)                    \
  X(ipv4, protocol, 72, 8, decimal)               \
  X(ipv4, checksum, 80, 16, hex)                  \
  X(ipv4, src, 96, 32, ipv4)                      \
  X(ipv4, dst, 128, 32, ipv4)                     \
  /* RFC 8200, 3 and 4 */                         \
  X(ipv6, version, 0, 4, decimal)                 \
  X(ipv6, traffic_class, 4, 8, hex)               \
  X(ipv6, dscp, 4, 6, decimal)                    \
  X(ipv6, ecn, 10, 2, decimal)                    \
  X(ipv6, flow_label, 12, 20, hex)                \
  X(ipv6, payload_length, 32, 16, decimal)        \
  X(ipv6, next_header, 48, 8, decimal)            \
  X(ipv6, hop_limit, 56, 8, decimal)              \
  X(ipv6, src, 64, 128, ipv6)                     \
  X(ipv6, dst, 192, 128, ipv6)                    \
  X(hop_by_hop, next_header, 0, 8, decimal)       \
  X(hop_by_hop, length, 8, 8, decimal)            \
  X(routing, next_header, 0, 8, decimal)          \
  X(routing, length, 8, 8, decimal)               \
  X(routing, type, 16, 8, decimal)                \
  X(routing, segments_left, 24, 8, decimal)       \
  X(fragment, next_header, 0, 8, decimal)         \
  X(fragment, reserved, 8, 8, decimal)            \
  X(fragment, offset, 16, 13, decimal)            \
  X(fragment, reserved2, 29, 2, decimal)          \
  X(fragment, mf, 31, 1, flag)                    \
  X(fragment, id, 32, 32, decimal)                \
  X(destination, next_header, 0, 8, decimal)      \
  X(destination, length, 8, 8, decimal)           \
  /* RFC 792; the second word by its uses */      \
  X(icmpv4, type, 0, 8, decimal)                  \
  X(icmpv4, code, 8, 8, decimal)                  \
  X(icmpv4, checksum, 16, 16, hex)                \
  X(icmpv4, rest, 32, 32, hex)                    \
  X(icmpv4, id, 32, 16, decimal)                  \
  X(icmpv4, seq, 48, 16, decimal)                 \
  X(icmpv4, mtu, 48, 16, decimal)                 \
  X(icmpv4, pointer, 32, 8, decimal)              \
  X(icmpv4, gateway, 32, 32, ipv4)                \
  /* RFC 4443 */                                  \
  X(icmpv6, type, 0, 8, decimal)                  \
  X(icmpv6, code, 8, 8, decimal)                  \
  X(icmpv6, checksum, 16, 16, hex)                \
  X(icmpv6, rest, 32, 32, hex)                    \
  X(icmpv6, id, 32, 16, decimal)                  \
  X(icmpv6, seq, 48, 16, decimal)                 \
  X(icmpv6, mtu, 32, 32, decimal)                 \
  X(icmpv6, pointer, 32, 32, decimal)             \
  /* RFC 768 */                                   \
  X(udp, src_port, 0, 16, decimal)                \
  X(udp, dst_port, 16, 16, decimal)               \
  X(udp, length, 32, 16, decimal)                 \
  X(udp, checksum, 48, 16, hex)                   \
  /* RFC 3828, 3.1 */                             \
  X(udplite, src_port, 0, 16, decimal)            \
  X(udplite, dst_port, 16, 16, decimal)           \
  X(udplite, coverage, 32, 16, decimal)           \
  X(udplite, checksum, 48, 16, hex)               \
  /* RFC 9293, 3.1; AE is RFC 9768's */           \
  X(tcp, src_port, 0, 16, decimal)                \
  X(tcp, dst_port, 16, 16, decimal)               \
  X(tcp, flags, 103, 9, hex)                      \
  X(tcp, ae, 103, 1, flag)                        \
  X(tcp, cwr, 104, 1, flag)                       \
  X(tcp, ece, 105, 1, flag)                       \
  X(tcp, urg_flag, 106, 1, flag)                  \
  X(tcp, ack_flag, 107, 1, flag)                  \
  X(tcp, psh, 108, 1, flag)                       \
  X(tcp, rst, 109, 1, flag)                       \
  X(tcp, syn, 110, 1, flag)                       \
  X(tcp, fin, 111, 1, flag)                       \
  X(tcp, seq, 32, 32, decimal)                    \
  X(tcp, ack, 64, 32, decimal)                    \
  X(tcp, data_offset, 96, 4, decimal)             \
  X(tcp, reserved, 100, 3, decimal)               \
  X(tcp, win, 112, 16, decimal)                   \
  X(tcp, checksum, 128, 16, hex)                  \
  X(tcp, urg, 144, 16, decimal)                   \
  /* RFC 2784, 2890 */                            \
  X(gre, flags, 0, 16, hex)                       \
  X(gre, protocol, 16, 16, hex)                   \
  /* RFC 3032, 5462 */                            \
  X(mpls, label, 0, 20, decimal)                  \
  X(mpls, tc, 20, 3, decimal)                     \
  X(mpls, s, 23, 1, flag)                         \
  X(mpls, ttl, 24, 8, decimal)                    \
  /* RFC 1035, 4.1.1; AD and CD are RFC 4035's */ \
  X(dns, id, 0, 16, decimal)                      \
  X(dns, qr, 16, 1, flag)                         \
  X(dns, opcode, 17, 4, decimal)                  \
  X(dns, aa, 21, 1, flag)                         \
  X(dns, tc, 22, 1, flag)                         \
  X(dns, rd, 23, 1, flag)                         \
  X(dns, ra, 24, 1, flag)                         \
  X(dns, z, 25, 1, flag)                          \
  X(dns, ad, 26, 1, flag)                         \
  X(dns, cd, 27, 1, flag)                         \
  X(dns, rcode, 28, 4, decimal)                   \
  X(dns, qdcount, 32, 16, decimal)                \
  X(dns, ancount, 48, 16, decimal)                \
  X(dns, nscount, 64, 16, decimal)                \
  X(dns, arcount, 80, 16, decimal)

// LAYER_FIELD, e.g. Field::tcp_seq.
enum class Field : std::uint8_t {
#define PW_X(layer, field, bit, width, form) layer##_##field,
  PW_PACKET_FIELDS(PW_X)
#undef PW_X
};

struct FieldInfo {
  Proto proto;
  std::string_view name;  // without the layer: "seq"
  std::uint16_t bit;
  std::uint16_t width;
  Form form;
};

// A value of up to 128 bits: every field, addresses included.
struct Wide {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  constexpr Wide() = default;
  constexpr Wide(std::uint64_t value) noexcept : low(value) {}  // NOLINT: a number is a Wide
  constexpr Wide(std::uint64_t upper, std::uint64_t lower) noexcept : high(upper), low(lower) {}
  explicit Wide(const IpAddress& address) noexcept;
  explicit Wide(const MacAddress& address) noexcept;

  friend constexpr bool operator==(const Wide&, const Wide&) = default;
};

[[nodiscard]] const FieldInfo& info_of(Field field) noexcept;
// "tcp", "ipv4", ...: the word in front of the dot.
[[nodiscard]] std::string_view name_of(Proto proto) noexcept;
// "tcp.seq".
[[nodiscard]] std::string full_name_of(Field field);
// The field of that layer with that name; "icmp" and "ip" must be resolved by the caller. A few
// other spellings are understood: ipv4.ihl, ipv6.ttl, ipv4.hop_limit, *.type_of_service.
[[nodiscard]] std::optional<Field> field_named(Proto proto, std::string_view name) noexcept;
// All fields of a layer, in order.
[[nodiscard]] std::vector<Field> fields_of(Proto proto);

// Octets of the header without options: 20 for TCP.
[[nodiscard]] std::size_t fixed_size_of(Proto proto) noexcept;

// Reads and writes a field in a header that starts at `header`; the octets must be there.
[[nodiscard]] Wide read_field(Bytes header, Field field) noexcept;
// Bits of `value` beyond the field's width are dropped.
void write_field(MutableBytes header, Field field, Wide value) noexcept;
// Whether all bits of the field lie within a header of `size` octets.
[[nodiscard]] bool field_fits(Field field, std::size_t size) noexcept;

// As a script writes it: 1460, 0x1c46, 192.0.2.1, 02:50:57:00:00:01.
[[nodiscard]] std::string field_text(Field field, Wide value);

}  // namespace packetwright::packet
