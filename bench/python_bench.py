# SPDX-License-Identifier: Apache-2.0
"""What the Python package costs, beside Scapy and beside the command line.

Medians of rounds that take turns. Run it with an optimised build (preset `bench`):
PYTHONPATH=build/bench/python python3 bench/python_bench.py [--command PATH_OF_PACKETWRIGHT]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Callable, Dict, List, Tuple

import packetwright
from packetwright import TCP, ICMP, IPv4, Option, Suite, Target, dissect, read_capture

rounds = 5


def timed(work: Callable[[], int]) -> float:
    """How many per second of the processor's time, so that other work does not count."""
    started = time.process_time()
    count = work()
    return count / (time.process_time() - started)


def medians(works: Dict[str, Callable[[], int]]) -> Dict[str, float]:
    """Of rounds in which all take turns, so that what else the machine does hits all alike."""
    rates: Dict[str, List[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            rates[name].append(timed(work))
    return {name: statistics.median(found) for name, found in rates.items()}


def frames() -> None:
    dut = Target(history=0)
    ping = dut.frame(ICMP(type=8, id=1) / b"0123456789")
    syn = dut.frame(TCP(src_port=4000, dst_port=80, flags="S", seq=1))

    def one_by_one() -> int:
        for _ in range(10_000):
            dut.inject(syn)
            dut.sent_octets()
        return 10_000

    def packets_one_by_one() -> int:
        for _ in range(10_000):
            dut.inject(syn)
            dut.sent()
        return 10_000

    def batches() -> int:
        for _ in range(10):
            dut.inject_many([syn] * 10_000)
            assert len(dut.sent_octets()) == 10_000
        return 100_000

    def pings() -> int:
        # Answers to echo requests are limited in rate, and time stands: most go unanswered.
        dut.inject_many([ping] * 50_000)
        dut.sent_octets()
        return 50_000

    for name, rate in medians({"inject, collect octets, one by one": one_by_one,
                               "inject, collect packets, one by one": packets_one_by_one,
                               "inject, collect octets, batches of 10,000": batches,
                               "inject echo requests, one batch": pings}).items():
        print(f"{name:45} {rate:12,.0f} frames/s")


def a_capture(count: int) -> bytes:
    with Target(history=count + 10) as dut:
        dut.server(80)
        for number in range(count):
            dut.inject(IPv4(src=f"192.0.2.{number % 250 + 1}")
                       / TCP(src_port=1024 + number % 60_000, dst_port=80, flags="S", seq=number,
                             options=[Option.mss(1460), Option.timestamps(number, 0)])
                       / bytes(number % 200))
            dut.sent_octets()
        return dut.pcap()


def dissection() -> None:
    from scapy.layers.inet import TCP as ScapyTcp
    from scapy.layers.l2 import Ether

    octets = [bytes(one) for one in read_capture(a_capture(4000)) if one.ethernet.type == 0x800]
    small = octets[:500]

    def ours() -> int:
        total = 0
        for one in octets:
            tcp = dissect(one).tcp
            stamps = tcp.timestamps
            total += (tcp.seq or 0) + (tcp.src_port or 0) + len(tcp.flags or "")
            total += stamps[0] if stamps else 0
        return len(octets)

    def theirs() -> int:
        total = 0
        for one in small:
            tcp = Ether(one)[ScapyTcp]
            total += tcp.seq + tcp.sport + int(tcp.flags)
            total += dict(tcp.options).get("Timestamp", (0, 0))[0]
        return len(small)

    rates = medians({"dissect, read four fields, ours": ours, "the same with Scapy": theirs})
    for name, rate in rates.items():
        print(f"{name:45} {rate:12,.0f} packets/s")
    ours_rate, theirs_rate = rates.values()
    print(f"{'ratio':45} {ours_rate / theirs_rate:12.1f}")


def tell_sr1(name: str, times: List[Tuple[float, float]]) -> None:
    wall, processor = (statistics.median(column) * 1e3 for column in zip(*times))
    print(f"{name:45} {wall:12.2f} ms, {processor:.2f} ms of the processor's time")


def sr1() -> None:
    from scapy.layers.inet import IP
    from scapy.layers.inet import ICMP as ScapyIcmp
    from packetwright.scapy import TargetSocket

    with Target() as dut, TargetSocket(dut) as socket:
        times = []
        for number in range(200):
            ask = IP(dst=dut.address, src=dut.peer_address) / ScapyIcmp(id=1, seq=number)
            dut.advance(1)
            started = time.perf_counter(), time.process_time()
            assert socket.sr1(ask, timeout=2, verbose=False) is not None
            times.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    tell_sr1("sr1 over a target", times)


def sr1_loopback() -> None:
    """Scapy's own socket, used again and again, with the kernel at the other end."""
    from scapy.config import conf
    from scapy.layers.inet import ICMP as ScapyIcmp, IP
    from scapy.supersocket import L3RawSocket

    if os.geteuid() != 0:
        print("sr1 over the loopback interface: needs root")
        return
    try:
        socket = L3RawSocket(iface=conf.loopback_name)
    except OSError as error:
        print(f"sr1 over the loopback interface: {error}")
        return
    times = []
    for number in range(100):
        ask = IP(dst="127.0.0.1") / ScapyIcmp(id=1, seq=number)
        started = time.perf_counter(), time.process_time()
        socket.sr1(ask, timeout=2, verbose=False)
        times.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    socket.close()
    tell_sr1("sr1, Scapy's socket on loopback", times)


def processor_time() -> float:
    """Of this process and of those that it has waited for, seconds."""
    return sum(os.times()[:4])


def the_suite(command: str) -> None:
    suite = Suite()

    def from_python() -> None:
        assert not suite.run().failed

    def from_the_command_line() -> None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([command, "run", "--no-sanity", "--json", f"{folder}/out.json",
                            "--conformance", suite.folder], check=True, stdout=subprocess.DEVNULL)

    took: Dict[str, List[float]] = {"the suite from Python": [],
                                    "the suite from the command line": []}
    for _ in range(rounds):
        for times, work in zip(took.values(), (from_python, from_the_command_line)):
            started = processor_time()
            work()
            times.append(processor_time() - started)
    medians_of = [statistics.median(times) for times in took.values()]
    for name, seconds in zip(took, medians_of):
        print(f"{name:45} {seconds:12.2f} s of the processor's time")
    print(f"{'ratio':45} {medians_of[0] / medians_of[1]:12.3f}")


def main() -> int:
    global rounds
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", help="the packetwright command, to compare the suite with")
    parser.add_argument("--rounds", type=int, default=rounds, help="default: 5")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    print(f"packetwright {packetwright.version()}, Python {sys.version.split()[0]}")
    frames()
    try:
        dissection()
        sr1()
        sr1_loopback()
    except ImportError as error:
        print(f"without Scapy: {error}")
    if arguments.command:
        the_suite(arguments.command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
