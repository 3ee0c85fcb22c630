# SPDX-License-Identifier: Apache-2.0
"""Tests TCP/IP stacks: any stack, in virtual time where it can, with packets in any form.

    from packetwright import TCP, Target

    with Target("reference") as dut:
        dut.inject(TCP(src_port=4000, dst_port=80, flags="S", seq=1))
        dut.expect(TCP(flags="R.", ack=2))

docs/python.md shows the rest.
"""

from ._core import (ARP, DNS, GRE, ICMP, MPLS, TCP, UDP, DEFAULT_SEED, Destination, Diagnostic,
                    Difference, Ethernet, Fragment, HopByHop, ICMPv6, IPv4, IPv6, Layer, Option,
                    Packet, Routing, UDPLite, dissect, read_capture, targets, version)
from .errors import (Error, ExpectationFailed, MissingLayer, ScriptError, TargetClosed,
                     TargetCrashed, TargetError, TargetUnavailable, UsageError)
from .peer import Peer
from .sockets import Socket
from .suite import Case, Result, Results, Suite, check_script, find_conformance
from .target import Clock, Columns, Target

__version__ = version().split()[0]

__all__ = [
    "ARP", "Case", "Clock", "Columns", "DEFAULT_SEED", "DNS", "Destination", "Diagnostic",
    "Difference", "Error", "Ethernet", "ExpectationFailed", "Fragment", "GRE", "HopByHop", "ICMP",
    "ICMPv6", "IPv4", "IPv6", "Layer", "MPLS", "MissingLayer", "Option", "Packet", "Peer",
    "Result", "Results", "Routing", "ScriptError", "Socket", "Suite", "TCP", "Target",
    "TargetClosed", "TargetCrashed", "TargetError", "TargetUnavailable", "UDP", "UDPLite",
    "UsageError", "check_script", "dissect", "find_conformance", "read_capture", "targets",
    "version",
]
