# SPDX-License-Identifier: Apache-2.0
"""A TCP peer for a target: the reference stack at the other end of the wire, bent where wanted."""

from __future__ import annotations

import socket as _socket
from typing import Callable, List, Mapping, Optional, Tuple, Union

from . import _core
from .sockets import Octets, Socket

Segment = Union[_core.Packet, Octets]
#: What arrives in place of a segment: it or another one, several, with delays (seconds), or none.
Bent = Union[None, Segment, Tuple[float, Segment],
             List[Union[Segment, Tuple[float, Segment]]]]
#: Called with a segment and whether it is on its way to the peer; else it goes to the target.
Bend = Callable[[_core.Packet, bool], Bent]


class Peer:
    """Talks with the target by sockets of its own. Made by `Target.peer()`.

    It has the address `Target.peer_address`; whatever the target sends there is the peer's, so
    that `expect()` and `sent()` do not see it, while `history` does.
    """

    def __init__(self, link: _core.Link, seed: int, knobs: Mapping[str, str]) -> None:
        self._link = link
        self._host = link.attach_peer(seed, dict(knobs))
        self.address = link.addresses["peer"]  #: IPv4.
        self.address6 = link.addresses["peer6"]  #: IPv6.

    def socket(self, family: int = _socket.AF_INET, type: int = _socket.SOCK_STREAM,
               proto: int = 0) -> Socket:
        """A socket of the peer."""
        return Socket(self._link, self._host, family, type, proto)

    def connect(self, port: int, v6: bool = False, timeout: Optional[float] = None) -> Socket:
        """A connection to a port of the target. OSError: it was refused, or timed out."""
        made = self.socket(_socket.AF_INET6 if v6 else _socket.AF_INET)
        made.settimeout(timeout)
        made.connect((self._link.addresses["address6" if v6 else "address"], port))
        return made

    def server(self, port: int, v6: bool = False, backlog: int = 128) -> Socket:
        """A socket that listens at a port of the peer."""
        made = self.socket(_socket.AF_INET6 if v6 else _socket.AF_INET)
        made.bind(("::" if v6 else "0.0.0.0", port))
        made.listen(backlog)
        return made

    def bend(self, callback: Optional[Bend]) -> None:
        """Asks `callback` about every segment between target and peer; None: no longer.

        What it returns arrives: the segment (changed or not), None for nothing, a pair (seconds,
        segment) for later, or a list of those. A change to a segment keeps its lengths and
        checksums right. The callback may not use the target itself.
        """
        self._link.set_bend(callback)

    def netstat(self) -> str:
        """The table of the peer's descriptors, a line each."""
        return self._host.netstat()
