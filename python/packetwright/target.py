# SPDX-License-Identifier: Apache-2.0
"""A stack under test: frames in and out, its time, its sockets."""

from __future__ import annotations

import os
import socket as _socket
from types import TracebackType
from typing import (Callable, Iterable, List, Mapping, NamedTuple, Optional, Type, Union)

from . import _core
from .errors import ExpectationFailed
from .peer import Peer
from .sockets import Octets, Socket

#: Whatever stands for a packet: ours, a layer of ours, a packet of Scapy.
PacketLike = Union[_core.Packet, _core.Layer, object]

_SHOWN = 30  # frames of the history that an exception prints


class Columns(NamedTuple):
    """All frames of the history at once, for numpy: `np.frombuffer(columns.times, "<i8")`."""

    octets: bytes  #: The frames one behind the other.
    offsets: bytes  #: Where each begins in `octets`, and where the last ends; 64 bits each.
    times: bytes  #: Nanoseconds since the reset of the target; 64 bits each.
    from_target: bytes  #: 1: the target sent it, 0: it was sent to the target.


class Clock:
    """The time of a target. On a virtual clock it passes when somebody lets it."""

    def __init__(self, link: _core.Link) -> None:
        self._link = link

    @property
    def now(self) -> float:
        """Seconds since the reset of the target."""
        return self._link.now()

    def advance(self, seconds: float) -> None:
        """Lets time pass; what the target sends meanwhile waits in `sent()`."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._link.advance_to(self._link.now() + seconds)

    sleep = advance


class Target:
    """A stack under test, opened by its name: "reference", "linux", "plugin:./mystack.so", ...

    `packetwright.targets()` lists the names. Several threads may use one target; they take turns,
    and a long call leaves the interpreter to others. A signal ends a long call.
    """

    def __init__(self, name: str = "reference", *, seed: int = 1,
                 knobs: Optional[Mapping[str, object]] = None, address: Optional[str] = None,
                 peer_address: Optional[str] = None, address6: Optional[str] = None,
                 peer_address6: Optional[str] = None, mtu: Optional[int] = None,
                 history: int = 10_000, answer_neighbors: bool = True) -> None:
        """Opens and resets it.

        `knobs` are settings of the stack by name (docs/targets.md). `history`: so many frames are
        kept for `history` and `pcap()`. `answer_neighbors`: ARP and neighbour solicitations are
        answered, and MLD, IGMP and the like kept out of `sent()`; else they are packets like all
        others. TargetUnavailable: there is no such target here.
        """
        given = {"address": address, "peer": peer_address, "address6": address6,
                 "peer6": peer_address6}
        self._link = _core.Link(name, seed, {key: str(value) for key, value in
                                             (knobs or {}).items()},
                                {key: value for key, value in given.items() if value is not None},
                                mtu, history)
        self.name = name
        self._host = self._link.host()
        self._link.set_answers(answer_neighbors)
        self.clock = Clock(self._link)  #: Its time.
        addresses = self._link.addresses
        self.address = addresses["address"]  #: Its IPv4 address.
        self.address6 = addresses["address6"]  #: Its IPv6 address.
        self.peer_address = addresses["peer"]  #: Who the test is, by IPv4.
        self.peer_address6 = addresses["peer6"]  #: Who the test is, by IPv6.
        self.mac = addresses["mac"]  #: Its Ethernet address.
        self.peer_mac = addresses["peer_mac"]  #: Of whoever is at the other end.

    def __enter__(self) -> Target:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Target {self.name}{' (closed)' if self._link.closed else ''}>"

    def close(self) -> None:
        """Ends the stack; a second time does nothing. Later calls raise TargetClosed."""
        self._link.close()

    def reset(self) -> None:
        """As new: no sockets, no peer, no history, the clock at zero. A dead stack lives again."""
        self._link.reset()

    # --- what it is

    @property
    def capabilities(self) -> List[str]:
        """What it can do, sorted: "arp", "ipv4", "sack", "tcp_state" (docs/targets.md)."""
        return self._link.capabilities

    @property
    def version(self) -> str:
        """Of the stack."""
        return self._link.version

    @property
    def real_time(self) -> bool:
        """Whether its clock is that of this machine."""
        return self._link.real_time

    @property
    def ethernet(self) -> bool:
        """Whether its frames are Ethernet; else they are bare IP packets."""
        return self._link.ethernet

    # --- the wire

    def inject(self, packet: Union[PacketLike, Octets]) -> None:
        """Sends one packet to the target, which has dealt with it when this returns.

        Octets go as they are. Of a packet, headers and addresses that are not said are filled in:
        from the test, to the target.
        """
        self._link.inject(packet)

    def inject_many(self, packets: Iterable[Union[PacketLike, Octets]]) -> int:
        """The same for many at once, which costs far less; returns how many there were."""
        return self._link.inject_many(packets)

    def frame(self, packet: Union[PacketLike, Octets]) -> bytes:
        """The octets that inject() would send."""
        return self._link.frame(packet)

    def sent(self) -> List[_core.Packet]:
        """What the target sent and nobody has taken yet, oldest first."""
        return self._link.sent()

    def sent_octets(self) -> List[bytes]:
        """The same as octets."""
        return self._link.sent_octets()

    def expect(self, pattern: PacketLike, within: float = 0.5, skip: bool = False,
               where: Optional[Callable[[_core.Packet], bool]] = None) -> _core.Packet:
        """The next packet of the target, which must match `pattern` and come within so many
        seconds of the target's time.

        `skip`: packets that do not match are passed over. `where` says more of a packet than a
        pattern can. ExpectationFailed: another one came, or none.
        """
        if not isinstance(pattern, (_core.Packet, _core.Layer)):
            pattern = _core.Packet(pattern)
        deadline = self._link.now() + within
        nearest: Optional[_core.Packet] = None
        least: List[_core.Difference] = []
        while True:
            packet = self._link.next_frame(deadline)
            if packet is None:
                break
            differences = packet.differences(pattern)
            refused = not differences and where is not None and not where(packet)
            if not differences and not refused:
                return packet
            if nearest is None or len(differences) < len(least):
                nearest, least = packet, differences
            if not skip:
                break
        lines = [f"expected  {pattern!r}",
                 f"got       {_line(nearest) if nearest else f'nothing within {within:g} s'}"]
        lines += [f"          {one.name}: want {one.want}, got {one.got}" for one in least]
        if nearest is not None and not least:
            lines.append("          it matches, but `where` says no")
        raise self._failed(lines, nearest, least)

    def expect_nothing(self) -> None:
        """Nothing that the target sent is left over. ExpectationFailed: something is."""
        self.silence(0)

    def silence(self, seconds: float) -> None:
        """Lets time pass, in which the target sends nothing, nor has something left over."""
        packet = self._link.next_frame(self._link.now() + seconds)
        if packet is not None:
            raise self._failed([f"expected  silence for {seconds:g} s",
                                f"got       {_line(packet)}"], packet, [])

    def _failed(self, lines: List[str], packet: Optional[_core.Packet],
                differences: List[_core.Difference]) -> ExpectationFailed:
        history = self._link.history()
        shown = history[-_SHOWN:]
        many = f"the last {len(shown)} of {len(history)}" if len(shown) < len(history) else "all"
        lines += [f"history ({many}; < to the target, > from it)"]
        lines += [f"  {_line(one)}" for one in shown]
        return ExpectationFailed("\n".join(lines), packet, differences, history)

    # --- time

    def now(self) -> float:
        """Seconds since the reset of the target."""
        return self._link.now()

    def advance(self, seconds: float) -> None:
        """Lets time pass; what the target sends meanwhile waits in `sent()`."""
        self.clock.advance(seconds)

    sleep = advance

    # --- sockets

    def socket(self, family: int = _socket.AF_INET, type: int = _socket.SOCK_STREAM,
               proto: int = 0) -> Socket:
        """A socket of the target."""
        return Socket(self._link, self._host, family, type, proto)

    def server(self, port: int, v6: bool = False, backlog: int = 128) -> Socket:
        """A socket of the target that listens at a port."""
        made = self.socket(_socket.AF_INET6 if v6 else _socket.AF_INET)
        made.bind(("::" if v6 else "0.0.0.0", port))
        made.listen(backlog)
        return made

    def peer(self, seed: int = 1, knobs: Optional[Mapping[str, object]] = None) -> Peer:
        """A peer at the other end of the wire: a reference stack with sockets of its own."""
        return Peer(self._link, seed, {key: str(value) for key, value in (knobs or {}).items()})

    def netstat(self) -> str:
        """The table of its descriptors, a line each. OSError: it has none to show."""
        return self._host.netstat()

    def listen(self, everything: bool = False) -> _core.Listener:
        """Has what the target sends delivered elsewhere than to sent() and expect().

        `everything`: also what is injected, and what `answer_neighbors` keeps out of the way.
        """
        return self._link.listen(everything)

    # --- what happened

    @property
    def history(self) -> List[_core.Packet]:
        """What crossed the wire, oldest first, without neighbour discovery and the like."""
        return self._link.history()

    def pcap(self, path: Union[None, str, "os.PathLike[str]"] = None) -> bytes:
        """The whole history as pcapng, neighbour discovery included; written to `path` if given."""
        octets = self._link.capture()
        if path is not None:
            with open(path, "wb") as file:
                file.write(octets)
        return octets

    def columns(self) -> Columns:
        """The whole history as one buffer with columns beside it."""
        return Columns(*self._link.columns())


def _line(packet: _core.Packet) -> str:
    return f"{packet.time or 0:.6f} {'>' if packet.from_target else '<'} {packet.text}"
