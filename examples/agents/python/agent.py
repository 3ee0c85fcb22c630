#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An agent in Python: what docs/agent-protocol.md says, as a class with a method per operation.

A stack is a subclass of Agent that has the methods it can do; serve() answers the harness with
them. The one at the end is a host of some hundred lines that answers pings and has UDP sockets:

    packetwright run --target 'agent:python3 examples/agents/python/agent.py' icmp udp
"""

import collections
import errno
import random
import socket
import struct
import sys

VERSION = 1
NEVER = 2**64 - 1
LARGEST_MESSAGE = 1 << 24
NOT_IMPLEMENTED = 89  # an exit status

OPERATIONS = (
    "hello create destroy inject reset advance next_timer now wait socket bind listen accept "
    "connect read write shutdown close set_option get_option poll local_endpoint tcp_status "
    "set_isn resolve resolved netstat").split()
RESULT, FRAME, LOG, CLOCK = 128, 129, 130, 131

ETHERNET, REAL_TIME = 1, 2
STREAM, DATAGRAM, RAW = 1, 2, 3
READABLE, WRITABLE, ERROR = 1, 2, 16

# The protocol has Linux's numbers, wherever the agent runs.
ERRNO = {"EINTR": 4, "EIO": 5, "EBADF": 9, "EAGAIN": 11, "EINVAL": 22, "EPIPE": 32,
         "EMSGSIZE": 90, "EDESTADDRREQ": 89, "ENOTSUP": 95, "EAFNOSUPPORT": 97, "EADDRINUSE": 98,
         "EADDRNOTAVAIL": 99, "ENETUNREACH": 101, "ECONNRESET": 104, "EISCONN": 106,
         "ENOTCONN": 107, "ETIMEDOUT": 110, "ECONNREFUSED": 111, "EHOSTUNREACH": 113,
         "EINPROGRESS": 115}


class Refused(Exception):
    """An operation that fails: Refused("EAGAIN"). The reason counts in create() and reset()."""

    def __init__(self, name, reason=""):
        super().__init__(name, reason)
        self.number, self.reason = ERRNO[name], reason


Endpoint = collections.namedtuple("Endpoint", "address port")  # address: 4 or 16 octets, b"": none
Config = collections.namedtuple(
    "Config", "seed local4 prefix4 local6 prefix6 gateway4 gateway6 peer4 peer6 mac mtu knobs")


class Reader:
    """Takes numbers and octets from the front of a record."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def signed(self):
        return int.from_bytes(self.take(8), "big", signed=True)

    def take(self, count):
        taken = self.octets[self.at:self.at + count]
        if len(taken) < count:
            sys.exit("the harness sent half of a record")
        self.at += count
        return taken

    def rest(self):
        return self.take(len(self.octets) - self.at)

    def text(self):
        return self.take(self.number(2)).decode()

    def address(self):
        family, octets = self.number(1), self.take(16)
        return {4: octets[:4], 6: octets}.get(family, b"")

    def endpoint(self):
        return Endpoint(self.address(), self.number(2))

    def prefix(self):
        return self.address(), self.number(1)

    def config(self):
        seed = self.number(8)
        locals_ = self.prefix() + self.prefix()
        others = [self.address() for _ in range(4)]
        mac, mtu = self.take(6), self.number(2)
        knobs = {}
        for _ in range(self.number(2)):
            name = self.text()
            knobs[name] = self.text()
        return Config(seed, *locals_, *others, mac, mtu, knobs)


def text16(text):
    return struct.pack("!H", len(text.encode())) + text.encode()


def endpoint_octets(endpoint):
    address, port = endpoint or Endpoint(b"", 0)
    family = {4: 4, 16: 6}.get(len(address), 0)
    return struct.pack("!B16sH", family, address, port)


