# SPDX-License-Identifier: Apache-2.0
"""Python's resolver as a target: an example of the lines in docs/targets.md, "resolver:COMMAND".

    packetwright run --target 'resolver:python3 examples/resolvers/resolver.py' dns
"""

import platform
import socket
import sys

FAMILIES = {"4": socket.AF_INET, "6": socket.AF_INET6}
ERRORS = {socket.EAI_NONAME: "ENOENT", socket.EAI_NODATA: "ENODATA"}


def answer(family, name):
    """The line that answers a question."""
    try:
        found = socket.getaddrinfo(name, None, FAMILIES[family], socket.SOCK_STREAM)
    except socket.gaierror as error:
        return "error " + ERRORS.get(error.errno, "EIO")
    except UnicodeError:  # no name at all
        return "error EINVAL"
    return " ".join(["ok"] + [address[0] for *_, address in found])


print("python", platform.python_version(), flush=True)
for line in sys.stdin:
    print(answer(*line.rstrip("\n").split(" ", 1)), flush=True)
