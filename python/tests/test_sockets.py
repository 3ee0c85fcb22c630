# SPDX-License-Identifier: Apache-2.0
"""Sockets of a target, and a peer to talk with."""

import errno
import socket
import threading

import pytest

from packetwright import TCP, UDP, IPv4, Target, TargetClosed, TargetError


@pytest.fixture
def pair(dut, peer):
    """A connection, seen from both ends: the target's, and the peer's."""
    listener = dut.server(80)
    theirs = peer.connect(80)
    ours, address = listener.accept()
    assert address == (peer.address, theirs.getsockname()[1])
    return ours, theirs


def test_a_conversation(dut, pair):
    ours, theirs = pair
    theirs.sendall(b"GET /\r\n")
    assert ours.recv(3, socket.MSG_PEEK) == b"GET"
    assert ours.recv_exactly(7) == b"GET /\r\n"
    ours.sendall(b"x" * 300_000)
    ours.shutdown(socket.SHUT_WR)
    assert theirs.recv_exactly(300_000) == b"x" * 300_000
    assert theirs.recv(1) == b""
    with pytest.raises(ConnectionError, match="1 octets are missing"):
        theirs.recv_exactly(1)
    assert ours.state == "FIN_WAIT_2" and theirs.state == "CLOSE_WAIT"
    assert ours.tcp_info()["cwnd"] >= 10
    assert f"{dut.address}:80" in dut.netstat()
    ours.close()
    ours.close()
    with pytest.raises(TargetClosed):
        ours.recv(1)


def test_the_target_connects_to_the_peer(dut, peer):
    server = peer.server(7)
    mine = dut.socket()
    mine.connect((peer.address, 7))
    theirs, address = server.accept()
    assert address[0] == dut.address and mine.getpeername() == (peer.address, 7)
    mine.sendall(b"hello")
    assert theirs.recv(100) == b"hello"


def test_over_ipv6(dut, peer):
    listener = dut.server(80, v6=True)
    theirs = peer.connect(80, v6=True)
    ours, address = listener.accept()
    assert address[0] == peer.address6
    theirs.sendall(b"six")
    assert ours.recv(9) == b"six"


def test_nobody_listens(peer):
    with pytest.raises(ConnectionRefusedError):
        peer.connect(81)


def test_time_outs_are_of_the_target_s_time(dut):
    with dut.socket() as lonely:
        lonely.settimeout(2.5)
        with pytest.raises(socket.timeout):
            lonely.connect((dut.peer_address, 80))
        assert dut.now() == 2.5 and lonely.gettimeout() == 2.5
    with dut.server(80) as server:
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
        server.setblocking(True)
        with pytest.raises(TargetError, match="blocked for 3600 s"):
            server.accept()


def test_a_connection_that_nobody_answers_times_out(dut):
    lonely = dut.socket()
    with pytest.raises(TimeoutError) as error:
        lonely.connect((dut.peer_address, 80))
    assert error.value.errno == errno.ETIMEDOUT
    assert dut.now() > 60


def test_without_blocking_a_connection_is_on_its_way(dut):
    mine = dut.socket()
    mine.settimeout(0)
    with pytest.raises(BlockingIOError) as error:
        mine.connect((dut.peer_address, 80))
    assert error.value.errno == errno.EINPROGRESS and mine.state == "SYN_SENT"


def test_datagrams(dut, peer):
    mine, theirs = dut.socket(type=socket.SOCK_DGRAM), peer.socket(type=socket.SOCK_DGRAM)
    mine.bind(("0.0.0.0", 53))
    theirs.sendto(b"question", (dut.address, 53))
    question, asker = mine.recvfrom(512)
    assert question == b"question" and asker[0] == peer.address
    mine.sendto(b"", asker)
    assert theirs.recvfrom(512) == (b"", (dut.address, 53))


def test_options(pair):
    ours, _ = pair
    ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    with pytest.raises(OSError) as error:
        ours.setsockopt(socket.IPPROTO_TCP, 9999, 1)
    assert error.value.errno == errno.ENOPROTOOPT
    ours.close()


