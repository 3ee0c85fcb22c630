# SPDX-License-Identifier: Apache-2.0
"""Packets: said, built, seen, compared, changed."""

import pytest

from packetwright import (ARP, ICMP, TCP, UDP, Ethernet, ICMPv6, IPv4, IPv6, MissingLayer, Option,
                          Packet, dissect)

ADDRESSES = {"src": "192.0.2.1", "dst": "192.168.0.1"}


def syn(**fields):
    return IPv4(**ADDRESSES) / TCP(src_port=4000, dst_port=80, flags="S", seq=7, **fields)


def test_a_described_packet_is_built_with_right_lengths_and_checksums():
    seen = dissect(bytes(syn() / b"hello"), ethernet=False)
    assert seen.ipv4.total_length == 45 and seen.ipv4.header_length == 5
    assert seen.bad_checksums == [] and seen.flaw == ""
    assert seen.payload == b"hello" and len(seen) == 45


def test_a_field_that_is_not_said_is_none():
    layer = TCP(src_port=1)
    assert layer.src_port == 1 and layer.win is None and layer.flags is None
    layer.win = 5
    layer.src_port = None
    assert layer.fields() == {"win": 5}


@pytest.mark.parametrize("text, same", [("S", "S"), ("S.", "S."), ("SA", "S."), ("FPU", "FPU"),
                                        ("EC", "EW"), ("N", "N"), ("", "")])
def test_flags_are_text(text, same):
    layer = TCP(flags=text)
    assert layer.flags == same
    assert layer.ack_flag == ("." in same)
    assert dissect(bytes(IPv4() / layer), ethernet=False).tcp.flags == same


def test_flags_are_numbers_too_and_others_are_refused():
    assert TCP(flags=0x12).flags == "S."
    with pytest.raises(ValueError, match="'X' is no flag"):
        TCP(flags="X")


@pytest.mark.parametrize("kind, fields, message", [
    (TCP, {"win": 65536}, "16 bits: 0 to 65535"),
    (TCP, {"win": -1}, "16 bits"),
    (TCP, {"win": 2 ** 70}, "16 bits"),
    (TCP, {"syn": 2}, "1 bit: 0 to 1"),
    (IPv4, {"src": "300.1.1.1"}, "no IP address"),
    (IPv4, {"src": "::1"}, "other family"),
    (Ethernet, {"dst": "xx"}, "no Ethernet address"),
    (TCP, {"seq": "many"}, "'bad', '\\+N' or '-N'"),
])
def test_values_that_do_not_fit_are_refused(kind, fields, message):
    with pytest.raises(ValueError, match=message):
        kind(**fields)


def test_wrong_types_and_names_are_refused():
    with pytest.raises(TypeError, match="16 bits.*not float"):
        TCP(win=1.5)
    with pytest.raises(TypeError, match="text of an address"):
        IPv4(src=5)
    with pytest.raises(AttributeError, match="no field 'src_prt'; did you mean src_port"):
        TCP(src_prt=5)
    with pytest.raises(TypeError, match="expected a packet"):
        TCP() / 5


def test_nonsense_can_be_said():
    packet = IPv4(**ADDRESSES, version=7, header_length=15, checksum="bad") / UDP(length="+4")
    octets = bytes(packet)
    assert octets[0] == 0x7F
    assert int.from_bytes(octets[24:26], "big") == 12
    whole = dissect(bytes(IPv4(**ADDRESSES, checksum="bad") / UDP(length=3)), ethernet=False)
    assert whole.bad_checksums == ["ipv4.checksum"] and whole.udp.length == 3


def test_options_are_values():
    options = [Option.mss(1460), Option.sack_permitted(), Option.timestamps(1, 2), Option.nop(),
               Option.wscale(7)]
    tcp = dissect(bytes(syn(options=options)), ethernet=False).tcp
    assert tcp.options == options
    assert (tcp.mss, tcp.wscale, tcp.sack_permitted, tcp.timestamps) == (1460, 7, True, (1, 2))
    blocks = TCP(options=[Option.sack([(5, 9), (20, 30)])])
    assert blocks.sack == [(5, 9), (20, 30)] and blocks.mss is None
    assert repr(options[0]) == "<Option mss 1460>" and options[0].length == 4


def test_options_can_lie():
    odd = Option.raw(99, b"\x01\x02", length=40)
    octets = bytes(syn(options=[odd]))
    assert octets[40:44] == b"\x63\x28\x01\x02" and odd.length == 40
    with pytest.raises(ValueError, match="at most 253"):
        Option.raw(1, b"x" * 254)
    with pytest.raises(ValueError, match="one to four blocks"):
        Option.sack([])


def test_what_was_seen_stays_right_when_it_is_changed():
    seen = dissect(bytes(syn() / b"hello"), ethernet=False)
    seen.tcp.seq = 99
    seen.payload = b"hello, world"
    again = dissect(bytes(seen), ethernet=False)
    assert again.tcp.seq == 99 and again.payload == b"hello, world"
    assert again.ipv4.total_length == 52 and again.bad_checksums == []


