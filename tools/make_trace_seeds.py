#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the fuzz targets trace_reference and trace_pair: corpus/trace_*/seed/.

Each of the first is a life that a connection may have, in the octets of harness/trace/codec.cc;
each of the second a transfer over a bad link, as fuzz/trace/pair_fuzz.cc reads it. Run it from
anywhere; it prints how many files it wrote. Files that are no longer made here are not removed.
"""

from pathlib import Path

CORPUS = Path(__file__).resolve().parent.parent / "corpus"

FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, ".": 16, "U": 32, "E": 64, "W": 128}
SEQ_BASES = ["next", "acknowledged", "right_edge", "last", "initial"]
ACK_BASES = ["all", "last", "initial"]
CALLS = [
    "listen",
    "connect",
    "accept",
    "read",
    "write",
    "write_urgent",
    "shut_read",
    "shut_write",
    "close",
    "abort",
    "close_listener",
    "set_option",
    "open_datagram",
    "send_datagram",
    "receive_datagram",
    "close_datagram",
]
OPTIONS = {
    "mss": 1,
    "ws": 2,
    "sackOK": 4,
    "ts": 8,
    "sack": 16,
    "old": 32,
    "unknown": 64,
    "broken": 128,
}
HARMS = ["none", "octet", "octet_only", "bad_checksum", "cut", "padded"]


def event(tag, slot=0, **octets):
    data = bytearray(16)
    data[0], data[1] = tag, slot
    for at, value in octets.items():
        data[int(at[1:])] = value
    return data


def segment(
    flags,
    length=0,
    seq="next",
    ack="all",
    seq_offset=0,
    ack_offset=0,
    win=65535,
    options="",
    harm=("none", 0, 0),
    slot=0,
    pieces=None,
):
    data = event(0, slot)
    if pieces:
        data[1] |= 0x0C | (pieces - 1) << 4
    data[2] = sum(FLAGS[letter] for letter in flags)
    data[3] = SEQ_BASES.index(seq) | ACK_BASES.index(ack) << 4
    data[4:6] = (seq_offset & 0xFFFF).to_bytes(2, "big")
    data[6:8] = (ack_offset & 0xFFFF).to_bytes(2, "big")
    data[8:10] = win.to_bytes(2, "big")
    data[10:12] = length.to_bytes(2, "big")
    data[12:15] = bytes([HARMS.index(harm[0]), harm[1], harm[2]])
    data[15] = sum(OPTIONS[word] for word in options.split())
    return data


def datagram(length, to_nobody=0, slot=0):
    data = event(7, slot, _2=to_nobody)
    data[10:12] = length.to_bytes(2, "big")
    return data


def error(type_, code, word=0, quoted=28, slot=0):
    data = event(8, slot, _2=type_, _3=code, _8=quoted)
    data[4:8] = word.to_bytes(4, "big")
    return data


def call(name, amount=0, slot=0):
    data = event(11, slot, _2=CALLS.index(name))
    data[10:12] = amount.to_bytes(2, "big")
    return data


def wait(mantissa, exponent, until_timer=False):
    """(mantissa + 1) << exponent microseconds, or until the stack's next timer."""
    return event(14, _2=mantissa, _3=exponent, _4=int(until_timer))


SECOND, MINUTE, HOUR = wait(15, 16), wait(57, 20), wait(214, 24)
TIMER = wait(214, 24, True)
RENEW = event(10)

ALL_OPTIONS = "mss ws sackOK ts"
SERVER = [call("listen"), segment("S", options="mss"), segment("."), call("accept")]
CLIENT = [call("connect"), segment("S.", options="mss")]
MODERN = [
    call("listen"),
    segment("S", options=ALL_OPTIONS),
    segment(".", options="ts"),
    call("accept"),
]

