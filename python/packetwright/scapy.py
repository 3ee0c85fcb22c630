# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
"""Scapy over a target: sr, sr1, sniff, automata and the like against a stack in process, without
root, and packets of Scapy wherever packets are taken. Needs the extra [scapy]: Scapy 2.5 or newer.

    from packetwright.scapy import TargetSocket

    with Target("reference") as dut, TargetSocket(dut) as socket:
        answer = socket.sr1(IP(dst=dut.address) / ICMP(), timeout=1)
"""

from __future__ import annotations

import threading
import time
import weakref
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type

from scapy.config import conf
from scapy.data import MTU
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import NoPayload, Packet, Padding, Raw
from scapy.supersocket import SuperSocket

from . import _core
from .errors import TargetClosed
from .target import Target

__all__ = ["TargetSocket", "pattern_of", "seen_of"]

# How long a wait for frames may last before time is passed on to the target, seconds.
_GLANCE = 0.01


class _Follower:
    """Lets the clock of a target follow that of this machine while somebody waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: Optional[float] = None

    def catch_up(self, target: Target, speed: float) -> None:
        with self._lock:
            now = time.monotonic()
            passed = 0.0 if self._last is None else now - self._last
            self._last = now
            # A target that nobody waited for stood still.
            target.advance(min(passed, 2 * _GLANCE) * speed)


_followers: weakref.WeakKeyDictionary[Target, _Follower] = weakref.WeakKeyDictionary()


class TargetSocket(SuperSocket):  # type: ignore[misc,unused-ignore]
    """A socket of Scapy whose network is a target.

    Packets are IP by default, whatever the target's wire; with `layer=2` they are Ethernet, for
    srp and ARP. While Scapy waits, the time of a virtual target passes with that of this machine,
    `speed` times as fast; with 0 it passes only by `Target.advance()`.
    """

    desc = "a stack under test of packetwright"
    # With True, the select() of Scapy 2.7 waits for what nobody can wake.
    nonblocking_socket = False
    closed = True  # until it is open

    def __init__(self, target: Target, layer: int = 3, everything: bool = False,
                 speed: float = 1.0, **_ignored: Any) -> None:
        """`everything`: also what is injected, and ARP and the like (see Target.listen)."""
        if layer not in (2, 3):
            raise ValueError("the layer is 2 (Ethernet) or 3 (IP)")
        if layer == 2 and not target.ethernet:
            raise ValueError(f"the frames of target {target.name} have no Ethernet header")
        self.target, self.layer, self.speed = target, layer, speed
        self._listener = target.listen(everything)
        self._lock = threading.RLock()
        self._follower = _followers.setdefault(target, _Follower())
        self.ins = self.outs = self  # what SuperSocket looks at
        self.closed = False
        self.promisc = False

    def __enter__(self) -> TargetSocket:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def send(self, x: Any) -> int:
        """Sends a packet of Scapy, or octets that begin with what the layer begins with."""
        with self._lock:
            if isinstance(x, Packet):
                frame = self.target.frame(x)
                x.sent_time = time.time()
            else:
                frame = self.target.frame(_core.dissect(bytes(x), self.layer == 2))
            self.target.inject(frame)
        return len(frame)

    def recv_raw(self, x: int = MTU) -> Tuple[Optional[Type[Packet]], Optional[bytes],
                                              Optional[float]]:
        """The next frame: what it is, its octets, and the time of this machine."""
        with self._lock:
            if self.closed:
                return None, None, None
            packet = self._listener.take()
        if packet is None:
            return None, None, None
        octets = bytes(packet)
        if self.target.ethernet:
            if self.layer == 2:
                return Ether, octets, time.time()
            octets = octets[14:]
        return (IPv6 if octets[:1] and octets[0] >> 4 == 6 else IP), octets, time.time()

    def fileno(self) -> int:
        """Readable while there is a frame; -1: closed."""
        return self._listener.fileno()

    def close(self) -> None:
        """Lets the target's frames go elsewhere again; a second time does nothing."""
        if not self.closed:
            with self._lock:
                self.closed = True
                self._listener.close()

    @staticmethod
    def select(sockets: List[SuperSocket], remain: Optional[float] = conf.recv_poll_rate
               ) -> List[SuperSocket]:
        """Those of the sockets that have something, within so many seconds of this machine."""
        end = None if remain is None else time.monotonic() + remain
        while True:
            left = _GLANCE if end is None else max(0.0, min(_GLANCE, end - time.monotonic()))
            ready = SuperSocket.select(sockets, left)
            if ready or (end is not None and time.monotonic() >= end):
                return list(ready)
            for socket in sockets:
                if isinstance(socket, TargetSocket):
                    socket._pass_time()

    def _pass_time(self) -> None:
        if self.speed == 0 or self.target.real_time:
            if self.target.real_time:
                self.target.advance(0)  # takes in what has come
            return
        try:
            self._follower.catch_up(self.target, self.speed)
        except TargetClosed:
            pass  # whoever waits is told by its own time-out


