# SPDX-License-Identifier: Apache-2.0
"""Sockets of a stack under test that look like `socket.socket`.

A call that blocks lets the time of the target pass, not that of this machine, until it can return.
"""

from __future__ import annotations

import errno
import socket as _socket
import struct
from types import TracebackType
from typing import Any, Callable, Dict, Optional, Tuple, Type, TypeVar, Union

from . import _core
from .errors import TargetClosed, TargetError

Address = Tuple[str, int]
Octets = Union[bytes, bytearray, memoryview]
_T = TypeVar("_T")

#: So long, in seconds of the target's time, may a call without a time-out block.
BLOCKS_AT_MOST = 3600.0
# Where a target cannot say when it will act next, it is asked after so long, then twice as long ...
_FIRST_STEP, _LAST_STEP = 0.001, 1.0

_LEVELS: Dict[int, str] = {
    _socket.SOL_SOCKET: "SO_",
    _socket.IPPROTO_IP: "IP_",
    _socket.IPPROTO_IPV6: "IPV6_",
    _socket.IPPROTO_TCP: "TCP_",
}
# Names that older versions of Python do not have; the numbers are Linux's.
_NUMBERS = {"TCP_FASTOPEN_CONNECT": 30, "IP_RECVERR": 11, "IP_MTU": 14, "IP_MTU_DISCOVER": 10}


def _known_options() -> Dict[Tuple[int, int], _core.SocketOption]:
    known = {}
    for name, option in _core.SocketOption.__members__.items():
        upper = name.upper()
        number = getattr(_socket, upper, _NUMBERS.get(upper))
        for level, prefix in _LEVELS.items():
            if number is not None and upper.startswith(prefix):
                known[level, number] = option
    return known


_OPTIONS = _known_options()


