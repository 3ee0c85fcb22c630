# SPDX-License-Identifier: Apache-2.0
"""A capture becomes a test: what somebody once sent is sent again, and every answer is compared
with the one that was captured."""

from packetwright import ICMP, Target, dissect, read_capture

with Target(seed=1) as dut:  # somebody's capture
    for number in range(3):
        dut.inject(ICMP(type=8, id=7, seq=number) / b"ping")
    file = dut.pcap()

with Target(seed=2) as dut:
    for packet in read_capture(file):
        if not packet.from_target:
            if packet.ethernet.type == 0x0800:
                dut.inject(bytes(packet))
        elif packet.ethernet.type == 0x0800:
            was = dissect(bytes(packet))
            dut.expect(ICMP(type=was.icmp.type, id=was.icmp.id, seq=was.icmp.seq)
                       / (was.payload or b""))
    print(f"{len(dut.history)} packets, as they were")
