# SPDX-License-Identifier: Apache-2.0
"""Scapy's sr() against a stack in process: which of some ports are open? No root, no network."""

from scapy.all import IP, TCP

from packetwright import Target
from packetwright.scapy import TargetSocket

with Target() as dut:
    servers = [dut.server(port) for port in (22, 80)]
    with TargetSocket(dut) as socket:
        ask = IP(dst=dut.address, src=dut.peer_address) / TCP(dport=[21, 22, 80, 443], flags="S")
        answered, _ = socket.sr(ask, timeout=1, verbose=False)
    for question, answer in answered:
        print(question[TCP].dport, "open" if answer[TCP].flags == "SA" else "closed")
