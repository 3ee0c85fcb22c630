# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as exceptions. Failed calls of sockets are OSErrors, as they are elsewhere."""

from __future__ import annotations

import signal as _signal
from typing import TYPE_CHECKING, List, Optional

if TYPE_CHECKING:
    from ._core import Difference, Packet


class Error(Exception):
    """Any error of packetwright's own."""


class UsageError(Error, ValueError):
    """Arguments that make no sense: a case that does not exist, an unknown variant."""


class ScriptError(Error, ValueError):
    """A script that cannot be read; the text is what a compiler would print."""


class MissingLayer(Error, LookupError):
    """The packet has no such header."""


class TargetError(Error):
    """The target cannot do what was asked."""


class TargetUnavailable(TargetError):
    """The target is unknown, or cannot be used on this machine; the text says what is missing."""


class TargetClosed(TargetError):
    """The target, or a socket of it, was closed before."""


class TargetCrashed(TargetError):
    """The stack under test is dead. The interpreter lives; `reset()` starts the stack anew."""

    def __init__(self, signal: int, log: str) -> None:
        self.signal = signal  #: The number of the signal that ended it; 0: none did.
        self.log = log  #: Its last words: a sanitizer's report, a panic.
        how = "left by itself" if signal == 0 else f"was ended by {_signal.Signals(signal).name}"
        super().__init__(f"the stack under test {how}" + (f":\n{log.rstrip()}" if log else ""))


class ExpectationFailed(AssertionError):
    """The target sent something else than expected, nothing, or something where nothing was due."""

    def __init__(self, message: str, packet: Optional[Packet], differences: List[Difference],
                 history: List[Packet]) -> None:
        super().__init__(message)
        self.packet = packet  #: What came instead; None: nothing did.
        self.differences = differences  #: Field by field; empty where nothing came.
        self.history = history  #: All that crossed the wire, as far as it is kept.
