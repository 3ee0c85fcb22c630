# SPDX-License-Identifier: Apache-2.0
"""
The part of packetwright that is C++: packets, targets, scripts and runs.
"""
from __future__ import annotations
import collections.abc
import typing
class Option:
    """
    One option of a TCP or IPv4 header. Made by its static methods; any kind, data and length octet can be had with raw().
    """
    @staticmethod
    def eol() -> Option:
        """
        End of the list: one octet.
        """
    @staticmethod
    def mss(octets: typing.SupportsInt | typing.SupportsIndex) -> Option:
        """
        Maximum segment size (RFC 9293, 3.7.1), octets.
        """
    @staticmethod
    def nop() -> Option:
        """
        No operation: one octet.
        """
    @staticmethod
    def raw(kind: typing.SupportsInt | typing.SupportsIndex, data: typing.Any = b'', length: typing.SupportsInt | typing.SupportsIndex | None = None) -> Option:
        """
        Any kind and data (at most 253 octets); `length` is a lie about the length octet.
        """
    @staticmethod
    def sack(blocks: collections.abc.Sequence[tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex]]) -> Option:
        """
        One to four blocks of (left, right) sequence numbers (RFC 2018, 3).
        """
    @staticmethod
    def sack_permitted() -> Option:
        """
        SACK permitted (RFC 2018, 2).
        """
    @staticmethod
    def timestamps(val: typing.SupportsInt | typing.SupportsIndex, ecr: typing.SupportsInt | typing.SupportsIndex = 0) -> Option:
        """
        TSval and TSecr (RFC 7323, 3).
        """
    @staticmethod
    def wscale(shift: typing.SupportsInt | typing.SupportsIndex) -> Option:
        """
        Window scale (RFC 7323, 2); a sender may not exceed 14.
        """
    def __eq__(self, arg0: object) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def data(self) -> bytes:
        """
        What stands behind kind and length.
        """
    @property
    def kind(self) -> int:
        """
        The first octet.
        """
    @property
    def length(self) -> int:
        """
        What the length octet says; 1 for kinds 0 and 1, which have none.
        """
class Layer:
    """
    One header of a packet.
    """
    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __bytes__(self) -> bytes:
        ...
    def __eq__(self, arg0: object) -> bool:
        ...
    def __repr__(self) -> str:
        ...
    def __truediv__(self, arg0: typing.Any) -> Packet:
        ...
    def fields(self) -> dict[str, typing.Any]:
        """
        What is said of its fields, by name.
        """
class Ethernet(Layer):
    """
    Ethernet header (IEEE 802.3).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def dst(self) -> str | None:
        """
        48 bits, from bit 0 of the header: the text of an address.
        """
    @dst.setter
    def dst(self, arg1: typing.Any) -> None:
        ...
    @property
    def src(self) -> str | None:
        """
        48 bits, from bit 48 of the header: the text of an address.
        """
    @src.setter
    def src(self, arg1: typing.Any) -> None:
        ...
    @property
    def type(self) -> int | None:
        """
        16 bits, from bit 96 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @type.setter
    def type(self, arg1: typing.Any) -> None:
        ...
class ARP(Layer):
    """
    ARP message for IPv4 over Ethernet (RFC 826).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def hw_len(self) -> int | None:
        """
        8 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @hw_len.setter
    def hw_len(self, arg1: typing.Any) -> None:
        ...
    @property
    def hw_type(self) -> int | None:
        """
        16 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @hw_type.setter
    def hw_type(self, arg1: typing.Any) -> None:
        ...
    @property
    def op(self) -> int | None:
        """
        16 bits, from bit 48 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @op.setter
    def op(self, arg1: typing.Any) -> None:
        ...
    @property
    def proto_len(self) -> int | None:
        """
        8 bits, from bit 40 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @proto_len.setter
    def proto_len(self, arg1: typing.Any) -> None:
        ...
    @property
    def proto_type(self) -> int | None:
        """
        16 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @proto_type.setter
    def proto_type(self, arg1: typing.Any) -> None:
        ...
    @property
    def sender_ip(self) -> str | None:
        """
        32 bits, from bit 112 of the header: the text of an address.
        """
    @sender_ip.setter
    def sender_ip(self, arg1: typing.Any) -> None:
        ...
    @property
    def sender_mac(self) -> str | None:
        """
        48 bits, from bit 64 of the header: the text of an address.
        """
    @sender_mac.setter
    def sender_mac(self, arg1: typing.Any) -> None:
        ...
    @property
    def target_ip(self) -> str | None:
        """
        32 bits, from bit 192 of the header: the text of an address.
        """
    @target_ip.setter
    def target_ip(self, arg1: typing.Any) -> None:
        ...
    @property
    def target_mac(self) -> str | None:
        """
        48 bits, from bit 144 of the header: the text of an address.
        """
    @target_mac.setter
    def target_mac(self, arg1: typing.Any) -> None:
        ...