class Agent:
    """A stack. What it does not define, it does not have. Times are nanoseconds since create()."""

    name, version, capabilities = "nameless", "0", ""
    flags, tick, slack = 0, 0, 0
    time = 0  # moved by the harness

    # The methods that a stack may have, with what they return; docs/agents.md tells more.
    #   create(config), destroy(), inject(frame)                          required
    #   advance(), next_timer() -> time or None                           required in virtual time
    #   now() -> time, wait(until)                                        required in real time
    #   socket(family, type, protocol) -> fd, bind(fd, endpoint), listen(fd, backlog),
    #   accept(fd) -> fd, endpoint; connect(fd, endpoint), read(fd, count, flags) -> octets, sender,
    #   write(fd, octets, flags, endpoint) -> count, shutdown(fd, how), close(fd),
    #   set_option(fd, option, value), get_option(fd, option) -> value, poll(fd) -> set of bits,
    #   local_endpoint(fd) -> endpoint, tcp_status(fd) -> state, counters by name
    # An OSError of theirs becomes its errno, for stacks that have sockets of the system's.

    def send(self, frame):
        """A frame leaves the stack."""
        self.record(FRAME, struct.pack("!Q", self.time) + frame)

    def log(self, line):
        """A line for the log of the case."""
        self.record(LOG, line.encode())

    # --- from here on it is the protocol

    def serve(self, stream_in, stream_out):
        """Answers messages until there are no more."""
        while True:
            header = stream_in.read(4)
            if len(header) < 4:
                return
            size = int.from_bytes(header, "big")
            if size > LARGEST_MESSAGE:
                sys.exit("the harness sent a message of %d octets" % size)
            message = Reader(stream_in.read(size))
            self.answer = []
            while message.at < size:
                kind, length = message.number(1), message.number(4)
                self.perform(kind, Reader(message.take(length)))
            if hasattr(self, "advance"):
                timer = self.next_timer()
                self.record(CLOCK, struct.pack("!QQ", self.time, NEVER if timer is None else timer))
            answer = b"".join(self.answer)
            stream_out.write(struct.pack("!I", len(answer)) + answer)
            stream_out.flush()

    def record(self, kind, octets):
        self.answer.append(struct.pack("!BI", kind, len(octets)) + octets)

    def perform(self, kind, arguments):
        try:
            name = OPERATIONS[kind] if kind < len(OPERATIONS) else ""
            operation = getattr(self, "do_" + name, None)
            if operation is None or not self.has(name):
                raise Refused("ENOTSUP")
            result, more = operation(arguments)
        except Refused as refused:
            result, more = -refused.number, refused.reason.encode()
            if name not in ("create", "reset"):
                more = b""
        except OSError as error:
            result, more = -ERRNO.get(errno.errorcode.get(error.errno), ERRNO["EIO"]), b""
        self.record(RESULT, struct.pack("!q", result) + more)

    def has(self, name):
        return name == "hello" or hasattr(self, name)

    def do_hello(self, _):
        bits = sum(1 << kind for kind, name in enumerate(OPERATIONS)
                   if self.has(name) and hasattr(self, "do_" + name))
        return 0, (struct.pack("!HIQQI", VERSION, self.flags, self.tick, self.slack, bits)
                   + text16(self.name) + text16(self.version) + text16(self.capabilities))

    def do_create(self, arguments):
        self.time = 0
        self.create(arguments.config())
        return 0, b""

    def do_destroy(self, _):
        self.destroy()
        return 0, b""

    def do_inject(self, arguments):
        self.inject(arguments.rest())
        return 0, b""

    def do_advance(self, arguments):
        self.time = arguments.number(8)
        self.advance()
        return 0, b""

    def do_next_timer(self, _):
        timer = self.next_timer()
        return 0, struct.pack("!Q", NEVER if timer is None else timer)

    def do_now(self, _):
        return 0, struct.pack("!Q", self.now())

    def do_wait(self, arguments):
        self.wait(arguments.number(8))
        return 0, b""

    def do_socket(self, arguments):
        return self.socket(arguments.number(1), arguments.number(1), arguments.number(1)), b""

    def do_bind(self, arguments):
        self.bind(arguments.number(4), arguments.endpoint())
        return 0, b""

    def do_listen(self, arguments):
        self.listen(arguments.number(4), arguments.signed())
        return 0, b""

    def do_accept(self, arguments):
        fd, peer = self.accept(arguments.number(4))
        return fd, endpoint_octets(peer)

    def do_connect(self, arguments):
        self.connect(arguments.number(4), arguments.endpoint())
        return 0, b""

    def do_read(self, arguments):
        octets, sender = self.read(arguments.number(4), arguments.number(4), arguments.number(4))
        return len(octets), struct.pack("!I", 0) + endpoint_octets(sender) + octets

    def do_write(self, arguments):
        fd, flags, to = arguments.number(4), arguments.number(4), arguments.endpoint()
        return self.write(fd, arguments.rest(), flags, to if to.address or to.port else None), b""

    def do_shutdown(self, arguments):
        self.shutdown(arguments.number(4), arguments.number(1))
        return 0, b""

    def do_close(self, arguments):
        self.close(arguments.number(4))
        return 0, b""

    def do_set_option(self, arguments):
        self.set_option(arguments.number(4), arguments.number(2), arguments.signed())
        return 0, b""

    def do_get_option(self, arguments):
        return 0, struct.pack("!q", self.get_option(arguments.number(4), arguments.number(2)))

    def do_poll(self, arguments):
        return self.poll(arguments.number(4)), b""

    def do_local_endpoint(self, arguments):
        return 0, endpoint_octets(self.local_endpoint(arguments.number(4)))

    def do_tcp_status(self, arguments):
        state, counters = self.tcp_status(arguments.number(4))
        octets = [text16(name) + struct.pack("!q", value) for name, value in counters.items()]
        return 0, struct.pack("!BH", state, len(octets)) + b"".join(octets)


