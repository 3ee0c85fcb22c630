# SPDX-License-Identifier: Apache-2.0
"""A connection made segment by segment, and what a delayed acknowledgment looks like."""

from packetwright import TCP, Option, Target

with Target() as dut:
    server = dut.server(80)
    mine = {"src_port": 4000, "dst_port": 80}
    dut.inject(TCP(**mine, flags="S", seq=100, win=65535, options=[Option.mss(1460)]))
    answer = dut.expect(TCP(flags="S.", ack=101))
    following = {"ack": (answer.tcp.seq or 0) + 1, "win": 65535}
    dut.inject(TCP(**mine, flags=".", seq=101, **following))
    connection, who = server.accept()
    print(f"{who} is connected, the target is in {connection.state}")

    dut.inject(TCP(**mine, flags="P.", seq=101, **following) / b"hello")
    acknowledgment = dut.expect(TCP(flags=".", ack=106), within=1)
    print(f"acknowledged {acknowledgment.time} s after the start; read: {connection.recv(100)!r}")
    connection.close()
    print(dut.expect(TCP(flags="F.")))
