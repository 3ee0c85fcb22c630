# SPDX-License-Identifier: Apache-2.0
"""A script is made, run, and what happened is drawn as a ladder diagram."""

import pathlib
import tempfile

from packetwright import Suite

SCRIPT = """\
// The first data segment after the handshake is acknowledged at last after {delay} s.
//: cites RFC9293-MUST-58
use established
+0 < P. 1:101(100) ack 1
+0~+{delay} > . 1:1(0) ack 101
"""

suite = Suite()
case = suite.parse(SCRIPT.format(delay=0.5), "delayed.pkt")
print(case.text)
result = suite.run(case, variants=["ipv4"], keep_history=True)[0]
print(result)
picture = pathlib.Path(tempfile.mkdtemp()) / "ladder.svg"
picture.write_text(result.ladder(), encoding="utf-8")
print(f"{picture.stat().st_size} octets of picture")
