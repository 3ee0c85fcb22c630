# SPDX-License-Identifier: Apache-2.0
"""The command packetwright: `python -m packetwright run --target linux`."""

import sys

from . import _core
from .errors import UsageError
from .suite import find_conformance

_TAKE_CASES = ("run", "list", "lint", "fmt", "compare", "explain")


def main() -> int:
    """Runs the words of the command line. Where there is no other, the cases of the package."""
    words = sys.argv[1:]
    if words and words[0] in _TAKE_CASES and "--conformance" not in words:
        try:
            words[1:1] = ["--conformance", find_conformance()]
        except UsageError:
            pass  # the command says what it misses, if it misses it
    return _core.command(words)


if __name__ == "__main__":
    sys.exit(main())