class IPv4(Layer):
    """
    IPv4 header (RFC 791).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def checksum(self) -> int | None:
        """
        16 bits, from bit 80 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @checksum.setter
    def checksum(self, arg1: typing.Any) -> None:
        ...
    @property
    def data(self) -> bytes | None:
        """
        Octets of the header behind its fields and options.
        """
    @data.setter
    def data(self, arg1: typing.Any) -> None:
        ...
    @property
    def df(self) -> bool | None:
        """
        1 bit, from bit 49 of the header.
        """
    @df.setter
    def df(self, arg1: typing.Any) -> None:
        ...
    @property
    def dscp(self) -> int | None:
        """
        6 bits, from bit 8 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @dscp.setter
    def dscp(self, arg1: typing.Any) -> None:
        ...
    @property
    def dst(self) -> str | None:
        """
        32 bits, from bit 128 of the header: the text of an address.
        """
    @dst.setter
    def dst(self, arg1: typing.Any) -> None:
        ...
    @property
    def ecn(self) -> int | None:
        """
        2 bits, from bit 14 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @ecn.setter
    def ecn(self, arg1: typing.Any) -> None:
        ...
    @property
    def header_length(self) -> int | None:
        """
        4 bits, from bit 4 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @header_length.setter
    def header_length(self, arg1: typing.Any) -> None:
        ...
    @property
    def id(self) -> int | None:
        """
        16 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @id.setter
    def id(self, arg1: typing.Any) -> None:
        ...
    @property
    def mf(self) -> bool | None:
        """
        1 bit, from bit 50 of the header.
        """
    @mf.setter
    def mf(self, arg1: typing.Any) -> None:
        ...
    @property
    def offset(self) -> int | None:
        """
        13 bits, from bit 51 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @offset.setter
    def offset(self, arg1: typing.Any) -> None:
        ...
    @property
    def options(self) -> list[Option] | None:
        """
        Options in the order of the wire. Built, they are padded with zeros; None: none are said, so that a pattern matches any.
        """
    @options.setter
    def options(self, arg1: collections.abc.Sequence[Option] | None) -> None:
        ...
    @property
    def protocol(self) -> int | None:
        """
        8 bits, from bit 72 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @protocol.setter
    def protocol(self, arg1: typing.Any) -> None:
        ...
    @property
    def reserved(self) -> bool | None:
        """
        1 bit, from bit 48 of the header.
        """
    @reserved.setter
    def reserved(self, arg1: typing.Any) -> None:
        ...
    @property
    def src(self) -> str | None:
        """
        32 bits, from bit 96 of the header: the text of an address.
        """
    @src.setter
    def src(self, arg1: typing.Any) -> None:
        ...
    @property
    def tos(self) -> int | None:
        """
        8 bits, from bit 8 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @tos.setter
    def tos(self, arg1: typing.Any) -> None:
        ...
    @property
    def total_length(self) -> int | None:
        """
        16 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @total_length.setter
    def total_length(self, arg1: typing.Any) -> None:
        ...
    @property
    def ttl(self) -> int | None:
        """
        8 bits, from bit 64 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @ttl.setter
    def ttl(self, arg1: typing.Any) -> None:
        ...
    @property
    def version(self) -> int | None:
        """
        4 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @version.setter
    def version(self, arg1: typing.Any) -> None:
        ...
class IPv6(Layer):
    """
    IPv6 header (RFC 8200, 3).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def dscp(self) -> int | None:
        """
        6 bits, from bit 4 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @dscp.setter
    def dscp(self, arg1: typing.Any) -> None:
        ...
    @property
    def dst(self) -> str | None:
        """
        128 bits, from bit 192 of the header: the text of an address.
        """
    @dst.setter
    def dst(self, arg1: typing.Any) -> None:
        ...
    @property
    def ecn(self) -> int | None:
        """
        2 bits, from bit 10 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @ecn.setter
    def ecn(self, arg1: typing.Any) -> None:
        ...
    @property
    def flow_label(self) -> int | None:
        """
        20 bits, from bit 12 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @flow_label.setter
    def flow_label(self, arg1: typing.Any) -> None:
        ...
    @property
    def hop_limit(self) -> int | None:
        """
        8 bits, from bit 56 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @hop_limit.setter
    def hop_limit(self, arg1: typing.Any) -> None:
        ...
    @property
    def next_header(self) -> int | None:
        """
        8 bits, from bit 48 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @next_header.setter
    def next_header(self, arg1: typing.Any) -> None:
        ...
    @property
    def payload_length(self) -> int | None:
        """
        16 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @payload_length.setter
    def payload_length(self, arg1: typing.Any) -> None:
        ...
    @property
    def src(self) -> str | None:
        """
        128 bits, from bit 64 of the header: the text of an address.
        """
    @src.setter
    def src(self, arg1: typing.Any) -> None:
        ...
    @property
    def traffic_class(self) -> int | None:
        """
        8 bits, from bit 4 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @traffic_class.setter
    def traffic_class(self, arg1: typing.Any) -> None:
        ...
    @property
    def version(self) -> int | None:
        """
        4 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @version.setter
    def version(self, arg1: typing.Any) -> None:
        ...
class HopByHop(Layer):
    """
    IPv6 hop-by-hop options header (RFC 8200, 4.3).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def data(self) -> bytes | None:
        """
        Octets of the header behind its fields and options.
        """
    @data.setter
    def data(self, arg1: typing.Any) -> None:
        ...
    @property
    def length(self) -> int | None:
        """
        8 bits, from bit 8 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @length.setter
    def length(self, arg1: typing.Any) -> None:
        ...
    @property
    def next_header(self) -> int | None:
        """
        8 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @next_header.setter
    def next_header(self, arg1: typing.Any) -> None:
        ...
