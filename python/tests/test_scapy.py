# SPDX-License-Identifier: Apache-2.0
"""Scapy over a target: its packets, its functions, its automata."""

import time

import pytest

scapy = pytest.importorskip("scapy.all")

from scapy.all import (ARP, ICMP, IP, TCP, UDP, Ether, IPv6, Raw, AsyncSniffer,  # noqa: E402
                       ICMPv6EchoRequest, ICMPv6EchoReply, TCP_client)

import packetwright  # noqa: E402
from packetwright import ExpectationFailed, dissect  # noqa: E402
from packetwright.scapy import TargetSocket, pattern_of  # noqa: E402


@pytest.fixture
def socket(dut):
    with TargetSocket(dut) as made:
        yield made


# --- packets


def test_packets_of_scapy_are_packets(dut):
    dut.inject(IP() / TCP(sport=4000, dport=80, flags="S", seq=1))
    seen = dut.expect(IP(src=dut.address) / TCP(flags="RA", ack=2, dport=4000))
    assert seen == Ether(bytes(seen)) and isinstance(seen, packetwright.Packet)
    dut.inject(Ether() / IP() / UDP(dport=9) / b"data")
    dut.expect(ICMP(type=3, code=3))
    dut.inject(TCP(dport=81, flags="S"))
    with pytest.raises(ExpectationFailed, match="tcp.src_port: want 80, got 81"):
        dut.expect(TCP(sport=80))


def test_octets_are_the_same_in_every_form(dut):
    theirs = IP(src=dut.peer_address, dst=dut.address, id=7) / UDP(sport=5, dport=6) / b"abc"
    frame = dut.frame(theirs)
    assert frame[14:] == bytes(theirs)
    assert dut.frame(dissect(frame)) == dut.frame(Ether(frame)) == frame
    assert dissect(frame) == Ether(frame)


def test_what_scapy_sets_is_what_is_compared():
    pattern = pattern_of(IP(ttl=5, flags="DF") / TCP(flags="S", options=[("MSS", 1460),
                                                                         ("WScale", 7)]))
    assert pattern.ipv4.fields() == {"ttl": 5, "df": True, "mf": False, "reserved": False}
    assert pattern.tcp.flags == "S" and pattern.tcp.win is None
    assert (pattern.tcp.mss, pattern.tcp.wscale) == (1460, 7)
    assert pattern_of(ARP(op=1, psrc="1.2.3.4")).arp.sender_ip == "1.2.3.4"
    assert pattern_of(IPv6(hlim=3) / ICMPv6EchoRequest()).payload is not None
    assert pattern_of(IP() / Raw(b"xyz")).payload == b"xyz"


def test_nonsense_of_scapy_goes_as_it_is(dut):
    odd = IP(src=dut.peer_address, dst=dut.address, ihl=15, len=9) / TCP(dataofs=2)
    assert dut.frame(odd)[14:] == bytes(odd)
    dut.inject(odd)
    dut.silence(1)


# --- functions


def test_sr1(dut, socket):
    answer = socket.sr1(IP(dst=dut.address, src=dut.peer_address) / ICMP(id=9), timeout=2,
                        verbose=False)
    assert answer[ICMP].type == 0 and answer[ICMP].id == 9


def test_sr_of_many(dut, socket):
    ask = IP(dst=dut.address, src=dut.peer_address) / TCP(sport=range(1000, 1020), dport=80,
                                                          flags="S")
    answered, unanswered = socket.sr(ask, timeout=2, verbose=False)
    assert len(answered) == 20 and len(unanswered) == 0
    assert all(answer[TCP].flags == "RA" for _, answer in answered)


def test_an_answer_that_does_not_come(dut, socket):
    started = time.monotonic()
    assert socket.sr1(IP(dst="192.168.0.77", src=dut.peer_address) / ICMP(), timeout=0.3,
                      verbose=False) is None
    assert 0.2 < time.monotonic() - started < 5


def test_over_ipv6(dut, socket):
    answer = socket.sr1(IPv6(dst=dut.address6, src=dut.peer_address6) / ICMPv6EchoRequest(id=3),
                        timeout=2, verbose=False)
    assert answer[ICMPv6EchoReply].id == 3


def test_layer_2(dut):
    with TargetSocket(dut, layer=2) as socket:
        ask = Ether(dst="ff:ff:ff:ff:ff:ff", src=dut.peer_mac) / ARP(
            pdst=dut.address, psrc="192.168.0.9", hwsrc=dut.peer_mac)
        socket.send(ask)
        assert socket.recv() is None  # ARP is kept out of the way
    with TargetSocket(dut, layer=2, everything=True) as socket:
        answers, _ = socket.sr(ask, timeout=2, verbose=False)
        assert answers[0][1][ARP].hwsrc == dut.mac
    with pytest.raises(ValueError):
        TargetSocket(dut, layer=4)


def test_sniff(dut, socket):
    dut.inject(IP() / ICMP())
    [packet] = socket.sniff(count=1, timeout=2)
    assert packet[ICMP].type == 0


def test_async_sniffer(dut, socket):
    sniffer = AsyncSniffer(opened_socket=socket, count=3)
    sniffer.start()
    for number in range(3):
        dut.inject(IP() / ICMP(seq=number))
    sniffer.join(10)
    assert [packet[ICMP].seq for packet in sniffer.results] == [0, 1, 2]


def test_time_passes_while_scapy_waits(dut):
    listener = dut.server(80)
    with TargetSocket(dut, speed=20) as socket:
        socket.send(IP(src=dut.peer_address, dst=dut.address) / TCP(sport=9, dport=80, flags="S"))
        found = socket.sniff(timeout=1)
    assert len([one for one in found if one[TCP].flags == "SA"]) >= 2  # sent again
    assert dut.now() > 2
    listener.close()


def test_without_speed_time_stands(dut):
    with TargetSocket(dut, speed=0) as socket:
        socket.sniff(timeout=0.1)
    assert dut.now() == 0


def test_scapy_s_own_tcp_client(dut):
    server = dut.server(80)
    server.settimeout(5)
    made = TCP_client(dut.address, 80, srcip=dut.peer_address,
                      ll=lambda **_: TargetSocket(dut), recvsock=lambda **_: TargetSocket(dut))
    try:
        made.runbg()
        deadline = time.monotonic() + 10
        while made.state.state != "ESTABLISHED" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert made.state.state == "ESTABLISHED"
        ours, _ = server.accept()
        assert ours.state == "ESTABLISHED"
    finally:
        made.forcestop()


def test_a_closed_socket(dut, socket):
    socket.close()
    socket.close()
    assert socket.fileno() == -1 and socket.recv_raw() == (None, None, None)
    dut.inject(IP() / ICMP())
    dut.expect(ICMP(type=0))
