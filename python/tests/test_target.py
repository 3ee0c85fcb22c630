# SPDX-License-Identifier: Apache-2.0
"""A target: frames, time, expectations, and what goes wrong."""

import pathlib
import signal
import sys
import threading
import time

import pytest

import packetwright
from packetwright import (ICMP, TCP, UDP, Ethernet, ExpectationFailed, IPv4, Target, TargetClosed,
                          TargetCrashed, TargetError, TargetUnavailable, dissect, read_capture)

SYN = TCP(src_port=4000, dst_port=80, flags="S", seq=1)


def test_the_first_test_of_the_documentation(dut):
    dut.inject(SYN)
    dut.expect(TCP(flags="R.", ack=2))


def test_what_is_not_said_is_filled_in(dut):
    seen = dissect(dut.frame(TCP()))
    assert (seen.ipv4.src, seen.ipv4.dst) == (dut.peer_address, dut.address)
    assert (seen.ethernet.src, seen.ethernet.dst) == (dut.peer_mac, dut.mac)
    assert dissect(dut.frame(IPv4(src="1.2.3.4") / UDP())).ipv4.src == "1.2.3.4"
    assert dissect(dut.frame(Ethernet(dst="ff:ff:ff:ff:ff:ff") / UDP())).ethernet.dst == (
        "ff:ff:ff:ff:ff:ff")


def test_what_was_seen_is_sent_as_it_is(dut):
    frame = dut.frame(SYN)
    assert dut.frame(frame) == frame and dut.frame(dissect(frame)) == frame
    assert dut.frame(dissect(frame[14:], ethernet=False)) == frame


def test_an_expectation_that_fails_says_what_and_shows_the_history(dut):
    dut.inject(SYN)
    with pytest.raises(ExpectationFailed) as failure:
        dut.expect(TCP(flags="S.", ack=2))
    told = str(failure.value)
    assert "expected  TCP(flags='S.', ack=2)" in told
    assert "tcp.flags: want S., got R." in told
    assert "0.000000 < " in told and "0.000000 > " in told
    assert [one.name for one in failure.value.differences] == ["tcp.flags"]
    assert failure.value.packet.tcp.flags == "R." and len(failure.value.history) == 2


def test_nothing_is_a_fact_and_not_a_time_out(dut):
    started = time.monotonic()
    with pytest.raises(ExpectationFailed, match="nothing within 3600 s"):
        dut.expect(TCP(), within=3600)
    assert time.monotonic() - started < 5
    assert dut.now() == 3600


def test_packets_can_be_skipped_and_asked_more_closely(dut):
    dut.inject(SYN)
    dut.inject(ICMP(type=8, id=5))
    assert dut.expect(ICMP(type=0), skip=True).icmp.id == 5
    dut.inject(SYN)
    with pytest.raises(ExpectationFailed, match="`where` says no"):
        dut.expect(TCP(), where=lambda packet: packet.tcp.win > 5)


def test_silence(dut):
    dut.silence(1.5)
    assert dut.now() == 1.5
    dut.inject(SYN)
    with pytest.raises(ExpectationFailed, match="expected  silence for 2 s"):
        dut.silence(2)
    dut.expect_nothing()


def test_a_syn_ack_is_sent_again(dut):
    dut.server(80)
    dut.inject(SYN)
    first = dut.expect(TCP(flags="S.", ack=2))
    dut.silence(0.9)
    again = dut.expect(TCP(flags="S.", seq=first.tcp.seq), within=1)
    assert again.time == pytest.approx(1.0)


@pytest.mark.parametrize("size", [0, 1, 13, 14, 1514, 65536])
def test_frames_of_any_size(dut, size):
    dut.inject(bytes(size))
    dut.inject(b"\xff" * size)
    dut.inject(SYN)
    dut.expect(TCP(flags="R."))


def test_many_at_once(dut):
    frame = dut.frame(SYN)
    assert dut.inject_many([frame, SYN, bytearray(frame)] * 10) == 30
    assert len(dut.sent_octets()) == 30 and dut.sent() == []
    assert dut.inject_many([]) == 0


def test_time_does_not_go_back(dut):
    dut.advance(2)
    with pytest.raises(ValueError):
        dut.advance(-1)
    for nonsense in (float("nan"), float("inf"), 1e30):
        with pytest.raises(ValueError):
            dut.advance(nonsense)
    dut.clock.sleep(1)
    assert dut.now() == dut.clock.now == 3


def test_everything_that_crossed_the_wire_is_kept(dut, tmp_path):
    dut.inject(SYN)
    dut.expect(TCP())
    assert [one.from_target for one in dut.history] == [False, True]
    captured = read_capture(dut.pcap(tmp_path / "a.pcapng"))
    assert (tmp_path / "a.pcapng").read_bytes() == dut.pcap()
    assert bytes(captured[0]) == dut.frame(SYN)
    assert len(captured) == 4  # the question who the gateway is, and its answer
    columns = dut.columns()
    assert len(columns.offsets) == 40 and len(columns.times) == 32
    assert sum(len(one) for one in captured) == len(columns.octets)
    assert sum(columns.from_target) == 2


