# SPDX-License-Identifier: Apache-2.0
"""The first test, in five lines: a SYN to a port where nobody listens is refused."""

from packetwright import TCP, Target


with Target("reference") as dut:
    dut.inject(TCP(src_port=4000, dst_port=80, flags="S", seq=1))
    print(dut.expect(TCP(flags="R.", ack=2)))