def test_what_was_wrong_stays_wrong_when_something_else_is_changed():
    seen = dissect(bytes(syn(checksum=0x1234)), ethernet=False)
    seen.tcp.seq = 99
    assert dissect(bytes(seen), ethernet=False).tcp.checksum == 0x1234


def test_padding_of_ethernet_survives_a_change():
    frame = bytes(Ethernet() / syn()) + bytes(6)
    seen = dissect(frame)
    seen.tcp.win = 1
    assert len(bytes(seen)) == len(frame)


def test_what_cannot_be_taken_apart_is_not_changed():
    cut = dissect(bytes(syn())[:30], ethernet=False)
    assert "tcp" in cut.flaw
    whole = bytes(syn(data_offset=15))
    broken = dissect(whole, ethernet=False)
    broken.tcp.win = 3  # the lie is a field like others
    assert bytes(broken)[32] == 0xF0


def test_layers_are_found_by_class_name_and_place():
    packet = Ethernet() / IPv4() / TCP(seq=1)
    assert packet[TCP].seq == 1 and packet.tcp.seq == 1 and packet[-1].seq == 1
    assert TCP in packet and UDP not in packet and len(packet.layers) == 3
    with pytest.raises(MissingLayer, match="no udp header"):
        _ = packet.udp
    with pytest.raises(IndexError):
        _ = packet[3]
    with pytest.raises(TypeError, match="class of a header"):
        _ = packet[str]


def test_a_layer_of_a_packet_is_a_part_of_it():
    packet = Packet(IPv4() / TCP(seq=1))
    packet.tcp.seq = 5
    assert packet.tcp.seq == 5
    copy = packet.copy()
    copy.tcp.seq = 6
    assert packet.tcp.seq == 5 and copy.tcp.seq == 6


def test_the_packet_that_an_icmp_error_quotes_is_not_the_packet():
    error = IPv4(**ADDRESSES) / ICMP(type=3, code=4, mtu=1400) / IPv4(src="1.2.3.4") / UDP(
        src_port=9)
    seen = dissect(bytes(error), ethernet=False)
    assert seen.ipv4.src == "192.0.2.1" and seen.icmp.mtu == 1400
    assert [layer.__class__.__name__ for layer in seen.layers] == ["IPv4", "ICMP", "IPv4", "UDP"]
    assert seen.layers[2].src == "1.2.3.4"


def test_a_pattern_compares_what_it_says():
    seen = dissect(bytes(Ethernet() / syn(win=1000, options=[Option.mss(1460), Option.wscale(7)])))
    assert seen.matches(TCP(flags="S"))
    assert seen.matches(IPv4(src="192.0.2.1"))
    assert seen.matches(IPv4() / TCP(seq=7) / b"")
    assert seen.matches(TCP(options=[Option.wscale(7), Option.mss(1460)]))
    assert not seen.matches(UDP()) and not seen.matches(IPv6() / TCP())
    told = {one.name: (one.want, one.got) for one in
            seen.differences(IPv4(ttl=1) / TCP(flags="S.", win=9, options=[]) / b"x")}
    assert told["ipv4.ttl"] == ("1", "255") and told["tcp.win"] == ("9", "1000")
    assert told["tcp.flags"] == ("S.", "S") and told["option mss"] == ("none", "mss 1460")
    assert told["payload.length"] == ("1", "0")


def test_any_octets_can_be_dissected():
    for size in (0, 1, 13, 14, 33, 34, 65536):
        packet = dissect(b"\x45" * size)
        assert bytes(packet) == b"\x45" * size
        assert packet.text and repr(packet)
    with pytest.raises(TypeError):
        dissect("text")


def test_octets_come_in_every_form():
    octets = bytes(syn())
    for form in (octets, bytearray(octets), memoryview(octets)):
        assert dissect(form, ethernet=False) == octets
    assert dissect(octets, ethernet=False) != b"" and dissect(octets, ethernet=False) != 5


def test_other_headers():
    arp = dissect(bytes(Ethernet() / ARP(op=1, sender_ip="1.2.3.4",
                                         target_mac="02:00:00:00:00:09")))
    assert arp.arp.op == 1 and arp.arp.sender_ip == "1.2.3.4" and arp.ethernet.type == 0x806
    assert arp.arp.target_mac == "02:00:00:00:00:09"
    six = dissect(bytes(IPv6(src="2001:db8::1", dst="2001:db8::2") / ICMPv6(type=128, id=4)),
                  ethernet=False)
    assert six.icmpv6.id == 4 and six.bad_checksums == [] and six.ipv6.src == "2001:db8::1"


def test_packets_print_as_python_and_as_scripts():
    packet = syn() / b"ab"
    assert repr(TCP(flags="S", seq=1)) == "TCP(flags='S', seq=1)"
    assert repr(packet).endswith("TCP(src_port=4000, dst_port=80, flags='S', seq=7) / b'ab'")
    assert "S 7:9(2)" in packet.text and str(packet) == packet.text


def test_nothing_follows_a_payload():
    with pytest.raises(ValueError, match="nothing can follow"):
        (IPv4() / b"x") / TCP()