TRACES = {
    "server_answers_and_closes": SERVER
    + [
        segment(".", 500),
        call("read", 1000),
        call("write", 700),
        segment("."),
        call("close"),
        segment("F."),
        TIMER,
    ],
    "client_asks_and_closes": CLIENT
    + [
        call("write", 300),
        segment(".", 900),
        call("read", 1000),
        call("close"),
        segment("F."),
        MINUTE,
    ],
    "peer_closes_first": SERVER
    + [segment("F."), call("read", 10), call("write", 100), call("close"), segment(".")],
    "both_close_at_once": SERVER
    + [call("shut_write"), segment("F.", ack="last"), segment("."), MINUTE],
    "simultaneous_open": [
        call("connect"),
        segment("S"),
        segment("."),
        call("write", 50),
        segment("."),
    ],
    "refused": [
        call("connect"),
        segment("R."),
        call("read", 1),
        call("close"),
        segment("S"),
        segment(".", 5),
    ],
    "reset_in_window": SERVER
    + [segment("R", seq_offset=100), segment("R"), call("read", 10), call("write", 10)],
    "syn_in_window": SERVER + [segment("S"), segment("S", seq_offset=1000), segment(".", 10)],
    "aborted_with_text": SERVER
    + [segment(".", 100), call("write", 100), call("abort"), segment(".")],
    "retransmission": SERVER
    + [call("write", 2000), TIMER, TIMER, segment("."), call("write", 10), TIMER],
    "gives_up": SERVER + [call("write", 10)] + [TIMER] * 18 + [call("write", 1)],
    "syn_unanswered": [call("connect")] + [TIMER] * 8 + [call("read", 1)],
    "syn_received_times_out": [call("listen"), segment("S")] + [TIMER] * 8,
    "out_of_order": MODERN
    + [
        segment(".", 100, seq_offset=200),
        segment(".", 100, seq_offset=100),
        segment(".", 100),
        call("read", 999),
    ],
    "lost_segment_and_sack": MODERN
    + [call("write", 4000), segment(".", ack="last", options="ts sack")] * 3
    + [TIMER, segment(".", options="ts")],
    "window_closes_and_opens": SERVER
    + [
        segment(".", win=0),
        call("write", 900),
        TIMER,
        TIMER,
        segment(".", win=0),
        TIMER,
        segment("."),
        TIMER,
    ],
    "window_shrinks": SERVER
    + [call("write", 4000), segment(".", ack="last", win=100), TIMER, segment(".", win=50)],
    "receive_window_fills": SERVER
    + [segment(".", 1400)] * 12
    + [segment(".", 1, seq="right_edge"), call("read", 4000)],
    "old_timestamp": MODERN
    + [segment(".", 100, options="ts old"), segment(".", 100, options="ts"), call("read", 300)],
    "keep_alive": SERVER
    + [call("set_option", 2), call("set_option", 1), call("set_option", 3)]
    + [TIMER] * 3
    + [segment("."), HOUR],
    "urgent": SERVER
    + [segment("U.", 10), call("read", 5), call("read", 10), call("write_urgent", 3), segment(".")],
    "half_closed": SERVER
    + [
        call("shut_write"),
        segment("."),
        segment(".", 700),
        call("read", 999),
        segment("F."),
        MINUTE,
    ],
    "fin_wait_2_without_reader": SERVER
    + [call("close"), segment("."), MINUTE, segment(".", 10), HOUR],
    "time_wait_begins_again": SERVER
    + [
        call("close"),
        segment("."),
        segment("F."),
        segment("F.", seq="last"),
        segment("S", seq_offset=5000),
        segment("."),
    ],
    "acknowledges_too_much": SERVER
    + [call("write", 100), segment(".", ack_offset=1), segment(".", ack="initial")],
    "syn_with_text_and_fin": [
        call("listen"),
        segment("SF", 100),
        segment("."),
        call("accept"),
        call("read", 200),
    ],
    "many_syns": [call("listen")]
    + [segment("S"), RENEW] * 8
    + [segment("S"), segment("."), call("accept")],
    "path_becomes_narrow": SERVER
    + [call("write", 4000), error(3, 4, 576), TIMER, segment("."), TIMER],
    "path_is_too_narrow": SERVER
    + [call("write", 4000), error(3, 4, 68), error(3, 4, 0), TIMER, TIMER],
    "unreachable": CLIENT[:1]
    + [error(3, 3), call("read", 1), call("close"), call("connect"), error(3, 1), TIMER],
    "ecn": [
        call("listen"),
        segment("SEW", options="mss"),
        segment("."),
        call("accept"),
        call("write", 900),
        segment("E."),
        segment("W."),
    ],
    "text_in_pieces": SERVER
    + [segment(".", 3000, pieces=3), segment(".", 900, pieces=2), call("read", 4000)],
    "bad_checksum": SERVER
    + [segment(".", 100, harm=("bad_checksum", 0, 1)), segment("F.", harm=("bad_checksum", 0, 1))],
    "data_offset_lies": SERVER
    + [segment(".", 100, harm=("octet", 32, 0xF0)), segment(".", 9, harm=("octet", 32, 0x10))],
    "cut_and_padded": SERVER
    + [segment(".", 100, harm=("cut", 50, 0)), segment(".", 5, harm=("padded", 20, 7))],
    "datagrams": [
        call("open_datagram"),
        datagram(100),
        datagram(0),
        call("receive_datagram", 999),
        call("send_datagram", 900),
        datagram(9, 1),
    ],
    "two_connections": SERVER
    + [
        call("listen", slot=1),
        segment("S", slot=1),
        segment(".", slot=1),
        call("accept", slot=1),
        segment(".", 10, slot=1),
        segment(".", 10),
        call("read", 99, slot=1),
        call("close"),
        call("abort", slot=1),
    ],
}