def test_the_history_is_bounded():
    with Target(history=3) as target:
        for _ in range(5):
            target.inject(SYN)
        assert len(target.history) == 3


def test_neighbours_can_be_left_to_the_test():
    with Target(answer_neighbors=False) as target:
        target.inject(SYN)
        assert [one.arp.op for one in target.sent()] == [1]


def test_settings():
    with Target(knobs={"tcp_sack": 0}, address="10.0.0.1", peer_address="10.0.0.9",
                mtu=600) as target:
        target.server(80)
        target.inject(SYN)
        answer = target.expect(IPv4(src="10.0.0.1", dst="10.0.0.9") / TCP(flags="S."))
        assert answer.tcp.mss == 560
    with pytest.raises(TargetError, match="no_such_knob"):
        Target(knobs={"no_such_knob": 1})
    with pytest.raises(ValueError, match="other family"):
        Target(address="::1")


def test_unknown_targets():
    with pytest.raises(TargetUnavailable, match="nosuch"):
        Target("nosuch")
    with pytest.raises(TargetUnavailable):
        Target("plugin:/nonexistent.so")


def test_targets_are_listed():
    known = {one["name"]: one for one in packetwright.targets()}
    assert known["reference"]["available"] and known["reference"]["clock"] == "virtual"


def test_a_closed_target_says_so(dut):
    socket = dut.server(80)
    dut.close()
    dut.close()
    for use in (lambda: dut.inject(SYN), dut.sent, dut.now, lambda: dut.expect(TCP()), dut.pcap,
                dut.reset, socket.accept, dut.netstat, dut.peer):
        with pytest.raises(TargetClosed, match="this target is closed"):
            use()
    assert "closed" in repr(dut)


def test_reset_makes_it_new(dut):
    dut.server(80)
    dut.advance(5)
    dut.reset()
    assert dut.now() == 0 and dut.history == []
    dut.inject(SYN)
    dut.expect(TCP(flags="R."))


def test_wrong_types_are_refused(dut):
    for nonsense in (5, None, "text", [1]):
        with pytest.raises(TypeError):
            dut.inject(nonsense)
    with pytest.raises(TypeError):
        dut.inject_many([b"", 5])
    with pytest.raises(TypeError):
        dut.expect(5)


def test_several_threads_take_turns(dut):
    frame = dut.frame(SYN)
    errors = []

    def work():
        try:
            for _ in range(200):
                dut.inject(frame)
        except Exception as error:  # the test reports it
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and len(dut.sent()) == 800


def test_an_interrupt_ends_a_long_call(dut):
    # Keepalive every second for ten years of its time takes minutes of ours.
    peer = dut.peer()
    server = dut.server(80)
    socket = peer.connect(80)
    import socket as names
    socket.setsockopt(names.SOL_SOCKET, names.SO_KEEPALIVE, 1)
    socket.setsockopt(names.IPPROTO_TCP, names.TCP_KEEPIDLE, 1)
    socket.setsockopt(names.IPPROTO_TCP, names.TCP_KEEPINTVL, 1)
    started = time.monotonic()
    timer = threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        dut.advance(10 * 365 * 86400)
    assert time.monotonic() - started < 20
    dut.advance(1)  # and it goes on
    server.close()


AGENT_THAT_DIES = """
import os, sys
sys.path.insert(0, {folder!r})
from agent import EchoHost

class Fragile(EchoHost):
    def inject(self, frame):
        if len(frame) > 100:
            sys.stderr.write("my last words\\n")
            sys.stderr.flush()
            os.abort()
        super().inject(frame)

Fragile().serve(sys.stdin.buffer, sys.stdout.buffer)
"""


def test_a_stack_that_dies_is_an_exception_with_its_log(tmp_path):
    folder = pathlib.Path(__file__).resolve().parents[2] / "examples" / "agents" / "python"
    (tmp_path / "fragile.py").write_text(AGENT_THAT_DIES.format(folder=str(folder)))
    with Target(f"agent:{sys.executable} {tmp_path / 'fragile.py'}") as target:
        assert not target.ethernet
        target.inject(ICMP(type=8, id=4))
        target.expect(ICMP(type=0, id=4))
        with pytest.raises(TargetCrashed, match="my last words") as crash:
            target.inject(ICMP(type=8) / bytes(200))
        assert crash.value.signal == signal.SIGABRT and "my last words" in crash.value.log
        with pytest.raises(TargetCrashed):
            target.advance(1)
        target.reset()
        target.inject(ICMP(type=8, id=5))
        target.expect(ICMP(type=0, id=5))


def test_an_agent_that_does_not_start():
    with pytest.raises(TargetUnavailable):
        Target("agent:exit 3")


def test_a_crash_says_how():
    error = TargetCrashed(6, "assertion failed\n")
    assert str(error) == "the stack under test was ended by SIGABRT:\nassertion failed"
    assert str(TargetCrashed(0, "")) == "the stack under test left by itself"