class Routing(Layer):
    """
    IPv6 routing header (RFC 8200, 4.4).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def data(self) -> bytes | None:
        """
        Octets of the header behind its fields and options.
        """
    @data.setter
    def data(self, arg1: typing.Any) -> None:
        ...
    @property
    def length(self) -> int | None:
        """
        8 bits, from bit 8 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @length.setter
    def length(self, arg1: typing.Any) -> None:
        ...
    @property
    def next_header(self) -> int | None:
        """
        8 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @next_header.setter
    def next_header(self, arg1: typing.Any) -> None:
        ...
    @property
    def segments_left(self) -> int | None:
        """
        8 bits, from bit 24 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @segments_left.setter
    def segments_left(self, arg1: typing.Any) -> None:
        ...
    @property
    def type(self) -> int | None:
        """
        8 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @type.setter
    def type(self, arg1: typing.Any) -> None:
        ...
class Fragment(Layer):
    """
    IPv6 fragment header (RFC 8200, 4.5).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def id(self) -> int | None:
        """
        32 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @id.setter
    def id(self, arg1: typing.Any) -> None:
        ...
    @property
    def mf(self) -> bool | None:
        """
        1 bit, from bit 31 of the header.
        """
    @mf.setter
    def mf(self, arg1: typing.Any) -> None:
        ...
    @property
    def next_header(self) -> int | None:
        """
        8 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @next_header.setter
    def next_header(self, arg1: typing.Any) -> None:
        ...
    @property
    def offset(self) -> int | None:
        """
        13 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @offset.setter
    def offset(self, arg1: typing.Any) -> None:
        ...
    @property
    def reserved(self) -> int | None:
        """
        8 bits, from bit 8 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @reserved.setter
    def reserved(self, arg1: typing.Any) -> None:
        ...
    @property
    def reserved2(self) -> int | None:
        """
        2 bits, from bit 29 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @reserved2.setter
    def reserved2(self, arg1: typing.Any) -> None:
        ...
class Destination(Layer):
    """
    IPv6 destination options header (RFC 8200, 4.6).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def data(self) -> bytes | None:
        """
        Octets of the header behind its fields and options.
        """
    @data.setter
    def data(self, arg1: typing.Any) -> None:
        ...
    @property
    def length(self) -> int | None:
        """
        8 bits, from bit 8 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @length.setter
    def length(self, arg1: typing.Any) -> None:
        ...
    @property
    def next_header(self) -> int | None:
        """
        8 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @next_header.setter
    def next_header(self, arg1: typing.Any) -> None:
        ...
class ICMP(Layer):
    """
    ICMP header (RFC 792); the second word by its uses.
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def checksum(self) -> int | None:
        """
        16 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @checksum.setter
    def checksum(self, arg1: typing.Any) -> None:
        ...
    @property
    def code(self) -> int | None:
        """
        8 bits, from bit 8 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @code.setter
    def code(self, arg1: typing.Any) -> None:
        ...
    @property
    def gateway(self) -> str | None:
        """
        32 bits, from bit 32 of the header: the text of an address.
        """
    @gateway.setter
    def gateway(self, arg1: typing.Any) -> None:
        ...
    @property
    def id(self) -> int | None:
        """
        16 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @id.setter
    def id(self, arg1: typing.Any) -> None:
        ...
    @property
    def mtu(self) -> int | None:
        """
        16 bits, from bit 48 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @mtu.setter
    def mtu(self, arg1: typing.Any) -> None:
        ...
    @property
    def pointer(self) -> int | None:
        """
        8 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @pointer.setter
    def pointer(self, arg1: typing.Any) -> None:
        ...
    @property
    def rest(self) -> int | None:
        """
        32 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @rest.setter
    def rest(self, arg1: typing.Any) -> None:
        ...
    @property
    def seq(self) -> int | None:
        """
        16 bits, from bit 48 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @seq.setter
    def seq(self, arg1: typing.Any) -> None:
        ...
    @property
    def type(self) -> int | None:
        """
        8 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @type.setter
    def type(self, arg1: typing.Any) -> None:
        ...
class ICMPv6(Layer):
    """
    ICMPv6 header (RFC 4443).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def checksum(self) -> int | None:
        """
        16 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @checksum.setter
    def checksum(self, arg1: typing.Any) -> None:
        ...
    @property
    def code(self) -> int | None:
        """
        8 bits, from bit 8 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @code.setter
    def code(self, arg1: typing.Any) -> None:
        ...
    @property
    def id(self) -> int | None:
        """
        16 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @id.setter
    def id(self, arg1: typing.Any) -> None:
        ...
    @property
    def mtu(self) -> int | None:
        """
        32 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @mtu.setter
    def mtu(self, arg1: typing.Any) -> None:
        ...
    @property
    def pointer(self) -> int | None:
        """
        32 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @pointer.setter
    def pointer(self, arg1: typing.Any) -> None:
        ...
    @property
    def rest(self) -> int | None:
        """
        32 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @rest.setter
    def rest(self, arg1: typing.Any) -> None:
        ...
    @property
    def seq(self) -> int | None:
        """
        16 bits, from bit 48 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @seq.setter
    def seq(self, arg1: typing.Any) -> None:
        ...
    @property
    def type(self) -> int | None:
        """
        8 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @type.setter
    def type(self, arg1: typing.Any) -> None:
        ...
