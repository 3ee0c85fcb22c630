# SPDX-License-Identifier: Apache-2.0
"""A peer that loses every tenth segment: the text arrives all the same, and the clock tells how
long that took, in the target's time and in ours."""

import time

from packetwright import Packet, Target
from packetwright.peer import Bent

with Target() as dut:
    seen = 0

    def lose_every_tenth(segment: Packet, to_peer: bool) -> Bent:
        global seen
        seen += 1
        return None if seen % 10 == 0 else (0.02, segment)

    server = dut.server(80)
    peer = dut.peer()
    client = peer.connect(80)
    connection, _ = server.accept()
    peer.bend(lose_every_tenth)
    started = time.perf_counter()
    connection.sendall(b"x" * 200_000)
    text = client.recv_exactly(200_000)
    print(f"{len(text)} octets in {dut.now():.2f} s of the target's time, "
          f"{time.perf_counter() - started:.2f} s of ours")
    print({key: connection.tcp_info().get(key) for key in ("state", "cwnd", "srtt_us")})
