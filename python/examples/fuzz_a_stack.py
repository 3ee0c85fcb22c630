# SPDX-License-Identifier: Apache-2.0
"""A fuzzer in a few lines: random headers and options, and a question after each thousand whether
the stack still answers. What it sends follows from the seed."""

import random

from packetwright import ICMP, TCP, IPv4, Option, Target

rng = random.Random(1)
with Target(history=2000) as dut:
    server = dut.server(80)
    for batch in range(5):
        frames = []
        for _ in range(1000):
            options = [Option.raw(rng.randrange(256), rng.randbytes(rng.randrange(8)),
                                  rng.choice([None, 0, 1, 255]))]
            frames.append(dut.frame(
                IPv4(tos=rng.randrange(256), ttl=rng.randrange(256), mf=rng.random() < 0.1)
                / TCP(src_port=rng.randrange(65536), dst_port=80, flags=rng.randrange(512),
                      seq=rng.randrange(2 ** 32), ack=rng.randrange(2 ** 32),
                      data_offset=rng.choice([None, None, rng.randrange(16)]), options=options)
                / rng.randbytes(rng.randrange(20))))
        dut.inject_many(frames)
        answers = len(dut.sent())
        dut.inject(ICMP(type=8, id=batch))
        dut.expect(ICMP(type=0, id=batch), skip=True)
        print(f"batch {batch}: {answers} answers, and the stack is alive")