def pipe(loss=0, duplication=0, reordering=0, corruption=0, held_back=20, delay=50, slow=0):
    """Shares in thousandths, times in ms and tenths of a ms."""
    return bytes([loss, duplication, reordering, corruption, held_back, delay, slow])


def write(who, octets):
    return bytes([who]) + octets.to_bytes(2, "big")


def read(who, octets):
    return bytes([2 | who]) + octets.to_bytes(2, "big")


def run(tenths):
    """Of a millisecond."""
    return bytes([4]) + tenths.to_bytes(2, "big")


def stop(who):
    return bytes([6 | who])


# What the two ends leave out (1 SACK, 2 timestamps, 4 window scaling, 8 CUBIC), pipes, talk.
BOTH_TALK = (
    run(500) + (write(0, 3000) + write(1, 500) + run(300) + read(0, 900) + read(1, 5000)) * 4
)
PAIRS = {
    "perfect_link": ([0, 0], pipe(), pipe(), BOTH_TALK),
    "lossy": ([0, 0], pipe(loss=50), pipe(loss=20), BOTH_TALK + stop(0)),
    "lossy_without_sack": ([1, 1], pipe(loss=50), pipe(loss=20), BOTH_TALK + stop(1)),
    "lossy_without_options": ([7, 15], pipe(loss=80), pipe(loss=80), BOTH_TALK),
    "reordered": ([0, 8], pipe(reordering=200), pipe(reordering=50), BOTH_TALK),
    "repeated": ([2, 0], pipe(duplication=250), pipe(duplication=250), BOTH_TALK),
    "spoilt": ([0, 0], pipe(corruption=100), pipe(corruption=100), BOTH_TALK),
    "slow_and_all_at_once": ([0, 0], pipe(30, 30, 30, 30, slow=1), pipe(30, 30, 30, 30), BOTH_TALK),
    "closed_at_once": (
        [0, 0],
        pipe(loss=20),
        pipe(loss=20),
        run(500) + write(0, 60000) + stop(0) + stop(1),
    ),
    "reader_sleeps": ([0, 0], pipe(loss=10), pipe(), run(500) + (write(0, 60000) + run(65000)) * 5),
}


def main():
    files = {}
    for name, events in TRACES.items():
        for family, suffix in ((0, ""), (1, "_ipv6")):
            files["trace_reference/seed/" + name + suffix] = bytes([family, 1]) + b"".join(events)
    for name, (options, forth, back, talk) in PAIRS.items():
        files["trace_pair/seed/" + name] = bytes(options) + bytes([1]) + forth + back + talk
    for path, octets in files.items():
        (CORPUS / path).parent.mkdir(parents=True, exist_ok=True)
        (CORPUS / path).write_bytes(octets)
    print(f"{len(files)} files")


if __name__ == "__main__":
    main()