class UDP(Layer):
    """
    UDP header (RFC 768).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def checksum(self) -> int | None:
        """
        16 bits, from bit 48 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @checksum.setter
    def checksum(self, arg1: typing.Any) -> None:
        ...
    @property
    def dst_port(self) -> int | None:
        """
        16 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @dst_port.setter
    def dst_port(self, arg1: typing.Any) -> None:
        ...
    @property
    def length(self) -> int | None:
        """
        16 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @length.setter
    def length(self, arg1: typing.Any) -> None:
        ...
    @property
    def src_port(self) -> int | None:
        """
        16 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @src_port.setter
    def src_port(self, arg1: typing.Any) -> None:
        ...
class UDPLite(Layer):
    """
    UDP-Lite header (RFC 3828).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def checksum(self) -> int | None:
        """
        16 bits, from bit 48 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @checksum.setter
    def checksum(self, arg1: typing.Any) -> None:
        ...
    @property
    def coverage(self) -> int | None:
        """
        16 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @coverage.setter
    def coverage(self, arg1: typing.Any) -> None:
        ...
    @property
    def dst_port(self) -> int | None:
        """
        16 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @dst_port.setter
    def dst_port(self, arg1: typing.Any) -> None:
        ...
    @property
    def src_port(self) -> int | None:
        """
        16 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @src_port.setter
    def src_port(self, arg1: typing.Any) -> None:
        ...
class TCP(Layer):
    """
    TCP header (RFC 9293, 3.1).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def ack(self) -> int | None:
        """
        32 bits, from bit 64 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @ack.setter
    def ack(self, arg1: typing.Any) -> None:
        ...
    @property
    def ack_flag(self) -> bool | None:
        """
        1 bit, from bit 107 of the header.
        """
    @ack_flag.setter
    def ack_flag(self, arg1: typing.Any) -> None:
        ...
    @property
    def ae(self) -> bool | None:
        """
        1 bit, from bit 103 of the header.
        """
    @ae.setter
    def ae(self, arg1: typing.Any) -> None:
        ...
    @property
    def checksum(self) -> int | None:
        """
        16 bits, from bit 128 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @checksum.setter
    def checksum(self, arg1: typing.Any) -> None:
        ...
    @property
    def cwr(self) -> bool | None:
        """
        1 bit, from bit 104 of the header.
        """
    @cwr.setter
    def cwr(self, arg1: typing.Any) -> None:
        ...
    @property
    def data(self) -> bytes | None:
        """
        Octets of the header behind its fields and options.
        """
    @data.setter
    def data(self, arg1: typing.Any) -> None:
        ...
    @property
    def data_offset(self) -> int | None:
        """
        4 bits, from bit 96 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @data_offset.setter
    def data_offset(self, arg1: typing.Any) -> None:
        ...
    @property
    def dst_port(self) -> int | None:
        """
        16 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @dst_port.setter
    def dst_port(self, arg1: typing.Any) -> None:
        ...
    @property
    def ece(self) -> bool | None:
        """
        1 bit, from bit 105 of the header.
        """
    @ece.setter
    def ece(self, arg1: typing.Any) -> None:
        ...
    @property
    def fin(self) -> bool | None:
        """
        1 bit, from bit 111 of the header.
        """
    @fin.setter
    def fin(self, arg1: typing.Any) -> None:
        ...
    @property
    def flags(self) -> str | None:
        """
        9 bits, from bit 103 of the header: "S.", or a number when set.
        """
    @flags.setter
    def flags(self, arg1: typing.Any) -> None:
        ...
    @property
    def mss(self) -> int | None:
        """
        Of the MSS option, octets; None: there is none.
        """
    @property
    def options(self) -> list[Option] | None:
        """
        Options in the order of the wire. Built, they are padded with zeros; None: none are said, so that a pattern matches any.
        """
    @options.setter
    def options(self, arg1: collections.abc.Sequence[Option] | None) -> None:
        ...
    @property
    def psh(self) -> bool | None:
        """
        1 bit, from bit 108 of the header.
        """
    @psh.setter
    def psh(self, arg1: typing.Any) -> None:
        ...
    @property
    def reserved(self) -> int | None:
        """
        3 bits, from bit 100 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @reserved.setter
    def reserved(self, arg1: typing.Any) -> None:
        ...
    @property
    def rst(self) -> bool | None:
        """
        1 bit, from bit 109 of the header.
        """
    @rst.setter
    def rst(self, arg1: typing.Any) -> None:
        ...
    @property
    def sack(self) -> list[tuple[int, int]]:
        """
        The blocks of the SACK option as (left, right); empty: there is none.
        """
    @property
    def sack_permitted(self) -> bool:
        """
        Whether the SACK permitted option is there.
        """
    @property
    def seq(self) -> int | None:
        """
        32 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @seq.setter
    def seq(self, arg1: typing.Any) -> None:
        ...
    @property
    def src_port(self) -> int | None:
        """
        16 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @src_port.setter
    def src_port(self, arg1: typing.Any) -> None:
        ...
    @property
    def syn(self) -> bool | None:
        """
        1 bit, from bit 110 of the header.
        """
    @syn.setter
    def syn(self, arg1: typing.Any) -> None:
        ...
    @property
    def timestamps(self) -> tuple[int, int] | None:
        """
        TSval and TSecr of the timestamps option; None: there is none.
        """
    @property
    def urg(self) -> int | None:
        """
        16 bits, from bit 144 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @urg.setter
    def urg(self, arg1: typing.Any) -> None:
        ...
    @property
    def urg_flag(self) -> bool | None:
        """
        1 bit, from bit 106 of the header.
        """
    @urg_flag.setter
    def urg_flag(self, arg1: typing.Any) -> None:
        ...
    @property
    def win(self) -> int | None:
        """
        16 bits, from bit 112 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @win.setter
    def win(self, arg1: typing.Any) -> None:
        ...
    @property
    def wscale(self) -> int | None:
        """
        Of the window scale option, as sent; None: there is none.
        """