class Socket:
    """One socket. Methods and errors are those of `socket.socket`; descriptors are the target's."""

    def __init__(self, link: _core.Link, host: _core.Host, family: int, kind: int, proto: int,
                 fd: Optional[int] = None, peer: Optional[Address] = None) -> None:
        if family not in (_socket.AF_INET, _socket.AF_INET6):
            raise OSError(errno.EAFNOSUPPORT, "the family is AF_INET or AF_INET6")
        if kind not in (_socket.SOCK_STREAM, _socket.SOCK_DGRAM):
            raise OSError(errno.EPROTONOSUPPORT, "the type is SOCK_STREAM or SOCK_DGRAM")
        self.family, self.type, self.proto = family, kind, proto
        self._link, self._host, self._peer = link, host, peer
        self._timeout: Optional[float] = None
        self._fd: Optional[int] = fd
        if fd is None:
            self._fd = host.socket(family == _socket.AF_INET6, kind == _socket.SOCK_STREAM, proto)

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        if self._fd is not None and not self._link.closed:
            self.close()

    def __repr__(self) -> str:
        name = "stream" if self.type == _socket.SOCK_STREAM else "datagram"
        return f"<Socket {name} fd={self._fd} peer={self._peer}>"

    # --- time-outs

    def settimeout(self, seconds: Optional[float]) -> None:
        """How long calls may block, in the target's time; None: up to BLOCKS_AT_MOST; 0: never."""
        if seconds is not None and seconds < 0:
            raise ValueError("a time-out is not negative")
        self._timeout = seconds

    def gettimeout(self) -> Optional[float]:
        """What settimeout() was given."""
        return self._timeout

    def setblocking(self, blocks: bool) -> None:
        """settimeout(None) or settimeout(0)."""
        self._timeout = None if blocks else 0.0

    def _wait(self, attempt: Callable[[], Optional[_T]]) -> _T:
        result = attempt()
        if result is not None:
            return result
        if self._timeout == 0:
            raise BlockingIOError(errno.EAGAIN, "the call would block")
        now = self._link.now()
        limit = now + (BLOCKS_AT_MOST if self._timeout is None else self._timeout)
        step = _FIRST_STEP
        while True:
            if now >= limit:
                if self._timeout is not None:
                    raise _socket.timeout("timed out")
                raise TargetError(f"a call has blocked for {BLOCKS_AT_MOST:g} s of the target's "
                                  "time, and nobody is there to end that; see settimeout()")
            self._link.step(min(limit, now + step))
            step = min(2 * step, _LAST_STEP)
            result = attempt()
            if result is not None:
                return result
            now = self._link.now()

    # --- calls

    @property
    def descriptor(self) -> int:
        """The target's own handle; no file descriptor of this process."""
        if self._fd is None:
            raise TargetClosed("this socket is closed")
        return self._fd

    def bind(self, address: Address) -> None:
        """Takes a local address and port; ("0.0.0.0", 80) is any address."""
        self._host.bind(self.descriptor, address)

    def listen(self, backlog: int = 128) -> None:
        """Lets others connect."""
        self._host.listen(self.descriptor, backlog)

    def accept(self) -> Tuple[Socket, Address]:
        """The next connection, and who made it."""
        fd, address = self._wait(lambda: self._host.accept(self.descriptor))
        made = Socket(self._link, self._host, self.family, self.type, self.proto, fd, address)
        return made, address

    def connect(self, address: Address) -> None:
        """Connects. With a time-out of 0: BlockingIOError (EINPROGRESS) says it is on its way."""
        if self._host.connect(self.descriptor, address):
            self._peer = address
            return
        self._peer = address
        if self._timeout == 0:
            raise BlockingIOError(errno.EINPROGRESS, "the connection is on its way")
        self._wait(lambda: True if any(self._host.poll(self.descriptor)[1:3]) else None)
        error = self._host.get_option(self.descriptor, _core.SocketOption.so_error)
        if error:
            raise OSError(error, f"{errno.errorcode.get(error, error)}: connect()")

    def send(self, octets: Octets) -> int:
        """How many octets were taken; blocks while none can be."""
        return self._wait(lambda: self._host.write(self.descriptor, octets))

    def sendall(self, octets: Octets) -> None:
        """Sends all of them."""
        rest = memoryview(octets)
        while True:
            rest = rest[self.send(rest):]
            if not len(rest):
                return

    def sendto(self, octets: Octets, address: Address) -> int:
        """One datagram to an address."""
        return self._wait(lambda: self._host.write(self.descriptor, octets, address))

    def recv(self, limit: int, flags: int = 0) -> bytes:
        """At most `limit` octets; none: the peer has closed. Of flags, MSG_PEEK is known."""
        return self.recvfrom(limit, flags)[0]

    def recvfrom(self, limit: int, flags: int = 0) -> Tuple[bytes, Optional[Address]]:
        """The same, and of a datagram its source."""
        if limit < 0:
            raise ValueError("a limit is not negative")
        if flags & ~_socket.MSG_PEEK:
            raise OSError(errno.EOPNOTSUPP, "of the flags of recv(), only MSG_PEEK is known")
        peek = bool(flags & _socket.MSG_PEEK)
        return self._wait(lambda: self._host.read(self.descriptor, limit, peek))

    def recv_exactly(self, size: int) -> bytes:
        """So many octets. ConnectionError: the peer has closed before."""
        parts = []
        while size > 0:
            part = self.recv(size)
            if not part:
                raise ConnectionError(f"the peer has closed; {size} octets are missing")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def shutdown(self, how: int) -> None:
        """SHUT_RD, SHUT_WR or SHUT_RDWR."""
        self._host.shutdown(self.descriptor, how)

    def close(self) -> None:
        """Gives the descriptor back; a second time does nothing."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            self._host.close(fd)

    def setsockopt(self, level: int, option: int, value: Union[int, bytes]) -> None:
        """A number, or the struct of SO_LINGER."""
        if isinstance(value, (bytes, bytearray)):
            onoff, seconds = struct.unpack("ii", value)
            value = seconds if onoff else -1
        self._host.set_option(self.descriptor, self._option(level, option), int(value))

    def getsockopt(self, level: int, option: int) -> int:
        """A number."""
        return self._host.get_option(self.descriptor, self._option(level, option))

    @staticmethod
    def _option(level: int, option: int) -> _core.SocketOption:
        try:
            return _OPTIONS[level, option]
        except KeyError:
            raise OSError(errno.ENOPROTOOPT, f"no socket option {option} of level {level} is "
                          "known here") from None

    def getsockname(self) -> Address:
        """The local address and port."""
        return self._host.address(self.descriptor)

    def getpeername(self) -> Address:
        """Who is at the other end."""
        if self._peer is None:
            raise OSError(errno.ENOTCONN, "the socket is not connected")
        return self._peer

    # --- what socket.socket does not have

    @property
    def state(self) -> str:
        """Of a TCP connection, by RFC 9293, 3.3.2: "SYN_RECEIVED", "FIN_WAIT_1"."""
        return str(self.tcp_info().get("state", "unknown"))

    def tcp_info(self) -> Dict[str, Any]:
        """State and counters: "cwnd" (segments), "srtt_us", "unacked" and what else there is."""
        return self._host.status(self.descriptor)

    def set_isn(self, isn: int) -> None:
        """The initial sequence number of the next connection; before connect() or listen()."""
        self._host.set_isn(self.descriptor, isn)
