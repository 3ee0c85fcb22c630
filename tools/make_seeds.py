#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seed inputs of the fuzz targets of stack/wire, stack/ip and stack/dns: corpus/*/seed/.

A seed is small, has a name that says what it is, and is written here as hexadecimal octets, so
that it can be read and changed. Run it from anywhere; it prints how many files it wrote. Files
that are no longer made here are not removed.
"""

from pathlib import Path

CORPUS = Path(__file__).resolve().parent.parent / "corpus"

MAC_PAIR = "020000000002 020000000001"
V4_PAIR = "c0000201 c0000202"
V6_A = "20010db8000000000000000000000001"
V6_B = "20010db8000000000000000000000002"
LINK_LOCAL = "fe800000000000000000000000000009"


def octets(text):
    return bytes.fromhex("".join(text.split()))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def with_checksum(data, at, pseudo=b""):
    data = data[:at] + b"\0\0" + data[at + 2 :]
    return data[:at] + checksum(pseudo + data).to_bytes(2, "big") + data[at + 2 :]


def ipv4(protocol, payload, options=b"", frag=0):
    words = 5 + len(options) // 4
    header = bytes([0x40 | words, 0]) + (words * 4 + len(payload)).to_bytes(2, "big")
    header += octets("1234") + frag.to_bytes(2, "big") + bytes([64, protocol, 0, 0])
    header += octets(V4_PAIR) + options
    return with_checksum(header, 10) + payload


def ipv6(next_header, payload):
    header = octets("60000000") + len(payload).to_bytes(2, "big") + bytes([next_header, 255])
    return header + octets(V6_A) + octets(V6_B) + payload


def pseudo4(protocol, size):
    return octets(V4_PAIR) + bytes([0, protocol]) + size.to_bytes(2, "big")


def pseudo6(protocol, size):
    return octets(V6_A) + octets(V6_B) + size.to_bytes(4, "big") + bytes([0, 0, 0, protocol])


def tcp(flags, options="", payload=b""):
    options = octets(options)
    offset = (5 + len(options) // 4) << 12
    data = octets("1f90c000 00000001 00000002") + (offset | flags).to_bytes(2, "big")
    data += octets("faf00000 0000") + options + payload
    return with_checksum(data, 16, pseudo4(6, len(data)))


def udp(dst_port, payload):
    data = octets("c000") + dst_port.to_bytes(2, "big") + (8 + len(payload)).to_bytes(2, "big")
    data += b"\0\0" + payload
    return with_checksum(data, 6, pseudo4(17, len(data)))


def icmp6(text):
    data = octets(text)
    return with_checksum(data, 2, pseudo6(58, len(data)))


SYN_OPTIONS = "020405b4 0402 080a0000006400000000 01 030307"
QUESTION = "03777777 076578616d706c65 036f7267 00 0001 0001"
DNS_QUERY = octets("1234 0100 0001 0000 0000 0000" + QUESTION)
DNS_ANSWER = octets("1234 8180 0001 0001 0000 0000" + QUESTION +
                    "c00c 0001 0001 0000003c 0004 c0000209")
DNS_MANY = octets(
    "0001 8580 0001 0003 0001 0002" + QUESTION
    + "c00c 0005 0001 0000003c 0006 03667470 c010"
    + "c010 000f 0001 0000003c 0009 000a 046d61696c c010"
    + "c010 0010 0001 0000003c 0006 0568656c6c6f"
    + "c010 0006 0001 0000003c 0020 026e73 c010 04726f6f74 c010"
    + "00000001 00000002 00000003 00000004 00000005"
    + "c010 001c 0001 0000003c 0010" + V6_A
    + "00 0029 04d0 00008000 0004 000a 0000"
)
ARP = octets("0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202")
ECHO = with_checksum(octets("0800 0000 1234 0007 68656c6c6f"), 2)
QUOTE = ipv4(6, octets("1f90c00012345678"))
UNREACHABLE = with_checksum(octets("0304 0000 0000 0578") + QUOTE, 2)
SYN = tcp(0x002, SYN_OPTIONS)
DATA = tcp(0x018, "0101080a0000000100000002", b"hello")
NS = icmp6("87000000 00000000" + LINK_LOCAL + "0101020000000001")
NA = icmp6("88000000 60000000" + LINK_LOCAL + "0201020000000001")
RA = icmp6(
    "86000000 40c00708 00007530 000003e8"
    "030440c000278d0000093a8000000000 20010db8000000000000000000000000"
    "05010000000005dc 19030000 0000003c" + LINK_LOCAL
)
REDIRECT = icmp6("89000000 00000000" + LINK_LOCAL + V6_B + "0402000000000000 6000000000003b40")
ECHO6 = icmp6("80000000 1234 0007 6869")
GROUP = "ef010203"
GROUP6 = "ff050000000000000000000000000009"
IGMP_QUERY_V1 = octets("1100eeff 00000000")
IGMP_QUERY_V3 = octets("110a0000" + GROUP + "0b7d0002 c0000201 c0000202")
MLD_QUERY_V2 = octets("82000000 83e80000" + GROUP6 + "0a8f0001" + V6_A)
TOO_BIG = icmp6("02000000 00000500" + "6000000005b40640" + V6_A + V6_B + "1f90c00012345678")

SEEDS = {
    "wire_address_text": {
        "ipv4": b"192.0.2.1",
        "ipv6_full": b"2001:db8:0:1:2:3:4:5",
        "ipv6_zeros": b"2001:db8::1:0:0:1",
        "ipv6_mapped": b"::ffff:192.0.2.1",
        "prefix": b"2001:db8::/32",
        "mac": b"02:00:5e:10:00:01",
    },
    "wire_arp": {
        "request": ARP,
        "reply_to_other_hardware": octets("0006 0800 07 10 0002") + ARP[8:],
        "padded_to_46": ARP + bytes(18),
    },
    "wire_checksum": {
        "one_piece": octets("00") + octets("0001f203f4f5f6f7"),
        "odd_pieces": octets("03 01 03 05") + bytes(range(40)),
        "all_ones": octets("02 07 09") + b"\xff" * 64,
    },
    "wire_dns": {
        "query_a": DNS_QUERY,
        "answer_compressed": DNS_ANSWER,
        "every_type": DNS_MANY,
        "pointer_to_itself": octets("1234 8180 0001 0000 0000 0000 c00c 0001 0001"),
        "counts_that_lie": octets("1234 8180 ffff ffff ffff ffff") + DNS_ANSWER[12:],
        "rdlength_past_end": DNS_ANSWER[:-6] + octets("ffff c0000209"),
    },
    "wire_dns_name": {
        "plain": octets("000c") + DNS_ANSWER,
        "pointer": octets("0021") + DNS_ANSWER,
        "text_with_escapes": octets("0000") + rb"a\.b.c\000d.example.org.",
        "two_pointers_that_loop": octets("000e") + bytes(12) + octets("c00e c00c"),
    },
    # Steps of fuzz/stack/resolver_fuzz.cc: 0 name family; 1 which code tc counts size octets; 6 the
    # same over TCP, and where to cut it; 8 which connected.
    "dns_resolver": {
        "answer": octets("00 00 01  01 00 80 00 01 00 00 10 c00c 0001 0001 0000003c 0004 c0000209"),
        "alias_then_silence": octets("00 00 01  01 00 80 00 01 00 00 10")
        + octets("c00c 0005 0001 0000003c 0004 0178 c010  03 ffff"),
        "two_failures": octets("00 00 02  01 00 82 00 00 00 00 00  01 01 85 00 00 00 00 00"),
        "truncated": octets("00 01 01  01 00 80 01 00 00 00 00"),
        "over_tcp": octets("00 00 01  01 00 80 01 00 00 00 00  08 00 01  06 00 80 00 01 00 00 10")
        + octets("c00c 0001 0001 0000003c 0004 c0000209 05"),
        "closed_over_tcp": octets("00 00 01  01 00 80 01 00 00 00 00  08 00 01  08 00 00")
        + octets("08 01 00"),
        "server_without_edns": octets("00 00 01  01 00 81 00 00 00 00 00"),
        "search_of_both_families": octets("00 02 00  01 00 83 00 00 00 00 00  01 01 83 00 00 00 00")
        + octets("00"),
        "unreachable_and_cancel": octets("00 00 00  04 00  05 00"),
    },
    "wire_ethernet": {
        "arp": octets(MAC_PAIR + "0806") + ARP,
        "tagged": octets(MAC_PAIR + "8100 a02a 0800 45"),
        "header_only": octets(MAC_PAIR + "0800"),
    },
    "wire_frame": {
        "arp": octets(MAC_PAIR + "0806") + ARP,
        "ipv4_tcp_syn": octets(MAC_PAIR + "0800") + ipv4(6, SYN),
        "ipv4_tcp_data": octets(MAC_PAIR + "0800") + ipv4(6, DATA),
        "ipv4_dns_answer": octets(MAC_PAIR + "0800") + ipv4(17, udp(49152, DNS_ANSWER)),
        "ipv4_icmp_frag_needed": octets(MAC_PAIR + "0800") + ipv4(1, UNREACHABLE),
        "ipv6_neighbor_solicitation": octets(MAC_PAIR + "86dd") + ipv6(58, NS),
        "ipv6_router_advertisement": octets(MAC_PAIR + "86dd") + ipv6(58, RA),
        "ipv6_fragment_tcp": octets(MAC_PAIR + "86dd")
        + ipv6(44, octets("06000001 00000001") + SYN),
    },
    "wire_gre": {
        "plain": octets("0000 0800 45"),
        "all_fields": octets("b000 86dd 1234 0000 00000005 00000006 60"),
    },
    # The first octet: IGMP or MLD.
    "wire_group_message": {
        "igmp_query_v1": octets("00") + IGMP_QUERY_V1,
        "igmp_query_v2_of_a_group": octets("00 11190000") + octets(GROUP),
        "igmp_query_v3_of_two_sources": octets("00") + IGMP_QUERY_V3,
        "igmp_query_of_no_version": octets("00 11000000 00000000 027d"),
        "igmp_query_v3_sources_past_end": octets("00 11000000 00000000 027dffff c0000201"),
        "igmp_report_v2": octets("00 16000000") + octets(GROUP),
        "igmp_report_v3": octets("00 22000000 00000001 04000000") + octets(GROUP),
        "mld_query_v1": octets("01 82000000 03e80000") + bytes(16),
        "mld_query_v2_exponents": octets("01") + MLD_QUERY_V2,
        "mld_done": octets("01 84000000 00000000") + octets(GROUP6),
        "mld_report_v2": octets("01 8f000000 00000001 04000000") + octets(GROUP6),
    },
    # Steps of fuzz/stack/group_membership_fuzz.cc: 0 join group quietly; 1 leave group; 2 hear size
    # octets; 3 milliseconds.
    "ip_group_membership": {
        "join_query_leave": octets("00  00 00 00  03 07d0  02 14") + IGMP_QUERY_V3
        + octets("03 2710  01 00  03 07d0"),
        "version_1_and_back": octets("00  00 00 01  02 08") + IGMP_QUERY_V1 + octets("03 2710")
        + octets("02 08 16000000") + octets(GROUP) + 5 * octets("03 ffff") + octets("01 00"),
        "mld_general_query": octets("01  00 00 00  00 01 01  02 2c") + MLD_QUERY_V2
        + octets("03 2710  01 00"),
        "at_once": octets("00  00 00 01  02 0c  11000000 00000000 027d0000  03 0001"),
    },
    "wire_icmpv4": {
        "echo_request": ECHO,
        "frag_needed": UNREACHABLE,
        "timestamp_reply": with_checksum(
            octets("0e00 0000 0001 0002 0000000a 0000000b 0000000c"), 2),
        "address_mask_reply": with_checksum(octets("1200 0000 0001 0002 ffffff00"), 2),
        "redirect": with_checksum(octets("0501 0000 c00002fe") + QUOTE, 2),
    },
    "wire_icmpv6": {"echo_request": ECHO6, "packet_too_big": TOO_BIG},
    "wire_ipv4": {
        "tcp_syn": ipv4(6, SYN),
        "options": ipv4(17, udp(9, b"x"), octets("01 83 0b 08 0a000001 0a000002 94040000 "
                                                 "440c0d21 0a000001 0000007b 00")),
        "fragment": ipv4(17, b"12345678", frag=0x2003),
        "total_length_lies": ipv4(6, SYN)[:2] + b"\xff\xff" + ipv4(6, SYN)[4:],
    },
    "wire_ipv6": {
        "tcp_syn": ipv6(6, SYN),
        "hop_by_hop_router_alert": ipv6(0, octets("3a00050200000100") + ECHO6),
        "first_fragment": ipv6(44, octets("3c000001 00000001 06001e04a1a2a3a4") + SYN),
        "later_fragment": ipv6(44, octets("06000008 00000001 00ff")),
        "routing_type_0": ipv6(43, octets("06020001 00000000") + octets(V6_A) + SYN),
    },
    "wire_mpls": {"two_labels": octets("00010aff 12345540 4500"), "no_bottom": bytes(80)},
    "wire_ndp": {
        "neighbor_solicitation": NS,
        "neighbor_advertisement": NA,
        "router_advertisement": RA,
        "redirect": REDIRECT,
        "option_of_length_zero": NS[:-7] + b"\0" * 7,
    },
    "wire_tcp": {
        "syn_linux_options": SYN,
        "data_with_timestamps": DATA,
        "sack": tcp(0x010, "0101080a0000000100000002 0101050a 00000005 00000009"),
        "every_flag_and_reserved_bit": tcp(0xFFF),
        "data_offset_3": SYN[:12] + b"\x30" + SYN[13:],
        "data_offset_15_past_end": SYN[:12] + b"\xf0" + SYN[13:],
    },
    "wire_tcp_options": {
        "syn_linux": octets(SYN_OPTIONS),
        "timestamps": octets("0101080a0000000100000002"),
        "sack_two_blocks": octets("0101 0512 00000001 00000002 ffffffff 00000003"),
        "fast_open_and_experimental": octets("2206 01020304 fe06 f989 aabb fe04 abcd"),
        "accurate_ecn": octets("ac0b 000001 000002 000003 ae05 ffffff 1c04 8005"),
        "length_zero": octets("01 0200 05b4 010101"),
        "length_past_end": octets("0205 05b4"),
    },
    "wire_udp": {
        "dns_query": udp(53, DNS_QUERY),
        "empty": udp(9, b""),
        "length_7": octets("c0000009 0007 0000 78"),
    },
}


def main():
    count = 0
    for target, seeds in SEEDS.items():
        folder = CORPUS / target / "seed"
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            (folder / name).write_bytes(data)
            count += 1
    print(f"wrote {count} seeds for {len(SEEDS)} targets")


if __name__ == "__main__":
    main()