class GRE(Layer):
    """
    GRE header (RFC 2784).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def data(self) -> bytes | None:
        """
        Octets of the header behind its fields and options.
        """
    @data.setter
    def data(self, arg1: typing.Any) -> None:
        ...
    @property
    def flags(self) -> int | None:
        """
        16 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @flags.setter
    def flags(self, arg1: typing.Any) -> None:
        ...
    @property
    def protocol(self) -> int | None:
        """
        16 bits, from bit 16 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @protocol.setter
    def protocol(self, arg1: typing.Any) -> None:
        ...
class MPLS(Layer):
    """
    Label stack entry (RFC 3032).
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def label(self) -> int | None:
        """
        20 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @label.setter
    def label(self, arg1: typing.Any) -> None:
        ...
    @property
    def s(self) -> bool | None:
        """
        1 bit, from bit 23 of the header.
        """
    @s.setter
    def s(self, arg1: typing.Any) -> None:
        ...
    @property
    def tc(self) -> int | None:
        """
        3 bits, from bit 20 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @tc.setter
    def tc(self, arg1: typing.Any) -> None:
        ...
    @property
    def ttl(self) -> int | None:
        """
        8 bits, from bit 24 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @ttl.setter
    def ttl(self, arg1: typing.Any) -> None:
        ...
class DNS(Layer):
    """
    Header of a DNS message (RFC 1035, 4.1.1); the rest of it is payload.
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        A header of which the named fields are said. Built, the others have their right or usual value; expected, they are not compared.
        """
    @property
    def aa(self) -> bool | None:
        """
        1 bit, from bit 21 of the header.
        """
    @aa.setter
    def aa(self, arg1: typing.Any) -> None:
        ...
    @property
    def ad(self) -> bool | None:
        """
        1 bit, from bit 26 of the header.
        """
    @ad.setter
    def ad(self, arg1: typing.Any) -> None:
        ...
    @property
    def ancount(self) -> int | None:
        """
        16 bits, from bit 48 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @ancount.setter
    def ancount(self, arg1: typing.Any) -> None:
        ...
    @property
    def arcount(self) -> int | None:
        """
        16 bits, from bit 80 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @arcount.setter
    def arcount(self, arg1: typing.Any) -> None:
        ...
    @property
    def cd(self) -> bool | None:
        """
        1 bit, from bit 27 of the header.
        """
    @cd.setter
    def cd(self, arg1: typing.Any) -> None:
        ...
    @property
    def id(self) -> int | None:
        """
        16 bits, from bit 0 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @id.setter
    def id(self, arg1: typing.Any) -> None:
        ...
    @property
    def nscount(self) -> int | None:
        """
        16 bits, from bit 64 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @nscount.setter
    def nscount(self, arg1: typing.Any) -> None:
        ...
    @property
    def opcode(self) -> int | None:
        """
        4 bits, from bit 17 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @opcode.setter
    def opcode(self, arg1: typing.Any) -> None:
        ...
    @property
    def qdcount(self) -> int | None:
        """
        16 bits, from bit 32 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @qdcount.setter
    def qdcount(self, arg1: typing.Any) -> None:
        ...
    @property
    def qr(self) -> bool | None:
        """
        1 bit, from bit 16 of the header.
        """
    @qr.setter
    def qr(self, arg1: typing.Any) -> None:
        ...
    @property
    def ra(self) -> bool | None:
        """
        1 bit, from bit 24 of the header.
        """
    @ra.setter
    def ra(self, arg1: typing.Any) -> None:
        ...
    @property
    def rcode(self) -> int | None:
        """
        4 bits, from bit 28 of the header; "bad" and "+N" may be set where there is a right value.
        """
    @rcode.setter
    def rcode(self, arg1: typing.Any) -> None:
        ...
    @property
    def rd(self) -> bool | None:
        """
        1 bit, from bit 23 of the header.
        """
    @rd.setter
    def rd(self, arg1: typing.Any) -> None:
        ...
    @property
    def tc(self) -> bool | None:
        """
        1 bit, from bit 22 of the header.
        """
    @tc.setter
    def tc(self, arg1: typing.Any) -> None:
        ...
    @property
    def z(self) -> bool | None:
        """
        1 bit, from bit 25 of the header.
        """
    @z.setter
    def z(self, arg1: typing.Any) -> None:
        ...
class Difference:
    """
    One field that is not what was expected, in the words of the script language.
    """
    def __repr__(self) -> str:
        ...
    @property
    def got(self) -> str:
        """
        "none": it was not there.
        """
    @property
    def name(self) -> str:
        """
        "tcp.win", "option TS", "payload".
        """
    @property
    def want(self) -> str:
        """
        "none": it should not be there.
        """
class Packet:
    """
    Headers from the outside in, and a payload. One that was seen on a wire has all its fields; one that was put together with `/` has those that were said, and is a pattern as well. A change to one that was seen keeps its lengths and checksums right if they were.
    """
    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __bytes__(self) -> bytes:
        ...
    def __contains__(self, arg0: typing.Any) -> bool:
        ...
    def __eq__(self, arg0: object) -> bool:
        ...
    def __getitem__(self, key: typing.Any) -> typing.Any:
        """
        The header of a class, or the one at a place. MissingLayer, IndexError.
        """
    def __init__(self, object: typing.Any = None) -> None:
        """
        From a layer, a packet, or a packet of Scapy; octets need dissect().
        """
    def __len__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def __str__(self) -> str:
        ...
    def __truediv__(self, arg0: typing.Any) -> Packet:
        ...
    def copy(self) -> Packet:
        """
        One of its own, to be changed.
        """
    def differences(self, pattern: typing.Any) -> list[Difference]:
        """
        Every field that is not what the pattern says; empty: it matches. Headers around and behind those of the pattern, fields of which it says nothing and the order of options do not matter.
        """
    def matches(self, pattern: typing.Any) -> bool:
        """
        Whether differences() finds none.
        """
    @property
    def arp(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.ARP
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def bad_checksums(self) -> list[str]:
        """
        Checksums that are not the right ones: "tcp.checksum".
        """
    @property
    def destination(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.Destination
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def dns(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.DNS
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def ethernet(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.Ethernet
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def flaw(self) -> str:
        """
        Why the list of headers ends early; empty: it does not.
        """
    @property
    def fragment(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.Fragment
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def from_target(self) -> bool:
        """
        Whether the target sent it; in a capture, whether the capturing host did.
        """
    @property
    def gre(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.GRE
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def hop_by_hop(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.HopByHop
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def icmp(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.ICMP
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def icmpv6(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.ICMPv6
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def ipv4(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.IPv4
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def ipv6(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.IPv6
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def layers(self) -> list[typing.Any]:
        """
        All headers, those that an ICMP error quotes included.
        """
    @property
    def mpls(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.MPLS
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def payload(self) -> bytes | None:
        """
        What follows the innermost header; None: nothing is said about it.
        """
    @payload.setter
    def payload(self, arg1: typing.Any) -> None:
        ...
    @property
    def routing(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.Routing
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def tcp(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.TCP
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def text(self) -> str:
        """
        As a script writes it.
        """
    @property
    def time(self) -> float | None:
        """
        When it was on the wire, seconds since the reset of the target or the first packet of the capture; None: it was not.
        """
    @property
    def udp(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.UDP
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
    @property
    def udplite(self) -> typing.Any:
        """
        (self: packetwright._core.Packet) -> packetwright._core.UDPLite
        
        The innermost such header that is not quoted by an ICMP error. MissingLayer: there is none.
        """
class SocketOption:
    """
    Socket options by name.
    
    Members:
    
      so_error
    
      so_reuseaddr
    
      so_keepalive
    
      so_linger
    
      so_sndbuf
    
      so_rcvbuf
    
      so_oobinline
    
      so_broadcast
    
      ip_ttl
    
      ip_tos
    
      ip_recverr
    
      ip_mtu
    
      ip_mtu_discover
    
      ipv6_v6only
    
      ipv6_unicast_hops
    
      ipv6_tclass
    
      tcp_nodelay
    
      tcp_maxseg
    
      tcp_cork
    
      tcp_keepidle
    
      tcp_keepintvl
    
      tcp_keepcnt
    
      tcp_user_timeout
    
      tcp_quickack
    
      tcp_syncnt
    
      tcp_window_clamp
    
      tcp_fastopen
    
      tcp_fastopen_connect
    
      tcp_defer_accept
    """
    __members__: typing.ClassVar[dict[str, SocketOption]]
    ip_mtu: typing.ClassVar[SocketOption]
    ip_mtu_discover: typing.ClassVar[SocketOption]
    ip_recverr: typing.ClassVar[SocketOption]
    ip_tos: typing.ClassVar[SocketOption]
    ip_ttl: typing.ClassVar[SocketOption]
    ipv6_tclass: typing.ClassVar[SocketOption]
    ipv6_unicast_hops: typing.ClassVar[SocketOption]
    ipv6_v6only: typing.ClassVar[SocketOption]
    so_broadcast: typing.ClassVar[SocketOption]
    so_error: typing.ClassVar[SocketOption]
    so_keepalive: typing.ClassVar[SocketOption]
    so_linger: typing.ClassVar[SocketOption]
    so_oobinline: typing.ClassVar[SocketOption]
    so_rcvbuf: typing.ClassVar[SocketOption]
    so_reuseaddr: typing.ClassVar[SocketOption]
    so_sndbuf: typing.ClassVar[SocketOption]
    tcp_cork: typing.ClassVar[SocketOption]
    tcp_defer_accept: typing.ClassVar[SocketOption]
    tcp_fastopen: typing.ClassVar[SocketOption]
    tcp_fastopen_connect: typing.ClassVar[SocketOption]
    tcp_keepcnt: typing.ClassVar[SocketOption]
    tcp_keepidle: typing.ClassVar[SocketOption]
    tcp_keepintvl: typing.ClassVar[SocketOption]
    tcp_maxseg: typing.ClassVar[SocketOption]
    tcp_nodelay: typing.ClassVar[SocketOption]
    tcp_quickack: typing.ClassVar[SocketOption]
    tcp_syncnt: typing.ClassVar[SocketOption]
    tcp_user_timeout: typing.ClassVar[SocketOption]
    tcp_window_clamp: typing.ClassVar[SocketOption]
    @typing.overload
    def __eq__(self, other: SocketOption) -> bool:
        ...
    @typing.overload
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __getstate__(self) -> int:
        ...
    def __hash__(self) -> int:
        ...
    def __index__(self) -> int:
        ...
    def __init__(self, value: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def __int__(self) -> int:
        ...
    @typing.overload
    def __ne__(self, other: SocketOption) -> bool:
        ...
    @typing.overload
    def __ne__(self, other: typing.Any) -> bool:
        ...
    def __repr__(self) -> str:
        ...
    def __setstate__(self, state: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def __str__(self) -> str:
        ...
    @property
    def name(self) -> str:
        ...
    @property
    def value(self) -> int:
        ...
class Host:
    """
    The socket calls of one end of a link; none of them blocks. Errors are OSErrors; None: nothing yet, ask again when time has passed.
    """
    def accept(self, fd: typing.SupportsInt | typing.SupportsIndex) -> tuple[int, tuple[str, int]] | None:
        """
        The new descriptor and the address of the peer.
        """
    def address(self, fd: typing.SupportsInt | typing.SupportsIndex) -> tuple[str, int]:
        """
        The local address and port.
        """
    def bind(self, fd: typing.SupportsInt | typing.SupportsIndex, address: tuple[str, typing.SupportsInt | typing.SupportsIndex]) -> None:
        ...
    def close(self, fd: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def connect(self, fd: typing.SupportsInt | typing.SupportsIndex, address: tuple[str, typing.SupportsInt | typing.SupportsIndex]) -> bool:
        """
        False: on its way; so_error tells how it went when the descriptor is writable.
        """
    def get_option(self, fd: typing.SupportsInt | typing.SupportsIndex, option: SocketOption) -> int:
        ...
    def listen(self, fd: typing.SupportsInt | typing.SupportsIndex, backlog: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def netstat(self) -> str:
        """
        The table of descriptors, a line each.
        """
    def poll(self, fd: typing.SupportsInt | typing.SupportsIndex) -> tuple[typing.Any, ...]:
        """
        (readable, writable, error, hang_up)
        """
    def read(self, fd: typing.SupportsInt | typing.SupportsIndex, limit: typing.SupportsInt | typing.SupportsIndex, peek: bool = False) -> tuple[bytes, tuple[str, int] | None] | None:
        """
        Octets, and of a datagram its source.
        """
    def set_isn(self, fd: typing.SupportsInt | typing.SupportsIndex, isn: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Before connect() or listen().
        """
    def set_option(self, fd: typing.SupportsInt | typing.SupportsIndex, option: SocketOption, value: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def shutdown(self, fd: typing.SupportsInt | typing.SupportsIndex, how: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        0: reading, 1: writing, 2: both.
        """
    def socket(self, v6: bool, stream: bool, protocol: typing.SupportsInt | typing.SupportsIndex = 0) -> int:
        """
        A new descriptor.
        """
    def status(self, fd: typing.SupportsInt | typing.SupportsIndex) -> dict[str, typing.Any]:
        """
        "state" and counters such as "cwnd" (segments) and "srtt_us".
        """
    def write(self, fd: typing.SupportsInt | typing.SupportsIndex, octets: typing.Any, to: tuple[str, typing.SupportsInt | typing.SupportsIndex] | None = None, more: bool = False) -> int | None:
        """
        How many octets were taken.
        """
class Listener:
    """
    Receives what the target sends, in place of sent() and expect().
    """
    def close(self) -> None:
        ...
    def fileno(self) -> int:
        """
        Readable while there is a frame; -1: closed.
        """
    def take(self) -> Packet | None:
        """
        The next frame; None: there is none now.
        """
class Link:
    """
    A target and the wire to it. packetwright.Target is made of it.
    """
    def __init__(self, target: str, seed: typing.SupportsInt | typing.SupportsIndex, knobs: collections.abc.Mapping[str, str], addresses: collections.abc.Mapping[str, str], mtu: typing.SupportsInt | typing.SupportsIndex | None, history: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def advance_to(self, until: typing.SupportsFloat | typing.SupportsIndex, stop_on_frame: bool = False) -> None:
        ...
    def attach_peer(self, seed: typing.SupportsInt | typing.SupportsIndex, knobs: collections.abc.Mapping[str, str]) -> Host:
        ...
    def capture(self) -> bytes:
        ...
    def close(self) -> None:
        ...
    def columns(self) -> tuple[typing.Any, ...]:
        ...
    def frame(self, packet: typing.Any) -> bytes:
        ...
    def history(self, everything: bool = False) -> list[Packet]:
        ...
    def host(self) -> Host:
        ...
    def inject(self, packet: typing.Any) -> None:
        ...
    def inject_many(self, packets: collections.abc.Iterable[typing.Any]) -> int:
        ...
    def listen(self, everything: bool = False) -> Listener:
        ...
    def next_frame(self, deadline: typing.SupportsFloat | typing.SupportsIndex) -> Packet | None:
        ...
    def now(self) -> float:
        ...
    def reset(self) -> None:
        ...
    def sent(self) -> list[Packet]:
        ...
    def sent_octets(self) -> list[bytes]:
        ...
    def set_answers(self, answers: bool) -> None:
        ...
    def set_bend(self, callback: typing.Any) -> None:
        ...
    def step(self, until: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
    @property
    def addresses(self) -> dict[str, str]:
        ...
    @property
    def capabilities(self) -> list[str]:
        ...
    @property
    def closed(self) -> bool:
        ...
    @property
    def ethernet(self) -> bool:
        ...
    @property
    def name(self) -> str:
        ...
    @property
    def real_time(self) -> bool:
        ...
    @property
    def version(self) -> str:
        ...
class Diagnostic:
    """
    One remark about a script.
    """
    def __str__(self) -> str:
        ...
    @property
    def column(self) -> int:
        """
        From 1, in octets.
        """
    @property
    def file(self) -> str:
        ...
    @property
    def hint(self) -> str:
        ...
    @property
    def line(self) -> int:
        """
        From 1; 0: about the file as a whole.
        """
    @property
    def message(self) -> str:
        ...
    @property
    def severity(self) -> str:
        """
        "error": it cannot be run; "warning"; "extension": packetdrill itself would not accept it.
        """
class RawResult:
    """
    One run of one case; packetwright.Result is made of it.
    """
    def capture(self) -> bytes:
        ...
    def capture_path(self) -> str:
        ...
    def failure(self, history: bool) -> str:
        ...
    def json(self) -> str:
        ...
    def name(self) -> str:
        ...
class RunSettings:
    """
    How cases are run.
    """
    expectations: str
    fail_fast: bool
    isolate: str
    keep_history: bool
    mode: str
    slow: bool
    strict: bool
    target: str
    def __init__(self) -> None:
        ...
    @property
    def jobs(self) -> int:
        """
        0: as many as suit the target.
        """
    @jobs.setter
    def jobs(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def repeat(self) -> int:
        ...
    @repeat.setter
    def repeat(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def seed(self) -> int:
        ...
    @seed.setter
    def seed(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def timeout(self) -> float:
        ...
    @timeout.setter
    def timeout(self, arg0: typing.SupportsFloat | typing.SupportsIndex) -> None:
        ...
class RawCase:
    """
    One case; packetwright.Case is made of it.
    """
    def text(self) -> str:
        ...
    @property
    def id(self) -> str:
        ...
    @property
    def level(self) -> str:
        ...
    @property
    def needs(self) -> list[str]:
        ...
    @property
    def path(self) -> str:
        ...
    @property
    def problem(self) -> str:
        ...
    @property
    def requirements(self) -> list[str]:
        ...
    @property
    def title(self) -> str:
        ...
class RawRun:
    """
    A case over one IP version with one set of parameters.
    """
    @property
    def case(self) -> RawCase:
        ...
    @property
    def params(self) -> str:
        ...
    @property
    def variant(self) -> str:
        ...
class RawSuite:
    """
    A conformance folder.
    """
    def __init__(self, folder: str, dialect: str, defines: collections.abc.Sequence[str]) -> None:
        ...
    def case_of_text(self, name: str, text: str) -> RawCase:
        ...
    def cases(self, paths: collections.abc.Sequence[str], excludes: collections.abc.Sequence[str], keyword: str, requirements: collections.abc.Sequence[str], levels: collections.abc.Sequence[str]) -> list[RawCase]:
        ...
    @property
    def folder(self) -> str:
        ...
def check_script(text: str, name: str = 'script.pkt') -> list[Diagnostic]:
    """
    What there is to say about a script, by place; preludes are not looked at.
    """
def command(words: collections.abc.Sequence[str]) -> int:
    """
    The command packetwright with these words; what it would leave to its caller.
    """
def dissect(octets: typing.Any, ethernet: bool = True) -> Packet:
    """
    A packet of octets that begin with an Ethernet header, else with an IP header. Any octets make one: what is not understood is payload.
    """
def plan(cases: collections.abc.Sequence[RawCase], target: str, variants: collections.abc.Sequence[str], params: collections.abc.Sequence[str], seed: typing.SupportsInt | typing.SupportsIndex) -> list[RawRun]:
    ...
def read_capture(octets: typing.Any) -> list[Packet]:
    """
    The packets of a pcap or pcapng file, times from the first. ValueError: it is none, or its packets are neither Ethernet nor IP. A file that ends in the middle of a packet gives those before, and a warning.
    """
def run_cases(runs: collections.abc.Sequence[RawRun], settings: RunSettings, on_result: collections.abc.Callable[[int, RawResult], None]) -> None:
    ...
def targets() -> list[typing.Any]:
    """
    What can be tested here: name, version, clock, capabilities, available, reason.
    """
def version() -> str:
    """
    "0.1.0 (1a2b3c4d5e6f)".
    """
DEFAULT_SEED: int = 32570
