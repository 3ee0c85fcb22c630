#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seed inputs of the fuzz target of captures: corpus/capture_reader/seed/.

Whole captures of small conversations, one for each format, link and mishap. Run it from anywhere;
it prints how many files it wrote.
"""

import struct

from make_seeds import CORPUS, ipv4, ipv6, octets, pseudo4, pseudo6, with_checksum

CLIENT, SERVER = 0, 1
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SYN_OPTIONS = octets("020405b4 0402080a 0000006400000000 01030307")
STAMPS = octets("0101080a 0000006500000065")


def segment(sender, flags, seq, ack, payload=b"", options=b"", v6=False):
    """A TCP segment in its IP packet; numbers count from 1000 and 5000."""
    own, other = (1000, 5000) if sender == CLIENT else (5000, 1000)
    ports = (40000, 80) if sender == CLIENT else (80, 40000)
    header = struct.pack(">HHIIBBHHH", *ports, own + seq, other + ack if flags & ACK else 0,
                         (20 + len(options)) << 2, flags, 1000, 0, 0)
    data = header + options + payload
    pseudo = pseudo6(6, len(data)) if v6 else pseudo4(6, len(data))
    data = with_checksum(data, 16, pseudo)
    packet = ipv6(6, data) if v6 else ipv4(6, data)
    if sender == CLIENT:
        return packet
    if v6:  # the other way round
        return packet[:8] + packet[24:40] + packet[8:24] + packet[40:]
    return with_checksum(packet[:12] + packet[16:20] + packet[12:16], 10) + data


def exchange(v6=False):
    """A handshake, a request, an answer, and the end of it."""
    of = lambda *args, **more: segment(*args, v6=v6, **more)
    return [
        of(CLIENT, SYN, 0, 0, options=SYN_OPTIONS),
        of(SERVER, SYN | ACK, 0, 1, options=SYN_OPTIONS),
        of(CLIENT, ACK, 1, 1, options=STAMPS),
        of(CLIENT, PSH | ACK, 1, 1, b"GET /\r\n", STAMPS),
        of(SERVER, ACK, 1, 8, options=STAMPS),
        of(SERVER, PSH | ACK, 1, 8, b"hello", STAMPS),
        of(CLIENT, ACK, 8, 6, options=STAMPS),
        of(CLIENT, FIN | ACK, 8, 6, options=STAMPS),
        of(SERVER, FIN | ACK, 6, 9, options=STAMPS),
        of(CLIENT, ACK, 9, 7, options=STAMPS),
    ]


def pcap(packets, link=1, snaplen=65535, magic=0xA1B2C3D4, order="<"):
    out = struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, snaplen, link)
    for number, packet in enumerate(packets):
        kept = packet[:snaplen]
        out += struct.pack(order + "IIII", 1, number * 1000, len(kept), len(packet)) + kept
    return out


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def pcapng(packets, link=1):
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("<HHI", link, 0, 0))
    for number, packet in enumerate(packets):
        flags = struct.pack("<HHIHH", 2, 4, 2 if number % 2 == 0 else 1, 0, 0)
        body = struct.pack("<IIIII", 0, 0, number * 1000, len(packet), len(packet)) + packet
        out += block(6, body + bytes(-len(body) % 4) + flags)
    return out


def framed(header, packets):
    return [octets(header) + packet for packet in packets]


def udp(payload, src=40000, dst=53):
    return struct.pack(">HHHH", src, dst, 8 + len(payload), 0) + payload


QUERY = octets("1234 0100 0001 0000 0000 0000 03777777 00 0001 0001")
ETHERNET = "020000000002 020000000001 0800"
LOST = exchange()[:5] + exchange()[6:]
WHOLE_UDP = udp(b"A" * 24 + b"B" * 16, dst=9)

SEEDS = {
    "ethernet_pcap": pcap(framed(ETHERNET, exchange())),
    "ethernet_pcapng": pcapng(framed(ETHERNET, exchange())),
    "vlan_twice": pcap(framed(ETHERNET[:-4] + "88a8 0001 8100 0002 0800", exchange())),
    "raw_ipv6_big_endian": pcap(exchange(v6=True), 101, order=">"),
    "cooked": pcap(framed("0004 0001 0006 020000000001 0000 0800", exchange()), 113),
    "cooked_v2": pcap(framed("0800 0000 00000002 0001 00 06 0200000000010000", exchange()), 276),
    "loopback_ipv4": pcap(framed("02000000", exchange()), 0),
    "nanoseconds": pcap(exchange(), 101, magic=0xA1B23C4D),
    "from_the_middle": pcap(exchange()[3:], 101),
    "lost_answer": pcap(LOST, 101),
    "cut_to_60": pcap(exchange(), 101, snaplen=60),
    "reset": pcap(exchange()[:4] + [segment(SERVER, RST | ACK, 1, 8)], 101),
    "dns_query": pcap([ipv4(17, udp(QUERY))], 101),
    "fragments": pcap([ipv4(17, WHOLE_UDP[:24], frag=0x2000),
                       ipv4(17, WHOLE_UDP[24:], frag=0x0003)], 101),
    "ends_in_a_record": pcap(exchange(), 101)[:-30],
}


def main():
    folder = CORPUS / "capture_reader" / "seed"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (folder / name).write_bytes(data)
    print(f"wrote {len(SEEDS)} seeds")


if __name__ == "__main__":
    main()