# --- a stack


def checksum(octets):
    """The Internet checksum (RFC 1071)."""
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


class EchoHost(Agent):
    """IPv4 without Ethernet: answers echo requests, and has UDP sockets."""

    name, version = "echo host", "1"
    capabilities = "icmp ipv4 seed udp"
    ANY = b"\0\0\0\0"

    class Socket:
        def __init__(self):
            self.local, self.remote, self.queue = None, None, collections.deque()
            self.error = None  # the name of one that the next call returns

    def create(self, config):
        for knob in config.knobs:
            raise Refused("ENOTSUP", "it has no settings, and so not " + knob)
        self.config, self.random, self.sockets = config, random.Random(config.seed), {}
        host_bits = (1 << 32 - config.prefix4) - 1
        network = int.from_bytes(config.local4, "big") | host_bits
        self.broadcasts = (b"\xff\xff\xff\xff", network.to_bytes(4, "big"))

    def destroy(self):
        self.sockets = {}

    def advance(self):
        """There is nothing that it does by itself."""

    def next_timer(self):
        return None

    # --- IPv4 and ICMP

    def inject(self, frame):
        if len(frame) < 20 or frame[0] >> 4 != 4:
            return
        header, length = (frame[0] & 15) * 4, int.from_bytes(frame[2:4], "big")
        if header < 20 or not header <= length <= len(frame) or checksum(frame[:header]):
            return
        sender, to = frame[12:16], frame[16:20]
        # RFC 1122, 3.2.1.3: what no host sends from.
        if sender[0] in (0, 127) or sender[0] >= 224 or sender in (to, *self.broadcasts):
            return
        if to != self.config.local4 and to not in self.broadcasts:
            return
        if int.from_bytes(frame[6:8], "big") & 0x3fff:
            # inject() has no result to say ENOTSUP with. This says it of the whole case.
            print("it does not put fragments together", file=sys.stderr)
            sys.exit(NOT_IMPLEMENTED)
        text = frame[header:length]
        if frame[9] == socket.IPPROTO_ICMP:
            self.icmp_arrives(text, sender, to)
        elif frame[9] == socket.IPPROTO_UDP:
            self.udp_arrives(frame[:header], text, sender, to)
        elif to == self.config.local4:
            # RFC 1122, 3.2.2.1: a protocol that is not here is unreachable.
            self.send_error(sender, b"\3\2", frame)

    def icmp_arrives(self, text, sender, to):
        if len(text) < 8 or checksum(text):
            return
        if text[0] == 8 and to == self.config.local4:
            self.send_icmp(sender, b"\0\0", text[4:])
        elif text[:2] in (b"\3\2", b"\3\3") and len(text) >= 36:
            # RFC 1122, 4.1.3.3: the application hears of it, if it knows the peer.
            quoted = text[8:]
            ports = quoted[(quoted[0] & 15) * 4:][:4]
            if quoted[9] != socket.IPPROTO_UDP or len(ports) < 4:
                return
            source, port = struct.unpack("!HH", ports)
            for one in self.sockets.values():
                if (one.local, one.remote) == (Endpoint(quoted[12:16], source),
                                               Endpoint(quoted[16:20], port)):
                    one.error = "ECONNREFUSED"

    def send_ip(self, protocol, to, text):
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(text), self.random.getrandbits(16),
                             0, 64, protocol, 0, self.config.local4, to)
        self.send(header[:10] + struct.pack("!H", checksum(header)) + header[12:] + text)

    def send_icmp(self, to, type_and_code, rest):
        whole = struct.pack("!H", checksum(type_and_code + b"\0\0" + rest))
        self.send_ip(socket.IPPROTO_ICMP, to, type_and_code + whole + rest)

    def send_error(self, to, type_and_code, packet):
        """An ICMP error has 576 octets at most."""
        self.send_icmp(to, type_and_code, b"\0\0\0\0" + packet[:548])

    # --- UDP

    @staticmethod
    def pseudo_header(one, other, length):
        return one + other + struct.pack("!BBH", 0, socket.IPPROTO_UDP, length)

    def udp_arrives(self, header, text, sender, to):
        if len(text) < 8:
            return
        source, port, length, given = struct.unpack("!4H", text[:8])
        if not 8 <= length <= len(text):
            return
        datagram = text[:length]
        if given and checksum(self.pseudo_header(to, sender, length) + datagram):
            return
        peer = Endpoint(sender, source)
        for one in self.sockets.values():
            if (one.local and one.local.port == port and one.remote in (None, peer)
                    and one.local.address in (self.ANY, to)):
                one.queue.append((datagram[8:], peer))
                return
        if to == self.config.local4:
            self.send_error(sender, b"\3\3", header + text)

    # --- sockets

    def of(self, fd):
        if fd not in self.sockets:
            raise Refused("EBADF")
        return self.sockets[fd]

    def without_error(self, fd):
        one = self.of(fd)
        error, one.error = one.error, None
        if error:
            raise Refused(error)
        return one

    def socket(self, family, kind, protocol):
        if family != 4:
            raise Refused("EAFNOSUPPORT")
        if kind != DATAGRAM or protocol not in (0, socket.IPPROTO_UDP):
            raise Refused("ENOTSUP")
        fd = next(number for number in range(3, 1 << 16) if number not in self.sockets)
        self.sockets[fd] = self.Socket()
        return fd

    def bind(self, fd, endpoint):
        one = self.of(fd)
        address = endpoint.address or self.ANY
        if one.local:
            raise Refused("EINVAL")
        if address not in (self.ANY, self.config.local4):
            raise Refused("EADDRNOTAVAIL")
        taken = {other.local.port for other in self.sockets.values() if other.local}
        port = endpoint.port
        while port == 0 or (endpoint.port == 0 and port in taken):
            port = self.random.randrange(49152, 65536)
        if port in taken:
            raise Refused("EADDRINUSE")
        one.local = Endpoint(address, port)

    def connect(self, fd, endpoint):
        one = self.of(fd)
        if not one.local:
            self.bind(fd, Endpoint(b"", 0))
        one.local = Endpoint(self.config.local4, one.local.port)
        one.remote = endpoint

    def read(self, fd, count, flags):
        if flags not in (0, 1):
            raise Refused("ENOTSUP")
        queue = self.without_error(fd).queue
        if not queue:
            raise Refused("EAGAIN")
        octets, peer = queue[0] if flags else queue.popleft()
        return octets[:count], peer

    def write(self, fd, octets, flags, endpoint):
        if flags:
            raise Refused("ENOTSUP")
        one = self.without_error(fd)
        if not one.local:
            self.bind(fd, Endpoint(b"", 0))
        to = endpoint or one.remote
        if to is None:
            raise Refused("EDESTADDRREQ")
        if 28 + len(octets) > self.config.mtu:
            raise Refused("EMSGSIZE")
        length = 8 + len(octets)
        header = struct.pack("!3H", one.local.port, to.port, length)
        pseudo = self.pseudo_header(self.config.local4, to.address, length)
        whole = checksum(pseudo + header + b"\0\0" + octets)
        self.send_ip(socket.IPPROTO_UDP, to.address,
                     header + struct.pack("!H", whole or 0xffff) + octets)
        return len(octets)

    def close(self, fd):
        self.of(fd)
        del self.sockets[fd]

    def poll(self, fd):
        one = self.of(fd)
        return WRITABLE | (READABLE if one.queue else 0) | (ERROR if one.error else 0)

    def local_endpoint(self, fd):
        return self.of(fd).local or Endpoint(self.ANY, 0)


if __name__ == "__main__":
    EchoHost().serve(sys.stdin.buffer, sys.stdout.buffer)