def test_bad_arguments(dut):
    with pytest.raises(ValueError, match="no IP address"):
        dut.socket().bind(("nowhere", 1))
    with pytest.raises(OSError):
        dut.socket(family=socket.AF_UNIX)
    with pytest.raises(OSError):
        dut.socket(type=socket.SOCK_SEQPACKET)
    with pytest.raises(OSError) as error:
        dut.socket().listen()
        dut.socket().getpeername()
    assert error.value.errno in (errno.ENOTCONN, errno.EINVAL, errno.EDESTADDRREQ)
    with pytest.raises(ValueError):
        dut.socket().settimeout(-1)
    with pytest.raises(TypeError):
        dut.socket().sendall("text")


def test_a_sequence_number_can_be_chosen(dut):
    mine = dut.socket()
    mine.set_isn(1234)
    mine.settimeout(0)
    with pytest.raises(BlockingIOError):
        mine.connect((dut.peer_address, 80))
    assert dut.expect(TCP(flags="S")).tcp.seq == 1234


# --- bending


def test_segments_are_lost(dut, peer, pair):
    ours, theirs = pair
    lost = []

    def lose_the_first_data(segment, to_peer):
        if to_peer and segment.payload and not lost:
            lost.append(segment.tcp.seq)
            return None
        return segment

    peer.bend(lose_the_first_data)
    ours.sendall(b"once more")
    assert theirs.recv(100) == b"once more"
    again = [one for one in dut.history if one.from_target and one.payload == b"once more"]
    assert len(again) == 2 and again[0].tcp.seq == again[1].tcp.seq == lost[0]
    assert dut.now() > 0.15  # the timer had to run out


def test_segments_are_late(dut, peer, pair):
    ours, theirs = pair
    peer.bend(lambda segment, to_peer: (0.1, segment))
    theirs.sendall(b"late")
    assert ours.recv(9) == b"late" and dut.now() == pytest.approx(0.1)


def test_segments_are_altered_doubled_and_made_up(dut, peer, pair):
    ours, theirs = pair

    def bend(segment, to_peer):
        if to_peer or not segment.payload:
            return segment
        segment.payload = segment.payload.upper()
        return [segment, (0.01, segment), bytes(10)]

    peer.bend(bend)
    theirs.sendall(b"text")
    assert ours.recv(9) == b"TEXT"
    dut.advance(0.1)
    peer.bend(None)
    theirs.sendall(b"plain")
    assert ours.recv(9) == b"plain"


def test_segments_are_reordered(dut, peer, pair):
    ours, theirs = pair
    held = []

    def swap(segment, to_peer):
        if to_peer or not segment.payload:
            return segment
        if not held:
            held.append(segment.copy())
            return None
        return [segment, held.pop()] if held else segment

    peer.bend(swap)
    theirs.sendall(b"a" * 1460 + b"b" * 1460)
    assert ours.recv_exactly(2920) == b"a" * 1460 + b"b" * 1460


@pytest.mark.parametrize("answer, error", [(5, TypeError), ((1, 2, 3), TypeError),
                                           ((-1.0, b""), ValueError)])
def test_a_callback_that_answers_nonsense(peer, pair, answer, error):
    peer.bend(lambda segment, to_peer: answer)
    with pytest.raises(error):
        pair[1].sendall(b"x")


def test_an_error_of_a_callback_is_the_caller_s(peer, pair):
    def fail(segment, to_peer):
        raise LookupError("mine")

    peer.bend(fail)
    with pytest.raises(LookupError, match="mine"):
        pair[1].sendall(b"x")


def test_a_callback_may_not_use_the_target(dut, peer, pair):
    peer.bend(lambda segment, to_peer: dut.now())
    with pytest.raises(RuntimeError, match="a callback of a target"):
        pair[1].sendall(b"x")


def test_a_third_party_can_speak_too(dut, peer, pair):
    dut.inject(IPv4(src="198.51.100.7") / UDP(src_port=5, dst_port=6))
    assert dut.expect(IPv4(dst="198.51.100.7")).icmp.type == 3


def test_a_reset_takes_the_peer_away(dut, peer):
    dut.reset()
    with pytest.raises(TargetError, match="the peer is gone"):
        peer.netstat()


def test_two_threads_with_two_targets():
    results = []

    def talk():
        with Target() as target:
            server = target.server(80)
            client = target.peer().connect(80)
            client.sendall(b"z" * 100_000)
            results.append(server.accept()[0].recv_exactly(100_000))

    threads = [threading.Thread(target=talk) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [b"z" * 100_000] * 2