# --- packets of Scapy as ours

# Of Scapy's fields, ours of the same place; None: it is no field of a header here.
_FIELDS: Dict[Type[Packet], Tuple[Any, Dict[str, str]]] = {
    Ether: (_core.Ethernet, {"dst": "dst", "src": "src", "type": "type"}),
    ARP: (_core.ARP, {"hwtype": "hw_type", "ptype": "proto_type", "hwlen": "hw_len",
                      "plen": "proto_len", "op": "op", "hwsrc": "sender_mac",
                      "psrc": "sender_ip", "hwdst": "target_mac", "pdst": "target_ip"}),
    IP: (_core.IPv4, {"version": "version", "ihl": "header_length", "tos": "tos",
                      "len": "total_length", "id": "id", "frag": "offset", "ttl": "ttl",
                      "proto": "protocol", "chksum": "checksum", "src": "src", "dst": "dst"}),
    IPv6: (_core.IPv6, {"version": "version", "tc": "traffic_class", "fl": "flow_label",
                        "plen": "payload_length", "nh": "next_header", "hlim": "hop_limit",
                        "src": "src", "dst": "dst"}),
    ICMP: (_core.ICMP, {"type": "type", "code": "code", "chksum": "checksum", "id": "id",
                        "seq": "seq", "gw": "gateway", "ptr": "pointer", "nexthopmtu": "mtu"}),
    UDP: (_core.UDP, {"sport": "src_port", "dport": "dst_port", "len": "length",
                      "chksum": "checksum"}),
    TCP: (_core.TCP, {"sport": "src_port", "dport": "dst_port", "seq": "seq", "ack": "ack",
                      "dataofs": "data_offset", "reserved": "reserved", "window": "win",
                      "chksum": "checksum", "urgptr": "urg"}),
}

_ADDRESSES = {IP: ("address", "peer"), IPv6: ("address6", "peer6"), Ether: ("mac", "peer_mac")}


def _tcp_options(layer: TCP) -> List[_core.Option]:
    """Options as Scapy itself would put them on the wire, without its padding."""
    octets = bytes(TCP(options=layer.options))[20:]
    options = _core.dissect(bytes(IP(src="0.0.0.0", dst="0.0.0.0") / TCP(options=layer.options)),
                            ethernet=False).tcp.options if octets else []
    kept = list(options or [])
    while kept and kept[-1].kind == 0:
        kept.pop()
    return kept


def _layer_of(layer: Packet) -> _core.Layer:
    kind, names = _FIELDS[type(layer)]
    ours = kind()
    for name, value in layer.fields.items():
        if value is None:
            continue  # Scapy works it out, and so do we
        if name == "flags" and isinstance(layer, TCP):
            ours.flags = int(layer.flags)
        elif name == "flags" and isinstance(layer, IP):
            bits = int(layer.flags)
            ours.reserved, ours.df, ours.mf = bool(bits & 4), bool(bits & 2), bool(bits & 1)
        elif name == "options" and isinstance(layer, TCP):
            ours.options = _tcp_options(layer)
        elif name in names:
            setattr(ours, names[name], value)
    return ours  # type: ignore[no-any-return,unused-ignore]


def pattern_of(packet: Packet) -> _core.Packet:
    """Our packet of which those fields are said that are set in Scapy's. Layers that we have no
    fields for are octets."""
    ours = _core.Packet()
    layer = packet
    while not isinstance(layer, NoPayload):
        if type(layer) in _FIELDS:
            ours = ours / _layer_of(layer)
        elif isinstance(layer, Padding):
            break
        else:
            octets = layer.load if isinstance(layer, Raw) else bytes(layer)
            return ours / bytes(octets)
        layer = layer.payload
    return ours


def seen_of(packet: Packet, addresses: Mapping[str, str]) -> _core.Packet:
    """The octets of a packet of Scapy as our packet. Addresses that it does not set are those of
    the target and of its peer: Scapy would ask the network of this machine for them."""
    copy = packet.copy()
    if isinstance(copy, (TCP, UDP, ICMP)):
        copy = IP() / copy
    layer = copy
    while not isinstance(layer, NoPayload):
        dst, src = _ADDRESSES.get(type(layer), ("", ""))
        if dst:
            if "dst" not in layer.fields:
                layer.dst = addresses[dst]
            if "src" not in layer.fields:
                layer.src = addresses[src]
        if not isinstance(layer, Ether):
            break
        layer = layer.payload
    return _core.dissect(bytes(copy), isinstance(copy, Ether))
